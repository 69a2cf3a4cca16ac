"""Whether somebody looks after the clocks, and whether what follows from acts gets done."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from server.clocks import jobs as working
from server.clocks.schedule import LATEST
from server.database.tables import acts, devices, jobs, meta, timers
from server.operations.diagnosis.finding import (
    BAD,
    GOOD,
    NOTE,
    Finding,
    Inspected,
    few,
)
from sync.format import moment

PATIENCE = LATEST * 1_000  # ms that a clock may be due, and the tick silent
WRONG_BY = 120_000  # ms by which tablets may be off before it is the server's clock that is asked
ENOUGH = 3  # tablets that must agree


def check(patient: Inspected) -> Iterator[Finding]:
    """Look at the tick, the clocks that are due, the jobs, and the machine's own clock."""
    yield from _tick(patient)
    yield from _claims(patient)
    yield from _resting(patient)
    yield from _machine(patient)


def _tick(patient: Inspected) -> Iterator[Finding]:
    now = patient.site.now()
    due = sa.select(sa.func.count(), sa.func.min(timers.c.due_at)).where(
        timers.c.told_at.is_(None), timers.c.due_at < now - PATIENCE
    )
    with patient.site.reading() as connection:
        overdue, since = connection.execute(due).one()
        said = connection.execute(sa.select(meta.c.value).where(meta.c.key == "last_tick")).scalar()
    silent = said is None or now - int(said) > PATIENCE
    if silent and not patient.running:
        last = "never yet" if said is None else f"at {moment(int(said))}"
        yield Finding(NOTE, "tick", f"No server runs; the clocks were looked after {last}.")
    elif silent:
        yield Finding(
            BAD,
            "tick",
            "A server runs, but nobody looks after its clocks.",
            "Start it again and look at its log.",
        )
    else:
        yield Finding(GOOD, "tick", "The clocks are looked after.")
    if overdue and not patient.running:
        say = f"{overdue} clocks are due since {moment(since)}; people are told when a server runs."
        yield Finding(NOTE, "clocks", say)
    elif overdue:
        yield Finding(
            BAD,
            "clocks",
            f"{overdue} clocks are due since {moment(since)} and nobody was told.",
            "Start the server again and look at its log.",
        )


def _claims(patient: Inspected) -> Iterator[Finding]:
    """A job that a process took and never finished is free again after its lease."""
    site = patient.site
    stuck = sa.and_(
        jobs.c.done_at.is_(None),
        jobs.c.claimed_at.is_not(None),
        jobs.c.attempts < working.FAILURES,
        jobs.c.claimed_at < site.now() - working.LEASE,
    )
    with site.writing() as connection:
        keys = list(connection.execute(sa.select(jobs.c.key).where(stuck)).scalars())
        if keys and patient.repair:
            connection.execute(sa.update(jobs).where(stuck).values(claimed_at=None))
    if keys:
        yield patient.wrong("jobs", f"{len(keys)} jobs were taken and not finished: {few(keys)}.")


def _resting(patient: Inspected) -> Iterator[Finding]:
    """Mending tries each once more, if it has not failed again since."""
    found = working.given_up(patient.site)
    if not found:
        yield Finding(GOOD, "jobs", "No job was given up.")
        return
    if patient.repair:
        again = sa.update(jobs).where(jobs.c.key.in_([job["key"] for job in found]))
        values = {"attempts": 0, "claimed_at": None, "run_after": patient.site.now()}
        with patient.site.writing() as connection:
            connection.execute(again.values(values))
    why = found[0]["failed"]
    say = f"{len(found)} jobs were given up after {working.FAILURES} failures, the first: {why}"
    yield patient.wrong("jobs", say, "Mend the cause, then run floorwalk doctor --repair.")


def _machine(patient: Inspected) -> Iterator[Finding]:
    """A clock that went back, or that all tablets contradict, is wrong."""
    site = patient.site
    offsets = sa.select(devices.c.offset_ms).where(
        devices.c.offset_ms.is_not(None), devices.c.last_seen_at > site.now() - 24 * 3_600_000
    )
    with site.reading() as connection:
        newest = connection.execute(sa.select(sa.func.max(acts.c.received_at))).scalar()
        off = sorted(connection.execute(offsets).scalars())
    if newest is not None and newest > site.now() + PATIENCE:
        yield Finding(
            BAD,
            "time",
            f"The newest act came at {moment(newest)}, after what this machine's clock says.",
            "Set the machine's clock, and let it keep time by NTP.",
        )
        return
    middle = off[len(off) // 2] if len(off) >= ENOUGH else 0
    if abs(middle) > WRONG_BY:
        yield Finding(
            BAD,
            "time",
            f"Half of {len(off)} tablets are {abs(middle) // 60_000} minutes or more away from "
            "this machine's clock.",
            "Set the machine's clock, and let it keep time by NTP.",
        )
        return
    yield Finding(GOOD, "time", "The machine's clock is plausible.")
