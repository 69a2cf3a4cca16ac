"""Random lives of a site with rules: what people say, late, undone, in any order, by lot.

`drawn` gives what people say of halls, worksites, cases, payouts, turns and exams over some days;
a `Life` lets one or two servers live through it. People also take up what rules made.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import orjson
import sqlalchemy as sa

from server.acts import own_ids
from server.acts.access import Actor
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.base.config import Config
from server.clocks import calendars, reaction_jobs, reactions
from server.database import tables
from server.rules import first_days, settle, waking
from sync.act import Act, make, ulid
from sync.statements import is_id, is_withdrawn
from tests.cast import SITE, made_site
from tests.clock import DAY, HOUR, MORNING, SECOND, Clock

MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
MADE = ("hall_check", "recall")
CAUSES = ("hall", "worksite", "case", "payout", "turn", "exam")
DAYS = 6
LATE = 40 * HOUR  # below what is drawn in
SECRET = "of the lives"
OWN = ("acts", "setters", "stated", "_rev", "due_at")
Record = dict[str, Any]
Said = tuple[int, Act]  # ms at which it was received


def _settled_once(site: Site) -> None:
    own_ids.adopt(site, SECRET)
    calendars.seed(site, site.now())
    data = {"value": 2_678_400, "reason": "x"}
    site.record_act("setting.changed", "setting:undo.offered_for", data, by="system:site")
    waking.start(site)


@functools.cache
def template() -> bytes:
    """Return the database of a site on which nothing happened yet; its kinds are declared."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        site = made_site(Path(folder), Clock(), database=f"sqlite:///{folder}/floorwalk.db")
        _settled_once(site)
        site.close()
        return (Path(folder) / "floorwalk.db").read_bytes()


