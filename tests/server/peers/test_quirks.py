"""CouchDB's quirks: answers that servers easily get wrong, once asked of a CouchDB 3.5 (E5)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from server.acts.site import Site
from server.replication import file_pieces
from tests.cast import WORDS, Cast
from tests.databases import USUAL
from tests.server import database_rows
from tests.server.feed import sits_down
from tests.server.peers.conftest import photo
from tests.server.peers.replicator import parts
from tests.server.served import Served

DB = "/sync/demo"
# Nothing here asks how the database is written.
ON_ONE = pytest.mark.parametrize("database", [USUAL], indirect=True)
JSON = {"content-type": "application/json"}
UNKNOWN = "waiting:01ZZZZZZZZZZZZZZZZZZZZZZZZ"
LONG = "x" * 7_000
EMOJI = quote("😀/é", safe="")


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's program, which takes JSON."""
    return served.client("lin", accept="application/json")


SINCE = "Malformed sequence supplied in 'since' parameter."
UNREADABLE = ("document id missed", "document must be a JSON object", "Invalid rev format")
ERRORS: tuple[tuple[str, str, int, str, str | None], ...] = (
    # What is not on the list does not exist, whatever the method.
    ("GET", "/_design/x", 404, "not_found", "missing"),
    ("GET", "/_design%2Fx", 404, "not_found", "missing"),
    ("PUT", "/_design/x", 404, "not_found", "missing"),
    ("GET", "/_design/x/_view/y", 404, "not_found", "missing"),
    ("POST", "/_find", 404, "not_found", "missing"),
    ("GET", "/_security", 404, "not_found", "missing"),
    ("PUT", "/_revs_limit", 404, "not_found", "missing"),
    ("GET", "/_local_docs", 404, "not_found", "missing"),
    ("GET", "/_blob", 404, "not_found", "missing"),
    # What is on it takes its own methods only.
    ("GET", "/_revs_diff", 405, "method_not_allowed", "Only POST allowed"),
    ("PUT", "/_changes", 405, "method_not_allowed", "Only GET,HEAD,POST allowed"),
    ("DELETE", "/_bulk_docs", 405, "method_not_allowed", "Only POST allowed"),
    ("POST", "/_local/x", 405, "method_not_allowed", "Only DELETE,GET,HEAD,PUT allowed"),
    ("DELETE", f"/{UNKNOWN}", 405, "method_not_allowed", "Only GET,HEAD,PUT allowed"),
    ("DELETE", "", 405, "method_not_allowed", "Only GET,HEAD,PUT allowed"),
    ("OPTIONS", "/_changes", 405, "method_not_allowed", "Only GET,HEAD,POST allowed"),
    ("PUT", f"/{UNKNOWN}/photo.jpg", 405, "method_not_allowed", "Only GET,HEAD allowed"),
    ("PUT", "", 412, "file_exists", None),
    # Ids as they come.
    ("GET", "/p+q", 404, "not_found", "missing"),
    ("GET", f"/{EMOJI}", 404, "not_found", "missing"),
    ("GET", f"/{LONG}", 404, "not_found", "missing"),
    ("GET", "/a%2Fb", 404, "not_found", "missing"),
    ("GET", "/a/b", 404, "not_found", "missing"),
    ("GET", "/a%00b", 404, "not_found", "missing"),
    ("GET", "/%FF", 400, "bad_request", None),
    # Parameters that are none.
    ("GET", f"/{UNKNOWN}?rev=nonsense", 400, "bad_request", "Invalid rev format"),
    ("GET", f"/{UNKNOWN}?rev=1-abc", 404, "not_found", "missing"),
    ("GET", f"/{UNKNOWN}?open_revs=all", 404, "not_found", "missing"),
    ("GET", f"/{UNKNOWN}?open_revs=x", 400, "bad_request", None),
    ("GET", f'/{UNKNOWN}?open_revs=["x"]', 400, "bad_request", "Invalid rev format"),
    ("GET", f"/{UNKNOWN}?atts_since=[1]", 400, "bad_request", "Invalid rev format"),
    ("GET", f"/{UNKNOWN}?revs=maybe", 400, "query_parse_error", None),
    ("GET", "/_all_docs?limit=-1", 400, "query_parse_error", None),
    ("GET", "/_all_docs?limit=x", 400, "query_parse_error", None),
    ("GET", "/_all_docs?startkey=x", 400, "bad_request", None),
    ("GET", "/_all_docs?keys=7", 400, "bad_request", None),
    ("GET", "/_changes?since=9999999", 400, "bad_request", SINCE),
    ("GET", "/_changes?feed=eventsource", 400, "query_parse_error", None),
    ("GET", "/_changes?heartbeat=-1", 400, "bad_request", None),
    ("GET", "/_changes?descending=true", 400, "query_parse_error", None),
    # Bodies that are none.
    ("POST", "/_ensure_full_commit", 415, "bad_content_type", None),
    ("POST", "/_bulk_docs", 415, "bad_content_type", None),
)


