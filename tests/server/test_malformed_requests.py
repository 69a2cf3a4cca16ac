"""Forty bad inputs and some more: each has one answer, nothing breaks, nothing is half written.

A row is (number, what it is, how it is sent, the statuses that are right; 0 is a closed door).
What a browser has to withstand, 36 to 40, is asked where browsers are: see ELSEWHERE.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image

from server.acts.site import Site
from server.http import connection_timeouts
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.served import Served, serving

DB = "/sync/demo"
PUSH = f"{DB}/_bulk_docs"
JSON = {"content-type": "application/json"}
OURS = {"sec-fetch-site": "same-origin"}  # a form of our own page
MIB = 1 << 20
PATIENCE = 20.0  # s, until what neither answers nor closes has failed
NOWHERE = "waiting:01M883F1D05D7NAKACYV7HJVZZ"


@dataclass
class Ward:
    """A site that is served, and people who mean no good, or do not know better."""

    served: Served
    site: Site
    cast: Cast

    def __post_init__(self) -> None:
        self.lin, self.chen = self.served.client("lin"), self.served.client("chen")
        self.wait = self.cast.chen.new("waiting")
        self.cast.chen.does("waiting.started", self.wait, place="place:lobby-2")
        self.photo = _photo()
        name = hashlib.sha256(self.photo).hexdigest()
        self.blob = f"{DB}/_blob/{name}"
        kind = {"content-type": "image/jpeg"}
        assert self.lin.put(self.blob, content=self.photo, headers=kind).status_code == 201

    def get(self, path: str, **headers: str) -> int:
        """Read as Lin."""
        return self.lin.get(path, headers=headers).status_code

    def post(self, path: str, content: Any, **headers: str) -> int:
        """Send JSON text as Lin."""
        return self.lin.post(path, content=content, headers=JSON | headers).status_code

    def raw(self, head: str, body: bytes = b"") -> int:
        """Send bytes over a connection of their own; 0 is a connection that closes."""
        token = self.served.token("person:lin")
        text = f"{head}\r\nHost: x\r\nCookie: floorwalk={token}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.served.port), PATIENCE) as connection:
            try:
                connection.sendall(text.encode() + body)
                answer = connection.recv(65_536)
            except ConnectionError:
                return 0
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def push(self, **change: Any) -> str:
        """Push one document that is an act but for a change; return the reason it is refused."""
        lin = self.cast.lin
        act = lin.says("waiting.started", lin.new("waiting"), place="place:lobby-1")
        kept = len(database_rows.rows(self.site, "quarantine"))
        answer = self.lin.post(PUSH, json={"docs": [{**act, **change}], "new_edits": False})
        assert answer.status_code == 201, answer.text
        rows = answer.json()
        if not rows:
            return "taken"
        assert rows[0]["error"] == "forbidden" and rows[0]["say"]
        assert len(database_rows.rows(self.site, "quarantine")) == kept + 1, "it is kept"
        return str(rows[0]["reason"])


def _photo() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 40).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def chunks(size: int) -> Iterator[bytes]:
    """Yield bytes, so that they are sent without a length."""
    for _ in range(size // MIB):
        yield b"x" * MIB
    yield b"x" * (size % MIB)


def multipart(parts: int) -> tuple[dict[str, str], bytes]:
    """Return (headers, body) of a form in parts."""
    one = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    return {"content-type": "multipart/form-data; boundary=b"}, one * parts + b"--b--\r\n"


def sign_in(ward: Ward, **form: str) -> int:
    client = ward.served.client()
    return client.post("/sign-in", data=form, headers=OURS).status_code


def forwarded(ward: Ward) -> int:
    """A proxy that nobody trusts says where it comes from, and which site this is."""
    headers = {"host": "evil.example", "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil"}
    answer = ward.lin.get("/", headers=headers, follow_redirects=False)
    assert "evil" not in answer.text + answer.headers.get("location", "")
    return answer.status_code


def flood_of_ranges(ward: Ward) -> int:
    begun = time.monotonic()
    answer = ward.lin.get(ward.blob, headers={"range": "bytes=0-," + "0-," * 1_300 + "0-"})
    assert len(answer.content) <= len(ward.photo) and time.monotonic() - begun < PATIENCE
    return answer.status_code


def anothers_events(ward: Ward) -> int:
    """The stream starts again where the reader's own begins."""
    headers = {"last-event-id": "99999999"}
    with ward.served.client("wu").stream("GET", "/events", headers=headers) as stream:
        return stream.status_code


def bomb(ward: Ward) -> int:
    packed = gzip.compress(b'{"docs":[' + b" " * (100 * MIB) + b"]}", 9)
    assert len(packed) < 110_000
    return ward.post(PUSH, packed, **{"content-encoding": "gzip"})


