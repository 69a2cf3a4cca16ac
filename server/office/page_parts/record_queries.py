"""Queries for lists of records: open ones by their next deadline, closed ones by date."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import access
from server.database.tables import records
from server.office.page_parts import search
from server.office.page_parts.office_request import Desk, Record
from sync import selector, worktime

MOST_LISTED = 400  # of a kind that a form offers
MOST_OPEN = 5_000  # open records of a kind that are read; nobody pages through more
COUNTED = 10_000  # counts stop here and say so: counting on would cost a scan
SEARCHED = 20_000  # newest closed records that a search scans; there is no full-text index
PAGE = 50  # rows
MOST_LOOKED_AT = 2_000  # records that hold the words somewhere, of which a search finds some


def open_ones(desk: Desk, kind: str) -> list[Record]:
    """Return every open record of a kind that the person sees, the next deadline first."""
    rows = (
        sa.select(records.c.body)
        .where(records.c.type == kind, records.c.state.in_(open_states(desk, kind)))
        .where(*offered(desk, kind))
        .order_by(records.c.due_at.is_(None), records.c.due_at, records.c.opened_at)
        .limit(MOST_OPEN)
    )
    with desk.site.reading() as connection:
        return [orjson.loads(body) for body in connection.scalars(rows)]


def listed(desk: Desk, kind: str) -> list[Record]:
    """Return the newest records of a kind's first list, as tablets offer them; else the open ones.

    What is in force is no open record, and is what an announcement names.
    """
    declared = desk.declarations["records"][kind]
    where = [*(one["where"] for one in declared["lists"][:1]), declared["finds_when"]]
    if not any(where):
        return open_ones(desk, kind)
    wanted = selector.declared(next(filter(None, where)))
    rows = sa.select(records.c.body).where(records.c.type == kind).where(*offered(desk, kind))
    rows = rows.order_by(records.c.opened_at.desc()).execution_options(yield_per=100)
    with desk.site.reading() as connection:
        bodies = map(orjson.loads, connection.scalars(rows))
        return [*islice(filter(wanted, bodies), MOST_LISTED)]


def count_open(desk: Desk, kind: str) -> int:
    """Return how many records of a kind are open that the person sees, without the days ahead."""
    is_open = records.c.state.in_(open_states(desk, kind))
    return count(desk, kind, is_open, records.c.opened_at < tomorrow(desk))


def tomorrow(desk: Desk) -> int:
    """Return the moment (ms) from which what is planned lies ahead."""
    calendar = desk.site.calendar()
    return worktime.day_starts(worktime.local_day(desk.now, calendar) + 1, calendar)


def count(desk: Desk, kind: str, *wanted: sa.ColumnElement[bool]) -> int:
    """Return the number of records of a kind that the person sees, up to COUNTED."""
    rows = sa.select(records.c.id).where(records.c.type == kind, *wanted, *offered(desk, kind))
    inner = rows.limit(COUNTED).subquery()
    with desk.site.reading() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def latest(
    desk: Desk,
    kind: str,
    *wanted: sa.ColumnElement[bool],
    before: int | None = None,
    text: str = "",
    size: int = PAGE,
) -> tuple[list[Record], int | None]:
    """Return the newest records of a kind, and the `before` of the next page (None at the end).

    `before` is a moment (ms). The next page begins with the first record that did not fit; one of
    the same ms that did fit may be seen twice, none is missed.
    """
    rows = sa.select(records.c.body, records.c.opened_at).where(records.c.type == kind)
    rows = rows.where(*wanted, *offered(desk, kind))
    if before is not None:
        rows = rows.where(records.c.opened_at < before)
    rows = rows.order_by(records.c.opened_at.desc())
    with desk.site.reading() as connection:
        if text:
            page = [*islice(_found(desk, connection, rows, text), size + 1)]
        else:
            page = [orjson.loads(row.body) for row in connection.execute(rows.limit(size + 1))]
    more = page[size]["opened_at"] + 1 if len(page) > size else None
    return page[:size], more


def _found(
    desk: Desk, connection: sa.Connection, rows: sa.Select[Any], text: str
) -> Iterator[Record]:
    """Yield records that a search finds: the database looks for its words anywhere in them, then
    each is asked whether they stand where they may be found.
    """
    newest = rows.add_columns(records.c.words).limit(SEARCHED).subquery()
    wanted = sa.select(newest.c.body)
    for word in search.words(text):
        is_among = newest.c.words.contains(word, autoescape=True)
        wanted = wanted.where(sa.or_(is_among, has(desk, newest.c.body, word)))
    ordered = wanted.order_by(newest.c.opened_at.desc()).limit(MOST_LOOKED_AT)
    for body in connection.execution_options(yield_per=PAGE).scalars(ordered):
        record = orjson.loads(body)
        if search.finds(desk, record, text):
            desk.site.reads.add(desk.person["_id"], 1, desk.now)
            yield record


def naming(desk: Desk, kind: str, identifier: str, start: int, end: int) -> list[Record]:
    """Return records of a kind, opened between two moments (ms), with an id in any field."""
    rows = (
        sa.select(records.c.body)
        .where(records.c.type == kind, records.c.opened_at.between(start, end))
        .where(body_text(desk, records.c.body).contains(f'"{identifier}"', autoescape=True))
        .where(*offered(desk, kind))
        .limit(MOST_OPEN)
    )
    with desk.site.reading() as connection:
        return [orjson.loads(body) for body in connection.scalars(rows)]


def related(desk: Desk, kind: str, subject: str, start: int, end: int) -> list[Record]:
    """Return records of a kind about a subject that were opened between two moments (ms)."""
    rows = (
        sa.select(records.c.body)
        .where(records.c.type == kind, records.c.opened_at.between(start, end))
        .where(body_text(desk, records.c.body).contains(f'"{subject}"', autoescape=True))
        .where(*offered(desk, kind))
        .order_by(records.c.opened_at)
    )
    with desk.site.reading() as connection:
        candidates = [orjson.loads(body) for body in connection.scalars(rows.limit(PAGE))]
    return [record for record in candidates if record.get("subject") == subject]


def offered(desk: Desk, kind: str) -> list[sa.ColumnElement[bool]]:
    """Return SQL conditions for what the person may see of a kind, and for what was ever made."""
    channels = desk.rights.channels
    is_made = records.c.state != "unknown"
    always = [one for one in desk.declarations["records"][kind]["channels"] if isinstance(one, str)]
    hidden = [sa.not_(access.hidden_from(desk.person["_id"]))] if desk.hidden else []
    if not channels.isdisjoint(always):
        return [is_made, *hidden]
    mine = [
        records.c.channels.contains(orjson.dumps(channel).decode(), autoescape=True)
        for channel in sorted(channels)
    ]
    return [is_made, sa.or_(sa.false(), *mine), *hidden]


def open_states(desk: Desk, kind: str) -> tuple[str, ...]:
    """Return the states in which records of a kind are open; none where it does not say."""
    return tuple(selector.states(desk.declarations["records"][kind]["open_when"]) or ())


def has(desk: Desk, column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return a condition that a body contains a text, ignoring case as SQLite's LIKE does."""
    searched = body_text(desk, column)
    if desk.site.engine.dialect.name == "postgresql":
        return searched.icontains(text, autoescape=True)
    return searched.contains(text, autoescape=True)


def body_text(desk: Desk, column: Any) -> sa.ColumnElement[str]:
    """Return a record's JSON as text that the database can search."""
    if desk.site.engine.dialect.name == "postgresql":
        return sa.func.convert_from(column, "UTF8", type_=sa.Text)
    return sa.cast(column, sa.Text)
