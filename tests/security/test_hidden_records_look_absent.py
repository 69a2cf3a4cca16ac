"""A record that Lin may not see is answered like one that does not exist: status, headers, body."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa
from PIL import Image

from server.acts.site import Site
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.feed import moved, sits_down
from tests.server.in_process import Inside, inside

DB = "/sync/demo"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HIDDEN = 60  # records that Lin may not see, each with its act
OWN = ("date", "floorwalk-now", "x-request-id", "content-length")  # headers that differ anyway

Ask = Callable[[Inside, str], httpx.Response]


def got(path: str, method: str = "GET", **given: Any) -> Ask:
    """Return a way to ask about an id that stands in the address."""

    def ask(site: Inside, name: str) -> httpx.Response:
        return site.ask("lin", method, path.format(name), **given)

    return ask


def sent(path: str, body: Callable[[str], Any], method: str = "POST") -> Ask:
    """Return a way to ask about an id that stands in the body."""

    def ask(site: Inside, name: str) -> httpx.Response:
        return site.ask("lin", method, path, json=body(name))

    return ask


REV = "1-" + "a" * 32
WAYS: dict[str, Ask] = {
    "get": got(DB + "/{}"),
    "head": got(DB + "/{}", "HEAD"),
    "rev": got(DB + f"/{{}}?rev={REV}"),
    "revs": got(DB + "/{}?revs=true&latest=true"),
    "conditional": got(DB + "/{}", headers={"if-none-match": f'"{REV}"'}),
    "open_revs all": got(DB + "/{}?open_revs=all"),
    "open_revs": got(DB + f'/{{}}?open_revs=["{REV}"]&latest=true&revs=true'),
    "open_revs mixed": got(
        DB + f'/{{}}?open_revs=["{REV}"]', headers={"accept": "multipart/mixed"}
    ),
    "attachment": got(DB + "/{}/photo.jpg"),
    "attachments": got(DB + "/{}?attachments=true"),
    "put": sent(DB + "/{}", lambda _: {}, "PUT"),
    "local": got(DB + "/_local/{}"),
    "bulk_get": sent(DB + "/_bulk_get?revs=true&latest=true", lambda n: {"docs": [{"id": n}]}),
    "bulk_get rev": sent(DB + "/_bulk_get", lambda n: {"docs": [{"id": n, "rev": REV}]}),
    "revs_diff": sent(DB + "/_revs_diff", lambda n: {n: [REV, "2-" + "b" * 32]}),
    "all_docs": sent(DB + "/_all_docs?include_docs=true", lambda n: {"keys": [n]}),
    "all_docs key": got(DB + '/_all_docs?key="{}"'),
    "doc_ids": sent(DB + "/_changes?filter=_doc_ids", lambda n: {"doc_ids": [n]}),
    "selector": sent(
        DB + "/_changes?filter=_selector", lambda n: {"selector": {"_id": {"$eq": n}}}
    ),
    "office record": got("/office/records/waiting/{}"),
}


@pytest.fixture
def hidden(site: Site, cast: Cast, clock: Clock) -> list[str]:
    """Records of another lobby, of complaints, of refusals, and the acts about them."""
    records = [sits_down(cast.chen, "place:lobby-2") for _ in range(HIDDEN // 2)]
    for number in range(HIDDEN // 2):
        complaint = cast.wu.new("complaint")
        act = cast.wu.says("complaint.taken", complaint, place="place:area-2", words=WORDS)
        if cast.wu.hands_in(act)[0].good:
            records.append(complaint)
        elif number == 0:  # refused: then there is a refusal, which is Wu's
            records.append("refusal:" + act["_id"].partition(":")[2])
    seen = set(database_rows.records(site, "waiting", "complaint", "refusal"))
    acts = [row["id"] for row in database_rows.rows(site, "acts") if row["record"] in records]
    return [*(name for name in records if name in seen), *acts]


def random_like(name: str, lot: Random) -> str:
    """Return an id of the same kind that nobody ever made."""
    return name.partition(":")[0] + ":" + "".join(lot.choices(LETTERS, k=26))


def masked(answer: httpx.Response, name: str) -> tuple[int, dict[str, str], bytes]:
    """Return what an answer says, without the id that was asked for."""
    headers = {key: value for key, value in answer.headers.items() if key not in OWN}
    body = answer.content.replace(name.encode(), b"ID")
    if "boundary" in headers["content-type"]:  # drawn by lot for each answer
        boundary = headers["content-type"].partition('"')[2].rstrip('"')
        headers["content-type"] = "multipart"
        body = body.replace(boundary.encode(), b"BOUNDARY")
    return answer.status_code, headers, body


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_thousand_times_unreadable_is_unknown(
    site: Site, cast: Cast, hidden: list[str]
) -> None:
    lot, pairs = Random(1), 0
    assert len(hidden) >= HIDDEN
    with inside(site) as application:
        for way, ask in WAYS.items():
            for name in hidden if len(hidden) < 90 else lot.sample(hidden, 90):
                other = random_like(name, lot)
                one, two = ask(application, name), ask(application, other)
                assert masked(one, name) == masked(two, other), (way, name)
                assert len(one.content) == len(two.content)
                pairs += 1
        assert pairs >= len(WAYS) * HIDDEN
        pairs += in_one_request(application, hidden, lot)
    assert pairs >= 2_000, pairs


def in_one_request(site: Inside, hidden: list[str], lot: Random) -> int:
    """Ask for many ids at once, hidden ones and random ones in turn; return how many pairs."""
    others = [random_like(name, lot) for name in hidden]
    asked: dict[str, Callable[[list[str]], Any]] = {
        "_bulk_get": lambda names: {"docs": [{"id": name} for name in names]},
        "_revs_diff": lambda names: {name: [REV] for name in names},
        "_all_docs": lambda names: {"keys": names},
    }
    for path, body in asked.items():
        answers = []
        for names in (hidden, others):
            text = site.ask("lin", "POST", f"{DB}/{path}", json=body(names)).text
            for number, name in enumerate(names):
                text = text.replace(name, f"ID{number}")
            answers.append(text)
        assert answers[0] == answers[1], path
    return len(asked) * len(hidden)


def test_the_database_is_asked_the_same(site: Site, hidden: list[str]) -> None:
    """An unreadable record takes as long as none: not one statement more or less."""
    lot = Random(2)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    with inside(site) as application:
        application.ask("lin", "GET", DB)  # who Lin is is known from here on
        sa.event.listen(site.engine, "before_cursor_execute", note)
        for name in hidden[:20]:
            said = []
            for one in (name, random_like(name, lot)):
                for method, path in (("GET", f"{DB}/{one}"), ("HEAD", f"{DB}/{one}")):
                    application.ask("lin", method, path)
                # What the server looks at by itself meanwhile is not about records.
                said.append([each for each in asked if "records" in each or "acts" in each])
                asked.clear()
            assert said[0] == said[1] != []
        sa.event.remove(site.engine, "before_cursor_execute", note)


def photo(colour: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (colour, 10, 20)).save(out, "JPEG")
    return out.getvalue()


def test_a_photo_of_others_is_not_there_for_those_who_send_it_too(site: Site, cast: Cast) -> None:
    known, new = photo(10), photo(200)
    with inside(site) as application:

        def put(who: str, body: bytes) -> httpx.Response:
            path = f"{DB}/_blob/{hashlib.sha256(body).hexdigest()}"
            return application.ask(
                who, "PUT", path, content=body, headers={"content-type": "image/jpeg"}
            )

        assert put("wu", known).status_code == 201
        for how in ("", "/parts"):
            hashes = [hashlib.sha256(body).hexdigest() for body in (known, new)]
            one, two = (application.ask("lin", "GET", f"{DB}/_blob/{n}{how}") for n in hashes)
            assert masked(one, hashes[0]) == masked(two, hashes[1])
        assert put("lin", known).status_code == put("lin", new).status_code == 201


def test_nothing_tells_that_something_happens_elsewhere(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """While others work where Lin is not, every number that she hears stays what it was."""
    with inside(site) as application:

        def heard() -> list[Any]:
            paths: tuple[str, ...] = (
                "",
                "/_changes?since=0&limit=2",
                "/_changes?since=now",
                "/_changes?slice=now",
            )
            paths += (
                "/_changes?limit=0",
                "/_removed",
                "/_all_docs?limit=0",
                "/_changes?limit=1000",
            )
            answers = [
                orjson.loads(application.ask("lin", "GET", DB + path).content) for path in paths
            ]
            last = answers[-1]["last_seq"]
            for path in ("/_manifest?since=", "/_changes?since=", "/_changes?removed=true&since="):
                answers.append(application.ask("lin", "GET", DB + path + last).json())
            return answers

        sits_down(cast.lin)
        before = heard()
        for _ in range(5):
            clock.passes(seconds=1)
            sits_down(cast.chen, "place:lobby-2")
        visit = cast.wu.new("arrival")
        assert cast.wu.does("arrival.registered", visit, place="place:area-2").good
        assert heard() == before
        moved(site, "person:lin", places=["place:lobby-2"])
        assert heard() != before
