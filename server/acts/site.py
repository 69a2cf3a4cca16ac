"""A site: one hospital's database, declarations and caches; all that acts are written through."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

import orjson
import sqlalchemy as sa

import sync
from server.acts import follow_ups, security_log
from server.acts.access import NOBODY, SYSTEM_ACTOR, Actor
from server.acts.change_hub import ChangeHub, published_of
from server.acts.intake import Intake
from server.acts.reached_rungs import Step
from server.acts.record_rows import Published
from server.acts.session_cache import SessionCache
from server.acts.site_reference import SiteReference
from server.acts.unit_of_work import UnitOfWork
from server.acts.verdict import Verdict
from server.acts.write_health import WriteHealth
from server.base import clock, private_files, unfinished
from server.base.config import Config
from server.database import engines, tables
from server.database.store import Blob, Store
from sync.act import make
from sync.statements import last_moment

MOST_CAUGHT = 1_000  # records of other processes read at once; beyond, each waiter reads its own
MOST_TOGETHER = 64  # jobs that share one commit
SHORT = 100  # acts of a push that shares one; a longer one waits until these are committed
TRIES = 3  # of a transaction that deadlocked with another server's

Transacted = tuple[Published, UnitOfWork, int, list[list[Verdict]]]


@dataclass
class _Job:
    """One intake that waits for its transaction."""

    run: Callable[[Intake], list[Verdict]]
    is_long: bool = False  # it may take a transaction's whole share
    address: str = field(default_factory=security_log.address.get)  # whoever commits it
    done: threading.Event = field(default_factory=threading.Event)
    result: list[Verdict] = field(default_factory=list)
    error: BaseException | None = None


def _run(job: _Job, intake: Intake) -> list[Verdict]:
    with security_log.coming_from(job.address):
        return job.run(intake)


class Site(SiteReference):
    """A hospital's server without HTTP. Methods block and may be called from any thread."""

    def __init__(self, config: Config, now: Callable[[], int] = clock.real_now) -> None:
        self.config = config
        self.now = now
        self.declarations: dict[str, Any] = sync.declarations(config.profile)
        private_files.make_folder(config.data)
        unfinished.refuse(config.data)
        self.engine = engines.connect(config.database)
        self.hub = ChangeHub()
        self.sessions = SessionCache()
        self.reads = security_log.ReadCounts()
        self.health = WriteHealth()
        self.listens: follow_ups.Listens = {}  # names of acts that have reactions
        # Called in each transaction that moved the seq, just before its commit: a notification that
        # it sends on the connection arrives with the commit or not at all.
        self.announce: Callable[[sa.Connection, int], None] = engines.announcer(self.engine)
        super().__init__()
        self._catching = threading.Lock()
        self._writing = threading.RLock()
        self._waiting: deque[_Job] = deque()
        engines.prepare(self.engine)
        with self.reading() as connection:
            self.meta = {row.key: row.value for row in connection.execute(tables.meta.select())}
            self.hub.start_at(connection.execute(sa.select(tables.counter.c.seq)).scalar_one())

    @property
    def secret(self) -> str:
        """The key of the ids that the server gives its own acts; it travels with the database."""
        return str(self.meta["secret"])

    def close(self) -> None:
        """Wake all waiters and close the database."""
        self.hub.close()
        self.engine.dispose()

    # The database

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a read-only transaction."""
        return engines.reading(self.engine)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Return a transaction for what is not an act: sessions, devices, jobs. Keep it short.

        Writers of this process queue here: those who wait inside SQLite are served in no order.
        """
        with self._writing, engines.writing(self.engine) as connection:
            yield connection

    @contextmanager
    def writing_soon(self, patience: float) -> Iterator[bool]:
        """Yield whether this thread may write now, or within `patience` (s)."""
        is_mine = self._writing.acquire(timeout=patience)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._writing.release()

    # Acts

    def accept(
        self, acts: Sequence[Any], actor: Actor, *, received_at: int | None = None
    ) -> list[Verdict]:
        """Take acts in, the one way there is; return a verdict for each, in order."""
        at = self.now() if received_at is None else received_at
        verdicts: list[Verdict] = []
        is_first = False
        while len(verdicts) < len(acts):
            rest = acts[len(verdicts) :]
            accept = partial(Intake.accept, documents=rest, actor=actor, received_at=at)
            done = self._group_commit(accept, is_first=is_first, is_long=len(rest) > SHORT)
            # Whoever got no room in a transaction is the first of the next one.
            is_first = not done
            verdicts += done
        return verdicts

    def reach_rungs(self, steps: Sequence[Step], at: int) -> list[Verdict]:
        """Take in rungs that were reached at `at` (ms), each only if no other server did."""
        return self._group_commit(lambda intake: intake.reach_rungs(steps, at))

    def admit(self, refusal: str, by: str, at: int) -> Verdict:
        """Take in a refused body because somebody of the office (`by`) admitted it."""
        return self._group_commit(lambda intake: intake.admit(refusal, by, at))[0]

    def in_group_commit(self, run: Callable[[Intake], list[Verdict]]) -> list[Verdict]:
        """Run an intake that comes from no device, in one commit with all that wait."""
        return self._group_commit(run)

    def record_act(
        self,
        name: str,
        record: str,
        data: dict[str, Any],
        *,
        by: str,
        at: int | None = None,
        seen: str | None = None,
        over: dict[str, Any] | None = None,
        text: str | None = None,
        identifier: str | None = None,
        device: str = "device:office",
    ) -> Verdict:
        """Make one act and take it in; `by` may be "system:…" for the server's own acts.

        Without `at` (ms) it comes after all that is stored of the record: a tablet's clock may be a
        little ahead, and a decision must not come before the act that it decides about.
        """
        now = self.now()
        if at is None:
            stored = self.record(record)
            at = now if stored is None else max(now, last_moment(stored) + 1)
        act = make(
            name,
            record,
            data,
            at=at,
            by=by,
            device=device,
            site=self.config.name,
            seen=seen,
            over=over,
            text=text,
            identifier=identifier,
            random_bits=lambda: secrets.randbits(80),
        )
        actor = SYSTEM_ACTOR if by.startswith("system:") else Actor(self.person(by), device)
        return self.accept([act], actor, received_at=now)[0]

    def arrived(self, blob: Blob, person: str) -> bool:
        """Store that a blob is whole, and offer the records that name it anew.

        Return whether this person sent it for the first time.
        """
        at = self.now()
        with self.writing() as connection:
            unit = self._new_unit(connection)
            is_new = unit.store.add_blob(blob, person, at)
            records = unit.store.naming(blob.sha256)
            unit.look_up((), records)
            for record in records:
                unit.in_progress(record).touched = True
            published, seq = self._finish(connection, unit)
        self._tell(published, unit.seq, seq)
        return is_new

    def refold(self) -> tuple[int, int]:
        """Fold every record from its acts again; return (records, those that changed)."""
        count = changed = 0
        after = ""
        while True:
            with self.reading() as connection:
                page = Store(connection).record_ids(after, 500)
            if not page:
                return count, changed
            changed += self.fold_again(page)
            count += len(page)
            after = page[-1]

    def fold_again(self, records: Sequence[str]) -> int:
        """Fold some records from their acts again; return how many changed."""
        with self.writing() as connection:
            unit = self._new_unit(connection)
            unit.look_up((), records)
            acts = unit.store.acts_of(records)
            for record in records:
                unit.in_progress(record).fold_again(acts.get(record, []))
            published, seq = self._finish(connection, unit)
        self._tell(published, unit.seq, seq)
        return unit.rewritten

    def touch(self, records: Sequence[str]) -> None:
        """Compute again what the server adds to some records: timers, channels, hidings."""
        with self.writing() as connection:
            unit = self._new_unit(connection)
            unit.look_up((), records)
            for record in records:
                unit.in_progress(record).touched = True
            published, seq = self._finish(connection, unit)
        self._tell(published, unit.seq, seq)

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work for checks and repairs; the caller calls its `finish` to write.

        It is committed when the block ends without an error, and other processes are told.
        """
        with self.writing() as connection:
            unit = self._new_unit(connection)
            yield unit
            seq = unit.store.locked_counter()[0]
            if seq > unit.seq:
                self.announce(connection, seq)
        self.hub.skip_to(seq)

    def _group_commit(
        self,
        run: Callable[[Intake], list[Verdict]],
        *,
        is_first: bool = False,
        is_long: bool = False,
    ) -> list[Verdict]:
        """Run an intake and all that wait with it in one commit, by whichever thread comes first.

        A commit costs a flush to the disk; with many tablets that flush is shared. A long push has
        one to itself, so that whoever came before it does not wait for its end as well.
        """
        job = _Job(run, is_long)
        if is_first:
            self._waiting.appendleft(job)
        else:
            self._waiting.append(job)
        while not job.done.is_set():
            with self._writing:
                if not job.done.is_set():
                    self._commit(self._next_jobs())
        if job.error is not None:
            raise job.error
        return job.result

    def _next_jobs(self) -> list[_Job]:
        """Take from those that wait what is committed together."""
        jobs = [self._waiting.popleft()]
        while self._waiting and len(jobs) < MOST_TOGETHER:
            if jobs[-1].is_long or self._waiting[0].is_long:
                break
            jobs.append(self._waiting.popleft())
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
        """Commit jobs together; when that fails, each by itself, so that one harms no other."""
        try:
            published, unit, seq, results = self._tried(jobs)
        except Exception as error:
            self.health.note(error)
            if len(jobs) == 1:
                jobs[0].error = error
                jobs[0].done.set()
                return
            for job in jobs:
                self._commit([job])
            return
        self._learn(unit.reference)
        self._looked = (seq, monotonic())
        self._tell(published, unit.seq, seq)
        for job, result in zip(jobs, results, strict=True):
            job.result = result
            job.done.set()

    def _tried(self, jobs: list[_Job]) -> Transacted:
        """Run a transaction, again after a deadlock: the database let the other server go on."""
        for _ in range(TRIES - 1):
            try:
                return self._transaction(jobs)
            except sa.exc.OperationalError as error:
                if not engines.was_in_the_way(error):
                    raise
        return self._transaction(jobs)

    def _transaction(self, jobs: list[_Job]) -> Transacted:
        with self.writing() as connection:
            unit = self._new_unit(connection)
            intake = Intake(unit, self.config.name)
            results = [_run(job, intake) for job in jobs]
            published, seq = self._finish(connection, unit)
        return published, unit, seq, results

    def _finish(self, connection: sa.Connection, unit: UnitOfWork) -> tuple[Published, int]:
        published, seq = unit.finish()
        if seq > unit.seq:
            self.announce(connection, seq)
        return published, seq

    def _tell(self, published: Published, before: int, seq: int) -> None:
        """Publish what was committed; when another process committed in between, that as well."""
        if not self.hub.publish(published, before, seq):
            # It is committed, whatever happens now; half a second later somebody looks again.
            with suppress(sa.exc.SQLAlchemyError):
                self.catch_up()

    def catch_up(self) -> None:
        """Read what other processes committed: acts, rights, sessions that ended."""
        with self._catching:
            before, moment = self.hub.seq, self.sessions.moment()
            digests = self.sessions.digests()
            with self.reading() as connection:
                store = Store(connection)
                seq, reference = store.counter()
                self._read_reference(connection, reference)
                ended = self.sessions.confirm(digests, store.sessions(digests), moment)
                rows = store.changed_after(before, MOST_CAUGHT + 1) if seq > before else []
            if seq >= self.hub.seq:
                self._looked = (seq, moment[0])
            if len(rows) > MOST_CAUGHT:
                self.hub.skip_to(seq)
            elif seq > before:
                self.hub.publish(published_of(rows, before), before, seq)
        if ended:
            self.hub.wake_all()

    def _new_unit(self, connection: sa.Connection) -> UnitOfWork:
        return UnitOfWork(
            connection, self.declarations, self._read_reference, self.listens, self.secret
        )

    # Reading

    def hidden_ones(self) -> dict[str, list[str]]:
        """Return {record: people whom it is hidden from}; there are few."""
        columns = tables.records.c
        wanted = sa.select(columns.id, columns.hides).where(columns.hides != NOBODY)
        with self.reading() as connection:
            return {row.id: orjson.loads(row.hides) for row in connection.execute(wanted)}

    def record(self, identifier: str) -> dict[str, Any] | None:
        """Return a stored record or None, without asking for anybody's rights."""
        with self.reading() as connection:
            body = connection.execute(
                sa.select(tables.records.c.body).where(tables.records.c.id == identifier)
            ).scalar()
        return None if body is None else orjson.loads(body)
