"""Tables of visits, waits and complaints: open records by deadline, all records by date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from server.office.page_parts import filters, kinds, record_queries, search, table_parts
from server.office.page_parts.filters import Facet
from server.office.page_parts.office_request import Desk, Record
from server.office.page_parts.running_deadlines import Deadline
from server.office.tables import row_filters, saved_views

Asked = dict[str, str]
DeadlinesById = dict[str, Deadline | None]  # the most urgent one, by the record's id


@dataclass(frozen=True)
class Queue:
    """One kind's table: its rows, views, deadlines, filters and words."""

    kind: str
    path: str
    row: table_parts.Row
    of_view: Callable[[Desk, list[Record], str], list[Record]]
    views: Callable[[Desk, list[Record], Asked], list[dict[str, Any]]]
    deadlines: Callable[[Desk, list[Record]], DeadlinesById]
    facets: Callable[[Desk, list[Record], DeadlinesById], tuple[Facet, ...]]
    search: str  # what a search finds a record by, in words
    nothing: tuple[str, str]  # what stands where there is no record: a title, and a sentence
    also_finds: tuple[str, ...] = ()  # fields searched besides the declared ones

    def running(
        self, desk: Desk, asked: Asked, note: str, labels: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the table of open records, in bands by deadline; `note` takes their number."""
        everything = record_queries.open_ones(desk, self.kind)
        rows = self.of_view(desk, everything, asked.get("view", ""))
        if asked.get("q"):
            rows = [row for row in rows if search.finds(desk, row, asked["q"], self.also_finds)]
        deadlines = self.deadlines(desk, rows)
        facets = self.facets(desk, rows, deadlines)
        fitting = filters.fitting(rows, filters.chosen(facets, asked))
        with_deadlines = [(deadlines.get(row["_id"]), row) for row in fitting]
        return {
            **self._frame(desk, asked, everything),
            "note": note % {"n": len(everything)},
            "groups": filters.chips(self.path, rows, facets, asked),
            "bands": table_parts.bands(
                desk, with_deadlines, labels, self.row, table_parts.page_number(asked)
            ),
            "by_due": True,
            "pages": table_parts.numbered_pages(desk, self.path, asked, len(fitting)),
        }

    def latest(
        self, desk: Desk, asked: Asked, note: str, *wanted: sa.ColumnElement[bool]
    ) -> dict[str, Any]:
        """Return the table of records that meet the conditions, the newest first."""
        before = int(asked["before"]) if asked.get("before", "").isdecimal() else None
        newest, more = record_queries.latest(
            desk, self.kind, *wanted, before=before, text=asked.get("q", "")
        )
        rows = [self.row(desk, row, None) for row in newest]
        return {
            **self._frame(desk, asked, record_queries.open_ones(desk, self.kind)),
            "note": note,
            "groups": [],
            "bands": [{"label": "", "count": len(rows), "rows": rows}] if rows else [],
            "by_due": False,
            "pages": table_parts.pages(desk, self.path, asked, more),
        }

    def _frame(self, desk: Desk, asked: Asked, everything: list[Record]) -> dict[str, Any]:
        filtered = set(asked) - {"view"}
        written = desk.request.url.query
        shared = {name: asked[name] for name in row_filters.names(desk, self.kind) if name in asked}
        saved = saved_views.links(desk, self.kind, self.path, written)
        own = self.views(desk, everything, asked)
        if any(one["current"] for one in saved):
            own = [{**one, "current": False} for one in own]
        return {
            "views": own + saved,
            "keep": saved_views.form(desk, self.kind, self.path, written),
            "whole": filters.link(f"{kinds.DIRECTORY}/{self.kind}", shared),
            "search": table_parts.search(desk, self.path, asked, desk.words.gettext(self.search)),
            "empty": table_parts.nothing_fits(desk) if filtered else self._nothing(desk),
        }

    def _nothing(self, desk: Desk) -> dict[str, str]:
        title, words = map(desk.words.gettext, self.nothing)
        return {"title": title, "words": words}
