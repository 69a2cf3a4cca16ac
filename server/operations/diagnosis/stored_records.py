"""Check of each stored record and act by itself: do body, revision and columns agree?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.record_in_progress import ID_BYTES
from server.database.store import Store
from server.database.tables import acts, records
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few
from sync import fold

PAGE = 500  # rows read at once
READ = ("acts", "rungs", "unsettled", "opened_at", "state")  # members of every record's body


def check(inspected: Inspected) -> Iterator[Finding]:
    """Check every row of `records` and of `acts`."""
    damaged, count = _walk(inspected, records, _is_whole, "records")
    orphans = _orphans(inspected)
    if damaged:
        mended = [name for name in damaged if inspected.repair and _restore(inspected, name)]
        lost = [name for name in damaged if inspected.repair and name not in mended]
        if lost:
            yield Finding(
                BAD,
                "records",
                f"{len(lost)} damaged records have no acts to fold them from: {few(lost)}.",
                "Restore the newest backup.",
            )
        if mended or not inspected.repair:
            say = f"{len(damaged)} of {count} records are damaged: {few(damaged)}."
            yield inspected.wrong("records", say)
    else:
        yield Finding(GOOD, "records", f"{count} records are whole.")
    if orphans:
        say = f"{len(orphans)} records are missing although their acts are there: {few(orphans)}."
        if inspected.repair:
            _make(inspected, orphans)
        yield inspected.wrong("records", say)
    broken, told = _walk(inspected, acts, _is_an_act, "acts")
    if broken:
        yield Finding(
            BAD,
            "acts",
            f"{len(broken)} of {told} acts are damaged: {few(broken)}.",
            "Acts cannot be made again: restore the newest backup; tablets bring the rest.",
        )
    else:
        yield Finding(GOOD, "acts", f"{told} acts are whole.")


def _walk(inspected: Inspected, table: sa.Table, good: Any, what: str) -> tuple[list[str], int]:
    """Return the ids of rows that are not good, and the number of rows."""
    with inspected.site.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    bad: list[str] = []
    done, after = 0, ""
    while True:
        page = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(PAGE)
        with inspected.site.reading() as connection:
            rows = connection.execute(page).all()
        if not rows:
            return bad, done
        bad += [row.id for row in rows if not good(row)]
        done += len(rows)
        after = rows[-1].id
        inspected.progress(what, done, total)


def _is_whole(row: Any) -> bool:
    try:
        body = orjson.loads(row.body)
        channels, past = orjson.loads(row.channels), orjson.loads(row.past)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(body, dict) or not isinstance(channels, list) or not isinstance(past, dict):
        return False
    plain = {name: value for name, value in body.items() if name != "_rev"}
    digest = hashlib.md5(
        orjson.dumps(plain, option=orjson.OPT_SORT_KEYS), usedforsecurity=False
    ).digest()
    if bytes(row.history[:ID_BYTES]) != digest or row.rev != f"{row.gen}-{digest.hex()}":
        return False
    says = (
        body.get("_id"),
        body.get("_rev"),
        body.get("type"),
        body.get("state"),
        body.get("place"),
        body.get("owner"),
        body.get("opened_at"),
        body.get("due_at"),
        len(body.get("unsettled") or ()),
    )
    return says == (
        row.id,
        row.rev,
        row.type,
        row.state,
        row.place,
        row.owner,
        row.opened_at,
        row.due_at,
        row.unsettled,
    )


def _is_an_act(row: Any) -> bool:
    try:
        body = orjson.loads(row.body)
        says = [body[name] for name in ("_id", "record", "act", "at", "by", "device")]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False
    return says == [row.id, row.record, row.act, row.at, row.by_, row.device]


def _restore(inspected: Inspected, name: str) -> bool:
    """Put what the acts add up to in the place of a damaged row; say whether there were acts.

    Tablets that fetched the damaged body have it under the old revision, so it needs a new one. The
    other columns are corrected in the next check, by folding.
    """
    site = inspected.site
    with site.writing() as connection:
        bodies = Store(connection).acts_of([name]).get(name, [])
        record = fold.fold(site.declarations, map(orjson.loads, bodies))
        if record is None:
            return False
        row = connection.execute(sa.select(records).where(records.c.id == name)).one()
        was = hashlib.md5(bytes(row.body), usedforsecurity=False).digest()
        values = {
            "type": record["type"],
            "gen": row.gen + 1,
            "history": was + bytes(row.history),
            "body": orjson.dumps(record),
            "channels": _readable_json(row.channels, list),
            "past": _readable_json(row.past, dict),
        }
        connection.execute(sa.update(records).where(records.c.id == name).values(values))
    return True


def _readable_json(text: str, kind: type) -> str:
    """Return a JSON column as it is if it can be read, else as an empty one."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        content = None
    return text if isinstance(content, kind) else orjson.dumps(kind()).decode()


def _orphans(inspected: Inspected) -> list[str]:
    """Return the ids of records that have acts and no row."""
    has_row = sa.select(records.c.id).where(records.c.id == acts.c.record).exists()
    with inspected.site.reading() as connection:
        missing = connection.execute(sa.select(acts.c.record).distinct().where(~has_row))
        return sorted(missing.scalars())


def _make(inspected: Inspected, names: list[str]) -> None:
    with inspected.site.unit_of_work() as unit:
        for name in names:
            unit.in_progress(name).fold_again()
        unit.finish()
