"""The CouchDB replication API of a site, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from sync.act import Act
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.served import Served

DB = "/sync/demo"
UNKNOWN = "waiting:01ZZZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


@pytest.fixture
def chen(served: Served) -> httpx.Client:
    """Chen's tablet."""
    return served.client("chen")


def started(cast: Cast, place: str = "place:lobby-1") -> Act:
    """Chen lets somebody sit down."""
    act = cast.chen.says("waiting.started", cast.chen.new("waiting"), place=place, name="张晓丽")
    cast.chen.hands_in(act)
    return act


def pushed(client: httpx.Client, *acts: Any, **body: Any) -> httpx.Response:
    said = {"docs": list(acts), "new_edits": False, **body}
    return client.post(f"{DB}/_bulk_docs", json=said)


def size_of(answer: httpx.Response) -> int:
    """Return the bytes of a whole answer, headers included."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + len(answer.content)


# The database


def test_the_server_says_who_it_is(lin: httpx.Client, site: Site) -> None:
    said = lin.get("/sync/").json()
    assert said["couchdb"] == "Welcome"
    assert said["uuid"] == site.meta["uuid"]


def test_the_database_is_as_large_as_what_one_may_see(
    lin: httpx.Client, chen: httpx.Client, cast: Cast
) -> None:
    before = [client.get(DB).json() for client in (lin, chen)]
    started(cast, "place:lobby-2")
    after = [client.get(DB).json() for client in (lin, chen)]
    assert [
        now["doc_count"] - was["doc_count"] for was, now in zip(before, after, strict=True)
    ] == [
        0,
        1,
    ]
    assert after[0]["update_seq"] == before[0]["update_seq"], "what others do does not show"
    assert len({said["instance_start_time"] for said in (*before, *after)}) == 1
    assert after[0]["db_name"] == "demo"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sync/other"),
        ("GET", "/sync/other/_changes"),
        ("GET", f"{DB}/_design/x"),
        ("POST", f"{DB}/_find"),
        ("GET", f"{DB}/_security"),
        ("POST", f"{DB}/_purge"),
        ("POST", f"{DB}/_compact"),
        ("POST", "/sync/_replicate"),
        ("GET", "/sync/_users/org.couchdb.user:lin"),
        ("GET", "/sync/_utils"),
        ("GET", f"{DB}/_design/x/_view/y"),
        ("GET", f"{DB}/{UNKNOWN}/photo.jpg"),
        ("DELETE", "/sync/demo/_design/x"),
        ("GET", "/sync/%2e%2e/_users"),
    ],
)
def test_what_is_not_on_the_list_does_not_exist(lin: httpx.Client, method: str, path: str) -> None:
    answer = lin.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize(
    "path", ["", "/_changes", "/_session", "/_local/x", f"/{UNKNOWN}", f"/_blob/{'0' * 64}"]
)
def test_nobody_reads_without_signing_in(served: Served, path: str) -> None:
    answer = served.client().get(DB + path)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"
    assert "www-authenticate" not in answer.headers, "a browser would ask for a password itself"
    assert "clear-site-data" not in answer.headers, "that would wipe what is unsent"


def test_a_session_that_ended_ends_at_once(served: Served, site: Site) -> None:
    from server.http import accounts

    client = served.client()
    token = served.token("person:lin")
    client.cookies.set(accounts.cookie_name(site), token)
    assert client.get(f"{DB}/_session").json()["person"]["_id"] == "person:lin"
    assert client.delete(f"{DB}/_session").json() == {"ok": True}
    client.cookies.set(accounts.cookie_name(site), token)
    assert client.get(f"{DB}/_session").status_code == 401


def test_the_session_names_the_person_the_site_and_the_moment(
    lin: httpx.Client, clock: Clock
) -> None:
    answer = lin.get(f"{DB}/_session")
    said = answer.json()
    assert (said["ok"], said["site"], said["now"]) == (True, "demo", clock())
    assert said["userCtx"] == {"name": "lin", "roles": ["guide"]}
    assert answer.headers["floorwalk-now"] == str(clock())


def test_a_program_signs_in_with_a_password(served: Served, site: Site) -> None:
    from server.http import accounts

    accounts.set_password(site, "person:lin", "lin", "floorwalk")
    basic = httpx.get(f"{served.address}{DB}", auth=("lin", "floorwalk"), trust_env=False)
    assert basic.status_code == 200
    client = served.client()
    wrong = client.post(f"{DB}/_session", json={"name": "lin", "password": "guess"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "unauthorized")
    form = client.post("/sync/_session", data={"name": "lin", "password": "floorwalk"})
    assert form.json()["userCtx"]["name"] == "lin"
    assert client.get(DB).status_code == 200


# Pushing


def test_acts_are_pushed_and_nothing_is_answered(lin: httpx.Client, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    answer = pushed(lin, act)
    assert (answer.status_code, answer.json()) == (201, [])
    assert pushed(lin, act).json() == [], "the same again, as after a lost answer"


def test_a_refused_act_says_why_in_the_readers_language(
    lin: httpx.Client, cast: Cast, site: Site
) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    answer = pushed(lin, act)
    assert answer.status_code == 201
    row = answer.json()[0]
    assert (row["id"], row["error"], row["reason"]) == (act["_id"], "forbidden", "not_your_place")
    assert "主管" in row["say"]
    lin.headers["accept-language"] = "en"
    assert "supervisor" in pushed(lin, act).json()[0]["say"]


def test_with_new_edits_each_document_has_its_row(lin: httpx.Client, cast: Cast) -> None:
    good = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    bad = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    rows = pushed(lin, good, bad, new_edits=True).json()
    assert rows[0]["ok"] and rows[0]["rev"].startswith("1-")
    assert rows[1]["error"] == "forbidden"


def test_the_client_is_told_of_a_newer_app(lin: httpx.Client, cast: Cast, site: Site) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    for change in ({"act": "waiting.sung_to"}, {"v": 2}, {"data": {"mood": "good"}}):
        row = pushed(lin, {**act, **change, "_id": cast.lin.says("x", "y:z")["_id"]}).json()[0]
        assert row["reason"] == "newer_app"
    assert {row["code"] for row in database_rows.rows(site, "quarantine")} == {"newer_app"}


# Reading documents


def test_a_record_is_an_ordinary_document(lin: httpx.Client, cast: Cast, clock: Clock) -> None:
    act = started(cast)
    clock.passes(minutes=1)
    cast.lin.does("waiting.water_given", act["record"])
    path = f"{DB}/{act['record']}"
    plain = lin.get(path)
    body = plain.json()
    assert body["_id"] == act["record"]
    assert plain.headers["etag"] == f'"{body["_rev"]}"'
    assert lin.get(path, headers={"if-none-match": plain.headers["etag"]}).status_code == 304
    whole = lin.get(path, params={"revs": "true"}).json()
    assert whole["_revisions"]["start"] == 2
    assert whole["_revisions"]["ids"][0] == body["_rev"][2:]
    first = f"1-{whole['_revisions']['ids'][1]}"
    assert lin.get(path, params={"rev": body["_rev"]}).json() == body
    assert lin.get(path, params={"rev": first}).status_code == 404, "older bodies are gone"
    assert lin.get(path, params={"rev": first, "latest": "true"}).json() == body
    lin.headers["accept"] = "application/json"
    listed = lin.get(path, params={"open_revs": json.dumps([body["_rev"], "9-abc"])}).json()
    assert listed[0]["ok"]["_rev"] == body["_rev"]
    assert listed[1] == {"missing": "9-abc"}
    assert lin.get(path, params={"open_revs": "all"}).json()[0]["ok"]["_id"] == act["record"]


def test_acts_of_a_record_one_sees_can_be_read(lin: httpx.Client, cast: Cast) -> None:
    here, elsewhere = started(cast), started(cast, "place:lobby-2")
    assert lin.get(f"{DB}/{here['_id']}").json()["data"]["name"] == "张晓丽"
    assert lin.get(f"{DB}/{elsewhere['_id']}").status_code == 404


def test_what_one_may_not_see_is_answered_like_what_does_not_exist(
    lin: httpx.Client, chen: httpx.Client, cast: Cast
) -> None:
    act = started(cast, "place:lobby-2")
    secret = act["record"]
    rev = chen.get(f"{DB}/{secret}").json()["_rev"]

    lin.headers["accept"] = "application/json"

    def asked(name: str) -> list[tuple[int, str]]:
        answers = [
            lin.get(f"{DB}/{name}"),
            lin.get(f"{DB}/{name}", params={"rev": rev}),
            lin.get(f"{DB}/{name}", params={"open_revs": "all"}),
            lin.get(f"{DB}/{name}", params={"open_revs": json.dumps([rev])}),
            lin.post(f"{DB}/_revs_diff", json={name: [rev]}),
            lin.post(f"{DB}/_bulk_get?revs=true&latest=true", json={"docs": [{"id": name}]}),
        ]
        return [(answer.status_code, answer.text.replace(name, "X")) for answer in answers]

    assert asked(secret) == asked(UNKNOWN)
    assert asked(act["_id"]) == asked("act:01ZZZZZZZZZZZZZZZZZZZZZZZZ")


def test_revs_diff_lists_what_is_missing(lin: httpx.Client, cast: Cast) -> None:
    act = started(cast)
    rev = lin.get(f"{DB}/{act['record']}").json()["_rev"]
    mine = cast.lin.says("waiting.water_given", act["record"])
    asked = {act["record"]: [rev, "9-abc"], mine["_id"]: ["1-abc"], UNKNOWN: ["1-a", "2-b"]}
    answer = lin.post(f"{DB}/_revs_diff", json=asked).json()
    assert answer == {
        act["record"]: {"missing": ["9-abc"], "possible_ancestors": [rev]},
        mine["_id"]: {"missing": ["1-abc"]},
        UNKNOWN: {"missing": ["1-a", "2-b"]},
    }
    pushed(lin, mine)
    assert lin.post(f"{DB}/_revs_diff", json={mine["_id"]: ["1-abc"]}).json() == {}


def test_bulk_get_answers_in_the_order_asked(lin: httpx.Client, cast: Cast) -> None:
    acts = [started(cast) for _ in range(3)]
    asked = [acts[2]["record"], UNKNOWN, acts[0]["record"], acts[2]["record"]]
    answer = lin.post(f"{DB}/_bulk_get?revs=true", json={"docs": [{"id": name} for name in asked]})
    said = answer.json()
    assert list(said) == ["results"]
    assert [row["id"] for row in said["results"]] == asked
    assert all(len(row["docs"]) == 1 for row in said["results"])
    assert said["results"][1]["docs"][0]["error"]["reason"] == "missing"
    assert said["results"][0]["docs"][0]["ok"]["_revisions"]["start"] == 1


# Checkpoints


def test_checkpoints_have_no_conflicts(lin: httpx.Client) -> None:
    path = f"{DB}/_local/Qm9+=_x."
    assert lin.get(path).status_code == 404
    assert lin.put(path, json={"last_seq": 3}).json()["rev"] == "0-1"
    assert lin.put(path, json={"last_seq": 4}).json()["rev"] == "0-1"
    assert lin.put(path, json={"last_seq": 5, "_rev": "0-7"}).json()["rev"] == "0-8"
    said = lin.get(path).json()
    assert (said["last_seq"], said["_rev"]) == (5, "0-8")
    assert lin.delete(path).json()["rev"] == "0-0"
    assert lin.get(path).status_code == 404
    history = [{"session_id": "0" * 32, "recorded_seq": "x" * 400} for _ in range(50)]
    assert lin.put(path, json={"history": history}).status_code == 201, "as CouchDB keeps it"
    too_long = lin.put(path, json={"x": "x" * 70_000})
    assert too_long.status_code == 413


def test_nobody_moves_anothers_checkpoint(lin: httpx.Client, chen: httpx.Client) -> None:
    path = f"{DB}/_local/x"
    other_tablet = {"floorwalk-device": '{"id":"device:other"}'}
    lin.put(path, json={"last_seq": 3})
    assert chen.get(path).status_code == 404
    assert lin.get(path, headers=other_tablet).status_code == 404
    assert chen.delete(path).status_code == 404
    assert lin.get(path).json()["last_seq"] == 3


def test_a_commit_is_on_disk_already(lin: httpx.Client) -> None:
    answer = lin.post(f"{DB}/_ensure_full_commit", json={})
    life = lin.get(DB).json()["instance_start_time"]
    assert (answer.status_code, answer.json()) == (201, {"ok": True, "instance_start_time": life})
    assert lin.post(f"{DB}/_ensure_full_commit").status_code == 415


def test_devices_are_listed_with_what_they_say(
    lin: httpx.Client, served: Served, site: Site, clock: Clock
) -> None:
    device = {
        "id": "device:01X",
        "version": "abc",
        "waiting": 3,
        "oldest": 1_795_000_000_000,
        "offset": -20,
    }
    said = json.dumps({**device, "persisted": True})
    lin.get(DB, headers={"floorwalk-device": said, "user-agent": "Tablet"})
    for nonsense in ("{", "[]", '{"id":7}', '{"id":"device:02X","waiting":"x"}', "x" * 600):
        assert lin.get(DB, headers={"floorwalk-device": nonsense}).status_code == 200
    clock.passes(seconds=6)
    lin.get(DB, headers={"floorwalk-device": said})
    rows = {row["id"]: row for row in database_rows.rows(site, "devices")}
    said_of = {
        "id": "device:01X",
        "person": "person:lin",
        "version": "abc",
        "last_seen_at": clock(),
        "waiting": 3,
        "oldest_at": 1_795_000_000_000,
        "offset_ms": -20,
        "persisted": 1,
    }
    assert said_of.items() <= rows["device:01X"].items()
    assert rows["device:02X"]["waiting"] is None


def test_a_pull_with_nothing_new_is_small(lin: httpx.Client) -> None:
    since = lin.get(f"{DB}/_changes").json()["last_seq"]
    parameters = {"since": since, "include_docs": "true", "removed": "true"}
    answer = lin.get(f"{DB}/_changes", params=parameters)
    assert answer.json() == {"results": [], "last_seq": since, "pending": 0}
    assert size_of(answer) < 400, "1 KB is the budget"
