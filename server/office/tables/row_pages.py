"""The rows of a kind's table: a page of them, or every one, under the rights of the moment.

Tables, exports and acts on several rows read records here and nowhere else. The database leaves out
what it can; whether a person may see a record, and whether it fits, is asked of each row again. A
page goes on behind a row, not after a number of them: what is added meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from server.base import pinyin
from server.database.tables import records
from server.office.page_parts import filters, record_queries, search
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, Record
from server.office.page_parts.record_queries import PAGE, SEARCHED
from server.office.page_parts.table_query import Cursor, TableQuery
from server.office.tables import columns, row_filters
from server.office.tables.row_filters import TAKEN_BACK

CHUNK = 500  # records that are in memory at once
MOST_SORTED = record_queries.MOST_OPEN  # records whose order is worked out here: names, deadlines
MOST_COUNTED = 2_000  # records that filters count; beyond them they are shown without counts
FAR = 1 << 62

Where = list[sa.ColumnElement[bool]]


@dataclass(frozen=True)
class RowPage:
    """Records of one page, the cursor of the next (None at the end), and whether more may come."""

    rows: list[Record]
    after: Cursor | None


@dataclass(frozen=True)
class Selection:
    """What a query selects of a kind: the filters with their options, and those that are chosen."""

    query: TableQuery
    facets: tuple[Facet, ...]
    picked: dict[str, Option]
    sample: list[Record]  # what the view shows before any filter, at most MOST_COUNTED and one
    is_whole: bool  # whether that is all

    def fits(self, desk: Desk, record: Record) -> bool:
        """Say whether a record belongs to the table, for this person, now."""
        return (
            desk.sees(record)
            and (record["state"] != TAKEN_BACK or self.query.asked.get("state") == TAKEN_BACK)
            and in_view(desk, self.query, record)
            and all(option.fits(record) for option in self.picked.values())
            and (not self.query.text or search.finds(desk, record, self.query.text))
        )


def select(desk: Desk, query: TableQuery) -> Selection:
    """Return what a query selects, with the records that its filters are counted over."""
    conditions = _view_conditions(desk, query)
    rows = sa.select(records.c.body).where(*conditions).order_by(records.c.opened_at.desc())
    with desk.site.reading() as connection:
        bodies = connection.scalars(rows.limit(MOST_COUNTED + 1))
        sample = [orjson.loads(body) for body in bodies]
    is_whole = len(sample) <= MOST_COUNTED
    sample = [record for record in sample if in_view(desk, query, record)]
    facets = row_filters.facets(desk, query.kind, sample, query.asked)
    return Selection(query, facets, filters.chosen(facets, query.asked), sample, is_whole)


def page_of(desk: Desk, selection: Selection) -> RowPage:
    """Return the page that the query's address asks for.

    A search looks at SEARCHED records at a time; where it found too few, the next page goes on.
    """
    query = selection.query
    if (ordered := _in_order(desk, selection)) is not None:
        first = _number(query.after)
        behind = [first + PAGE] if len(ordered) > first + PAGE else None
        return RowPage(ordered[first : first + PAGE], behind)
    found: list[tuple[Record, Cursor]] = []
    looked, end = 0, query.after
    for window, behind in _windows(desk, selection, query.after):
        end = behind
        looked += SEARCHED if query.text else CHUNK
        found += [(record, at) for record, at in window if selection.fits(desk, record)]
        if len(found) > PAGE or looked >= SEARCHED:
            break
    shown = [record for record, _at in found[:PAGE]]
    return RowPage(shown, found[PAGE - 1][1] if len(found) > PAGE else end)


def every(desk: Desk, selection: Selection) -> Iterator[tuple[Desk, list[Record]]]:
    """Yield all records of a selection in chunks, each with the desk whose rights it was read by.

    The rights are read anew for each chunk: what somebody lost meanwhile is not handed out.
    """
    ordered = _in_order(desk, selection)
    if ordered is not None:
        rows = iter(ordered)
        while chunk := [*islice(rows, CHUNK)]:
            now = anew(desk)
            yield now, [record for record in chunk if selection.fits(now, record)]
        return
    after: Cursor | None = None
    while True:
        now = anew(desk)
        window = next(_windows(now, selection, after), None)
        if window is None:
            return
        yield now, [record for record, _at in window[0] if selection.fits(now, record)]
        if (after := window[1]) is None:
            return


def anew(desk: Desk) -> Desk:
    """Return the desk with rights and moment as they are now."""
    reference, now = desk.site.reference(), desk.site.now()
    rights = reference.rights(desk.person["_id"], now)
    return replace(desk, reference=reference, rights=rights, now=now)


def in_view(desk: Desk, query: TableQuery, record: Record) -> bool:
    """Say whether a view has a record: the open ones, one's own, or all."""
    if query.view == "mine":
        return bool(record.get("owner") == desk.person["_id"])
    states = record_queries.open_states(desk, query.kind)
    return query.view == "all" or not states or record["state"] in states


