"""Unit of work: what one transaction adds to acts, records, timers, grants, log and jobs.

Records are read once, changed in memory, and written at the end, each under one new seq.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import (
    access,
    attachment_stubs,
    follow_ups,
    own_ids,
    record_rows,
    reference,
    security_log,
    timers,
    woken_rules,
)
from server.acts.hidings import Hidings
from server.acts.record_in_progress import RecordInProgress
from server.acts.record_rows import Outcome, Published
from server.acts.reference import Grant, Reference
from server.acts.timers import CALENDAR
from server.database.statements import Row
from server.database.store import Blob, Store
from sync import ladder
from sync.act import Act
from sync.check_act import Declarations, Record

_key = itemgetter(0, 1)  # rows go in in the order of their key, which is the order they lie in


class UnitOfWork:
    """One transaction's changes in memory. `finish` writes them; without it nothing happened."""

    def __init__(
        self,
        connection: sa.Connection,
        declarations: Declarations,
        read: Callable[[sa.Connection, int], Reference],
        listens: follow_ups.Listens,
        secret: str,
    ) -> None:
        self.store = Store(connection)
        self.declarations = declarations
        self.seq, reference_seq = self.store.locked_counter()
        self.secret = secret  # of the site's own ids
        self.listens = listens
        self.rewritten = 0
        self.spent = 0.0  # of what one transaction may take: intake.py
        self._reference = read(connection, reference_seq)
        self._changed: dict[str, str] = {}  # records of reference data that are not read anew yet
        self.works: dict[str, RecordInProgress] = {}
        self.hidings = Hidings(self)
        self._acts: dict[str, Act | None] = {}
        self._refused: dict[str, list[Any]] = {}
        self.new: dict[str, tuple[Act, int]] = {}  # with the ms at which each was received
        self._withdrawn: list[str] = []
        self._moved_channels: set[str] = set()
        self._granted: set[str] = set()  # people whose grants a unit changed
        self._moved_by: dict[str, set[str]] = {}  # settings by the act that changed them
        self._left_over: dict[str, list[str]] = {}  # records to be moved later, by that act
        self._named: dict[str, list[str]] = {}  # photos and recordings, by record
        self._blobs: dict[str, Blob] = {}

    # Reading

    def look_up(self, acts: Iterable[str], records: Iterable[str]) -> None:
        """Read the acts and records with these ids that are not here yet, in one query each."""
        wanted = {act for act in acts if act not in self._acts}
        if wanted:
            bodies = self.store.known_acts(wanted)
            self._acts.update(
                {act: orjson.loads(bodies[act]) if act in bodies else None for act in wanted}
            )
            for row in self.store.refused_before(wanted):
                self._refused.setdefault(row.act_id, []).append(row)
        missing = list(dict.fromkeys(record for record in records if record not in self.works))
        if missing:
            stored = self.store.records(missing)
            for record in missing:
                self.works[record] = RecordInProgress(
                    record, stored.get(record), self.declarations, self.store
                )

    def in_progress(self, record: str) -> RecordInProgress:
        """Return a record to work on; it may not exist yet."""
        if record not in self.works:
            self.look_up((), [record])
        return self.works[record]

    def act(self, identifier: str) -> Act | None:
        """Return an act that is stored or about to be, else None."""
        if identifier in self.new:
            return self.new[identifier][0]
        if identifier not in self._acts:
            self.look_up([identifier], ())
        return self._acts[identifier]

    def refused_before(self, identifier: str) -> list[Any]:
        """Return the undecided rows of quarantine for an act's id."""
        return self._refused.get(identifier, [])

    def is_made(self, record: str) -> bool:
        """Say whether the record's creating act is here; others may have come before it."""
        return self.in_progress(record).is_made

    def may_be_seen(self, rights: access.Rights, record: str, hides: Iterable[str]) -> bool:
        """Say whether the person is offered a record, or was once, in this transaction too.

        `hides` are the people whom it is hidden from.
        A record that has to be folded again is folded only for somebody who did not see it before.
        """
        work = self.in_progress(record)
        if work.stored is not None and access.may_see(
            rights, work.stored.channels, work.stored.past, hides=hides
        ):
            return True
        if not work.touched:
            return False
        was_offered: bool = access.may_see(rights, work.offered, hides=hides)
        return was_offered or self._is_offered_now(work, rights, hides)

    def _is_offered_now(
        self, work: RecordInProgress, rights: access.Rights, hides: Iterable[str]
    ) -> bool:
        current = self.reference
        if work.record is None:
            return False
        for channels in access.each_channel(
            self.declarations, work.record, current.ancestors, current.knows
        ):
            work.offered.update(channels)
            if access.may_see(rights, channels, hides=hides):
                return True
        return False

    def offers(self, rights: access.Rights, record: str) -> bool:
        """Say whether the person is offered a record now, whoever was offered it before."""
        current = self.in_progress(record).record
        if current is None:
            return False
        return access.may_see(rights, self._channels_of(current), hides=self.hidings.of(record))

    def _channels_of(self, record: Record) -> list[str]:
        current = self.reference
        return access.channels_of(self.declarations, record, current.ancestors, current.knows)

    # Adding

    def add(self, act: Act, received_at: int) -> None:
        """Add an act that arrived at `received_at` (ms), to be folded."""
        stored = self.act(act["_id"])
        if stored is not None:
            if act["by"].startswith("system:") and not own_ids.is_same_event(act, stored):
                own_ids.count_lost(self.store.connection, act, stored)
            return
        self.new[act["_id"]] = (act, received_at)
        work, kind = self.in_progress(act["record"]), act["act"].partition(".")[0]
        # Of other kinds the log needs no record, which would be folded anew for each late act.
        is_watched = security_log.is_watched(act)
        is_compared = is_watched and kind in reference.KINDS
        before = work.record if is_compared else None
        work.add(act)
        if is_watched:
            after = work.record if is_compared else None
            security_log.record_act(self.store.connection, act, received_at, before, after)
        if kind in reference.KINDS:
            self._changed[act["record"]] = act["_id"]

    def withdraw(self, act: Act) -> None:
        """Take out an act that came before its record and whose author has no right to it."""
        if self.new.pop(act["_id"], None) is None:
            self._withdrawn.append(act["_id"])
        self._acts[act["_id"]] = None
        self.in_progress(act["record"]).withdraw(act["_id"])

    def claim(self, act: Act) -> bool:
        """Say whether a rung's act is the first to tell of it and its ladder still runs."""
        data, work = act["data"], self.in_progress(act["record"])
        stored = self.act(act["_id"])
        if stored is not None and not own_ids.is_same_event(act, stored):
            own_ids.count_lost(self.store.connection, act, stored)
        if stored is not None or work.record is None:
            return False
        if not ladder.runs(self.declarations["ladders"][data["ladder"]], work.record):
            return False
        # Another server may have told of a lower rung since this step was computed: what it skips
        # must still be untold, or the step is computed again at the next tick.
        skipped = set(data.get("skipped") or ())
        if skipped and not skipped <= self.store.untold(work.id, data["ladder"]):
            return False
        return self.store.claim_timer(
            work.id, data["ladder"], data["rung"], data["due_at"], act["at"]
        )

    @property
    def reference(self) -> Reference:
        """Reference data as of the acts added so far: later acts are judged by it."""
        if self._changed:
            self._read_anew()
        return self._reference

    def _read_anew(self) -> None:
        """Read the records of reference data that changed since; note what that moves."""
        if not self._changed:
            return
        changed, self._changed = self._changed, {}
        grants, records = dict(self._reference.grants), dict(self._reference.records)
        for identifier, act in changed.items():
            work, (kind, _, name) = self.in_progress(identifier), identifier.partition(":")
            record = work.record
            if record is None or record["state"] == "unknown":
                continue
            people = [identifier] if kind == "person" else self._ever_heads(work)
            for person in people:
                grants[person] = self._grants_of(self.in_progress(person))
            self._granted.update(people)
            before = records.get(identifier)
            if kind not in ("person", "place", "unit"):
                key = name if kind == "setting" else CALENDAR
                self._moved_by.setdefault(act, set()).add(key)
            elif before is None:  # records that name it wait to be offered in it
                self._moved_channels |= {identifier, access.ABSENT + identifier}
            if kind in ("place", "unit") and (before or {}).get("inside") != record.get("inside"):
                posts = access.scoped_posts(self.declarations) | {access.HEAD}
                scoped = {access.scoped_channel(post, identifier) for post in posts}
                self._moved_channels |= {identifier, *scoped}
            records[identifier] = record
        self._reference = reference.reference(
            self.declarations, self._reference.seq, records.values(), grants
        )

    # Writing

    def finish(self) -> tuple[Published, int]:
        """Write everything; return what to publish by channel, and the newest seq."""
        self._touch_what_moved()
        self.hidings.touch_what_moved()
        current = self.reference
        touched = [work for work in self.works.values() if work.touched]
        self._look_for_blobs(touched)
        outcomes = [self._outcome(work) for work in touched]
        jobs = follow_ups.jobs(self, touched)  # while the database has only what was before
        written = [outcome for outcome in outcomes if outcome is not None]
        is_reference = any(work.id.partition(":")[0] in reference.KINDS for work, *_ in written)
        last = self.store.next_seqs(len(written), reference=is_reference) if written else self.seq
        first = last - len(written) + 1
        published: Published = {}
        new_records: dict[str, Record] = {}
        rows: list[Row] = []
        gone: list[tuple[str, int]] = []
        log: list[Row] = []
        for seq, outcome in enumerate(written, first):
            work, record = outcome[:2]
            lost = self.hidings.newly_hidden(work, outcome[3])
            row, change = record_rows.as_row(outcome, lost, seq)
            rows.append(row)
            new_records[work.id] = {**record, "_rev": change.rev}
            record_rows.log_change(outcome, lost, change, gone, log, published)
        self.rewritten = len(rows)
        if is_reference:
            records = {name: new_records.get(name, was) for name, was in current.records.items()}
            self._reference = replace(current, seq=last, records=records)
        self.store.remove_acts(self._withdrawn)
        self.store.add_acts(sorted(self._act_rows(), key=_key))
        stored = {work.id for work, *_ in written if work.stored}
        self.store.add_records([row for row in rows if row[0] not in stored])
        self.store.put_records([row for row in rows if row[0] in stored])
        self.store.move_changes(gone, sorted(log, key=_key))
        self._write_timers(touched)
        self._write_grants(touched)
        self.store.add_uses([*sorted(self._uses(touched))])
        self.store.add_jobs([*jobs, *follow_ups.moves(self._left_over, self.new)])
        woken_rules.write(self, touched)
        return published, last

    def _touch_what_moved(self) -> None:
        """Touch records whose timers or channels a change of reference data moves."""
        moved: list[str] = []
        self._read_anew()
        for act, keys in self._moved_by.items():
            kinds = timers.kinds_counted_by(self.declarations, self.reference.settings, keys)
            states = set().union(*(timers.live_states(self.declarations, kind) for kind in kinds))
            ids = self.store.in_states(kinds, states) if kinds else []
            # Many are left to a job, page by page: nobody's push waits for all of them.
            moved += ids[: follow_ups.MOVED_AT_ONCE]
            if len(ids) > follow_ups.MOVED_AT_ONCE:
                self._left_over[act] = ids[follow_ups.MOVED_AT_ONCE :]
        for channel in sorted(self._moved_channels):
            moved += self.store.offered_in(channel)
        self.look_up((), moved)
        for record in moved:
            self.works[record].touched = True

    def _look_for_blobs(self, touched: list[RecordInProgress]) -> None:
        """Read which of the blobs that touched records name are whole."""
        for work in touched:
            record = work.record
            if record is not None and (names := attachment_stubs.named(self.declarations, record)):
                self._named[work.id] = names
        if self._named:
            self._blobs = self.store.blobs({n for names in self._named.values() for n in names})

    def _outcome(self, work: RecordInProgress) -> Outcome | None:
        """Return the record as it will be written, or None when nothing about it changed."""
        record = work.record
        if record is None:
            return None
        record = dict(record)
        if timers.has_ladders(self.declarations, record["type"]):
            work.timers = timers.rows(
                self.declarations, record, self.reference.settings, self.reference.calendar
            )
            if work.timers:
                record["due_at"] = work.timers[0][3]
        stored = work.stored
        hides = self.hidings.of_work(work)
        channels = [channel for channel in self._channels_of(record) if channel not in hides]
        if names := self._named.get(work.id):
            gen = stored.gen + 1 if stored else 1
            stubs = attachment_stubs.stubs_of(names, self._blobs, work.attached, gen)
            if stubs:
                record[attachment_stubs.MEMBER] = stubs
        plain, digest = work.written(record)
        if work.is_as_stored(digest, channels, hides):
            return None
        return work, record, channels, hides, plain, digest

    def _act_rows(self) -> Iterable[Row]:
        for act, received_at in self.new.values():
            body = orjson.dumps(act)
            yield (
                act["_id"],
                act["record"],
                act["act"],
                act["at"],
                received_at,
                act["by"],
                act["device"],
                body,
            )

    def _write_timers(self, touched: list[RecordInProgress]) -> None:
        clocked = [work for work in touched if work.timers is not None]
        rows = sorted((row for work in clocked for row in work.timers or ()), key=_key)
        self.store.replace_timers([work.id for work in clocked if work.stored], [*rows])

    def _write_grants(self, touched: list[RecordInProgress]) -> None:
        people = {work.id for work in touched if work.id.startswith("person:")} | self._granted
        for work in map(self.in_progress, sorted(people)):
            rows = [
                (
                    work.id,
                    grant.at,
                    orjson.dumps(grant.posts).decode(),
                    orjson.dumps(grant.places).decode(),
                    orjson.dumps(grant.units).decode(),
                    int(grant.active),
                )
                for grant in self._grants_of(work)
            ]
            self.store.replace_grants(work.id, list(rows))

    def _grants_of(self, work: RecordInProgress) -> list[Grant]:
        if work.record is None or work.record["state"] == "unknown":
            return []
        was = self._reference.grants.get(work.id, ())
        units = {name[len("head@") :] for grant in was for name in grant.units if "@" in name}
        units |= {
            name
            for name, record in self._reference.records.items()
            if record["type"] == "unit" and work.id in map(record.get, reference.HEADS)
        }
        units |= {one.id for one in self.works.values() if work.id in self._ever_heads(one)}
        acts = [self.in_progress(unit).all_acts() for unit in sorted(units)]
        return reference.grants_of(self.declarations, work.all_acts(), acts)

    def _ever_heads(self, work: RecordInProgress) -> set[str]:
        """Return the people whom a unit named, at any time, as its head or deputy."""
        if not work.id.startswith("unit:") or not work.touched:
            return set()
        named = {act["data"].get(name) for act in work.all_acts() for name in reference.HEADS}
        return {one for one in named if isinstance(one, str) and one.startswith("person:")}

    def _uses(self, touched: list[RecordInProgress]) -> set[tuple[str, str]]:
        """Return (blob, record) for every blob that a record names."""
        return {(name, work.id) for work in touched for name in self._named.get(work.id, ())}
