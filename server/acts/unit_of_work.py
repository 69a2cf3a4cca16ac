"""Unit of work: what one transaction adds to acts, records, timers, grants, log and jobs.

Records are read once, changed in memory, and written at the end, each under one new seq.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import access, attachment_stubs, reached_rungs, reference, timers
from server.acts.change_hub import Change
from server.acts.record_in_progress import ID_BYTES, RecordInProgress
from server.acts.reference import Reference
from server.database.store import Blob, Row, Store
from sync import ladder
from sync.act import Act
from sync.check_act import Declarations, Record

REVISIONS = 1_000  # of a record's history; CouchDB's _revs_limit

_key = itemgetter(0, 1)  # rows go in in the order of their key, which is the order they lie in

Published = dict[str, list[Change]]  # by channel
# A record as it will be written: its channels, its JSON without a revision, and that one's MD5.
Outcome = tuple[RecordInProgress, Record, list[str], bytes, bytes]


class UnitOfWork:
    """One transaction's changes in memory. `finish` writes them; without it nothing happened."""

    def __init__(
        self,
        connection: sa.Connection,
        declarations: Declarations,
        read: Callable[[sa.Connection, int], Reference],
        listens: Collection[str],
    ) -> None:
        self.store = Store(connection)
        self.declarations = declarations
        self.seq, reference_seq = self.store.locked_counter()
        self.reference = read(connection, reference_seq)
        self.rewritten = 0
        self._listens = listens
        self._works: dict[str, RecordInProgress] = {}
        self._acts: dict[str, Act | None] = {}
        self._refused: dict[str, list[Any]] = {}
        self._new: dict[str, tuple[Act, int]] = {}
        self._moved_places: set[str] = set()
        self._moved_deadlines = False
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
        missing = list(dict.fromkeys(record for record in records if record not in self._works))
        if missing:
            stored = self.store.records(missing)
            for record in missing:
                self._works[record] = RecordInProgress(
                    record, stored.get(record), self.declarations, self.store
                )

    def in_progress(self, record: str) -> RecordInProgress:
        """Return a record to work on; it may not exist yet."""
        if record not in self._works:
            self.look_up((), [record])
        return self._works[record]

    def act(self, identifier: str) -> Act | None:
        """Return an act that is stored or about to be, else None."""
        if identifier in self._new:
            return self._new[identifier][0]
        if identifier not in self._acts:
            self.look_up([identifier], ())
        return self._acts[identifier]

    def refused_before(self, identifier: str) -> list[Any]:
        """Return the undecided rows of quarantine for an act's id."""
        return self._refused.get(identifier, [])

    def is_made(self, record: str) -> bool:
        """Say whether the record's creating act is here; others may have come before it."""
        current = self.in_progress(record).record
        return current is not None and current["state"] != "unknown"

    def channels(self, record: str) -> list[Iterable[str]]:
        """Return the channels a record is in, and those it was in."""
        work = self.in_progress(record)
        channels: list[Iterable[str]] = []
        if work.stored is not None:
            channels += [work.stored.channels, work.stored.past]
        if work.touched and work.record is not None:
            ancestors = self.reference.ancestors
            channels.append(access.channels_of(self.declarations, work.record, ancestors))
        return channels

    # Adding

    def add(self, act: Act, received_at: int) -> None:
        """Add an act that arrived at `received_at` (ms), and fold it."""
        if self.act(act["_id"]) is not None:
            return
        self._new[act["_id"]] = (act, received_at)
        work = self.in_progress(act["record"])
        before = work.record
        work.add(act)
        kind = act["act"].partition(".")[0]
        if kind in reference.KINDS:
            self._reference_changed(kind, before, work)
        if act["act"] in ("refusal.admitted", "refusal.dismissed"):
            self.store.settle_refusal(act["record"], received_at)

    def claim(self, act: Act) -> bool:
        """Say whether a rung's act is the first to tell of it and its ladder still runs."""
        data, work = act["data"], self.in_progress(act["record"])
        if self.act(act["_id"]) is not None or work.record is None:
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

    def _reference_changed(self, kind: str, before: Record | None, work: RecordInProgress) -> None:
        """Judge later acts of this transaction by the reference data that this one changed."""
        record = work.record
        if record is None:
            return
        grants = dict(self.reference.grants)
        if kind == "person":
            grants[work.id] = reference.grants_of(self.declarations, work.all_acts())
        elif kind == "place":
            if (before or {}).get("inside") != record.get("inside"):
                self._moved_places.add(work.id)
        else:
            self._moved_deadlines = True
        records = {**self.reference.records, work.id: record}
        self.reference = reference.reference(
            self.declarations, self.reference.seq, records.values(), grants
        )

    # Writing

    def finish(self) -> tuple[Published, int]:
        """Write everything; return what to publish by channel, and the newest seq."""
        self._touch_what_moved()
        touched = [work for work in self._works.values() if work.touched]
        self._look_for_blobs(touched)
        outcomes = [self._outcome(work) for work in touched]
        written = [outcome for outcome in outcomes if outcome is not None]
        is_reference = any(work.id.partition(":")[0] in reference.KINDS for work, *_ in written)
        last = self.store.next_seqs(len(written), reference=is_reference) if written else self.seq
        first = last - len(written) + 1
        published: Published = {}
        new_records: dict[str, Record] = {}
        rows: list[Row] = []
        gone: list[tuple[str, int]] = []
        log: list[Row] = []
        for seq, (work, record, channels, plain, digest) in enumerate(written, first):
            row, change = _as_row(work, record, channels, plain, digest, seq)
            rows.append(row)
            new_records[work.id] = {**record, "_rev": change.rev}
            _log(work, channels, change, gone, log, published)
        self.rewritten = len(rows)
        if is_reference:
            records = {
                name: new_records.get(name, was) for name, was in self.reference.records.items()
            }
            self.reference = replace(self.reference, seq=last, records=records)
        self.store.add_acts(sorted(self._act_rows(), key=_key))
        stored = {work.id for work, *_ in written if work.stored}
        self.store.add_records([row for row in rows if row[0] not in stored])
        self.store.put_records([row for row in rows if row[0] in stored])
        self.store.move_changes(gone, sorted(log, key=_key))
        self._write_timers(touched)
        self._write_grants(touched)
        self.store.add_uses([*sorted(self._uses(touched))])
        self.store.add_jobs([*self._reactions(), *self._judgements(touched)])
        return published, last

    def _touch_what_moved(self) -> None:
        """Touch records whose timers or channels a change of reference data moves."""
        moved: list[str] = []
        if self._moved_deadlines:
            kinds = {ladder["record"] for ladder in self.declarations["ladders"].values()}
            moved += self.store.in_states(kinds, self._open_states(kinds))
        for place in self._moved_places:
            moved += self.store.offered_in(place)
        self.look_up((), moved)
        for record in moved:
            self._works[record].touched = True

    def _open_states(self, kinds: Iterable[str]) -> set[str]:
        states: set[str] = set()
        for kind in kinds:
            state = self.declarations["records"][kind]["open_when"].get("state")
            states.update(state["$in"] if isinstance(state, dict) else [state])
        return states

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
        channels = access.channels_of(self.declarations, record, self.reference.ancestors)
        if names := self._named.get(work.id):
            gen = stored.gen + 1 if stored else 1
            stubs = attachment_stubs.stubs_of(names, self._blobs, work.attached, gen)
            if stubs:
                record[attachment_stubs.MEMBER] = stubs
        plain, digest = work.written(record)
        if work.is_as_stored(digest, channels):
            return None
        return work, record, channels, plain, digest

    def _act_rows(self) -> Iterable[Row]:
        for act, received_at in self._new.values():
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
        for work in touched:
            if not work.id.startswith("person:"):
                continue
            rows = [
                (
                    work.id,
                    grant.at,
                    orjson.dumps(grant.posts).decode(),
                    orjson.dumps(grant.places).decode(),
                    orjson.dumps(grant.units).decode(),
                    int(grant.active),
                )
                for grant in reference.grants_of(self.declarations, work.all_acts())
            ]
            self.store.replace_grants(work.id, list(rows))

    def _uses(self, touched: list[RecordInProgress]) -> set[tuple[str, str]]:
        """Return (blob, record) for every blob that a record names."""
        return {(name, work.id) for work in touched for name in self._named.get(work.id, ())}

    def _reactions(self) -> list[Row]:
        """Return a job for each act that has a reaction."""
        rows: list[Row] = []
        for act, received_at in self._new.values():
            if act["act"] in self._listens:
                payload = {"act": act["_id"], "name": act["act"], "record": act["record"]}
                text = orjson.dumps(payload).decode()
                key = f"reaction|{act['_id']}"
                rows.append((key, "reaction", text, received_at, 0, None, None, None))
        return rows

    def _judgements(self, touched: list[RecordInProgress]) -> list[Row]:
        """Return a job for each record whose acts may show a rung passed, or never reached."""
        rows: list[Row] = []
        for work in touched:
            act_ids = [act["_id"] for act in work.new if act["by"] != reached_rungs.CLOCK]
            if not act_ids or work.record is None:
                continue
            newest, at = max(act_ids), max(self._new[act][1] for act in act_ids)
            if reached_rungs.needs_correction(
                self.declarations,
                work.before,
                work.record,
                work.rewound,
                self.reference.settings,
                self.reference.calendar,
                at,
                max(act["at"] for act in work.new),
            ):
                text = orjson.dumps({"record": work.id, "act": newest}).decode()
                rows.append((f"judge|{work.id}|{newest}", "judge", text, at, 0, None, None, None))
        return rows


