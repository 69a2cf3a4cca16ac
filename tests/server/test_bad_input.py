"""Malformed and hostile input: each is answered clearly, and nothing is lost."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import httpx
import orjson
import pytest

from server.acts import quarantine
from server.acts.site import Site
from server.base.strict_json import BadJSON, loads
from tests.cast import Cast
from tests.clock import DAY, MINUTE, Clock
from tests.limits import joined
from tests.server import database_rows
from tests.server.served import Served

DB = "/sync/demo"
PUSH = f"{DB}/_bulk_docs"
JSON = {"content-type": "application/json"}


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


# JSON


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'{"a":{"b":[{"c":1,"c":1}]}}', "duplicate_key"),
        (b'{"a":NaN}', "bad_number"),
        (b'{"a":Infinity}', "bad_number"),
        (b'{"a":-Infinity}', "bad_number"),
        (b'{"a":1e400}', "bad_number"),
        (b'{"a":9007199254740993}', "bad_number"),
        (b'{"a":9223372036854775808}', "bad_number"),
        (b'{"a":' + b"9" * 5_000 + b"}", "bad_number"),
        (b'{"a":"\\ud800"}', "bad_text"),
        (b'{"\\udc00":1}', "bad_text"),
        (b'{"a":"\\u0000"}', "bad_text"),
        (b'{"a":"\xff"}', "bad_text"),
        (b"[" * 2_000 + b"]" * 2_000, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":1}x', "bad_json"),
        (b"[1,]", "bad_json"),
        (b"'a'", "bad_json"),
        (b"", "bad_json"),
        (b'{"a":"', "bad_json"),
    ],
)
def test_json_that_not_everybody_keeps_is_refused(lin: httpx.Client, raw: bytes, code: str) -> None:
    with pytest.raises(BadJSON) as refused:
        loads(raw)
    assert refused.value.code == code
    answer = lin.post(PUSH, content=raw, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["say"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"\\ud83d\\ude00"}',
        b'{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}',
        b'{"a":"\\\\"}',
        b'{"a":"x\\"[{"}',
        b'[{"b":[1,2.5,-3e2,true,null,-9007199254740992]}]',
    ],
)
def test_json_that_everybody_keeps_is_read(raw: bytes) -> None:
    assert loads(raw) == json.loads(raw)


# Requests to push


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ("x", 400),
        ({"docs": {}}, 400),
        ({"docs": None}, 400),
        ({"docs": [], "new_edits": 0}, 400),
        ({"docs": [{}] * 2_001}, 413),
    ],
)
def test_a_push_that_is_none(lin: httpx.Client, body: Any, status: int) -> None:
    assert lin.post(PUSH, json=body).status_code == status


def test_only_json_is_pushed(lin: httpx.Client, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = lin.post(
            PUSH, content=orjson.dumps({"docs": [act]}), headers={"content-type": kind}
        )
        assert (answer.status_code, answer.json()["error"]) == (415, "bad_content_type")


def test_a_character_that_cannot_be_kept_is_not_looked_for(served: Served, site: Site) -> None:
    """PostgreSQL has no zero character, so nothing has one; SQLite finds nothing either."""
    tablet, stranger = served.client("lin"), served.client(Origin=served.address)
    asked = [
        tablet.get(f"{DB}/waiting:a%00b"),
        tablet.get(f"{DB}/_all_docs?startkey=%22a%5Cu0000%22"),
        tablet.get("/office/people/a%00b"),
        stranger.post("/sign-in", data={"login": "a\0b", "password": "x"}),
        stranger.post("/_session", data={"name": "a\0b", "password": "x"}),
    ]
    assert all(answer.status_code < 500 for answer in asked), asked


# Documents in a push: each has its own answer, and is kept


def spoilt(cast: Cast) -> list[tuple[str, Any, str]]:
    """Return (what, document, code) of everything that may be wrong with one document."""
    good = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    here = {"place": "place:lobby-1"}
    rung = {"ladder": "waiting_water", "rung": 1, "due_at": 1}
    md5 = hashlib.md5(b"x").hexdigest()
    long_history = {"_rev": f"1-{md5}", "_revisions": {"start": 1, "ids": ["a"] * 200_000}}
    changes: list[tuple[str, dict[str, Any], str]] = [
        *((f"id {name!r:.40}", {"_id": name}, "malformed") for name in BAD_IDS),
        ("id is a number", {"_id": 7}, "malformed"),
        ("no id", {"_id": None}, "malformed"),
        *((f"rev {rev}", {"_rev": rev}, "bad_revision") for rev in BAD_REVS),
        ("a long history", long_history, "bad_revision"),
        (
            "a foreign history",
            {"_rev": "1-a", "_revisions": {"start": 2, "ids": ["a"]}},
            "bad_revision",
        ),
        ("deleted", {"_deleted": True}, "deleted"),
        ("an attachment", {"_attachments": {"x": {"data": "eA=="}}}, "attachments"),
        *((f"member {name}", {name: ["all"]}, "newer_app") for name in FORGED),
        ("data is a list", {"data": []}, "malformed"),
        ("a field nobody declared", {"data": {**here, "vip": 1}}, "newer_app"),
        ("a field the act does not ask for", {"data": {**here, "outcome": "seen"}}, "newer_app"),
        ("a number for a text", {"data": {**here, "name": 7}}, "malformed"),
        ("a choice nobody offers", {"data": {**here, "priority": "x"}}, "malformed"),
        ("no place", {"data": {}}, "malformed"),
        ("another person", {"by": "person:chen"}, "another_person"),
        ("the server itself", {"by": "system:clock"}, "another_person"),
        ("another hospital", {"site": "elsewhere"}, "other_site"),
        ("an act nobody declared", {"act": "waiting.sung_to"}, "newer_app"),
        ("a record nobody declared", {"act": "ghost.seen", "record": "ghost:1"}, "newer_app"),
        ("another kind of record", {"record": "complaint:01M883EXM0X"}, "malformed"),
        ("the clock's own act", {"act": "waiting.rung_reached", "data": rung}, "system_only"),
        ("a newer version", {"v": 2}, "newer_app"),
        ("version 0", {"v": 0}, "malformed"),
        ("no version", {"v": None}, "malformed"),
        ("a moment in words", {"at": "2026-11-25"}, "malformed"),
        ("a moment with a fraction", {"at": 1.5}, "malformed"),
        ("1970", {"at": 0}, "malformed"),
        ("half a moment", {"at": True}, "malformed"),
        ("a very long text", {"text": "x" * 20_000}, "malformed"),
    ]
    found: list[tuple[str, Any, str]] = []
    for what, change, code in changes:
        fresh = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        found.append(
            (what, {**good, "_id": fresh["_id"], "record": fresh["record"], **change}, code)
        )
    found += [(f"a bare {value!r}", value, "not_an_act") for value in (7, "x", None, True, [])]
    return found


BAD_IDS = (
    "", "a", "x" * 10_240, "_design/x", "_local/../x", "act:01/../../x", "act:é", "act:😀",
    "act:\u202egpj", "act:01m883exm00000000000000000", "waiting:01M883EXM00000000000000000",
    "act:81M883EXM00000000000000000", "act:01M883EXM00000000000000000\n",
)  # fmt: skip
BAD_REVS = (
    "0-x", "1-", "-1-aa", "9999-0000", "2-abc", "10-a", 7, {}, "", "1-" + "a" * 65, None, "1",
)  # fmt: skip
FORGED = ("channels", "received_at", "author", "_access", "__proto__", "constructor", "said_at")


def test_whatever_is_wrong_with_one_document_is_said_and_kept(
    lin: httpx.Client, cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "ALIKE", 1_000)  # each is to be seen
    cases = [case for case in spoilt(cast) if case[1] is not None or case[0] == "a bare None"]
    # An absent revision is no bad one.
    cases = [case for case in cases if case[0] != "rev None"]
    good = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    answer = lin.post(PUSH, json={"docs": [*(doc for _, doc, _ in cases), good]})
    assert answer.status_code == 201
    rows = answer.json()
    said = {what: row.get("reason") for (what, _, _), row in zip(cases, rows, strict=False)}
    assert said == {what: code for what, _, code in cases}
    assert rows[-1]["ok"], "a good one among them is taken in"
    kept = {row["body"] for row in database_rows.rows(site, "quarantine")}
    for _, doc, _ in cases:
        assert orjson.dumps(doc, option=orjson.OPT_SORT_KEYS) in kept
    refusals = database_rows.records(site, "refusal")
    assert len(refusals) == len(kept) == len(cases)
    assert set(database_rows.records(site, "waiting")) == {good["record"]}
    assert all(row["say"] for row in rows[:-1])
    assert site.refold()[1] == 0


def test_a_long_history_is_refused(lin: httpx.Client, cast: Cast) -> None:
    doc = next(doc for what, doc, _ in spoilt(cast) if what == "a long history")
    answer = lin.post(PUSH, json={"docs": [doc]})
    assert answer.json()[0]["reason"] == "bad_revision"


def test_the_same_batch_five_times_at_once(served: Served, cast: Cast, site: Site) -> None:
    docs = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        for _ in range(20)
    ]
    docs[7]["data"]["place"] = "place:lobby-2"
    answers: list[str] = []
    clients = [served.client("lin") for _ in range(5)]

    def push(client: httpx.Client) -> None:
        answers.append(client.post(PUSH, json={"docs": docs, "new_edits": False}).text)

    threads = [threading.Thread(target=push, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    joined(*threads, what="the pushes")
    assert len(set(answers)) == 1
    assert len(database_rows.records(site, "waiting")) == 19
    assert len(database_rows.records(site, "refusal")) == 1


@pytest.mark.parametrize("years", [-56, -5, 5, 73])
def test_a_clock_that_is_wrong_by_years(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock, years: int
) -> None:
    """2031, and worse: taken in, its clock runs from when it came, both moments are kept."""
    said = clock() + years * 365 * DAY
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1", at=said)
    # Lin has been here since yesterday: what lies before that is refused, and kept.
    answer = lin.post(PUSH, json={"docs": [act], "new_edits": False}).json()
    if years < 0:
        assert answer[0]["reason"] in ("not_here", "malformed")
        assert len(database_rows.rows(site, "quarantine")) == 1
        return
    assert answer == []
    record = database_rows.one(site, act["record"])
    assert record["started_at"] == clock()
    assert record["due_at"] == clock() + 5 * MINUTE
    stored = orjson.loads(
        next(r["body"] for r in database_rows.rows(site, "acts") if r["id"] == act["_id"])
    )
    assert (stored["at"], stored["said_at"]) == (clock(), said)


def test_a_newer_tablets_act_is_taken_in_after_the_update(
    lin: httpx.Client, cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.acts import retry_after_upgrade

    waiting = cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1")
    act = cast.lin.says("waiting.sung_to", waiting)
    assert (
        lin.post(PUSH, json={"docs": [act], "new_edits": False}).json()[0]["reason"] == "newer_app"
    )
    assert retry_after_upgrade.offer_again(site) == (1, 0), "nothing changed yet"

    declared = dict(site.declarations["acts"]["waiting.explained"])
    declared.update(name="sung_to", stamps=["sung_at"], signs=["sung_by"])
    acts = {**site.declarations["acts"], "waiting.sung_to": declared}
    site.declarations = {**site.declarations, "acts": acts}
    assert retry_after_upgrade.offer_again(site) == (1, 1)
    assert "sung_at" in database_rows.one(site, waiting)
    assert database_rows.one(site, "refusal:" + act["_id"][4:])["state"] == "admitted"
    assert retry_after_upgrade.offer_again(site) == (0, 0)