def _view_conditions(desk: Desk, query: TableQuery) -> Where:
    kind = query.kind
    conditions = [records.c.type == kind, *record_queries.offered(desk, kind)]
    taken_back = query.asked.get("state") == TAKEN_BACK and desk.decides
    conditions.append(
        records.c.state == TAKEN_BACK if taken_back else records.c.state != TAKEN_BACK
    )
    if query.view == "mine":
        conditions.append(records.c.owner == desk.person["_id"])
    elif query.view != "all" and (states := record_queries.open_states(desk, kind)):
        conditions.append(records.c.state.in_(states))
    return conditions


def count(desk: Desk, query: TableQuery) -> int:
    """Return how many records a view has without filters, up to COUNTED."""
    return record_queries.count(desk, query.kind, *_view_conditions(desk, query)[1:])


# In an order that the database does not know


def _in_order(desk: Desk, selection: Selection) -> list[Record] | None:
    """Return all rows by name or by deadline; None where the database orders, or they are many."""
    query = selection.query
    by_clock = query.sort[0] == columns.DUE or (not query.sort[0] and opens_by_clock(desk, query))
    fields = desk.declarations["records"][query.kind]["ordered"]
    if query.text or not (by_clock or (fields and not query.sort[0])):
        return None
    wanted = [
        *_view_conditions(desk, query),
        *(one.condition for one in selection.picked.values() if one.condition is not None),
    ]
    rows = sa.select(records.c.body).where(*wanted).limit(MOST_SORTED + 1)
    with desk.site.reading() as connection:
        found = [orjson.loads(body) for body in connection.scalars(rows)]
    if len(found) > MOST_SORTED:
        return None
    found = [record for record in found if selection.fits(desk, record)]
    if by_clock:
        down = query.sort[1]
        found.sort(key=lambda record: (_due(desk, record, down), record["opened_at"]))
    else:
        declared = desk.declarations["records"][query.kind]
        by = [field for name in fields for field in declared["fields"] if field["name"] == name]
        found.sort(key=lambda record: [_place(field, record) for field in by])
    return found


def opens_by_clock(desk: Desk, query: TableQuery) -> bool:
    """Say whether a view begins with the next deadline."""
    return query.view != "all" and columns.has_clock(desk, query.kind)


def _due(desk: Desk, record: Record, down: bool) -> int:
    due = columns.due_of(desk, record)
    return FAR if due is None else -due.due_at if down else due.due_at


def _place(field: dict[str, Any], record: Record) -> tuple[bool, int, str]:
    """Return where a record stands by a field: choices as they are declared, texts by pinyin."""
    value = record.get(field["name"])
    values = [choice[0] for choice in field["choices"]]
    number = values.index(value) if value in values else 0
    return value is None, number, "" if values else pinyin.name_key(str(value or ""))


def _number(cursor: Cursor | None) -> int:
    first = cursor[0] if cursor and len(cursor) == 1 else 0
    return first if isinstance(first, int) and 0 <= first <= MOST_SORTED else 0


