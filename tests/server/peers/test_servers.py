"""Database servers that are not ours copy a site, and hand in the acts of a database of theirs.

npm's pouchdb-server stands beside every run. A CouchDB joins in where COUCHDB_URL names one on this
machine; where none is named the run says so at its end.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from sync import protocol
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.databases import USUAL
from tests.peers.couch import Couch, database, real_couchdb
from tests.server import database_rows
from tests.server.feed import sits_down
from tests.server.peers.conftest import photo
from tests.server.served import Served

PATIENCE = 30.0  # s
SERVERS = ("pouchdb-server", *(["CouchDB"] if real_couchdb() else []))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that replicates by itself."""
    if request.param == "CouchDB":
        yield real_couchdb() or ""
        return
    with Couch() as running:
        yield running.url


def replicate(server: str, source: str, target: str, **how: Any) -> Any:
    said = {"source": source, "target": target, **how}
    answer = httpx.post(f"{server}/_replicate", json=said, timeout=60, trust_env=False)
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def sent(client: httpx.Client, body: bytes) -> str:
    name = hashlib.sha256(body).hexdigest()
    image = {"content-type": "image/jpeg"}
    path = f"/sync/demo/_blob/{name}"
    assert client.put(path, content=body, headers=image).status_code == 201
    return name


def test_a_server_copies_a_site_and_hands_in_acts(
    server: str,
    served: Served,
    address: Callable[[str], str],
    site: Site,
    cast: Cast,
    clock: Clock,
) -> None:
    waiting = [sits_down(cast.lin) for _ in range(30)]
    late = photo()
    names = [sent(served.client("chen"), photo()), hashlib.sha256(late).hexdigest()]
    record = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "photos": names}
    assert cast.chen.does("complaint.taken", record, **said).good

    def revs() -> dict[str, str]:
        return {row["id"]: row["rev"] for row in database_rows.rows(site, "records")}

    with database(server, "copy") as copy, database(server, "acts") as acts:

        def copied() -> dict[str, str]:
            return {name: doc["_rev"] for name, doc in copy.docs().items()}

        assert replicate(server, address("wu"), copy.url)["ok"]
        assert copied() == revs()
        ours = database_rows.one(site, record)["_attachments"]
        theirs = copy.call("GET", record)["_attachments"]
        assert {n: (a["digest"], a["length"]) for n, a in theirs.items()} == {
            n: (a["digest"], a["length"]) for n, a in ours.items()
        }

        good = [cast.lin.says("waiting.water_given", each) for each in waiting[:3]]
        bad = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
        with_photo = cast.lin.says("waiting.water_given", waiting[4])
        image_of = {"x.jpg": {"content_type": "image/jpeg", "data": "eA=="}}
        for act in (*good, bad, {**with_photo, "_attachments": image_of}):
            acts.call("POST", "", act)
        assert replicate(server, acts.url, address("lin"))["ok"], "a bad one stops nothing"
        assert {database_rows.one(site, each).get("water_by") for each in waiting[:3]} == {
            "person:lin"
        }
        assert len(database_rows.rows(site, "quarantine")) == 2, "what was refused is kept"
        clock.passes(minutes=1)
        sent(served.client("chen"), late)
        assert replicate(server, address("wu"), copy.url)["ok"]
        assert copied() == revs()
        name = hashlib.sha256(late).hexdigest() + ".jpg"
        found = httpx.get(f"{copy.url}/{record}/{name}", timeout=60, trust_env=False)
        assert found.content == late


@pytest.mark.parametrize("database", [USUAL], indirect=True)
def test_a_server_follows_some_of_a_site(
    server: str, address: Callable[[str], str], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST_ROWS", 7)
    waiting = [sits_down(cast.lin) for _ in range(20)]
    unseen = sits_down(cast.chen, "place:lobby-2")
    with database(server, "some") as some, database(server, "live") as live:
        if server == real_couchdb():  # the other passes no filter on
            chosen = [*waiting[:2], unseen]
            assert replicate(server, address("lin"), some.url, doc_ids=chosen)["ok"]
            assert set(some.docs()) == set(waiting[:2])
            selector = {"type": "waiting"}
            assert replicate(server, address("lin"), some.url, selector=selector)["ok"]
            assert set(some.docs()) == set(waiting)

        assert replicate(server, address("lin"), live.url, continuous=True)["ok"]
        more = waiting[-1]
        for _ in range(3):
            until(lambda name=more: name in live.docs())  # type: ignore[misc]
            more = sits_down(cast.chen)
        until(lambda: more in live.docs())
        assert unseen not in live.docs()
        stop = {"continuous": True, "cancel": True}
        httpx.post(
            f"{server}/_replicate",
            json={"source": address("lin"), "target": live.url, **stop},
            timeout=60,
            trust_env=False,
        )


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends, "it did not arrive"
        time.sleep(0.1)