@ON_ONE
def test_errors(lin: httpx.Client) -> None:
    for method, path, status, error, reason in ERRORS:
        answer = lin.request(method, DB + path)
        said = answer.json()
        assert (answer.status_code, said["error"]) == (status, error), (method, path[:80])
        assert said["reason"] and reason in (None, said["reason"]), (method, path[:80])
        assert ("allow" in answer.headers) is (status == 405)


BODIES: tuple[tuple[str, str, str | None], ...] = (
    ("_bulk_docs", "[]", "bad_request"),
    ("_bulk_docs", '{"docs":7}', "bad_request"),
    ("_bulk_docs", '{"docs":[', "bad_request"),
    ("_bulk_get", "{}", "bad_request"),
    ("_revs_diff", "[]", "bad_request"),
    ("_revs_diff", '{"a":7}', "bad_request"),
    ("_revs_diff", '{"a":["x"]}', "bad_request"),
    ("_all_docs", "[]", "bad_request"),
    ("_all_docs", '{"keys":7}', "bad_request"),
    ("_all_docs/queries", "{}", "bad_request"),
    ("_changes?filter=_doc_ids", '{"doc_ids":7}', "bad_request"),
    ("_changes?filter=_selector", '{"selector":7}', "bad_request"),
    ("_changes?filter=_selector", '{"selector":{"a":{"$regex":"x"}}}', "bad_request"),
    ("_changes?filter=_selector", '{"selector":{"$and":{}}}', "bad_request"),
    ("_changes?filter=_selector", '{"selector":{"$gt":1}}', "bad_request"),
    ("_changes?filter=_selector", "{", "bad_request"),
    ("_changes?filter=_view&view=a/b", "{}", "query_parse_error"),
)


@ON_ONE
def test_bodies(lin: httpx.Client) -> None:
    for path, body, error in BODIES:
        answer = lin.post(f"{DB}/{path}", content=body, headers=JSON)
        assert answer.status_code == 400, (path, body)
        assert error in (None, answer.json()["error"]) and answer.json()["reason"], (path, body)


@ON_ONE
def test_an_address_has_an_end(served: Served) -> None:
    cookie = {"cookie": f"floorwalk={served.token('person:lin')}"}
    with httpx.Client(base_url=served.address, trust_env=False, headers=cookie) as client:
        revs = json.dumps([f"{n}-{'a' * 32}" for n in range(1, 500)])
        answer = client.get(f"{DB}/{UNKNOWN}", params={"open_revs": revs})
        assert answer.status_code == 414
        answer = client.get(
            f"{DB}/{UNKNOWN}", params={"open_revs": revs[:7_000].rpartition(",")[0] + "]"}
        )
        assert answer.status_code == 200


def test_much_at_once(lin: httpx.Client, cast: Cast) -> None:
    known = sits_down(cast.lin)
    rev = lin.get(f"{DB}/{known}").json()["_rev"]
    many = {f"act:{n:026}": [f"1-{n:032x}"] for n in range(15_000)}
    assert len(json.dumps(many)) > 1 << 20
    said = lin.post(f"{DB}/_revs_diff", json={**many, known: [rev]})
    assert said.json() == {name: {"missing": revs} for name, revs in many.items()}
    asked = [{"id": name} for name in list(many)[:1_500]] + [{"id": known}] * 500
    rows = lin.post(f"{DB}/_bulk_get", json={"docs": asked}).json()["results"]
    assert [row["id"] for row in rows] == [doc["id"] for doc in asked]
    assert ["ok" in row["docs"][0] for row in rows] == [False] * 1_500 + [True] * 500
    assert lin.post(f"{DB}/_bulk_get", json={"docs": asked * 6}).status_code == 413
    assert lin.post(f"{DB}/_bulk_get", json={"docs": []}).json() == {"results": []}


# Names


NAMES = {
    "p+q": "p q",
    "p%2Bq": "p+q",
    "a%2Fb": "a/b",
    "c/d": "c/d",
    quote("😀é"): "😀é",
    quote("e\u0301"): "e\u0301",
    "%01": "\x01",
}


def test_a_name_is_what_it_says(lin: httpx.Client) -> None:
    for path, name in NAMES.items():
        answer = lin.put(f"{DB}/_local/{path}", json={"_id": "_local/another", "x": 1})
        assert answer.json() == {"ok": True, "id": f"_local/{name}", "rev": "0-1"}
        said = lin.get(f"{DB}/_local/{path}").json()
        assert said == {"_id": f"_local/{name}", "_rev": "0-1", "x": 1}
    assert "_local" not in lin.get(f"{DB}/_all_docs").text