def deep() -> bytes:
    return b'{"docs":' + b"[" * 2_000 + b"]" * 2_000 + b"}"


def known_act_again(ward: Ward) -> str:
    """The id of an act that is known, with another body."""
    lin = ward.cast.lin
    act = lin.says("waiting.started", lin.new("waiting"), place="place:lobby-1")
    assert ward.lin.post(PUSH, json={"docs": [act], "new_edits": False}).json() == []
    before = [row for row in database_rows.rows(ward.site, "acts") if row["id"] == act["_id"]]
    spoilt = {**act, "data": {**act["data"], "name": "别人"}}
    said = ward.lin.post(PUSH, json={"docs": [spoilt], "new_edits": False}).json()
    assert before == [
        row for row in database_rows.rows(ward.site, "acts") if row["id"] == act["_id"]
    ]
    return str(said[0]["reason"]) if said else "taken"


def elsewhere(ward: Ward) -> str:
    """An act on a record of another lobby; the record stays as it is, and so does what is said."""
    before = database_rows.one(ward.site, ward.wait)
    act = ward.cast.lin.says("waiting.water_given", ward.wait)
    said = ward.lin.post(PUSH, json={"docs": [act], "new_edits": False}).json()[0]
    assert database_rows.one(ward.site, ward.wait) == before
    assert ward.wait not in str(said) and "place:lobby-2" not in str(said)
    return str(said["reason"])


def one_bad_in_500(ward: Ward) -> int:
    lin = ward.cast.lin
    docs = [
        lin.says("waiting.started", lin.new("waiting"), place="place:lobby-1") for _ in range(500)
    ]
    docs[250]["data"] = {}
    rows = ward.lin.post(PUSH, json={"docs": docs, "new_edits": False}).json()
    assert [row["id"] for row in rows] == [docs[250]["_id"]]
    stored = {row["id"] for row in database_rows.rows(ward.site, "acts")}
    return sum(doc["_id"] in stored for doc in docs)


def anothers_checkpoint(ward: Ward, method: str) -> int:
    path = f"{DB}/_local/chens-own"
    put = ward.chen.put(path, json={"last_seq": "7"})
    assert put.status_code == 201
    status = ward.lin.request(method, path, json={"last_seq": "0"}).status_code
    assert ward.chen.get(path).json()["last_seq"] == "7"
    return status


