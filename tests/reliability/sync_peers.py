"""S5: PouchDB 9 copies the site here and to pouchdb-server, and hands acts in to both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx

from sync.act import Act
from tests.peers.couch import Couch, Database
from tests.reliability import mutants
from tests.reliability.hospital_template import BOSS
from tests.reliability.oracle import Broken
from tests.reliability.registry import Property, Result, Trial
from tests.reliability.sync_histories import quiet
from tests.reliability.world import World
from tests.server.served import Served, serving
from tests.service_worker.node import Node, NodeError

MODULE = "tests/reliability/peers.mjs"
TOGETHER = 25  # histories that go on where the one before ended
STEPS = 8
WHAT = ("keeps", "keeps", "keeps", "turns", "passes")
Leaves = dict[str, list[str]]


class Street:
    """A site and its two copies, in which several histories happen one after the other."""

    def __init__(self, seed: int, couch: Couch, node: Node, stack: ExitStack) -> None:
        self.node, self.name = node, f"street-{seed}"
        self.world = stack.enter_context(World(seed))
        # What our own tablets hold is not asked here: the peers must see for themselves.
        self.world.oracle.holds_everything = lambda device: None  # type: ignore[method-assign]
        self.served = stack.enter_context(serving(self.world.house.site))
        self.records = Database(couch.url, "records" + str(seed))
        self.handed = Database(couch.url, "handed" + str(seed))
        stack.callback(self.records.close)
        stack.callback(self.handed.close)
        self.reader = self.served.client(BOSS.partition(":")[2])

    def history(self) -> str | None:
        """Live a few steps, let the peers copy, and compare; return what differs."""
        world, luck = self.world, self.world.luck
        for _ in range(STEPS):
            what = luck.choice(WHAT)
            device = luck.choice(world.devices)
            arguments: dict[str, tuple[Any, ...]] = {
                "keeps": (device,),
                "turns": (device, []),
                "passes": (luck.choice((3, 11)),),
            }
            world.does(getattr(world, what), *arguments[what])
        pushing = luck.choice(world.devices)
        acts = pushing.waiting(pushing.person)
        said = self.node.call(
            MODULE,
            "history",
            [
                {
                    "name": self.name,
                    "url": f"{self.served.address}/sync/demo",
                    # Signed in anew: hours may have passed, and a sign-in that is idle ends.
                    "reader": cookie(self.served, BOSS),
                    "author": cookie(self.served, pushing.person),
                    "acts": acts,
                    "records": self.records.url,
                    "handed": self.handed.url,
                    "batch": luck.choice((3, 20, 100)),
                }
            ],
        )
        return self._differs(said) or self._lost(said, acts, pushing.person)

    def _differs(self, said: dict[str, Any]) -> str | None:
        wanted = {name: [rev] for name, rev in self.world.oracle.visible(BOSS).items()}
        told = self.reader.get("/sync/demo/_changes", params={"style": "all_docs"}).json()
        there = self.records.call("GET", "_changes", style="all_docs")
        for who, found in (
            ("PouchDB", dict(said["pouch"])),
            ("pouchdb-server, as PouchDB reads it,", dict(said["couch"])),
            ("the site's _changes", _rows(told)),
            ("the other server's _changes", _rows(there)),
        ):
            if found != wanted:
                return f"{who} differs in {_difference(found, wanted)}"
        return None

    def _lost(self, said: dict[str, Any], acts: list[Act], author: str) -> str | None:
        pushed = [act["_id"] for act in acts]
        stored = {row[0] for row in self.world.house.rows("select id from acts")}
        lost = [name for name in pushed if name not in stored and name not in said["denied"]]
        handed = _rows(self.handed.call("GET", "_changes", style="all_docs"))
        if lost or not dict(said["kept"]).items() <= handed.items():
            return f"acts are lost: {lost or 'on the other server'}"
        asking = self.served.client(author.partition(":")[2])
        ours = asking.post("/sync/demo/_revs_diff", json=dict(said["kept"])).json()
        theirs = self.handed.call("POST", "_revs_diff", dict(said["kept"]))
        refused = set(said["denied"])
        if set(ours) - refused or theirs:
            return f"what was pushed is asked for again: {ours} {theirs}"
        return None


def cookie(served: Served, person: str) -> str:
    """Sign somebody in."""
    return f"floorwalk={served.token(person)}"


def _rows(answer: dict[str, Any]) -> Leaves:
    return {row["id"]: sorted(c["rev"] for c in row["changes"]) for row in answer["results"]}


def _difference(found: Leaves, wanted: Leaves) -> str:
    names = {n for n in found.keys() | wanted.keys() if found.get(n) != wanted.get(n)}
    return ", ".join(f"{n}: {found.get(n)} for {wanted.get(n)}" for n in sorted(names)[:3])


def _streets(trial: Trial) -> list[str]:
    """Live the histories of all streets; return what was wrong."""
    seed, many = trial.seed, trial.many
    found: list[str] = []
    with quiet(), ExitStack() as stack:
        couch = stack.enter_context(Couch())
        node = stack.enter_context(Node())
        for number in range(0, many, TOGETHER):
            with ExitStack() as inner:
                street = Street(seed + number, couch, node, inner)
                found += _lived(street, min(TOGETHER, many - number), seed + number)
                node.call(MODULE, "forget", [street.name])
            if found and trial.until_red:
                break
    return found


def _lived(street: Street, many: int, seed: int) -> Iterator[str]:
    for number in range(many):
        try:
            problem = street.history()
        except (Broken, NodeError, httpx.HTTPError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem is not None:
            yield f"street {seed}, history {number}: {problem}"
            return


def agree(trial: Trial) -> Result:
    """S5: so many histories."""
    problems = _streets(trial)
    return Result({"histories": trial.many, "peers": 2, "different": len(problems)}, problems)


PROPERTIES = [
    Property(
        "S5",
        "Peers that know nothing of us end with what we have",
        agree,
        full=500,
        quick=10,
        mutants=mutants.PEERS,
        seconds=60,
    )
]
