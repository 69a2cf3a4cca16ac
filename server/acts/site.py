"""One hospital: everything that a request or a tick of the clock needs, made once."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import orjson
import sqlalchemy as sa

import sync
from server.acts import reference
from server.acts.access import SYSTEM_ACTOR, Actor, Rights
from server.acts.change_hub import ChangeHub, published_of
from server.acts.intake import Intake
from server.acts.reference import Grant, Reference
from server.acts.rungs import Step
from server.acts.session_cache import SessionCache
from server.acts.unit_of_work import Published, UnitOfWork
from server.acts.verdict import Verdict
from server.base import clock
from server.base.config import Config
from server.database import engines, tables
from server.database.store import Blob, Store
from sync.act import make

LOOKED_AT_EVERY = 0.5  # s
SURE_FOR = 1.0  # s that whoever cannot ask the database relies on what is known
MOST_CAUGHT = 1_000  # records of other processes that are read at once for those who wait
MOST_TOGETHER = 64  # takings that share one commit
TRIES = 3  # of a transaction that another server was in the way of

Transacted = tuple[Published, UnitOfWork, int, list[list[Verdict]]]


@dataclass
class _Job:
    """One taking that waits for its transaction."""

    run: Callable[[Intake], list[Verdict]]
    done: threading.Event = field(default_factory=threading.Event)
    result: list[Verdict] = field(default_factory=list)
    error: BaseException | None = None


class Site:
    """A hospital's server without HTTP. Methods block and may be called from any thread."""

    def __init__(self, config: Config, now: Callable[[], int] = clock.real_now) -> None:
        self.config = config
        self.now = now
        self.declarations: dict[str, Any] = sync.declarations(config.profile)
        config.data.mkdir(parents=True, exist_ok=True)
        self.engine = engines.connect(config.database)
        self.hub = ChangeHub()
        self.sessions = SessionCache()
        self.listens: frozenset[str] = frozenset()  # acts that reactions wait for
        # Told inside each transaction that moved the seq, just before its commit, and of that seq:
        # what it sends there arrives with the commit or not at all.
        self.announce: Callable[[sa.Connection, int], None] = engines.announcer(self.engine)
        self._reference: Reference | None = None
        self._looked = (-1, 0.0)  # at which seq, and when, it was last compared with the database
        self._catching = threading.Lock()
        self._learning = threading.Lock()
        self._writing = threading.RLock()
        self._waiting: deque[_Job] = deque()
        engines.prepare(self.engine)
        with self.reading() as connection:
            self.meta = {row.key: row.value for row in connection.execute(tables.meta.select())}
            self.hub.start_at(connection.execute(sa.select(tables.counter.c.seq)).scalar_one())

    def close(self) -> None:
        """Wake those who wait and give the database back."""
        self.hub.close()
        self.engine.dispose()

    # The database

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that only reads."""
        return engines.reading(self.engine)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction for what is not an act: sessions, devices, jobs. Keep it short.

        Our own writers queue here: those who wait inside SQLite are served in no order.
        """
        with self._writing, engines.writing(self.engine) as connection:
            yield connection

    # Acts

    def accept(
        self, acts: Sequence[Any], actor: Actor, *, received_at: int | None = None
    ) -> list[Verdict]:
        """Take acts in, the one way there is; return a verdict for each, in order."""
        at = self.now() if received_at is None else received_at
        return self._group_commit(lambda intake: intake.accept(acts, actor, at))

    def reach_rungs(self, steps: Sequence[Step], at: int) -> list[Verdict]:
        """Take in rungs that were reached at `at`, each only if nobody did it before."""
        return self._group_commit(lambda intake: intake.reach_rungs(steps, at))

    def admit(self, refusal: str, by: str, at: int) -> Verdict:
        """Take in what was refused, because somebody of the office (`by`) admitted it."""
        return self._group_commit(lambda intake: intake.admit(refusal, by, at))[0]

    def in_group_commit(self, run: Callable[[Intake], list[Verdict]]) -> list[Verdict]:
        """Take in what does not come from a device, in one commit with whatever else waits."""
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
        text: str | None = None,
        identifier: str | None = None,
        device: str = "device:office",
    ) -> Verdict:
        """Make one act and take it in; `by` may be "system:…" for what the server itself does.

        Without `at` it comes after all that is known of the record: a tablet's clock may be a
        little ahead, and a decision must not come before what it decides.
        """
        now = self.now()
        if at is None:
            recent = (self.record(record) or {"acts": {"recent": []}})["acts"]["recent"]
            at = max([now, *(entry["at"] + 1 for entry in recent[-1:])])
        act = make(
            name,
            record,
            data,
            at=at,
            by=by,
            device=device,
            site=self.config.name,
            seen=seen,
            text=text,
            identifier=identifier,
            random_bits=lambda: secrets.randbits(80),
        )
        actor = SYSTEM_ACTOR if by.startswith("system:") else Actor(self.person(by), device)
        return self.accept([act], actor, received_at=now)[0]

    def arrived(self, blob: Blob, person: str) -> bool:
        """Write down that a blob is whole, and offer the records that name it anew.

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
        """Fold every record from its acts again; return how many there are and how many differ."""
        count = changed = 0
        after = ""
        while True:
            with self.writing() as connection:
                unit = self._new_unit(connection)
                page = unit.store.record_ids(after, 500)
                unit.look_up((), page)
                acts = unit.store.acts_of(page)
                for record in page:
                    unit.in_progress(record).fold_again(acts.get(record, []))
                published, seq = self._finish(connection, unit)
            self._tell(published, unit.seq, seq)
            changed += unit.rewritten
            count += len(page)
            if not page:
                return count, changed
            after = page[-1]

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """The books of one transaction, for whoever looks through them; `finish` writes them.

        What was written stays when the block ends without an error, and is told to others.
        """
        with self.writing() as connection:
            unit = self._new_unit(connection)
            yield unit
            seq = unit.store.locked_counter()[0]
            if seq > unit.seq:
                self.announce(connection, seq)
        self.hub.skip_to(seq)

    def _group_commit(self, run: Callable[[Intake], list[Verdict]]) -> list[Verdict]:
        """Do one taking, and those that wait with it, in one commit: whoever comes first writes."""
        job = _Job(run)
        self._waiting.append(job)
        with self._writing:
            if not job.done.is_set():
                jobs = [self._waiting.popleft() for _ in range(len(self._waiting))]
                for start in range(0, len(jobs), MOST_TOGETHER):
                    self._commit(jobs[start : start + MOST_TOGETHER])
        if job.error is not None:
            raise job.error
        return job.result

    def _commit(self, jobs: list[_Job]) -> None:
        """Commit takings together; when that fails each by itself, so that one harms no other."""
        try:
            published, unit, seq, results = self._tried(jobs)
        except Exception as error:
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
        """Two servers may have waited for each other; the database then lets one of them go on."""
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
            results = [job.run(intake) for job in jobs]
            published, seq = self._finish(connection, unit)
        return published, unit, seq, results

    def _finish(self, connection: sa.Connection, unit: UnitOfWork) -> tuple[Published, int]:
        published, seq = unit.finish()
        if seq > unit.seq:
            self.announce(connection, seq)
        return published, seq

    def _tell(self, published: Published, before: int, seq: int) -> None:
        """Tell those who wait; when another process committed in between, of that as well."""
        if not self.hub.publish(published, before, seq):
            # It is committed, whatever happens now; half a second later somebody looks again.
            with suppress(sa.exc.SQLAlchemyError):
                self.catch_up()

    def catch_up(self) -> None:
        """Take note of what other processes committed: acts, rights, sessions that ended."""
        with self._catching:
            before, moment = self.hub.seq, self.sessions.moment()
            known = self.sessions.digests()
            with self.reading() as connection:
                store = Store(connection)
                seq, reference = store.counter()
                self._read_reference(connection, reference)
                ended = self.sessions.confirm(known, store.sessions(known), moment)
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
        return UnitOfWork(connection, self.declarations, self._read_reference, self.listens)

    # Reference data

    def reference(self) -> Reference:
        """Return people, places, settings and calendar as they are now.

        What this process commits is seen at once, what another one does within half a second.
        """
        known, (seq, looked_at) = self._reference, self._looked
        if known is not None and seq == self.hub.seq and monotonic() - looked_at < LOOKED_AT_EVERY:
            return known
        looked = (self.hub.seq, monotonic())
        with self.reading() as connection:
            seq = connection.execute(sa.select(tables.counter.c.reference)).scalar_one()
            known = self._read_reference(connection, seq)
        self._looked = looked
        return known

    def cached_reference(self) -> Reference | None:
        """Return the same without asking the database, or None when only that knows."""
        known, (seq, looked_at) = self._reference, self._looked
        return known if seq == self.hub.seq and monotonic() - looked_at < SURE_FOR else None

    def _read_reference(self, connection: sa.Connection, seq: int) -> Reference:
        known = self._reference
        if known is not None and known.seq == seq:
            return known
        records = tables.records
        bodies = connection.execute(
            sa.select(records.c.body).where(records.c.type.in_(reference.KINDS))
        ).scalars()
        grants: dict[str, list[Grant]] = {}
        columns = tables.grants.c
        for row in connection.execute(tables.grants.select().order_by(columns.person, columns.at)):
            posts, places, units = map(orjson.loads, (row.posts, row.places, row.units))
            grant = Grant(row.at, tuple(posts), tuple(places), tuple(units), bool(row.active))
            grants.setdefault(row.person, []).append(grant)
        found = reference.reference(self.declarations, seq, map(orjson.loads, bodies), grants)
        self._learn(found)
        return found

    def _learn(self, found: Reference) -> None:
        """Two threads may have read it: what is newer stays."""
        with self._learning:
            if self._reference is None or self._reference.seq <= found.seq:
                self._reference = found

    def settings(self) -> dict[str, Any]:
        """Return every setting as it is now: {key: {"value", "unit", "meaning", "rule"}}."""
        return self.reference().settings

    def calendar(self) -> dict[str, Any]:
        """Return the site's calendar, as sync.worktime reads it."""
        return self.reference().calendar

    def person(self, identifier: str) -> dict[str, Any] | None:
        """Return a person's record."""
        return self.reference().records.get(identifier)

    def people(self) -> list[dict[str, Any]]:
        """Return every person's record, by id."""
        return self.reference().people()

    def rights(self, person: str, at: int | None = None) -> Rights:
        """Return what a person may do and see, now or at a moment."""
        return self.reference().rights(person, self.now() if at is None else at)

    def record(self, identifier: str) -> dict[str, Any] | None:
        """Return a record as it is stored, whoever asks."""
        with self.reading() as connection:
            body = connection.execute(
                sa.select(tables.records.c.body).where(tables.records.c.id == identifier)
            ).scalar()
        return None if body is None else orjson.loads(body)
