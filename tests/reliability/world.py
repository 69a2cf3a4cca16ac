"""One random history of a hospital, with faults, replayed bit for bit from its seed.

Tablets keep acts, push and pull over a network that cuts, doubles, delays and reorders; servers
and tablets die; rights come and go; the server is put back to an earlier day. After every step the
oracle looks; at the end everything heals and everybody must see the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

import sync
from server.clocks import escalation
from sync.act import Act, ulid
from tests.clock import MORNING, Clock
from tests.reliability import history_script
from tests.reliability.device import Device, Line
from tests.reliability.hospital_template import BOSS, PEOPLE, House, in_memory, template
from tests.reliability.oracle import Broken, Oracle
from tests.reliability.server_clients import (
    Asgi,
    Door,
    Page,
    Pushed,
    Service,
    Trouble,
)

STEPS = 40
DEVICES = 5
TABLETS = [person for person in PEOPLE if person != BOSS]
UNDONE = """select record from acts where act like '%.undone'
    intersect select record from acts where act like '%.rung_reached' order by 1"""
ASIDE = ("keeps", "changes_hands")  # what no server hears of
FAULTS = ("cut", "cut", "lost", "lost", "twice", "twice", "late", "late", "crash")
MOST_TURNS = 60  # of healing; more means that it never ends


@dataclass
class Outcome:
    """How a history went."""

    seed: int
    problem: str | None
    trace: str  # SHA-256
    acts: int = 0
    requests: int = 0


@dataclass
class Network:
    """What becomes of the next requests: the fault at each; none when the list is over."""

    faults: list[str | None] = field(default_factory=list)
    late: list[tuple[str, str, list[Act]]] = field(default_factory=list)  # still under way
    posts: list[tuple[str, str, list[Act]]] = field(default_factory=list)  # all there ever were
    requests: int = 0

    def next(self) -> str | None:
        self.requests += 1
        return self.faults.pop(0) if self.faults else None


class World:
    """A hospital, its tablets and the network between them. Use it as a context."""

    def __init__(self, seed: int, *, door: str = "service", devices: int = DEVICES) -> None:
        self.luck = Random(seed)
        self.clock = Clock(MORNING)
        self._folder = in_memory()
        self.house = House(self._folder.__enter__(), self.clock, template())
        self.door: Door = Asgi(self.house) if door == "asgi" else Service(self.house)
        declarations = sync.declarations()
        self.devices = [
            Device(
                f"device:{n:026d}",
                TABLETS[n % len(TABLETS)],
                declarations,
                self.luck.choice(history_script.SKEWS),
            )
            for n in range(devices)
        ]
        self.network = Network()
        self.oracle = Oracle(self.house, self.devices)
        self.backups: list[bytes] = []
        self.step = 0
        self._trace = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self.door, Asgi):
            self.door.close()
        self.house.close()
        self._folder.__exit__(None, None, None)

    @property
    def trace(self) -> str:
        """What stands for everything that happened so far."""
        return self._trace.hexdigest()

    def notes(self, *said: object) -> None:
        """Write down what happened."""
        self._trace.update(repr(said).encode())

    # A step

    def does(self, what: Callable[..., None], *args: Any) -> None:
        """Do one thing and look whether all is well."""
        self.step += 1
        self.clock.passes(seconds=2)
        before = [{act["_id"] for act in device.waiting()} for device in self.devices]
        for device in self.devices:
            device.answered.clear()
        self.notes(self.step, self.clock(), what.__name__)
        what(*args)
        for device, had in zip(self.devices, before, strict=True):
            silent = had - {act["_id"] for act in device.waiting()} - device.answered
            if silent:
                raise Broken(f"{device.id} forgot what nobody answered: {sorted(silent)}")
        if what.__name__ not in ASIDE:
            self.oracle.looks()

    def anything(self) -> None:
        """Do something, drawn by lot."""
        luck, device = self.luck, self.luck.choice(self.devices)
        what = luck.choices(CHOICES, WEIGHTS)[0]
        arguments: dict[Callable[..., None], tuple[Any, ...]] = {
            World.keeps: (device,),
            World.turns: (device,),
            World.changes_hands: (device, luck.choice(TABLETS)),
            World.passes: (luck.choice((3, 6, 11, 40, 250)),),
            World.grants: (luck.choice(TABLETS), luck.randrange(len(history_script.GRANTS))),
        }
        bound = getattr(self, what.__name__)
        self.does(bound, *arguments.get(what, ()))

    # What may happen

    def keeps(self, device: Device, number: int = 0) -> None:
        """Somebody does something on a tablet."""
        act = history_script.says(self.luck, device, self.clock(), number or self.step)
        device.keep(act, self.clock())
        self.oracle.made[act["_id"]] = (act, device)
        self.notes(act)

    def turns(
        self, device: Device, faults: list[str | None] | None = None, most: int | None = None
    ) -> str:
        """A tablet pushes and pulls, on a network that has its moods."""
        luck = self.luck
        if faults is None:
            bad = luck.random() < 0.5
            faults = [luck.choice((None, *FAULTS)) for _ in range(6)] if bad else []
        small = luck.random() < 0.25
        self.network.faults = list(faults)
        limit, pages = (luck.randrange(2, 6), luck.randrange(1, 5)) if small else (1_000, 1_000)
        if most is not None:
            limit, pages = 1_000, most
        fate = device.turn(self.line(device, limit, pages))
        self.network.faults = []
        self.notes(device.id, fate, device.disk.checkpoint)
        if fate == "ok":
            self.oracle.holds_everything(device)
        return fate

    def changes_hands(self, device: Device, person: str) -> None:
        """Somebody else signs in; what the one before has not sent stays."""
        device.person = person

    def passes(self, minutes: int) -> None:
        """Time passes, and the server's clocks go on."""
        self.clock.passes(minutes=minutes)
        self.house.beats()

    def grants(self, person: str, number: int) -> None:
        """The office gives somebody other posts and places, or ends their work here."""
        self.office("person.changed", person, history_script.GRANTS[number])

    def decides(self) -> None:
        """The office decides about something that was refused."""
        rows = self.house.rows(
            "select refusal from quarantine where decided_at is null order by refusal"
        )
        if rows:
            name = "refusal." + self.luck.choice(("admitted", "dismissed"))
            self.office(name, self.luck.choice(rows)[0], {"reason": "x"})
            self.house.beats()

    def arrives(self) -> None:
        """Requests that were given up long ago arrive after all, in any order."""
        late, self.network.late = self.network.late, []
        self.luck.shuffle(late)
        for post in late:
            self._hands_in(post)

    def repeats(self) -> None:
        """The network delivers old requests once more."""
        posts = self.network.posts
        for post in self.luck.sample(posts, min(len(posts), 3)):
            self._hands_in(post)

    def server_dies(self) -> None:
        """The server dies and starts again."""
        self.house.crashes()

    def is_backed_up(self) -> None:
        """Somebody makes a backup."""
        self.backups.append(self.house.backup())

    def is_restored(self) -> None:
        """The server is put back to an earlier day."""
        if self.backups:
            self.house.restore(self.luck.choice(self.backups))
            self.oracle.restored()

    # The wire

    def office(self, name: str, record: str, data: dict[str, Any]) -> None:
        """Wu does something in the office."""
        body = self.house.site.record(record)
        said = self.house.site.record_act(
            name,
            record,
            data,
            by=BOSS,
            seen=body["acts"]["last"] if body else None,
            identifier="act:" + ulid(self.clock(), self.luck.getrandbits(80)),
        )
        self.notes(name, record, said)

    def line(self, device: Device, limit: int = 1_000, pages: int = 1_000) -> Line:
        """Return what a tablet has of the network."""
        return Line(
            lambda person, acts: self._push(device, person, acts),
            lambda person, since, many: self._pull(device, person, since, many),
            limit,
            pages,
        )

    def _hands_in(self, post: tuple[str, str, list[Act]]) -> Pushed | None:
        try:
            said = self.door.push(*post)
        except Trouble as trouble:
            self.notes("push", str(trouble))
            return None
        self.notes("push", len(post[2]), said)
        return said

    def _push(self, device: Device, person: str, acts: list[Act]) -> Pushed:
        post, fault = (person, device.id, acts), self.network.next()
        self.network.posts.append(post)
        if fault == "late":
            self.network.late.append(post)
        if fault in ("cut", "late"):
            raise Trouble("offline")
        said = self.door.push(*post)
        if fault == "twice":
            said = self.door.push(*post)
        if fault == "crash":
            self.house.crashes()
        self.notes("push", len(acts), fault, said)
        if fault in ("lost", "crash"):
            raise Trouble("offline")
        refused = said.refused.keys()
        self.oracle.refused.update(refused)
        self.oracle.acked.update(act["_id"] for act in acts if act["_id"] not in refused)
        return said

    def _pull(self, device: Device, person: str, since: str | None, limit: int) -> Page:
        fault = self.network.next()
        if fault in ("cut", "late"):
            raise Trouble("offline")
        page = self.door.pull(person, device.id, since, limit)
        if fault == "crash":
            self.house.crashes()
        self.notes("pull", since, page.last, [(row["id"], row["changes"]) for row in page.rows])
        self.oracle.may_be_told(device, page.rows)
        if fault in ("lost", "crash"):
            raise Trouble("offline")
        return page

    # The end

    def heals(self) -> None:
        """The network is good, everybody works again: all is sent, and all see the same."""
        self.arrives()
        for person in TABLETS:
            self.clock.passes(seconds=2)
            wanted, now = {**PEOPLE[person], "active": True}, self.house.person(person)
            if any(now[name] != value for name, value in wanted.items()):
                self.office("person.changed", person, wanted)
        for _ in range(MOST_TURNS):
            if not sum(self._sends(device) for device in self.devices):
                break
        else:
            raise Broken("sending never ends")
        self.clock.passes(minutes=5)
        self.house.beats()
        self.house.beats()
        for device in self.devices:
            self._whole(device)
        self.oracle.looks()
        self.oracle.nothing_is_lost()
        self._judges_once()
        records, rewritten = self.house.site.refold()
        if rewritten:
            raise Broken(f"{rewritten} of {records} records differ when folded again")
        self.notes(self.house.rows("select id, body from acts order by id"))
        self.notes(self.house.rows("select id, rev, channels from records order by id"))
        self.notes([sorted(device.disk.view) for device in self.devices])

    def _judges_once(self) -> None:
        """Check that judging rungs after late acts and undoings a second time changes nothing."""
        before = self.house.rows("select count(*) from acts")
        for (record,) in self.house.rows(UNDONE):
            escalation.correct_rungs(self.house.site, record, "act:again", self.clock())
        if self.house.rows("select count(*) from acts") != before:
            raise Broken("a rung was judged twice, and differently")

    def _sends(self, device: Device) -> bool:
        """Let each author of what waits send it; return whether there was anything."""
        authors = sorted({act["by"] for act in device.waiting()})
        for person in authors:
            device.person = person
            self.clock.passes(ms=10)
            fate = self.turns(device, [], most=0)
            if fate != "more":
                raise Broken(f"{device.id} cannot send: {fate}")
        if not authors and device.disk.epoch != self.house.epoch:
            self._whole(device)  # it may offer again what it sent to a server that is no more
            return True
        return bool(authors)

    def _whole(self, device: Device) -> None:
        for _ in range(MOST_TURNS):
            self.clock.passes(ms=10)
            fate = self.turns(device, [], most=1_000)
            if fate == "ok":
                return
            if fate != "more":
                raise Broken(f"{device.id} cannot sync: {fate}")
        raise Broken(f"{device.id} never has everything")


# How often what happens; a step draws one of them.
ODDS: tuple[tuple[Any, int], ...] = (
    (World.keeps, 40),
    (World.turns, 24),
    (World.passes, 8),
    (World.grants, 5),
    (World.arrives, 4),
    (World.changes_hands, 3),
    (World.repeats, 3),
    (World.server_dies, 3),
    (World.decides, 2),
    (World.is_backed_up, 2),
    (World.is_restored, 2),
)
CHOICES = [what for what, _ in ODDS]
WEIGHTS = [odds for _, odds in ODDS]


def history(seed: int, *, steps: int = STEPS, door: str = "service") -> Outcome:
    """Live one history through; its problem is what broke first."""
    with World(seed, door=door) as world:
        problem = None
        try:
            for _ in range(steps):
                world.anything()
            world.heals()
        except Broken as broken:
            problem = f"step {world.step}: {broken}"
        except Exception as error:
            problem = f"step {world.step}: the server failed: {type(error).__name__}: {error}"
        made = len(world.oracle.made)
        return Outcome(seed, problem, world.trace, made, world.network.requests)
