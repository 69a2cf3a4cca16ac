"""Finds records for the office: what is open by its next moment, what is closed by its first."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from server.database.tables import records
from server.office.page_parts.desk import Desk, Record
from sync import selector

MOST_OPEN = 5_000  # of one kind at the same time; more is not read by people
COUNTED = 10_000  # counts stop there and say so: nobody needs the rest to the last one
SEARCHED = 20_000  # how many of the newest closed records a search goes through
PAGE = 50


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
        found = [orjson.loads(body) for body in connection.scalars(rows)]
    wanted = desk.declarations["records"][kind]["open_when"]
    return [*filter(selector.declared(wanted), found)]


def count_open(desk: Desk, kind: str) -> int:
    """Return how many records of a kind are open."""
    return count(desk, kind, records.c.state.in_(open_states(desk, kind)))


def count(desk: Desk, kind: str, *wanted: sa.ColumnElement[bool]) -> int:
    """Return how many records of a kind there are, up to COUNTED."""
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
    """Return the newest records of a kind and from where the next page goes on (None: nowhere).

    `before` is a moment (ms). The next page begins with the first record that did not fit; one
    of the same ms that did fit may be seen twice, none is missed.
    """
    rows = sa.select(records.c.body, records.c.opened_at).where(records.c.type == kind)
    rows = rows.where(*wanted, *offered(desk, kind))
    if before is not None:
        rows = rows.where(records.c.opened_at < before)
    rows = rows.order_by(records.c.opened_at.desc())
    if text:
        newest = rows.limit(SEARCHED).subquery()
        rows = sa.select(newest.c.body, newest.c.opened_at)
        rows = rows.where(_has(desk, newest.c.body, text))
        rows = rows.order_by(newest.c.opened_at.desc())
    with desk.site.reading() as connection:
        found = connection.execute(rows.limit(size + 1)).all()
    more = found[size].opened_at + 1 if len(found) > size else None
    return [orjson.loads(row.body) for row in found[:size]], more


def related(desk: Desk, kind: str, subject: str, start: int, end: int) -> list[Record]:
    """Return the records of a kind about a subject that were opened between two moments (ms)."""
    rows = (
        sa.select(records.c.body)
        .where(records.c.type == kind, records.c.opened_at.between(start, end))
        .where(body_text(desk, records.c.body).contains(f'"{subject}"', autoescape=True))
        .where(*offered(desk, kind))
        .order_by(records.c.opened_at)
    )
    with desk.site.reading() as connection:
        found = [orjson.loads(body) for body in connection.scalars(rows.limit(PAGE))]
    return [record for record in found if record.get("subject") == subject]


def offered(desk: Desk, kind: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that keep a list to what the person may see; none for who sees all."""
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


def _has(desk: Desk, column: Any, text: str) -> sa.ColumnElement[bool]:
    """Ask for a text in large or small letters; SQLite does not tell them apart of itself."""
    searched = body_text(desk, column)
    if desk.site.engine.dialect.name == "postgresql":
        return searched.icontains(text, autoescape=True)
    return searched.contains(text, autoescape=True)


def body_text(desk: Desk, column: Any) -> sa.ColumnElement[str]:
    """Return a record's JSON as text that the database can search."""
    if desk.site.engine.dialect.name == "postgresql":
        return sa.func.convert_from(column, "UTF8", type_=sa.Text)
    return sa.cast(column, sa.Text)