def never_ends(ward: Ward) -> int:
    """A form in parts whose last one does not come."""
    head = "POST /sign-in HTTP/1.1\r\nSec-Fetch-Site: same-origin"
    head += "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 400"
    return ward.raw(head, b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny')


def of_another_life(ward: Ward) -> int:
    """A token from before a restore: everything is offered again, never "nothing new"."""
    token = ward.lin.get(f"{DB}/_changes?limit=1").json()["last_seq"]
    seq, rights, epoch = token.split("-")[:3]
    other = f"{seq}-{rights}-{'0' if epoch[0] != '0' else '1'}{epoch[1:]}"
    answer = ward.lin.get(f"{DB}/_changes", params={"since": other})
    assert len(answer.json()["results"]) > 10
    return answer.status_code


def much_to_compare(ward: Ward) -> int:
    asked = {f"waiting:{n:026d}": ["1-" + "a" * 32] for n in range(16_000)}
    body = orjson.dumps(asked)
    assert len(body) > MIB
    answer = ward.lin.post(f"{DB}/_revs_diff", content=body, headers=JSON)
    assert len(answer.json()) == len(asked)
    return answer.status_code


Send = Callable[[Ward], int]
Row = tuple[int, str, Send, set[int]]
BIG = {"packed": b"", "size": 8 * MIB + 1}


def text(raw: bytes) -> Send:
    """Return what pushes these bytes as JSON."""
    return lambda ward: ward.post(PUSH, raw)


def page(path: str) -> Send:
    """Return what reads an address."""
    return lambda ward: ward.get(path)


def head(*lines: str) -> Send:
    """Return what pushes with these header lines, over a connection of its own."""
    return lambda ward: ward.raw("\r\n".join((f"POST {PUSH} HTTP/1.1", *lines)), b"{}xx")


HTTP: list[Row] = [
    (1, "a path that climbs", page(f"{DB}/%2e%2e/_users"), {404}),
    (2, "NUL in a path", page(f"{DB}/a%00b"), {404}),
    (3, "a byte too many, in chunks", lambda w: w.post(PUSH, chunks(8 * MIB + 1)), {413}),
    (4, "a length below nothing", head("Content-Length: -5"), {0, 400}),
    (4, "two lengths", head("Content-Length: 2", "Content-Length: 4"), {0, 400}),
    (4, "a length and chunks", head("Content-Length: 4", "Transfer-Encoding: chunked"), {0, 400}),
    (5, "99 KB that unpack to 100 MB", bomb, {413}),
    (5, "another packing", lambda w: w.post(PUSH, b"x", **{"content-encoding": "br"}), {415}),
    (6, "JSON that says it is text", lambda w: w.post(PUSH, b"{}", **{"content-type": "text/plain"}), {415}),
    (7, "1,001 parts", lambda w: _form(w, *multipart(1_001)), {400}),
    (7, "a part of 9 MiB", lambda w: _form(w, multipart(1)[0], b"--b\r\n" + b"x" * (9 * MIB)), {413}),
    (8, "64 KB in one header", head("X: " + "x" * 65_536), {0, 431}),
    (8, "500 cookies", head(*(f"Cookie: c{n}={'x' * 200}" for n in range(500))), {0, 431}),
    (9, "a host and a proxy nobody knows", forwarded, {303}),
    (10, "1,300 ranges", flood_of_ranges, {200}),
    (11, "a method in a header", lambda w: w.post(f"{DB}/{NOWHERE}", b"{}", **{"x-http-method-override": "DELETE"}), {405}),
    (12, "a form of another website", lambda w: w.post(PUSH, b"{}", **{"sec-fetch-site": "cross-site"}), {403}),
    (12, "htmx of another website", lambda w: w.post("/sign-out", b"", **{"hx-request": "true", "origin": "https://evil.example"}), {403}),
    (14, "limit=-1 is no limit", page(f"{DB}/_changes?limit=-1"), {200}),
    (14, "limit=1e9", page(f"{DB}/_changes?limit=1e9"), {400}),
    (14, "a limit of a thousand million", page(f"{DB}/_changes?limit=1000000000"), {200}),
    (14, "since=abc", page(f"{DB}/_changes?since=abc"), {400}),
    (14, "a since far ahead", page(f"{DB}/_changes?since=99999999999999999999"), {400}),
    (15, "another reader's last event", anothers_events, {200}),
    (16, "a password of 1 MB", lambda w: sign_in(w, login="lin", password="x" * MIB), {400}),
    (16, "a login that is a list", lambda w: w.post("/sign-in", b'{"login":["a"],"password":{}}', **OURS), {422}),
    (16, "a login that looks like another", lambda w: sign_in(w, login="l\u0456n", password="x"), {422}),
]  # fmt: skip
SYNC: list[Row] = [
    (17, "a key twice", text(b'{"docs":[{"_id":"a","_id":"b"}]}'), {400}),
    (18, "NaN", text(b'{"docs":[{"a":NaN}]}'), {400}),
    (18, "Infinity", text(b'{"docs":[{"a":-Infinity}]}'), {400}),
    (18, "1e400", text(b'{"docs":[{"a":1e400}]}'), {400}),
    (19, "half a pair", text(b'{"docs":[{"a":"\\ud800"}]}'), {400}),
    (20, "NUL in a text", text(b'{"docs":[{"a":"\\u0000"}]}'), {400}),
    (21, "2,000 brackets", text(deep()), {400}),
    (22, "5,000 digits", text(b'{"docs":[{"a":' + b"9" * 5_000 + b"}]}"), {400}),
    (22, "2 to the 63rd", text(b'{"docs":[{"a":9223372036854775808}]}'), {400}),
    (31, "one bad act in 500", one_bad_in_500, {499}),
    (35, "another's checkpoint is read", lambda w: anothers_checkpoint(w, "GET"), {404}),
    (35, "another's checkpoint is written", lambda w: anothers_checkpoint(w, "PUT"), {201}),
    (41, "a since of another life", of_another_life, {200}),
    (42, "1 MB to compare", much_to_compare, {200}),
    (43, "an id with a slash", page(f"{DB}/a%2Fb"), {404}),
    (43, "an id that is a smile", page(f"{DB}/%F0%9F%98%80"), {404}),
    (43, "an id with a plus", page(f"{DB}/a+b"), {404}),
    (43, "an id with a real plus", page(f"{DB}/a%2Bb"), {404}),
    (43, "an id of 7,000 letters", page(f"{DB}/" + "x" * 7_000), {404}),
    (44, "an id of half a letter", page(f"{DB}/%F0%9F"), {400}),
]  # fmt: skip
DOCUMENTS: list[tuple[int, str, Callable[[Ward], str], set[str]]] = [
    *((23, f"id {name!r:.30}", lambda w, name=name: w.push(_id=name), {"malformed"}) for name in (
        "", "x" * 10_240, "_design/x", "_local/../x", "act:a/b", "act:😀", "act:\u202egpj", "act:e\u0301")),
    *((24, f"rev {rev!r}", lambda w, rev=rev: w.push(_rev=rev), {"bad_revision"}) for rev in (
        "0-x", "1-", "-1-aa", "9999-000", 7)),
    (25, "a history of 200,000", lambda w: w.push(_rev="1-aa", _revisions={"start": 1, "ids": ["aa"] * 200_000}), {"bad_revision"}),
    (25, "a history that skips", lambda w: w.push(_rev="1-aa", _revisions={"start": 3, "ids": ["aa"]}), {"bad_revision"}),
    (26, "a known act with another body", known_act_again, {"other_body"}),
    (27, "an act on what one may not see", elsewhere, {"not_found"}),
    (28, "a deletion", lambda w: w.push(_deleted=True), {"deleted"}),
    *((29, f"the server's own {name}", lambda w, name=name: w.push(**{name: ["all"]}), {"newer_app"}) for name in (
        "channels", "received_at", "author", "_access", "__proto__", "constructor")),
    (30, "a place that is not one's own", lambda w: w.push(data={"place": "place:lobby-2"}), {"not_your_place"}),
    (30, "a place that does not exist", lambda w: w.push(data={"place": "place:nowhere"}), {"not_your_place"}),
    (32, "an attachment", lambda w: w.push(_attachments={"x": {"data": "eA=="}}), {"attachments"}),
    (32, "a stub of somebody else's", lambda w: w.push(_attachments={"x": {"stub": True, "digest": "md5-x"}}), {"attachments"}),
    (34, "1970", lambda w: w.push(at=0), {"malformed"}),
    (34, "a moment in words", lambda w: w.push(at="2026-11-25T09:00:00+99:99"), {"malformed"}),
    (34, "2099", lambda w: w.push(at=4_070_908_800_000), {"taken"}),
]  # fmt: skip
# What is asked in a file of its own: {number: (file, test)}.
ELSEWHERE = {
    13: ("tests/server/test_malformed_requests.py", "test_500_slow_connections_hold_up_nobody"),
    33: ("tests/server/test_bad_input.py", "test_the_same_batch_five_times_at_once"),
    36: ("tests/service_worker/tablet/test_faults.py", "test_a_hotspots_page_is_not_taken_for_the_site"),
    37: ("tests/service_worker/tablet/test_hostile_answers.py", "test_a_version_that_does_not_arrive_whole_is_not_taken"),
    38: ("tests/service_worker/tablet/test_hostile_answers.py", "test_what_people_write_is_shown_as_text"),
    39: ("tests/service_worker/tablet/test_screens.py", "test_a_full_device_keeps_words_and_refuses_pictures"),
    40: ("tests/journeys/test_wrong_clocks.py", "test_lin_works_by_the_hospitals_clock_whatever_her_tablet_shows"),
}  # fmt: skip


def _form(ward: Ward, headers: dict[str, str], body: bytes) -> int:
    return ward.served.client().post("/sign-in", content=body, headers=OURS | headers).status_code


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_forty_bad_inputs_and_some_more(site: Site, cast: Cast, clock: Clock) -> None:
    wrong = []
    with serving(site) as served:
        ward = Ward(served, site, cast)
        for number, what, send, right in HTTP + SYNC:
            status = send(ward)
            if status not in right:
                wrong.append((number, what, status))
            assert ward.lin.get(DB).status_code == 200, f"{number}, {what}: Lin goes on working"
        for number, what, push, reasons in DOCUMENTS:
            reason = push(ward)
            if reason not in reasons:
                wrong.append((number, what, reason))  # type: ignore[arg-type]
        ends = ward.raw(f"GET {DB} HTTP/1.1")
        assert ends == 200
    assert wrong == []
    assert site.refold()[1] == 0, "nothing is half written"


def test_a_form_that_never_ends_is_closed(site: Site, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(connection_timeouts, "BODY_WITHIN", 0.5)
    with serving(site) as served:
        assert never_ends(Ward(served, site, cast)) == 0


def test_500_slow_connections_hold_up_nobody(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(connection_timeouts, "HEAD_WITHIN", 1.5)
    with serving(site) as served:
        client = served.client("lin")
        where = ("127.0.0.1", served.port)
        slow = [socket.create_connection(where, PATIENCE) for _ in range(500)]
        open_ones = slow
        ends = time.monotonic() + PATIENCE
        while open_ones and time.monotonic() < ends:
            assert client.get(DB).status_code == 200
            open_ones = [one for one in open_ones if _drips(one)]
            time.sleep(0.2)
        assert open_ones == []
        for one in slow:
            one.close()


def _drips(connection: socket.socket) -> bool:
    """Send one more letter; say whether the other end still listens."""
    try:
        connection.send(b"G")
        connection.setblocking(False)
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.setblocking(True)


def test_all_forty_are_asked(repository: Path) -> None:
    here = {row[0] for row in (*HTTP, *SYNC, *DOCUMENTS)}
    assert not here & set(ELSEWHERE)
    assert set(range(1, 41)) <= here | set(ELSEWHERE)
    for file, test in ELSEWHERE.values():
        assert f"def {test}(" in (repository / file).read_text("utf-8"), test
