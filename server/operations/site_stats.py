"""Current figures of a site, in one short read: tablets, unsent acts, what waits or is late."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.acts import own_ids
from server.clocks.reaction_jobs import FAILURES
from server.database import tables

if TYPE_CHECKING:
    from server.acts.site import Site

SILENT = 15 * 60_000  # ms; a tablet in use asks every minute at least
HEARD = 24 * 3_600_000  # ms; a tablet unheard of for longer is no longer counted as silent


@dataclass(frozen=True)
class Gauges:
    """Counts, and durations in ms, at the moment `now` of the site's clock."""

    now: int
    seq: int
    devices: int
    silent: int  # devices heard of in the last day, but not lately
    unsent: int  # acts that devices said they still hold
    oldest_unsent: int  # ms
    sessions: int
    jobs_waiting: int
    jobs_failed: int  # given up
    overdue: int  # rungs that are due and that nobody was told of yet
    lateness: int  # ms, of the one overdue longest
    tick_age: int | None  # ms since the last tick; None before the first
    database_bytes: int
    lost_claims: int  # acts of the server whose id another act had taken
    refused: dict[str, int] = field(default_factory=dict)  # {code: acts that nobody decided yet}


def read(site: Site) -> Gauges:
    """Return the site's current figures."""
    now = site.now()
    with site.reading() as connection:
        one = connection.execute
        seq = one(sa.select(tables.counter.c.seq)).scalar_one()
        overdue, first_due = one(_overdue(now)).one()
        ticked = one(sa.select(tables.meta.c.value).where(tables.meta.c.key == "last_tick"))
        tick = ticked.scalar()
        oldest_age = 0
        devices = one(_devices(now)).one()
        if devices.oldest is not None:
            oldest_age = max(0, now - devices.oldest)
        jobs = one(_jobs(now)).one()
        return Gauges(
            now=now,
            seq=seq,
            devices=devices.all,
            silent=devices.silent or 0,
            unsent=devices.unsent or 0,
            oldest_unsent=oldest_age,
            sessions=one(_sessions(now)).scalar_one(),
            jobs_waiting=jobs.waiting or 0,
            jobs_failed=jobs.failed or 0,
            overdue=overdue,
            lateness=now - first_due if overdue else 0,
            tick_age=None if tick is None else max(0, now - int(tick)),
            database_bytes=_size(connection),
            lost_claims=own_ids.lost(connection).get("count", 0),
            refused={row.code: row.n for row in one(_refused())},
        )


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _devices(now: int) -> sa.Select[Any]:
    device = tables.devices.c
    silent = device.last_seen_at.between(now - HEARD, now - SILENT)
    return sa.select(
        sa.func.count().label("all"),
        _count(silent).label("silent"),
        sa.func.sum(device.waiting).label("unsent"),
        sa.func.min(sa.case((device.waiting > 0, device.oldest_at))).label("oldest"),
    )


def _jobs(now: int) -> sa.Select[Any]:
    job = tables.jobs.c
    return sa.select(
        _count(sa.and_(job.run_after <= now, job.attempts < FAILURES)).label("waiting"),
        _count(job.attempts >= FAILURES).label("failed"),
    ).where(job.done_at.is_(None))


def _overdue(now: int) -> sa.Select[int, Any]:
    timer = tables.timers.c
    late = sa.select(sa.func.count(), sa.func.min(timer.due_at))
    return late.where(timer.told_at.is_(None), timer.due_at < now)


def _sessions(now: int) -> sa.Select[Any]:
    return sa.select(sa.func.count()).where(tables.sessions.c.expires_at > now)


def _refused() -> sa.Select[Any]:
    columns = tables.quarantine.c
    undecided = sa.select(columns.code, sa.func.count().label("n")).where(
        columns.decided_at.is_(None)
    )
    return undecided.group_by(columns.code).order_by(columns.code)


def _size(connection: sa.Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages, size = (
            connection.exec_driver_sql(f"pragma {name}").scalar_one()
            for name in ("page_count", "page_size")
        )
        return int(pages * size)
    return int(connection.execute(sa.select(sa.func.pg_database_size(_here()))).scalar_one())


def _here() -> sa.ColumnElement[Any]:
    return sa.func.current_database()
