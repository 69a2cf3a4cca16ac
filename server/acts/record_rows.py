"""A record's row, its revision, and the rows of the channels that it is logged in."""

from __future__ import annotations

from dataclasses import replace

import orjson

from server.acts import access
from server.acts.change_hub import Change
from server.acts.record_in_progress import ID_BYTES, RecordInProgress
from server.database.statements import Row
from sync.check_act import Record
from sync.statements import is_withdrawn

WITHDRAWN = "withdrawn"
REVISIONS = 1_000  # of a record's history; CouchDB's _revs_limit

Published = dict[str, list[Change]]  # by channel
# A record as it will be written: its channels, whom it is hidden from, its JSON without a revision,
# and that one's MD5.
Outcome = tuple[RecordInProgress, Record, list[str], list[str], bytes, bytes]


def as_row(outcome: Outcome, lost: list[str], seq: int) -> tuple[Row, Change]:
    """Return the record's row, and the change to publish; `lost` are people it is now hidden from.

    They are told by a row of removal in their own channel.
    """
    work, record, channels, hides, plain, digest = outcome
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
    past.update(dict.fromkeys(lost, seq))
    row = (
        work.id,
        record["type"],
        # Tables and counts of what is open leave out what was withdrawn; its own state it keeps.
        WITHDRAWN if is_withdrawn(record) else record["state"],
        record.get("place"),
        record.get("owner"),
        seq,
        gen,
        rev,
        record["opened_at"],
        record.get("due_at"),
        len(record["unsettled"]),
        orjson.dumps(channels).decode(),
        orjson.dumps(past).decode() if past else "{}",
        orjson.dumps(hides).decode() if hides else access.NOBODY,
        history,
        body,
        work.words,
    )
    return row, Change(seq, work.id, rev, body)


def _with_revision(plain: bytes, identifier: str, rev: str) -> bytes:
    """Return a record's JSON with `_rev`, which sorts right behind `_id`."""
    head, name, tail = plain.partition(b'"_id":"%s"' % identifier.encode())
    return b'%s%s,"_rev":"%s"%s' % (head, name, rev.encode(), tail)


def log_change(
    outcome: Outcome,
    lost: list[str],
    change: Change,
    gone: list[tuple[str, int]],
    log: list[Row],
    published: Published,
) -> None:
    """Log a record once in each channel: at its newest seq, or at the one at which it left."""
    work, _, channels, hides, *_ = outcome
    before = work.stored.channels if work.stored else []
    past = work.stored.past if work.stored else {}
    left = {*lost, *(channel for channel in before if channel not in channels)}
    gone += [(channel, work.stored.seq) for channel in before if work.stored]
    gone += [(channel, past[channel]) for channel in (*channels, *lost) if channel in past]
    for channel in channels:
        log.append((channel, change.seq, work.id, 0))
        published.setdefault(channel, []).append(change)
    for channel in left:
        log.append((channel, change.seq, work.id, 1))
        published.setdefault(channel, []).append(replace(change, body=None))
    for person in hides:
        published.setdefault(access.hiding_channel(person), []).append(replace(change, body=None))
