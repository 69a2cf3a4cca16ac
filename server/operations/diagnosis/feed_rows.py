"""Check of the change log that tablets read: does it agree with the records and their channels?

A record stands once in each of its channels, at its own seq, and once in each that it left, at the
seq at which it left. A row too many shows somebody what is not theirs; a missing one hides work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from server.database.tables import changes, counter, records
from server.operations.diagnosis.finding import GOOD, Finding, Inspected, few

PAGE = 1_000  # rows read at once
KEY = sa.tuple_(changes.c.channel, changes.c.seq)

RowKey = tuple[str, int]  # channel, seq


def check(inspected: Inspected) -> Iterator[Finding]:
    """Compare both ways: rows that no record explains, records that lack a row."""
    yield from _counter(inspected)
    rows, strangers = _strangers(inspected)
    if strangers:
        say = f"{len(strangers)} of {rows} rows of the channels belong to no record that is there."
        yield inspected.wrong("channels", say)
    lacking = _lacking(inspected)
    if lacking:
        if inspected.repair:
            _write_again(inspected, lacking)
        say = f"{len(lacking)} records were not in a channel they belong to: {few(lacking)}."
        yield inspected.wrong("channels", say)
    if not strangers and not lacking:
        yield Finding(GOOD, "channels", f"The {rows} rows of the channels agree with the records.")


def _counter(inspected: Inspected) -> Iterator[Finding]:
    """Check that the counter is not behind: it would give seqs out twice."""
    newest_seqs = sa.select(
        sa.select(counter.c.seq).scalar_subquery(),
        sa.select(sa.func.coalesce(sa.func.max(records.c.seq), 0)).scalar_subquery(),
        sa.select(sa.func.coalesce(sa.func.max(changes.c.seq), 0)).scalar_subquery(),
    )
    with inspected.site.writing() as connection:
        seq, *used = connection.execute(newest_seqs).one()
        if seq < max(used) and inspected.repair:
            connection.execute(sa.update(counter).values(seq=max(used)))
    if seq < max(used):
        yield inspected.wrong("channels", f"The counter of changes is at {seq}, not {max(used)}.")


def _strangers(inspected: Inspected) -> tuple[int, list[RowKey]]:
    """Return the number of rows, and the keys of those that no record explains."""
    site = inspected.site
    with site.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(changes)).scalar_one()
    strangers: list[RowKey] = []
    done, after = 0, ("", -1)
    joined = changes.outerjoin(records, records.c.id == changes.c.record)
    columns = (changes, records.c.seq.label("at"), records.c.channels, records.c.past)
    ordered = sa.select(*columns).select_from(joined).order_by(changes.c.channel, changes.c.seq)
    while True:
        page = ordered.where(sa.tuple_(*map(sa.literal, after)) < KEY).limit(PAGE)
        with site.writing() if inspected.repair else site.reading() as connection:
            rows = connection.execute(page).all()
            bad = [(row.channel, row.seq) for row in rows if not _explained(row)]
            if bad and inspected.repair:
                connection.execute(sa.delete(changes).where(KEY.in_(bad)))
        if not rows:
            return done, strangers
        strangers += bad
        done += len(rows)
        after = (rows[-1].channel, rows[-1].seq)
        inspected.progress("channels", done, total)


def _explained(row: Any) -> bool:
    if row.at is None:
        return False
    if row.removed:
        return bool(orjson.loads(row.past).get(row.channel) == row.seq)
    return bool(row.seq == row.at and row.channel in orjson.loads(row.channels))


def _lacking(inspected: Inspected) -> list[str]:
    """Return the ids of records that lack a row they should have."""
    lacking: list[str] = []
    after = ""
    columns = (records.c.id, records.c.seq, records.c.channels, records.c.past)
    while True:
        page = sa.select(*columns).where(records.c.id > after).order_by(records.c.id)
        with inspected.site.reading() as connection:
            rows = connection.execute(page.limit(PAGE)).all()
            wanted = {row.id: _row_keys(row) for row in rows}
            keys = [row_key for row_keys in wanted.values() for row_key in row_keys]
            there = _there(connection, keys)
        if not rows:
            return lacking
        lacking += [name for name, row_keys in wanted.items() if not row_keys <= there]
        after = rows[-1].id


def _row_keys(row: Any) -> set[RowKey]:
    now = {(channel, row.seq) for channel in orjson.loads(row.channels)}
    return now | set(orjson.loads(row.past).items())


def _there(connection: sa.Connection, keys: list[RowKey]) -> set[RowKey]:
    present: set[RowKey] = set()
    for start in range(0, len(keys), PAGE):
        wanted = sa.select(changes.c.channel, changes.c.seq).where(
            KEY.in_(keys[start : start + PAGE])
        )
        present |= {(row.channel, row.seq) for row in connection.execute(wanted)}
    return present


def _write_again(inspected: Inspected, names: list[str]) -> None:
    """Offer records anew, at a new seq, so that tablets that passed the gap hear of them.

    Where a record was before, and is no longer, it leaves once more.
    """
    for start in range(0, len(names), PAGE // 2):
        part = names[start : start + PAGE // 2]
        with inspected.site.unit_of_work() as unit:
            connection = unit.store.connection
            for row in connection.execute(sa.select(records).where(records.c.id.in_(part))).all():
                connection.execute(sa.delete(changes).where(KEY.in_(list(_row_keys(row)))))
                left = sorted(orjson.loads(row.past))
                values = {"past": "{}", "channels": orjson.dumps(left).decode()}
                connection.execute(sa.update(records).where(records.c.id == row.id).values(values))
            for name in part:
                unit.in_progress(name).fold_again()
            unit.finish()
