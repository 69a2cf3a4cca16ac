"""T1 and T2: each rung is notified exactly once, with several servers and after a long outage."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

import sync
from server.acts import reached_rungs
from server.acts.site import Site
from server.acts.unit_of_work import UnitOfWork
from server.base.clock import Clock, real_now
from server.base.config import Config
from server.clocks import escalation, reaction_jobs, reactions
from server.database.tables import acts, records
from sync.ladder import rung_moments
from tests import clock as instants
from tests import postgres
from tests.cast import SITE, Tablet, made_site
from tests.limits import joined
from tests.reliability.registry import Mutant, Property, Result, Trial, replaced
from tests.server import database_rows

LADDER = "complaint_solve_general"
LEVELS = len(sync.declarations()["ladders"][LADDER]["rungs"])
SERVERS = 4
DEVICE = "device:" + "0" * 25 + "L"
TAKES = 8 * instants.HOUR  # during which the complaints come in
OUTAGE = 3 * instants.HOUR
LONGEST = 20.0  # s that the days between first and last rung take

Rung = tuple[str, str, int]


# T1


def many_servers(trial: Trial) -> Result:
    """Let four servers tick the clocks of `many` complaints, and be killed, on both databases."""
    counts: dict[str, Any] = {"complaints": 0, "kills": 0, "told": 0, "twice": 0, "missing": 0}
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fw") as name:
        _on(f"sqlite:///{Path(name) / 'floorwalk.db'}", Path(name), trial, counts, problems)
        if problems and trial.until_red:
            return Result(counts, problems)
    with tempfile.TemporaryDirectory(prefix="fw") as name, postgres.running() as server:
        url = server.new_database()
        _on(url, Path(name), trial, counts, problems)
    return Result(counts, problems)


def _on(url: str, folder: Path, trial: Trial, counts: dict[str, Any], problems: list[str]) -> None:
    dice = random.Random(trial.seed)
    complaints = _complain(folder, url, trial.many)
    first, last = _span(folder, url, complaints)
    lasts = LONGEST if trial.many >= 500 else LONGEST / 5
    clock = Clock(None, first - 1_000, real_now(), int((last - first) / lasts / 1_000) + 1)
    kills = max(SERVERS, trial.many // 40)
    servers = [_ticker(folder, url, clock) for _ in range(SERVERS)]
    try:
        for _ in range(kills):
            time.sleep(dice.uniform(0.2, 1.8) * lasts / (kills + 1))
            victim = servers.pop(dice.randrange(SERVERS))
            os.kill(victim.pid, signal.SIGKILL)
            joined(victim, what="a killed ticker to be gone")
            servers.append(_ticker(folder, url, clock))
        while clock.now() < last + 1_000 * clock.speed:
            time.sleep(0.05)
    finally:
        for server in servers:
            server.kill()
        joined(*servers, what="the killed tickers to be gone")
    site = Site(Config(folder, url, name=SITE), clock.now)
    escalation.tick(site)
    reached, told = database_rows.told(site), _notices(site)
    expected = {(one, LADDER, level) for one in complaints for level in range(1, LEVELS + 1)}
    counts["complaints"] += len(complaints)
    counts["kills"] += kills
    counts["told"] += sum(reached[one] for one in expected)
    counts["missing"] += sum(reached[one] == 0 for one in expected)
    twice = [one for one, n in (reached + told).items() if n > 1]
    counts["twice"] += len(twice)
    problems += [f"twice: {one}" for one in twice[:3]]
    problems += [f"missing: {one}" for one in sorted(expected) if not reached[one]][:3]
    if site.refold()[1]:
        problems.append("a record is not what its acts add up to")
    site.close()


def _complain(folder: Path, url: str, many: int) -> list[str]:
    """Let complaints be taken over a day, and answered at once: only their solution is awaited."""
    morning = instants.MORNING
    clock = instants.Clock(morning)
    site = made_site(folder, clock, database=url)
    lin = Tablet("person:lin", site, clock, DEVICE)
    wu = Tablet("person:wu", site, clock, "device:" + "0" * 25 + "W")
    found = []
    for number in range(many):
        clock.at = morning + number * TAKES // many
        record = lin.new("complaint")
        lin.says(
            "complaint.taken", record, words="等了很久", severity="general", place="place:lobby-1"
        )
        wu.says("complaint.responded", record, response="已致歉", means="in_person")
        found.append(record)
    for one in (lin, wu):
        assert all(verdict.good for verdict in one.hands_in())
    site.close()
    return found


def _span(folder: Path, url: str, complaints: list[str]) -> tuple[int, int]:
    """Return when the first of their first rungs and the last of their last ones are due."""
    site = Site(Config(folder, url, name=SITE))
    ladder, first, last = site.declarations["ladders"][LADDER], 1 << 62, 0
    for one in (complaints[0], complaints[-1]):
        record = site.record(one)
        assert record is not None
        dues = rung_moments(site.declarations, ladder, record, site.settings(), site.calendar())
        moments = [due for due in dues if due is not None]
        assert len(moments) == LEVELS
        first, last = min(first, moments[0]), max(last, moments[-1])
    site.close()
    return first, last


def _ticker(folder: Path, url: str, clock: Clock) -> Any:
    process = get_context("fork").Process(target=_ticks, args=(folder, url, clock))
    process.start()
    return process


def _ticks(folder: Path, url: str, clock: Clock) -> None:
    site = Site(Config(folder, url, name=SITE), clock.now)
    site.listens = reactions.LISTENS
    while True:
        escalation.tick(site)
        reaction_jobs.work(site, reactions.kinds(site), site.now)
        time.sleep(0.02)


def _notices(site: Site) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    with site.reading() as connection:
        wanted = sa.select(records.c.body).where(records.c.type == "notice")
        for body in connection.execute(wanted).scalars():
            notice = orjson.loads(body)
            key = (
                "notice",
                notice["about"],
                notice.get("what"),
                notice.get("rung"),
                notice["to"],
            )
            counted[key] += 1
    return counted


@contextmanager
def everybody_wins() -> Iterator[None]:
    """A tick asks nobody whether it was first, and names its acts anew."""
    made, number, steps = reached_rungs.derived_id, iter(range(1 << 60)), escalation._steps

    def fresh(secret: str, at: int, *parts: str) -> str:
        return made(secret, at, *parts, str(os.getpid()), str(next(number)))

    def slowly(*given: Any) -> Any:
        found = steps(*given)
        time.sleep(0.05)
        return found

    with replaced(
        (UnitOfWork, "claim", lambda self, act: True),
        (reached_rungs, "derived_id", fresh),
        (escalation, "_steps", slowly),
    ):
        yield


# T2


def outage(trial: Trial) -> Result:
    """Let `many` deadlines pass while the server is down for three hours."""
    clock = instants.Clock()
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        site = made_site(Path(name), clock)
        site.listens = reactions.LISTENS
        lin = Tablet("person:lin", site, clock, DEVICE)
        waits = []
        for number in range(trial.many):
            clock.at = instants.MORNING + number * (150 * instants.MINUTE) // trial.many
            waits.append(lin.new("waiting"))
            act = lin.says("waiting.started", waits[-1], place="place:lobby-1", name=str(number))
            assert lin.hands_in(act)[0].good
        clock.at = instants.MORNING + OUTAGE  # and nobody looked after the clocks until now
        began = time.monotonic()
        escalation.tick(site)
        took = time.monotonic() - began
        found = _outcome(site, clock(), problems)
        again = escalation.tick(site)
        reached = database_rows.told(site)
        site.close()
    if again:
        problems.append(f"{again} were told again")
    problems += [f"twice: {one}" for one, n in reached.items() if n > 1]
    if missing := len(set(waits) - {record for record, _, _ in reached}):
        problems.append(f"{missing} were never told")
    if took > 60:
        problems.append(f"it took {took:.0f} s")
    return Result({"deadlines": len(reached), **found, "s": round(took, 1)}, problems)


def _outcome(site: Site, now: int, problems: list[str]) -> dict[str, int]:
    """Check every rung that was notified: the highest, in order, with its lateness."""
    told = skipped = 0
    with site.reading() as connection:
        wanted = sa.select(acts.c.body).where(acts.c.act == "waiting.rung_reached")
        rows = [orjson.loads(body) for body in connection.execute(wanted).scalars()]
    ladders = site.declarations["ladders"]
    for act in rows:
        data = act["data"]
        told, skipped = told + 1, skipped + len(data["skipped"])
        record = site.record(act["record"])
        assert record is not None
        ladder = ladders[data["ladder"]]
        dues = rung_moments(site.declarations, ladder, record, site.settings(), site.calendar())
        due = [n for n, at in enumerate(dues, 1) if at is not None and at <= now]
        if data["rung"] != due[-1] or data["skipped"] != due[:-1]:
            problems.append(f"{data['rung']} was told, {due[-1]} was due: {act['record']}")
        if data["late_by"] != now - data["due_at"] or dues[due[-1] - 1] != data["due_at"]:
            problems.append(f"late by {data['late_by']}: {act['record']}")
    return {"told": told, "skipped": skipped}


def tells_the_lowest() -> AbstractContextManager[None]:
    """Mutant: after an outage the first missed rung is notified, not the highest."""
    step = escalation._step

    def lowest(site: Site, telling: Any, name: str, due: Any, now: int) -> Any:
        return step(site, telling, name, due[:1], now)

    return replaced((escalation, "_step", lowest))


PROPERTIES = [
    Property(
        "T1",
        "Four servers that are killed at their ticks tell each of three rungs exactly once",
        many_servers,
        full=1_000,
        quick=40,
        seconds=80,
        mutants=(Mutant("whoever comes second tells too", everybody_wins, 40, quick=True),),
        serial=True,
    ),
    Property(
        "T2",
        "After an outage the highest rung is told once, the lower ones are written down",
        outage,
        full=500,
        quick=100,
        mutants=(Mutant("the lowest rung is told", tells_the_lowest, 20, quick=True),),
    ),
]
