"""Queries for lists of records: open ones by their next deadline, closed ones by date."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from server.database.tables import records
from server.office.page_parts.office_request import Desk, Record
from sync import selector
from sync.search_words import asked_words

MOST_OPEN = 5_000  # open records of a kind that are read; nobody pages through more
COUNTED = 10_000  # counts stop here and say so: counting on would cost a scan
SEARCHED = 20_000  # newest closed records that a search scans; there is no full-text index
PAGE = 50  # rows


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
        bodies = [orjson.loads(body) for body in connection.scalars(rows)]
    wanted = desk.declarations["records"][kind]["open_when"]
    return [*filter(selector.declared(wanted), bodies)]


def count_open(desk: Desk, kind: str) -> int:
    """Return the number of open records of a kind that the person sees."""
    return count(desk, kind, records.c.state.in_(open_states(desk, kind)))


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
    if text:
        newest = rows.add_columns(records.c.words).limit(SEARCHED).subquery()
        rows = sa.select(newest.c.body, newest.c.opened_at)
        rows = rows.where(_found(desk, newest.c, text))
        rows = rows.order_by(newest.c.opened_at.desc())
    with desk.site.reading() as connection:
        page = connection.execute(rows.limit(size + 1)).all()
    more = page[size].opened_at + 1 if len(page) > size else None
    return [orjson.loads(row.body) for row in page[:size]], more


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
    """Return SQL conditions for what the person may see; none when they see all of a kind."""
    channels = desk.rights.channels
    if not channels.isdisjoint(desk.declarations["records"][kind]["channels"]):
        return []
    mine = [
        records.c.channels.contains(orjson.dumps(channel).decode(), autoescape=True)
        for channel in sorted(channels)
    ]
    return [sa.or_(sa.false(), *mine)]


def open_states(desk: Desk, kind: str) -> tuple[str, ...]:
    """Return the states that `open_when` asks for."""
    state: Any = desk.declarations["records"][kind]["open_when"].get("state")
    if isinstance(state, dict):
        return tuple(state.get("$in", ()))
    return (state,) if state else ()


def _found(desk: Desk, columns: Any, text: str) -> sa.ColumnElement[bool]:
    """Return a condition that search words have all words of a text, or a body the text itself."""
    words = [columns.words.contains(word, autoescape=True) for word in asked_words(text)]
    in_body = _has(desk, columns.body, text)
    return sa.or_(sa.and_(*words), in_body) if words else in_body


def _has(desk: Desk, column: Any, text: str) -> sa.ColumnElement[bool]:
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