@ON_ONE
def test_a_checkpoint_takes_no_attachments(lin: httpx.Client) -> None:
    answer = lin.put(f"{DB}/_local/x", json={"_attachments": {"a": {"data": ""}}})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_the_address_names_the_act(lin: httpx.Client, cast: Cast, site: Site) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    answer = lin.put(f"{DB}/{act['_id']}", json={**act, "_id": "act:another"})
    assert answer.status_code == 201
    assert (answer.json()["ok"], answer.json()["id"]) == (True, act["_id"])
    refused = lin.put(f"{DB}/{act['record']}", json=database_rows.one(site, act["record"]))
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


# Lists


def test_a_list_in_every_order(lin: httpx.Client, cast: Cast) -> None:
    made = sorted(sits_down(cast.lin) for _ in range(5))

    def asked(**given: Any) -> list[str]:
        said = lin.get(f"{DB}/_all_docs", params={k: json.dumps(v) for k, v in given.items()})
        assert said.status_code == 200, said.text
        posted = lin.post(f"{DB}/_all_docs", json=given).json()
        assert posted == said.json(), "the same by address and by body"
        return [row["id"] for row in said.json()["rows"]]

    all_of_them = asked()
    assert asked(startkey="waiting:") == made
    assert asked(start_key="waiting:", limit=2, skip=1) == made[1:3]
    assert asked(startkey=made[1], endkey=made[3]) == made[1:4]
    assert asked(startkey=made[1], endkey=made[3], inclusive_end=False) == made[1:3]
    assert asked(startkey=made[3], endkey=made[1], descending=True) == made[3:0:-1]
    assert asked(descending=True) == all_of_them[::-1]
    assert asked(key=made[2]) == [made[2]]
    assert asked(key="nobody") == asked(limit=0) == []
    offset = lin.get(f"{DB}/_all_docs", params={"startkey": json.dumps(made[1])}).json()["offset"]
    assert offset == all_of_them.index(made[1])
    said = lin.post(f"{DB}/_all_docs", json={"keys": [made[0], 7, made[0]], "include_docs": True})
    rows = said.json()["rows"]
    assert rows[1] == {"key": 7, "error": "not_found"}
    assert rows[0] == rows[2] and rows[0]["doc"]["_id"] == made[0]
    assert said.json()["offset"] is None


