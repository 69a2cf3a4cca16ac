"""Background jobs: stored in the transaction of the act that causes them, run after it, retried.

A job is claimed by an UPDATE; one whose process died is free again after its lease. Jobs of a kind
that were claimed together run together; when that fails each is tried by itself, so that one holds
up no other. What a job makes has ids derived from its cause, so that running it twice shows once.
After five failures it is given up, and the office sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.site import Site
from server.base import plain_errors
from server.database.tables import jobs

log = logging.getLogger("floorwalk.jobs")

AT_ONCE = 500  # jobs claimed together
FAILURES = 5  # after which a job is given up: with PAUSE, some eight minutes
LEASE = 60_000  # ms after which a claim counts no more
PAUSE = 30_000  # ms after the first failure, twice as long after each more

Do = Callable[[Sequence[dict[str, Any]], int], None]  # (payloads of jobs of one kind, now)


def work(site: Site, kinds: dict[str, Do], now: Callable[[], int], *, lease: int = LEASE) -> int:
    """Run all jobs that are ready; return how many succeeded. `kinds` is {kind: function}, `lease`
    ms.
    """
    done = 0
    while True:
        won = _claim(site, now(), lease)
        finished: list[tuple[str, str | None]] = []
        for kind, jobs_of_kind in groupby(sorted(won, key=_kind), key=_kind):
            finished += _run(kinds[kind], [*jobs_of_kind], now)
        _write(site, finished, won, now())
        done += sum(problem is None for _, problem in finished)
        if len(won) < AT_ONCE or site.hub.closed:  # the rest is left to the next server
            return done


def release(site: Site) -> None:
    """Free the claims of a process that died; called first after a start."""
    with site.writing() as connection:
        connection.execute(sa.update(jobs).where(jobs.c.done_at.is_(None)).values(claimed_at=None))


def given_up(site: Site) -> list[dict[str, Any]]:
    """Return the jobs that failed FAILURES times: `{"key", "kind", "payload", "failed"}`."""
    wanted = sa.select(jobs).where(jobs.c.done_at.is_(None), jobs.c.attempts >= FAILURES)
    with site.reading() as connection:
        return [
            {
                "key": row.key,
                "kind": row.kind,
                "payload": orjson.loads(row.payload),
                "failed": row.failed,
            }
            for row in connection.execute(wanted.order_by(jobs.c.run_after))
        ]


def forget(site: Site, before: int) -> None:
    """Remove jobs that were done before a moment (ms)."""
    with site.writing() as connection:
        connection.execute(sa.delete(jobs).where(jobs.c.done_at < before))


def _ready(now: int, lease: int) -> sa.ColumnElement[bool]:
    free = sa.or_(jobs.c.claimed_at.is_(None), jobs.c.claimed_at < now - lease)
    return sa.and_(
        jobs.c.done_at.is_(None), jobs.c.run_after <= now, jobs.c.attempts < FAILURES, free
    )


def _claim(site: Site, now: int, lease: int) -> list[Any]:
    ready = _ready(now, lease)
    wanted = sa.select(jobs.c.key).where(ready).order_by(jobs.c.run_after, jobs.c.key)
    with site.reading() as connection:
        keys = list(connection.execute(wanted.limit(AT_ONCE)).scalars())
    if not keys:
        return []
    claim = (
        sa.update(jobs)
        .where(jobs.c.key.in_(keys), ready)
        .values(claimed_at=now, attempts=jobs.c.attempts + 1)
        .returning(jobs)
    )
    with site.writing() as connection:
        won = connection.execute(claim).all()
    return sorted(won, key=lambda job: (job.run_after, job.key))


_kind = attrgetter("kind")


def _run(do: Do, won: list[Any], now: Callable[[], int]) -> list[tuple[str, str | None]]:
    """Run jobs of one kind; return (key, error as text or None) of each."""
    try:
        do([orjson.loads(job.payload) for job in won], now())
    except Exception as problem:
        if len(won) > 1:
            return [_run(do, [job], now)[0] for job in won]
        [job] = won
        log.exception("job failed", extra={"job": job.key, "attempt": job.attempts})
        return [(job.key, plain_errors.described(problem))]
    return [(job.key, None) for job in won]


def _write(site: Site, finished: list[tuple[str, str | None]], won: list[Any], now: int) -> None:
    attempts = {job.key: job.attempts for job in won}
    good = [key for key, problem in finished if problem is None]
    bad = [(key, problem) for key, problem in finished if problem is not None]
    if not finished:
        return
    with site.writing() as connection:
        if good:
            change = sa.update(jobs).where(jobs.c.key.in_(good))
            connection.execute(change.values(done_at=now, failed=None))
        for key, problem in bad:
            later = now + PAUSE * 2 ** (attempts[key] - 1)
            change = sa.update(jobs).where(jobs.c.key == key)
            connection.execute(change.values(claimed_at=None, run_after=later, failed=problem))
