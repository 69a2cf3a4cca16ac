"""Checks of the tick, of overdue rungs, of background jobs, and of the machine's clock."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from server.acts import own_ids
from server.clocks import born_late
from server.clocks import reaction_jobs as working
from server.clocks.periodic_tasks import LATEST
from server.database.tables import acts, devices, jobs, meta, timers
from server.operations.diagnosis.finding import (
    BAD,
    GOOD,
    NOTE,
    Finding,
    Inspected,
    few,
)
from sync.display_format import moment

PATIENCE = LATEST * 1_000  # ms that a rung may be overdue, and the tick silent
WRONG_BY = 120_000  # ms by which tablets must differ for the server's clock to be suspected
ENOUGH = 3  # tablets that must agree on it


def check(inspected: Inspected) -> Iterator[Finding]:
    """Check the tick, overdue rungs, jobs, and the machine's clock."""
    yield from _tick(inspected)
    yield from _ids(inspected)
    yield from _claims(inspected)
    yield from _resting(inspected)
    yield from _machine(inspected)


def _tick(inspected: Inspected) -> Iterator[Finding]:
    now = inspected.site.now()
    due = sa.select(sa.func.count(), sa.func.min(timers.c.due_at)).where(
        timers.c.told_at.is_(None), timers.c.due_at < now - PATIENCE
    )
    with inspected.site.reading() as connection:
        overdue, since = connection.execute(due).one()
        if overdue:
            overdue -= born_late.count_held_back(inspected.site, connection, now, PATIENCE)
        last_tick = connection.execute(
            sa.select(meta.c.value).where(meta.c.key == "last_tick")
        ).scalar()
    silent = last_tick is None or now - int(last_tick) > PATIENCE
    if silent and not inspected.running:
        last = "never yet" if last_tick is None else f"at {moment(int(last_tick))}"
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
    if overdue and not inspected.running:
        say = f"{overdue} clocks are due since {moment(since)}; people are told when a server runs."
        yield Finding(NOTE, "clocks", say)
    elif overdue:
        yield Finding(
            BAD,
            "clocks",
            f"{overdue} clocks are due since {moment(since)} and nobody was told.",
            "Start the server again and look at its log.",
        )


def _ids(inspected: Inspected) -> Iterator[Finding]:
    """Check whether an act of the server was lost because another one had its id."""
    with inspected.site.writing() as connection:
        lost = own_ids.lost(connection)
        if lost and inspected.repair:
            own_ids.forget_lost(connection)
    if not lost:
        yield Finding(GOOD, "ids", "The server's own acts have ids that nobody took first.")
        return
    say = (
        f"{lost['count']} acts of the server were not kept, since an act had their id, the last"
        f" at {moment(lost['at'])}: {lost['act']} of {lost['record']}, taken by {lost['by']}."
    )
    yield inspected.wrong(
        "ids", say, "Ask that person, look at the log, then run floorwalk doctor --repair."
    )


def _claims(inspected: Inspected) -> Iterator[Finding]:
    """Check for jobs that a process claimed and never finished; they are free after the lease."""
    site = inspected.site
    stuck = sa.and_(
        jobs.c.done_at.is_(None),
        jobs.c.claimed_at.is_not(None),
        jobs.c.attempts < working.FAILURES,
        jobs.c.claimed_at < site.now() - working.LEASE,
    )
    with site.writing() as connection:
        keys = list(connection.execute(sa.select(jobs.c.key).where(stuck)).scalars())
        if keys and inspected.repair:
            connection.execute(sa.update(jobs).where(stuck).values(claimed_at=None))
    if keys:
        yield inspected.wrong("jobs", f"{len(keys)} jobs were taken and not finished: {few(keys)}.")


def _resting(inspected: Inspected) -> Iterator[Finding]:
    """Check for jobs that were given up; a repair tries each once more."""
    failed_jobs = working.given_up(inspected.site)
    if not failed_jobs:
        yield Finding(GOOD, "jobs", "No job was given up.")
        return
    if inspected.repair:
        again = sa.update(jobs).where(jobs.c.key.in_([job["key"] for job in failed_jobs]))
        values = {"attempts": 0, "claimed_at": None, "run_after": inspected.site.now()}
        with inspected.site.writing() as connection:
            connection.execute(again.values(values))
    why = failed_jobs[0]["failed"]
    say = (
        f"{len(failed_jobs)} jobs were given up after {working.FAILURES} failures, the first: {why}"
    )
    yield inspected.wrong("jobs", say, "Mend the cause, then run floorwalk doctor --repair.")


def _machine(inspected: Inspected) -> Iterator[Finding]:
    """Check the machine's clock: one that went back, or that all tablets contradict, is wrong."""
    site = inspected.site
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