class Life:
    """A site, or two servers on one database, that lives through what people say."""

    # The URL of each life's own database; without one it is a file in memory.
    new_database: ClassVar[Callable[[], str] | None] = None

    def __init__(self, *, url: str | None = None, servers: int = 1, first: int = 0) -> None:
        self.clock = Clock()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        url = Life.new_database() if url is None and Life.new_database else url
        if url is None:
            (self.folder / "floorwalk.db").write_bytes(template())
            url = f"sqlite:///{self.folder}/floorwalk.db"
            self.site = Site(Config(self.folder, url, name=SITE, demo=True), self.clock)
        else:
            self.site = made_site(self.folder, self.clock, database=url)
            _settled_once(self.site)
        if first:
            _first_day(self.site, first)
        configs = [Config(self.folder, url, name=SITE, demo=True) for _ in range(servers - 1)]
        self.sites = [self.site, *(Site(config, self.clock) for config in configs)]
        self.running: list[Iterator[str]] = []
        self.deaths = 0

    def close(self) -> None:
        """Close the servers and remove what they wrote."""
        for site in self.sites:
            site.close()
        shutil.rmtree(self.folder)

    # Time and servers

    def comes_to(self, at: int) -> None:
        """Let time come to a moment (ms), midnights included."""
        while (self.clock.at + 8 * HOUR) // DAY < (at + 8 * HOUR) // DAY:
            self.clock.at = ((self.clock.at + 8 * HOUR) // DAY + 1) * DAY - 8 * HOUR
            waking.midnight(self.site)
            self.settles()
        self.clock.at = max(self.clock.at, at)

    def works(self, site: Site | None = None) -> int:
        """Do the jobs that wait."""
        one = site or self.site
        return reaction_jobs.work(one, reactions.kinds(one), self.clock)

    def settles(self) -> int:
        """Let the first server settle all there is; return how many statements it said."""
        said = 0
        while True:
            done, now = self.works(), settle.work(self.site)
            said += now
            if not done and not now:
                return said

    def steps(self, site: Site) -> Iterator[str]:
        """Settle as a server does, but let others come in between; never ends."""
        number = 0
        while True:
            number += 1
            claim, now = f"{id(site)}-{number}", self.clock.at
            self.works(site)
            scopes = settle.claimed_scopes(site, now, claim)
            if not scopes:
                yield "idle"
                continue
            yield "claimed"
            ready = settle.computed(site, scopes, now, claim)
            yield "read"
            settle.say(site, ready, now, claim)
            yield "said"

    def goes_on(self, luck: Random, steps: int, deaths: float = 0.0) -> None:
        """Let all servers settle between one another; some die, or sleep past their lease."""
        if not self.running:
            self.running = [self.steps(site) for site in self.sites]
        for _ in range(steps):
            number = luck.randrange(len(self.running))
            next(self.running[number])
            if luck.random() < deaths:
                self.clock.passes(ms=settle.LEASE + 1)
                if luck.random() < 0.5:
                    self.running[number] = self.steps(self.sites[number])
                    self.deaths += 1

    def all_settle(self, luck: Random) -> None:
        """Let all servers settle, without a death, until nothing waits."""
        while self.works() or self.waits():
            self.goes_on(luck, 6)
            if self.waits():  # what a dead one claimed
                self.clock.passes(ms=settle.LEASE // 4)

    def waits(self) -> bool:
        """Say whether a scope is still to be settled."""
        row = tables.settling.c
        with self.site.reading() as connection:
            wanted = sa.select(sa.func.count()).where(row.version > row.done)
            return bool(connection.execute(wanted).scalar_one())

    # People

    def hears(self, said: Said) -> Verdict:
        """Let an act arrive when it was received."""
        received_at, act = said
        actor = Actor(self.site.person(act["by"]), act["device"])
        return self.site.accept([act], actor, received_at=received_at)[0]

    def lives(self, story: list[Said], luck: Random, *, begins: float = 0.0) -> list[Said]:
        """Live through it as it happened; return what people said of what rules had made."""
        begun: list[Said] = []
        for said in sorted(story, key=lambda one: (one[0], one[1]["_id"])):
            self.comes_to(said[0])
            self.hears(said)
            if luck.random() < 0.7:
                self.settles()
            if luck.random() < begins and (act := self.takes_up(luck, len(begun))):
                begun.append((self.clock.at, act))
                assert self.hears(begun[-1]).good, act
        self.comes_to(MORNING + (DAYS + 2) * DAY)
        self.settles()
        return begun

    def takes_up(self, luck: Random, number: int) -> Act | None:
        """Return an act of somebody on something that a rule made, as they see it now."""
        due = [one for one in self.made() if one["state"] == "due"]
        if not due:
            return None
        record = luck.choice(due)
        verb, data = luck.choice((("noted", {"note": "n"}), ("finished", {})))
        if record["type"] == "recall" and verb == "finished":
            verb = "done"
        return spoken(
            f"{record['type']}.{verb}",
            record["_id"],
            data,
            at=self.clock.at,
            number=100_000 + number,
            seen=record["acts"]["last"],
        )

    # What there is

    def records(self) -> list[Record]:
        """Return every record of the rules' kinds, in the order of their ids."""
        row = tables.records.c
        kinds = (*MADE, *CAUSES)
        wanted = sa.select(row.body).where(row.type.in_(kinds)).order_by(row.id)
        with self.site.reading() as connection:
            return [orjson.loads(body) for body in connection.execute(wanted).scalars()]

    def made(self) -> list[Record]:
        """Return what rules made and want, or somebody began."""
        return [one for one in self.records() if one["type"] in MADE and not is_withdrawn(one)]

    def essence(self) -> dict[str, Any]:
        """Return what must be alike whatever order acts came in."""
        found = {}
        for one in self.records():
            if is_withdrawn(one):
                continue
            values = {name: value for name, value in one.items() if name not in OWN}
            values["unsettled"] = sorted([q["act"], q["reason"]] for q in one["unsettled"])
            values["begun"] = one.get("stated", {}).get("begun", 0)
            found[one["_id"]] = values
        return found

    def statements(self) -> list[Act]:
        """Return all that was said for rules, in the order of its ids."""
        row = tables.acts.c
        wanted = sa.select(row.body).where(row.by_ == settle.CLOCK).order_by(row.id)
        with self.site.reading() as connection:
            acts = [orjson.loads(body) for body in connection.execute(wanted).scalars()]
        return [act for act in acts if is_id(act["_id"])]


def _first_day(site: Site, first: int) -> None:
    with site.writing() as connection:
        days = dict.fromkeys(site.declarations["rules"], first)
        change = sa.update(tables.meta).where(tables.meta.c.key == first_days.KEY)
        connection.execute(change.values(value=orjson.dumps(days).decode()))


# What people say


def spoken(
    name: str,
    record: str,
    data: Record,
    *,
    at: int,
    number: int,
    by: str = "person:lin",
    seen: str | None = None,
) -> Act:
    """Return an act whose id follows from its moment and number."""
    return make(
        name,
        record,
        data,
        at=at,
        by=by,
        device="device:" + "0" * 25 + by[7].upper(),
        site=SITE,
        seen=seen,
        identifier="act:" + ulid(at, number),
    )


class Story:
    """Draws what people say; each record has one person who speaks of it."""

    def __init__(self, seed: int) -> None:
        self.luck = Random(seed)
        self.said: list[Said] = []
        self.number = 0

    def says(self, name: str, record: str, at: int, by: str, /, **data: Any) -> str:
        """Say something at a moment (ms); it arrives then, or up to LATE after."""
        self.number += 1
        act = spoken(name, record, data, at=at, number=self.number, by=by)
        late = self.luck.choice((0, 0, self.luck.randrange(HOUR), self.luck.randrange(LATE)))
        self.said.append((at + late, act))
        return str(act["_id"])

    def record(self, kind: str, number: int, create: str, verbs: list[Any], /, **data: Any) -> str:
        """Tell of one record: made on one of the first days, then spoken of some times."""
        luck, name = self.luck, f"{kind}:{number}"
        by = luck.choice(("person:lin", "person:chen"))
        at = MORNING + luck.randrange(2 * DAY)
        self.says(f"{kind}.{create}", name, at, by, **data)
        for _ in range(luck.randrange(5) if verbs else 0):
            at += luck.randrange(1, 30 * HOUR)
            verb, more = luck.choice(verbs)
            act = self.says(f"{kind}.{verb}", name, at, by, **more)
            if luck.random() < 0.25:
                later = at + luck.choice((3 * SECOND, luck.randrange(HOUR)))
                self.says(f"{kind}.undone", name, later, by, undoes=act)
        return name


def drawn(seed: int, *, numbers: bool = True) -> list[Said]:
    """Return what people say over some days, with the moments (ms) at which it arrives."""
    story = Story(seed)
    luck = story.luck
    plain: list[Any] = [("closed", {}), ("reopened", {})]
    for number in range(2):
        story.record("hall", number, "opened", plain, kind=luck.choice(("lobby", "lobby", "ward")))
        story.record("worksite", number, "started", [("finished", {})])
        cases = [("settled", {}), ("settled", {}), ("reopened", {})]
        story.record("case", number, "taken", cases)
        person = luck.choice(("person:lin", "person:chen"))
        moved = [("moved", {"person": one}) for one in ("person:lin", "person:chen")]
        story.record("turn", number, "set", moved, person=person, day=number)
        story.record("exam", number, "passed", [("lapsed", {})], person=person)
    for number in range(3):
        edit = {"field": "amount", "old": None, "new": luck.choice((500, 9_000))}
        payouts = [("approved", {}), ("cancelled", {}), ("edited", edit)]
        amount = luck.choice((500, 2_000, 9_000))
        case = f"case:{luck.randrange(2)}"
        story.record("payout", number, "proposed", payouts, case=case, amount=amount)
    if numbers:
        _numbers(story)
    return story.said


def _numbers(story: Story) -> None:
    luck = story.luck
    for key, values in (
        ("ruled.every", (1, 2, 4)),
        ("ruled.from", (400, 480)),
        ("ruled.answer", (7, 10)),
        ("ruled.high", (1_500, 20_000)),
    ):
        if luck.random() < 0.5:
            at = MORNING + luck.randrange(DAYS * DAY)
            value = luck.choice(values)
            story.says(
                "setting.changed", f"setting:{key}", at, "person:wu", value=value, reason="x"
            )
    if luck.random() < 0.4:
        at = MORNING + luck.randrange(DAYS * DAY)
        off = [20_782 + luck.randrange(12)]
        story.says("calendar.changed", "calendar:2026", at, "person:wu", off=off, reason="x")
