"""The schedule of a server: every periodic task, on one page.

APScheduler is only the metronome; what is due is stored in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from server.acts import security_log
from server.acts.site import Site
from server.base.clock import Clock, real_now
from server.clocks import (
    calendars,
    escalation,
    reaction_jobs,
    reactions,
    retention,
    shipped_records,
)
from server.clocks.born_late import HeldRungs
from server.cluster.link_loop import Link
from server.database.store import Store
from server.database.tables import meta, sessions, throttle
from server.http import slow_requests
from server.http.request_counts import RequestCounts
from server.replication import blobs
from server.rules import settle, waking
from sync.worktime import DAY, local_day

log = logging.getLogger("floorwalk.schedule")

SHORTEST = 0.1  # s between two runs of a task, however fast the site's clock runs
JUMP = 60_000  # ms by which the clock may differ from the monotonic one between two ticks
LATEST = 60  # s without a tick, after which the server counts as unhealthy
KEPT = 180 * DAY  # ms that ended sessions and done jobs are kept


class Schedule:
    """Runs the periodic tasks of a site; they come as much faster as its clock runs."""

    def __init__(self, site: Site, clock: Clock | None = None, tick_every: float = 2.0) -> None:
        self.site = site
        self.clock = clock or Clock()
        self.tick_every = tick_every
        self.request_counts: RequestCounts | None = None  # of the application, if there is one
        self.ticked = real_now()
        self.jumps = 0  # how often the clock jumped
        self._compared: tuple[int, float] | None = None
        self._written = 0
        self._seconds: dict[str, float] = {}
        self._held = HeldRungs()
        self._day = -1  # on which plans looked a day further last
        self._kinds = reactions.kinds(site)
        self._link = Link(site)
        self._beats = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
            timezone="UTC",
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Turn reactions on, free claims of a dead process, and start the tasks."""
        self.site.listens = reactions.LISTENS
        reaction_jobs.release(self.site)
        waking.start(self.site)
        self.every(self.tick_every, self.tick)
        self.every(1, self.work)
        self.every(1, self.settle)
        self.every(3_600, self.tidy)
        self.every(3_600, self.publish_calendars)
        self.every(20, self.watch)
        self.every(10, self.write_slow)
        self.every(10, self.write_reads)
        self.every(5, self.link)
        self._beats.start()
        self.publish_calendars()
        self.ship_records()

    def stop(self) -> None:
        """Stop the tasks; those that run are finished."""
        if self._beats.running:
            self._beats.shutdown(wait=True)
            with suppress(sa.exc.SQLAlchemyError):
                self.site.reads.write(self.site.writing)
        self._link.stop()

    def every(self, seconds: float, beat: Callable[[], None]) -> None:
        """Run a task every so many seconds of the site's time."""
        self._seconds[beat.__name__] = seconds
        pause = max(seconds / self.clock.speed, SHORTEST)
        self._beats.add_job(beat, "interval", seconds=pause, id=beat.__name__)

    def runs_at(self, speed: int) -> None:
        """Let the site's clock run at another speed, and the tasks as much faster."""
        self.clock.runs_at(speed)
        self._compared = None
        for name, seconds in self._seconds.items():
            pause = max(seconds / speed, SHORTEST)
            self._beats.reschedule_job(name, trigger="interval", seconds=pause)

    def alive(self) -> bool:
        """Say whether the tick ran within LATEST, by the machine's own clock."""
        return real_now() - self.ticked < LATEST * 1_000

    # The tasks

    def tick(self) -> None:
        """Reach the rungs that are due."""
        self.compare()
        escalation.tick(self.site, held=self._held)
        self.ticked = real_now()
        # Whoever reads `last_tick` allows LATEST: not every tick need cost a flush to the disk.
        if self.ticked - self._written > LATEST * 1_000 / 12:
            self._written = self.ticked
            _remember(self.site, "last_tick", str(self.site.now()))

    def compare(self) -> None:
        """Log an error when the clock jumped: every deadline depends on it (T4)."""
        now, passed = self.site.now(), monotonic()
        if self._compared is not None:
            before, then = self._compared
            by = now - before - round((passed - then) * 1_000 * self.clock.speed)
            if abs(by) > JUMP * self.clock.speed:
                self.jumps += 1
                log.error("the clock jumped", extra={"by_ms": by})
        self._compared = (now, passed)

    def work(self) -> None:
        """Run the jobs that follow from acts."""
        reaction_jobs.work(
            self.site, self._kinds, self.site.now, lease=reaction_jobs.LEASE * self.clock.speed
        )

    def settle(self) -> None:
        """Keep what exists like what rules want; at midnight plans look a day further."""
        if not self.site.declarations["rules"]:
            return
        today = local_day(self.site.now(), self.site.calendar())
        if today != self._day:
            waking.midnight(self.site)
            self._day = today
        settle.work(self.site, lease=settle.LEASE * self.clock.speed)

    def tidy(self) -> None:
        """Remove old sessions, sign-in attempts, jobs, slow requests and unfinished uploads."""
        now = self.site.now()
        with self.site.writing() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.expires_at < now - KEPT))
            connection.execute(sa.delete(throttle).where(throttle.c.at < now - KEPT))
            days = self.site.settings()["security.log_kept"]["value"]
            security_log.forget(connection, now - days * DAY)
        reaction_jobs.forget(self.site, now - KEPT)
        slow_requests.forget(self.site, now - slow_requests.KEPT)
        with self.site.writing() as connection:
            Store(connection).forget_refused_days(now // DAY - 1)
        blobs.sweep(self.site)
        retention.tidy(self.site)

    def write_slow(self) -> None:
        """Store the slowest requests."""
        if self.request_counts is not None:
            slow_requests.write(self.site, self.request_counts.take_slow())

    def write_reads(self) -> None:
        """Store how many records each person read."""
        self.site.reads.write(self.site.writing)

    def publish_calendars(self) -> None:
        """Publish the calendars of last, this and next year."""
        calendars.seed(self.site, self.site.now())

    def ship_records(self) -> None:
        """Make the records that come with the program, where they are missing."""
        shipped_records.seed(self.site)

    def link(self) -> None:
        """Wake the link to a cluster, if there is one; it has a thread of its own."""
        self._link.poke()

    def watch(self) -> None:
        """Log an error when the tick has stopped."""
        if not self.alive():
            log.error("no tick", extra={"seconds": (real_now() - self.ticked) // 1_000})


def _remember(site: Site, key: str, value: str) -> None:
    with site.writing() as connection:
        change = sa.update(meta).where(meta.c.key == key).values(value=value)
        if connection.execute(change).rowcount == 0:
            connection.execute(sa.insert(meta).values(key=key, value=value))
