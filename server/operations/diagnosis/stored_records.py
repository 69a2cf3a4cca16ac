"""Whether each stored record is in itself what it says: body, revision, columns; and its acts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.unit_of_work import ID_BYTES
from server.database.store import Store
from server.database.tables import acts, records
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few
from sync import fold

PAGE = 500
READ = ("acts", "rungs", "unsettled", "opened_at", "state")  # what every record's body has


def check(patient: Inspected) -> Iterator[Finding]:
    """Look at every row of `records` and of `acts`."""
    damaged, count = _walk(patient, records, _is_whole, "records")
    orphans = _orphans(patient)
    if damaged:
        mended = [name for name in damaged if patient.repair and _restore(patient, name)]
        lost = [name for name in damaged if patient.repair and name not in mended]
        if lost:
            yield Finding(
                BAD,
                "records",
                f"{len(lost)} damaged records have no acts to fold them from: {few(lost)}.",
                "Restore the newest backup.",
            )
        if mended or not patient.repair:
            say = f"{len(damaged)} of {count} records are damaged: {few(damaged)}."
            yield patient.wrong("records", say)
    else:
        yield Finding(GOOD, "records", f"{count} records are whole.")
    if orphans:
        say = f"{len(orphans)} records are missing although their acts are there: {few(orphans)}."
        if patient.repair:
            _make(patient, orphans)
        yield patient.wrong("records", say)
    broken, told = _walk(patient, acts, _is_an_act, "acts")
    if broken:
        yield Finding(
            BAD,
            "acts",
            f"{len(broken)} of {told} acts are damaged: {few(broken)}.",
            "Acts cannot be made again: restore the newest backup; tablets bring the rest.",
        )
    else:
        yield Finding(GOOD, "acts", f"{told} acts are whole.")


def _walk(patient: Inspected, table: sa.Table, good: Any, what: str) -> tuple[list[str], int]:
    """Return the ids of rows that are not good, and how many rows there are."""
    with patient.site.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    bad: list[str] = []
    done, after = 0, ""
    while True:
        page = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(PAGE)
        with patient.site.reading() as connection:
            rows = connection.execute(page).all()
        if not rows:
            return bad, done
        bad += [row.id for row in rows if not good(row)]
        done += len(rows)
        after = rows[-1].id
        patient.progress(what, done, total)


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


def _restore(patient: Inspected, name: str) -> bool:
    """Put what the acts say in the place of a damaged row; what it was counts as a revision.

    Tablets that fetched the damaged body have it under the old revision, so it needs a new one.
    The rest of the row is the unit's affair, in the next check.
    """
    site = patient.site
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
            "channels": _kept(row.channels, list),
            "past": _kept(row.past, dict),
        }
        connection.execute(sa.update(records).where(records.c.id == name).values(values))
    return True


def _kept(text: str, kind: type) -> str:
    """Return a column as it is if it can be read, else as an empty one."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    return text if isinstance(found, kind) else orjson.dumps(kind()).decode()


def _orphans(patient: Inspected) -> list[str]:
    """Return the records that have acts and no row."""
    known = sa.select(records.c.id).where(records.c.id == acts.c.record).exists()
    with patient.site.reading() as connection:
        found = connection.execute(sa.select(acts.c.record).distinct().where(~known))
        return sorted(found.scalars())


def _make(patient: Inspected, names: list[str]) -> None:
    with patient.site.unit_of_work() as unit:
        for name in names:
            unit.in_progress(name).fold_again()
        unit.finish()
