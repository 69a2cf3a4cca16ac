"""PouchDB 9 in Node, unmodified, replicates with a site as with any CouchDB."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from server.acts.site import Site
from server.http import accounts
from sync import protocol
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.peers.conftest import photo
from tests.server.served import Served
from tests.service_worker.node import Node

MODULE = "tests/server/pouch.mjs"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A Node with PouchDB."""
    made = Node()
    yield made
    made.close()


class Pouch:
    """PouchDB as one person's client."""

    def __init__(self, node: Node, served: Served, person: str) -> None:
        self.node = node
        self.name = f"{person}-{served.port}"
        cookie = f"{accounts.cookie_name(served.site)}={served.token(f'person:{person}')}"
        self.where = [f"{served.address}/sync/demo", cookie]

    def call(self, function: str, *args: Any) -> Any:
        return self.node.call(MODULE, function, list(args))

    def pull(self, batch: int = 100) -> dict[str, str]:
        found: dict[str, str] = self.call("pull", self.name, *self.where, batch)
        return found

    def reached(self, site: Site, record: str) -> Any:
        """Wait until the copy is as the record is now."""
        return self.call("reached", self.name, record, database_rows.one(site, record)["_rev"])

    def push(self, acts: list[Any], batch: int = 100) -> Any:
        return self.call("push", *self.where, acts, batch)


def revisions(site: Site) -> dict[str, str]:
    return {row["id"]: row["rev"] for row in database_rows.rows(site, "records")}


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize("batch", [4, 100])
def test_pouch_pulls_what_lin_may_see_and_goes_on_live(
    node: Node, served: Served, site: Site, cast: Cast, clock: Clock, batch: int
) -> None:
    lin = Pouch(node, served, "lin")
    before = [cast.lin.new("waiting") for _ in range(9)]
    for record in before:
        cast.lin.does("waiting.started", record, place="place:lobby-1")
    elsewhere = cast.chen.new("waiting")
    cast.chen.does("waiting.started", elsewhere, place="place:lobby-2")
    pulled = lin.pull(batch)
    expected = revisions(site)
    del expected[elsewhere]
    assert pulled == expected

    clock.passes(minutes=1)
    after = cast.chen.new("waiting")
    cast.chen.does("waiting.started", after, place="place:lobby-1", name="张晓丽")
    assert lin.reached(site, after)["name"] == "张晓丽"
    for record in (after, before[0]):
        clock.passes(minutes=1)
        cast.chen.does("waiting.water_given", record)
        document = lin.reached(site, record)
        assert document["water_by"] == "person:chen"
        assert "_conflicts" not in document
        assert document["_revisions"]["start"] == 2
    seen = lin.call("stop", lin.name)
    assert (seen["denied"], seen["errors"]) == (0, [])


def test_pouch_goes_on_from_its_checkpoint(
    node: Node, served: Served, site: Site, cast: Cast
) -> None:
    lin = Pouch(node, served, "lin")
    first = lin.call("pullOnce", lin.name, *lin.where)
    assert first["ok"] and first["read"] == len(revisions(site))
    cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    assert lin.call("pullOnce", lin.name, *lin.where)["read"] == 1
    assert lin.call("pullOnce", lin.name, *lin.where)["read"] == 0
    lin.call("stop", lin.name)


@pytest.mark.parametrize("batch", [7, 100])
def test_pouch_pushes_acts_and_a_bad_one_holds_up_no_other(
    node: Node, served: Served, site: Site, cast: Cast, batch: int
) -> None:
    lin = Pouch(node, served, "lin")
    acts = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        for _ in range(30)
    ]
    acts[11]["data"]["place"] = "place:lobby-2"
    told = lin.push(acts, batch)
    assert (told["ok"], told["written"], told["failures"]) == (True, 29, 1)
    assert told["denied"] == [{"id": acts[11]["_id"], "reason": "not_your_place"}]
    assert told["again"] == 0, "its checkpoint is here"
    assert len(database_rows.records(site, "waiting")) == 29
    assert lin.push(acts[:3])["written"] == 0, "they are known"


def test_what_was_pushed_comes_back_to_others(
    node: Node, served: Served, site: Site, cast: Cast, clock: Clock
) -> None:
    lin, chen = (Pouch(node, served, name) for name in ("lin", "chen"))
    chen.pull()
    waiting = cast.lin.new("waiting")
    started = cast.lin.says("waiting.started", waiting, place="place:lobby-1")
    assert lin.push([started])["written"] == 1
    assert chen.reached(site, waiting)["owner"] == "person:lin"
    clock.passes(minutes=1)
    watered = cast.chen.says("waiting.water_given", waiting)
    assert chen.push([watered])["written"] == 1
    assert chen.reached(site, waiting)["water_by"] == "person:chen"
    chen.call("stop", chen.name)


def test_pouch_reads_without_copying(
    node: Node, served: Served, site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST_ROWS", 7)  # whoever asks for more is given more
    lin = Pouch(node, served, "lin")
    waiting = [cast.lin.new("waiting") for _ in range(20)]
    for record in waiting:
        cast.lin.does("waiting.started", record, place="place:lobby-1")
    there = cast.chen.new("waiting")
    cast.chen.does("waiting.started", there, place="place:lobby-2")
    old = database_rows.one(site, waiting[0])["_rev"]
    cast.lin.does("waiting.water_given", waiting[0])
    seen = len(revisions(site)) - 1
    said = lin.call("reads", *lin.where, waiting[0], old)
    rev = database_rows.one(site, waiting[0])["_rev"]
    missing = {"status": 404, "name": "not_found", "reason": "missing"}
    assert said["rev"] == said["latest"] == rev and said["revs"] == 2
    assert said["info"]["doc_count"] == said["everything"] == seen
    assert said["id"] == site.meta["uuid"] + "demo"
    assert said["old"] == said["nobody"] == said["compacted"] == missing
    assert [next(iter(row)) for row in said["open"]] == ["ok", "missing"]
    assert said["open"][0]["ok"]["_rev"] == rev and said["all"] == [rev]
    assert said["listed"] == [rev, "not_found"] and said["range"] == len(waiting)
    assert said["some"] == [waiting[0]] and sorted(said["selected"]) == sorted(waiting)
    assert (said["few"], said["now"]) == (2, 0)
    assert said["missing"] == {waiting[0]: {"missing": ["7-abc"], "possible_ancestors": [rev]}}
    assert said["written"]["status"] == 403, "records are read only"
    assert said["removed"]["status"] in (403, 405)
    assert database_rows.one(site, waiting[0])["_rev"] == rev


def test_pouch_copies_what_is_attached(node: Node, served: Served, site: Site, cast: Cast) -> None:
    chen, lin = served.client("chen"), Pouch(node, served, "lin")
    bodies = [photo(), photo()]
    names = [hashlib.sha256(body).hexdigest() for body in bodies]

    def send(number: int) -> None:
        image = {"content-type": "image/jpeg"}
        path = f"/sync/demo/_blob/{names[number]}"
        assert chen.put(path, content=bodies[number], headers=image).status_code == 201

    send(0)
    record = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "photos": names}
    assert cast.chen.does("complaint.taken", record, **said).good
    lin.pull()
    for count in (1, 2):
        lin.reached(site, record)
        here, afar = lin.call("attached", lin.name, *lin.where, record)
        assert here == afar and len(here) == count
        assert {data for data, _ in here.values()} == {
            base64.b64encode(body).decode() for body in bodies[:count]
        }
        if count == 1:
            send(1)  # it comes after the words, and after they were copied
    lin.call("stop", lin.name)
