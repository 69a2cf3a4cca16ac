"""T3 to T5: deadlines are right on the site's own calendar, whatever the machines' clocks do."""

from __future__ import annotations

import logging
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from server.base.clock import Clock
from server.clocks import calendars, periodic_tasks
from server.clocks.periodic_tasks import Schedule
from sync import worktime
from tests import clock as instants
from tests.cast import Tablet, made_site
from tests.reliability.registry import Mutant, Property, Result, Trial, replaced
from tests.server import database_rows

DEVICE = "device:" + "0" * 25 + "L"
HERE = ZoneInfo("Asia/Shanghai")
# Zones of the machine, each with its two changes of 2026: the last is half an hour's.
ZONES = {
    "Asia/Shanghai": (date(2026, 4, 4), date(2026, 10, 8)),  # no change: the days of holidays
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
FIVE_YEARS = 5 * 365 * instants.DAY
NEAR = 5_000  # ms by which a start may be wrong when the tablet's offset is known


# T3


def deadlines(trial: Trial) -> Result:
    """Compare `many` deadlines with a calendar that is counted day by day, in every zone."""
    problems: list[str] = []
    calendar = _calendar()
    dice = random.Random(trial.seed)
    cases = 0
    for zone, changes in ZONES.items():
        with _in_zone(zone):
            for number in range(trial.many // len(ZONES)):
                around = changes[number % 2] + timedelta(days=dice.randint(-6, 3))
                second = dice.randrange(86_400)
                begun = datetime(around.year, around.month, around.day, tzinfo=UTC)
                start = int(begun.timestamp() + second) * 1_000
                amount, unit = dice.randint(0, 9), dice.choice(("WD", "cd", "h", "min"))
                cases += 1
                due = worktime.add(start, amount, unit, calendar)
                right = _counted(start, amount, unit, calendar)
                if due != right:
                    problems.append(f"{amount} {unit} from {start} in {zone}: {due}, not {right}")
    return Result({"cases": cases, "zones": len(ZONES), "wrong": len(problems)}, problems)


def _calendar() -> worktime.Calendar:
    with tempfile.TemporaryDirectory() as name:
        site = made_site(Path(name), instants.Clock())
        calendars.seed(site, instants.MORNING)
        found = site.calendar()
        site.close()
    assert found["off"] and found["work"], "the holidays of the year are known"
    return found


@contextmanager
def _in_zone(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def _counted(start: int, amount: int, unit: str, calendar: worktime.Calendar) -> int:
    """Count with dates and a time zone, which the product does without."""
    begun = datetime.fromtimestamp(start / 1_000, HERE)
    if amount == 0:
        return start
    if unit != "WD":
        length = {"cd": timedelta(days=amount), "h": timedelta(hours=amount)}
        ends = begun + length.get(unit, timedelta(minutes=amount))
        return round(ends.timestamp() * 1_000)
    epoch = date(1970, 1, 1)
    off = {epoch + timedelta(days=day) for day in calendar["off"]}
    extra = {epoch + timedelta(days=day) for day in calendar["work"]}
    day = begun.date()
    while amount:
        day += timedelta(days=1)
        amount -= day in extra or (day.weekday() < 5 and day not in off)
    closes = divmod(calendar["closes"], 60)
    ends = datetime(day.year, day.month, day.day, *closes, tzinfo=HERE)
    return round(ends.timestamp() * 1_000)


def by_the_machines_zone() -> AbstractContextManager[None]:
    """Days are those of the machine's own zone."""

    def starts(day: int, calendar: worktime.Calendar) -> int:
        noon = time.gmtime(day * 86_400)
        return int(time.mktime((*noon[:3], 0, 0, 0, 0, 0, -1))) * 1_000

    return replaced((worktime, "day_starts", starts))


# T4


class Jumping(Clock):
    """A machine's clock: it goes on, and is set now and then."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def now(self) -> int:
        """Return the moment."""
        return self.at


JUMPS = {
    "+10 min": 10 * instants.MINUTE,
    "-10 min": -10 * instants.MINUTE,
    "-1 day": -instants.DAY,
    "+1 year": 365 * instants.DAY,
}


def jumps(trial: Trial) -> Result:
    """Set the clock `many` times while waits come due, forth and back."""
    problems: list[str] = []
    alarms: list[str] = []
    heard = logging.Handler()
    heard.emit = lambda record: alarms.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger(periodic_tasks.log.name).addHandler(heard)
    counts = {"jumps": 0, "told": 0, "twice": 0, "missing": 0, "alarms": 0}
    try:
        for number in range(trial.many):
            name = list(JUMPS)[number % len(JUMPS)]
            _jump(name, trial.seed + number, counts, problems)
            if trial.until_red and problems:
                break
    finally:
        logging.getLogger(periodic_tasks.log.name).removeHandler(heard)
    counts["alarms"] = alarms.count("the clock jumped")
    if counts["alarms"] != counts["jumps"]:
        problems.append(f"{counts['jumps']} jumps, {counts['alarms']} alarms")
    return Result(counts, problems)


def _jump(name: str, seed: int, counts: dict[str, int], problems: list[str]) -> None:
    clock, dice = Jumping(instants.MORNING), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        site = made_site(Path(folder), clock.now)
        lin = Tablet("person:lin", site, clock.now, DEVICE)
        beats = Schedule(site, clock)
        waits = []
        jumps_at = dice.randrange(10, 30)
        for minute in range(40):
            if minute < 20:
                waits.append(lin.new("waiting"))
                lin.says("waiting.started", waits[-1], place="place:lobby-1")
                assert all(one.good for one in lin.hands_in())
            # Time passes on both clocks; the test stands still, so it is added by hand.
            clock.at += instants.MINUTE
            if beats._compared is not None:
                beats._compared = (beats._compared[0], beats._compared[1] - 60)
            if minute == jumps_at:
                clock.at += JUMPS[name]
                counts["jumps"] += 1
            beats.tick()
        clock.at = max(clock.at, instants.MORNING) + 2 * instants.DAY
        beats._compared = None
        beats.tick()
        reached = database_rows.told(site)
        counts["told"] += len(reached)
        twice = [one for one, n in reached.items() if n > 1]
        missing = set(waits) - {record for record, _, _ in reached}
        counts["twice"] += len(twice)
        counts["missing"] += len(missing)
        problems += [f"{name}: twice {one}" for one in twice]
        problems += [f"{name}: never told {one}" for one in missing]
        if site.refold()[1]:
            problems.append(f"{name}: a record is not what its acts add up to")
        site.close()


def notices_no_jump() -> AbstractContextManager[None]:
    """Nobody compares the clock with what passed."""
    return replaced((Schedule, "compare", lambda self: None))


# T5


def wrong_tablets(trial: Trial) -> Result:
    """Let `many` tablets, their clocks wrong by up to five years, push acts of minutes ago."""
    clock, dice = (
        instants.Clock(instants.MORNING - 3 * 366 * instants.DAY),
        random.Random(trial.seed),
    )
    counts = {"tablets": 0, "known": 0, "worst_ms": 0}
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        site = made_site(Path(name), clock)
        clock.at = instants.MORNING
        longest = _ms(site.settings()["acts.offline_at_most"])
        for number in range(trial.many):
            wrong_by = dice.randint(-FIVE_YEARS, FIVE_YEARS)
            happened = clock() - dice.randint(0, longest - instants.MINUTE)
            is_known = number % 2 == 0
            said = happened + (dice.randint(-NEAR, NEAR) if is_known else wrong_by)
            tablet = Tablet("person:lin", site, clock, DEVICE)
            wait = f"waiting:{number}"
            tablet.says("waiting.started", wait, at=said, place="place:lobby-1")
            answer = tablet.hands_in()[0]
            record = site.record(wait)
            if not answer.good or record is None:
                problems.append(f"wrong by {wrong_by} ms: {answer.code}")
                continue
            counts["tablets"] += 1
            counts["known"] += is_known
            began = record["started_at"]
            if is_known:
                counts["worst_ms"] = max(counts["worst_ms"], abs(began - happened))
            if is_known and abs(began - happened) > NEAR:
                problems.append(f"known, and yet {began - happened} ms off")
            plausible = min(clock(), max(said, clock() - longest))
            if began != plausible:
                problems.append(f"said {said}, began {began}, plausible is {plausible}")
        site.close()
    return Result(counts, problems)


def _ms(setting: dict[str, Any]) -> int:
    return int(setting["value"]) * worktime.UNITS[setting["unit"]]


def believes_tablets() -> AbstractContextManager[None]:
    """Mutant: a deadline starts at the moment of the tablet's own clock."""
    from server.acts import intake

    return replaced((intake, "at_a_plausible_moment", lambda act, *_given: act))


PROPERTIES = [
    Property(
        "T3",
        "Deadlines are the site's own days, whatever zone the machine is in",
        deadlines,
        full=200,
        quick=200,
        mutants=(Mutant("days of the machine's zone", by_the_machines_zone, 40, quick=True),),
    ),
    Property(
        "T4",
        "A clock that is set forth or back tells nobody twice, forgets nobody, and is reported",
        jumps,
        full=40,
        quick=4,
        seconds=8,
        mutants=(Mutant("nobody notices a jump", notices_no_jump, 2, quick=True),),
    ),
    Property(
        "T5",
        "A clock starts when it can have started, however wrong a tablet is",
        wrong_tablets,
        full=2_000,
        quick=200,
        mutants=(Mutant("tablets are believed", believes_tablets, 20, quick=True),),
    ),
]
