"""Database servers that are not ours copy a site, and hand in the acts of a database of theirs.

npm's pouchdb-server stands beside every run. A CouchDB joins in where COUCHDB_URL names one on this
machine; where none is named the run says so at its end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from server.site import Site
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.peers.couch import Couch, database, real_couchdb
from tests.server import looking
from tests.server.feed import sits_down
from tests.server.peers.conftest import photo
from tests.server.served import Served

SERVERS = ("pouchdb-server", *(["CouchDB"] if real_couchdb() else []))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that replicates by itself."""
    if request.param == "CouchDB":
        yield real_couchdb() or ""
        return
    with Couch() as running:
        yield running.url


def replicate(server: str, source: str, target: str) -> Any:
    said = {"source": source, "target": target}
    answer = httpx.post(f"{server}/_replicate", json=said, timeout=60, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_server_copies_a_site_and_hands_in_acts(
    server: str,
    served: Served,
    address: Callable[[str], str],
    site: Site,
    cast: Cast,
    clock: Clock,
) -> None:
    waiting = [sits_down(cast.lin) for _ in range(30)]
    body = photo()
    name = hashlib.sha256(body).hexdigest()
    image = {"content-type": "image/jpeg"}
    served.client("chen").put(f"/sync/demo/_blob/{name}", content=body, headers=image)
    record = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "photos": [name]}
    assert cast.chen.does("complaint.taken", record, **said).good

    def revs() -> dict[str, str]:
        return {row["id"]: row["rev"] for row in looking.rows(site, "records")}

    with database(server, "copy") as copy, database(server, "acts") as acts:

        def copied() -> dict[str, str]:
            return {name: doc["_rev"] for name, doc in copy.docs().items()}

        assert replicate(server, address("wu"), copy.url)["ok"]
        assert copied() == revs()
        ours = looking.one(site, record)["_attachments"]
        theirs = copy.call("GET", record)["_attachments"]
        assert {n: (a["digest"], a["length"]) for n, a in theirs.items()} == {
            n: (a["digest"], a["length"]) for n, a in ours.items()
        }

        good = [cast.lin.says("waiting.water_given", each) for each in waiting[:3]]
        bad = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
        for act in (*good, bad):
            acts.call("POST", "", act)
        assert replicate(server, acts.url, address("lin"))["ok"], "a bad one stops nothing"
        assert {looking.one(site, each).get("water_by") for each in waiting[:3]} == {"person:lin"}
        clock.passes(minutes=1)
        assert replicate(server, address("wu"), copy.url)["ok"]
        assert copied() == revs()