def test_a_long_list_comes_in_parts(
    lin: httpx.Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.replication import all_docs, document_portions, sync_request

    for _ in range(30):
        sits_down(cast.lin)
    whole = lin.get(f"{DB}/_all_docs?include_docs=true").json()
    monkeypatch.setattr(document_portions, "TOGETHER", 3)
    monkeypatch.setattr(document_portions, "PORTION", 1_500)
    monkeypatch.setattr(all_docs, "LUMP", 500)
    monkeypatch.setattr(all_docs, "IDS", 7)
    monkeypatch.setattr(sync_request, "LONGEST_WHOLE", 1_000)
    assert lin.get(f"{DB}/_all_docs?include_docs=true").json() == whole
    backwards = lin.get(f"{DB}/_all_docs?descending=true&skip=2&limit=20").json()["rows"]
    assert [row["id"] for row in backwards] == [row["id"] for row in whole["rows"]][-3:-23:-1]


# Documents


@ON_ONE
def test_which_form_is_asked_for(served: Served, cast: Cast) -> None:
    record = sits_down(cast.lin)
    path = f"{DB}/{record}"
    client = served.client("lin")
    rev = client.get(path).json()["_rev"]
    revs = {"open_revs": json.dumps([rev, "9-abc", rev]), "latest": "true", "revs": "true"}
    for accept, kind in {
        "*/*": "multipart/mixed",
        "multipart/mixed": "multipart/mixed",
        "application/json": "application/json",
        "application/json, multipart/mixed;q=0": "application/json",
    }.items():
        answer = client.get(path, params=revs, headers={"accept": accept})
        assert answer.headers["content-type"].startswith(kind), accept
        if kind == "application/json":
            assert [set(row) for row in answer.json()] == [{"ok"}, {"missing"}]
        else:
            (first, body), (second, missing) = parts(answer.content, answer.headers["content-type"])
            assert first["content-type"] == "application/json"
            assert json.loads(body)["_revisions"]["start"] == 1
            assert second["content-type"] == 'application/json; error="true"'
            assert json.loads(missing) == {"missing": "9-abc"}
    asked = {
        "docs": [{"id": record}, {"id": UNKNOWN, "rev": "1-a"}, {}, 7, {"id": "x", "rev": "?"}]
    }
    for accept in ("*/*", "application/json"):
        said = client.post(f"{DB}/_bulk_get", json=asked, headers={"accept": accept})
        errors = [row["docs"][0].get("error", {}).get("reason") for row in said.json()["results"]]
        assert errors == [None, "missing", *UNREADABLE]
    for accept in ("multipart/mixed", "multipart/related"):
        said = client.post(f"{DB}/_bulk_get", json=asked, headers={"accept": accept})
        assert said.headers["content-type"].startswith(accept)
        assert len(parts(said.content, said.headers["content-type"])) == 5


def test_what_a_document_tells_of_its_past(lin: httpx.Client, cast: Cast) -> None:
    record = sits_down(cast.lin)
    cast.lin.does("waiting.water_given", record)
    info = lin.get(f"{DB}/{record}?revs_info=true").json()["_revs_info"]
    assert [(row["rev"][0], row["status"]) for row in info] == [
        ("2", "available"),
        ("1", "missing"),
    ]
    said = lin.get(f"{DB}/{record}?meta=true&conflicts=true&deleted_conflicts=true").json()
    assert "_conflicts" not in said and said["_revs_info"] == info
    act = cast.lin.says("waiting.explained", record)
    cast.lin.hands_in(act)
    assert lin.get(f"{DB}/{act['_id']}?rev=2-abc").status_code == 404, "acts have one revision"


def test_what_is_attached(lin: httpx.Client, served: Served, cast: Cast) -> None:
    body = photo((640, 480))
    assert len(body) > file_pieces.PIECE, "it comes in several pieces"
    name = hashlib.sha256(body).hexdigest()
    image = {"content-type": "image/jpeg"}
    served.client("chen").put(f"{DB}/_blob/{name}", content=body, headers=image)
    here, there = cast.chen.new("complaint"), cast.chen.new("complaint")
    for record, place in ((here, "place:lobby-1"), (there, "place:lobby-2")):
        said = {"place": place, "words": WORDS, "photos": [name]}
        assert cast.chen.does("complaint.taken", record, **said).good
    doc = lin.get(f"{DB}/{here}").json()
    (attached, stub), *_ = doc["_attachments"].items()
    path = f"{DB}/{here}/{attached}"
    whole = lin.get(path, params={"rev": doc["_rev"]})
    etag = whole.headers["etag"]
    assert (whole.content, whole.headers["content-type"]) == (body, "image/jpeg")
    assert etag == '"' + stub["digest"].removeprefix("md5-") + '"'
    assert lin.get(path, headers={"if-none-match": etag}).status_code == 304
    for asked, (status, expected) in {
        "bytes=0-9": (206, body[:10]),
        "bytes=-5": (206, body[-5:]),
        "bytes=9-": (206, body[9:]),
        "bytes=0-9,20-29": (200, body),
        "pages=1-2": (200, body),
    }.items():
        part = lin.get(path, headers={"range": asked})
        assert (part.status_code, part.content) == (status, expected), asked
    late = lin.get(path, headers={"range": f"bytes={len(body)}-"})
    assert (late.status_code, late.json()["error"]) == (416, "requested_range_not_satisfiable")
    assert late.headers["content-range"] == f"bytes */{len(body)}"
    wrong = lin.get(path, params={"rev": "1-abc"})
    assert wrong.status_code == 404
    gone = lin.get(f"{DB}/{here}/x.jpg")
    assert (gone.status_code, gone.json()["reason"]) == (404, "Document is missing attachment")
    unseen, nowhere = lin.get(f"{DB}/{there}/{attached}"), lin.get(f"{DB}/{UNKNOWN}/{attached}")
    assert unseen.status_code == 404 and unseen.json() == nowhere.json()
    known = {"atts_since": json.dumps([doc["_rev"]]), "attachments": "true"}
    assert lin.get(f"{DB}/{here}", params=known).json() == doc, "nothing new for who has it"
    asked_for = {"docs": [{"id": here}, {"id": here, "atts_since": [doc["_rev"]]}]}
    rows = lin.post(f"{DB}/_bulk_get?attachments=true", json=asked_for).json()["results"]
    found = [row["docs"][0]["ok"]["_attachments"][attached] for row in rows]
    assert ["data" in one for one in found] == [True, False] and found[1] == stub
    assert base64.b64decode(found[0]["data"]) == body
    said = lin.post(f"{DB}/_bulk_get", json=asked_for, headers={"accept": "multipart/related"})
    kinds = [head for head, _ in parts(said.content, said.headers["content-type"])]
    assert kinds[0]["x-doc-id"] == here and kinds[0]["content-type"].startswith("multipart/related")