def _as_row(
    work: RecordInProgress,
    record: Record,
    channels: list[str],
    plain: bytes,
    digest: bytes,
    seq: int,
) -> tuple[Row, Change]:
    """Return the record's row, and the change to publish."""
    stored = work.stored
    history, gen = (stored.history, stored.gen) if stored else (b"", 0)
    if history[:ID_BYTES] != digest:  # else only channels changed: same revision
        history, gen = (digest + history)[: REVISIONS * ID_BYTES], gen + 1
    rev = f"{gen}-{digest.hex()}"
    body = _with_revision(plain, work.id, rev)
    past = dict(stored.past) if stored else {}
    for channel in channels:
        past.pop(channel, None)
    for channel in stored.channels if stored else ():
        if channel not in channels:
            past[channel] = seq
    row = (
        work.id,
        record["type"],
        record["state"],
        record.get("place"),
        record.get("owner"),
        seq,
        gen,
        rev,
        record["opened_at"],
        record.get("due_at"),
        len(record["unsettled"]),
        orjson.dumps(channels).decode(),
        orjson.dumps(past).decode(),
        history,
        body,
        work.words,
    )
    return row, Change(seq, work.id, rev, body)


def _with_revision(plain: bytes, identifier: str, rev: str) -> bytes:
    """Return a record's JSON with `_rev`, which sorts right behind `_id`."""
    head, name, tail = plain.partition(b'"_id":"%s"' % identifier.encode())
    return b'%s%s,"_rev":"%s"%s' % (head, name, rev.encode(), tail)


def _log(
    work: RecordInProgress,
    channels: list[str],
    change: Change,
    gone: list[tuple[str, int]],
    log: list[Row],
    published: Published,
) -> None:
    """Log a record once in each channel: at its newest seq, or at the one at which it left."""
    before = work.stored.channels if work.stored else []
    past = work.stored.past if work.stored else {}
    gone += [(channel, work.stored.seq) for channel in before if work.stored]
    gone += [(channel, past[channel]) for channel in channels if channel in past]
    for channel in channels:
        log.append((channel, change.seq, work.id, 0))
        published.setdefault(channel, []).append(change)
    for channel in before:
        if channel not in channels:
            log.append((channel, change.seq, work.id, 1))
            published.setdefault(channel, []).append(replace(change, body=None))