# In the database's order


def _windows(
    desk: Desk, selection: Selection, after: Cursor | None
) -> Iterator[tuple[list[tuple[Record, Cursor]], Cursor | None]]:
    """Yield what follows a row, part by part, each with the cursor of its end (last: None)."""
    query = selection.query
    size = SEARCHED if query.text else CHUNK
    by, down = _order(desk, query)
    wanted = [
        *_view_conditions(desk, query),
        *(one.condition for one in selection.picked.values() if one.condition is not None),
    ]
    while True:
        rows = sa.select(records.c.id, records.c.body, records.c.words, by.label("by_value"))
        rows = rows.where(*wanted, *_behind(desk, by, after, down))
        nulls = [] if by is records.c.opened_at else [by.is_(None)]
        turned = by.desc() if down else by.asc()
        inner = rows.order_by(*nulls, turned, records.c.id).limit(size)
        with desk.site.reading() as connection:
            found = [*connection.execute(_with_words(desk, inner, query.text, down))]
            last = found[-1] if found else None
            if query.text:  # how far this looked, found or not
                end = rows.order_by(*nulls, turned, records.c.id).offset(size - 1).limit(1)
                last = connection.execute(end).first()
        more = last is not None and (bool(query.text) or len(found) == size)
        window = [(orjson.loads(row.body), [_plain(row.by_value), row.id]) for row in found]
        after = [_plain(last.by_value), last.id] if more and last is not None else None
        yield window, after
        if after is None:
            return


def _with_words(desk: Desk, rows: sa.Select[Any], text: str, down: bool) -> sa.Select[Any]:
    """Return those of some rows that have the words of a search somewhere, in the same order."""
    if not text:
        return rows
    part = rows.subquery()
    found = sa.select(part.c.id, part.c.body, part.c.by_value)
    for word in search.words(text):
        is_among = part.c.words.contains(word, autoescape=True)
        found = found.where(sa.or_(is_among, record_queries.has(desk, part.c.body, word)))
    by = part.c.by_value
    return found.order_by(by.is_(None), by.desc() if down else by.asc(), part.c.id)


def _order(desk: Desk, query: TableQuery) -> tuple[Any, bool]:
    """Return what the database orders by, and whether downwards."""
    name, down = query.sort
    known = {one.name for one in columns.columns_of(desk, query.kind) if one.sortable}
    if name not in known or name == columns.SINCE:
        return records.c.opened_at, down if name == columns.SINCE else True
    if name == columns.STATE:
        return records.c.state, down
    if desk.site.engine.dialect.name == "postgresql":
        body = sa.cast(record_queries.body_text(desk, records.c.body), JSONB)
        return sa.func.nullif(body[name], sa.literal_column("'null'::jsonb"), type_=JSONB), down
    path = sa.literal(f"$.{name}")
    return sa.func.json_extract(record_queries.body_text(desk, records.c.body), path), down


def _behind(desk: Desk, by: Any, after: Cursor | None, down: bool) -> Where:
    """Return the condition for what stands behind a row in the order."""
    if after is None or len(after) != 2 or not isinstance(after[1], str):
        return []
    value, identifier = after
    same = records.c.id > identifier
    if value is None:
        return [by.is_(None), same]
    is_text = isinstance(value, str)
    if isinstance(value, list | dict) or (not is_text and abs(value) >= FAR):
        return []
    if by is records.c.opened_at:
        if not isinstance(value, int) or isinstance(value, bool):
            return []
        beyond = by < value if down else by > value
        near = by <= value if down else by >= value  # by this the index is used
        return [near, sa.or_(beyond, same)]
    if by is records.c.state and not is_text:
        return []
    if isinstance(getattr(by, "type", None), JSONB):
        given: Any = sa.cast(sa.literal(value, JSONB), JSONB)
    elif isinstance(value, bool):
        return []
    else:
        given = value
    beyond = by < given if down else by > given
    return [sa.or_(beyond, sa.and_(by == given, same), by.is_(None))]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | float | bool) else None
