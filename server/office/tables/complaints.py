"""The table of complaints: by the next deadline, in bands, filtered by links."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import Response

from server.database.tables import records
from server.office.page_parts import (
    filters,
    record_queries,
    running_deadlines,
    table_parts,
    time_words,
)
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, Record, office
from server.office.record.complaint_rung import level, levels
from server.office.tables.deadline_tables import DeadlinesById, Queue
from sync.display_format import DAY
from sync.words import _

KIND, PATH = "complaint", "/office/complaints"


@office
def page(desk: Desk) -> Response:
    """GET /office/complaints: the open ones, or with `view=settled` the others."""
    _ = desk.words.gettext
    asked = table_parts.asked(
        desk, "view", "time", "severity", "level", "place", "q", "before", "page"
    )
    if asked.get("view") == "settled":
        settled = records.c.state == "settled"
        table = QUEUE.latest(desk, asked, _("settled, the newest first"), settled)
    else:
        labels = {
            "late": _("Overdue"),
            "soon": _("Within 24 hours"),
            "later": _("Later"),
            "none": _("No clock runs"),
        }
        note = _("%(n)s not settled, by the next deadline")
        table = QUEUE.running(desk, asked, note, labels)
    return table_parts.show(desk, KIND, "features/complaint/office", table)


def _of_view(desk: Desk, rows: list[Record], view: str) -> list[Record]:
    if view == "mine":
        return [row for row in rows if desk.person["_id"] in _holders(row)]
    if view == "today":
        until = time_words.day_begins(desk.now) + DAY
        return [row for row in rows if row["state"] == "open" and (row.get("due_at") or 0) < until]
    return rows


def _holders(row: Record) -> set[str]:
    return {row.get("owner", ""), row.get("responded_by", "")}


def _views(desk: Desk, rows: list[Record], asked: dict[str, str]) -> list[dict[str, Any]]:
    _ = desk.words.gettext
    counts = {
        "": len(rows),
        "mine": len(_of_view(desk, rows, "mine")),
        "today": len(_of_view(desk, rows, "today")),
        "settled": record_queries.count(desk, KIND, records.c.state == "settled"),
    }
    labels = {
        "": _("Not settled"),
        "mine": _("Mine"),
        "today": _("To answer today"),
        "settled": _("Settled"),
    }
    return table_parts.views(PATH, labels, counts, asked)


def _deadlines(desk: Desk, rows: list[Record]) -> DeadlinesById:
    return {row["_id"]: running_deadlines.most_urgent(desk, row) for row in rows}


def _facets(desk: Desk, rows: list[Record], deadlines: DeadlinesById) -> tuple[Facet, ...]:
    _ = desk.words.gettext
    bands = {row["_id"]: running_deadlines.band(deadlines[row["_id"]], desk.now) for row in rows}
    rung_words = desk.words.gettext("Rung %(n)s")
    level_of = partial(level, desk.declarations)
    return (
        Facet(
            "time",
            (
                Option("late", _("Overdue"), lambda row: bands[row["_id"]] == "late", "over"),
                Option("soon", _("Within 24 hours"), lambda row: bands[row["_id"]] == "soon"),
            ),
        ),
        table_parts.choices(desk, KIND, "severity", ("major", "general")),
        Facet(
            "level",
            tuple(
                Option(str(n), rung_words % {"n": n}, filters.equals(level_of, n))
                for n in range(1, levels(desk.declarations) + 1)
            ),
        ),
        table_parts.places(desk, rows, "place", place_of),
    )


def place_of(row: Record) -> str:
    """Return the place that a complaint is about, else where it was taken."""
    return str(row.get("about_place") or row.get("place") or "")


def _row(desk: Desk, row: Record, deadline: running_deadlines.Deadline | None) -> dict[str, Any]:
    cell = running_deadlines.as_cell(deadline, desk.now)
    if deadline is None and row["state"] == "settled":
        cell = {
            **cell,
            "state": "calm",
            "words": time_words.ago(desk.words, desk.now, row["settled_at"]),
        }
    return {
        "id": row["_id"],
        "href": f"{PATH}/{row['_id'].partition(':')[2]}",
        "clock": {**cell, "ladder": deadline.ladder if deadline else ""},
        "number": row.get("number", ""),
        "words": row.get("words", ""),
        "place": desk.name(place_of(row)),
        "severity": row.get("severity", ""),
        "severity_label": table_parts.choice_label(desk, KIND, "severity", row.get("severity")),
        "level": level(desk.declarations, row),
        "levels": levels(desk.declarations, row),
        "owner": desk.name(row.get("responded_by") or row.get("owner")),
        "talks": row.get("attempts", 0),
        "last": table_parts.last_act(desk, row),
    }


QUEUE = Queue(
    KIND,
    PATH,
    row=_row,
    of_view=_of_view,
    views=_views,
    deadlines=_deadlines,
    facets=_facets,
    search=_("Name, number, their words"),
    nothing=(
        _("No complaint here"),
        _("Complaints that guides take on their tablets appear here by themselves."),
    ),
)
