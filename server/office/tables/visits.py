"""The table of visits: who is in the house, at which stage, and what their waiting asks for."""

from __future__ import annotations

from collections.abc import Callable
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
from server.office.page_parts.filters import Facet
from server.office.page_parts.office_request import Desk, Record, office
from server.office.tables.deadline_tables import DeadlinesById, Queue
from sync.display_format import mask_name, minutes
from sync.words import _

KIND, PATH = "arrival", "/office/visits"


@office
def page(desk: Desk) -> Response:
    """GET /office/visits"""
    _ = desk.words.gettext
    asked = table_parts.asked(desk, "view", "stage", "place", "needs", "q", "before", "page")
    if asked.get("view") == "all":
        table = QUEUE.latest(desk, asked, _("all, the newest first"))
    else:
        labels = {
            "late": _("Waits, something is due"),
            "soon": _("Waits, in time"),
            "later": _("Waits, in time"),
            "none": _("On the way"),
        }
        table = QUEUE.running(desk, asked, _("%(n)s in the house"), labels)
    return table_parts.show(desk, KIND, "features/arrival/office", table)


def _deadlines(desk: Desk, _rows: list[Record]) -> DeadlinesById:
    """Return the most urgent deadline of each visit that waits somewhere now."""
    return {
        row["subject"]: running_deadlines.most_urgent(desk, row)
        for row in record_queries.open_ones(desk, "waiting")
        if row.get("subject")
    }


def _of_view(_desk: Desk, rows: list[Record], view: str) -> list[Record]:
    if view == "noticed":
        return [row for row in rows if row.get("noticed")]
    if view == "first":
        return [row for row in rows if row.get("first_visit")]
    return rows


def _views(desk: Desk, rows: list[Record], asked: dict[str, str]) -> list[dict[str, Any]]:
    _ = desk.words.gettext
    labels = {
        "": _("In the house"),
        "noticed": _("Noticed, not yet served"),
        "first": _("First visits"),
        "all": _("All visits"),
    }
    counts = {view: len(_of_view(desk, rows, view)) for view in ("", "noticed", "first")}
    counts["all"] = record_queries.count(desk, KIND, records.c.state != "unknown")
    return table_parts.views(PATH, labels, counts, asked)


def _facets(desk: Desk, rows: list[Record], _deadlines: DeadlinesById) -> tuple[Facet, ...]:
    needs = ("wheelchair", "elderly", "weak", "disabled", "pregnant", "child")
    return (
        table_parts.choices(desk, KIND, "stage", desk.declarations["stages"]),
        Facet(
            "needs",
            tuple(
                filters.Option(
                    need,
                    table_parts.choice_label(desk, KIND, "needs_help", need),
                    _needs(need),
                )
                for need in needs
            ),
        ),
        table_parts.places(desk, rows, "place", lambda row: str(row.get("place") or "")),
    )


def _needs(need: str) -> Callable[[Record], bool]:
    return lambda row: need in row.get("needs_help", [])


def _row(desk: Desk, row: Record, deadline: running_deadlines.Deadline | None) -> dict[str, Any]:
    until = row.get("sent_off_at") or desk.now
    helps = [
        table_parts.choice_label(desk, KIND, "needs_help", one) for one in row.get("needs_help", [])
    ]
    return {
        "id": row["_id"],
        "href": f"{PATH}/{row['_id'].partition(':')[2]}",
        "clock": running_deadlines.as_cell(deadline, desk.now),
        "name": mask_name(row.get("name")) or desk.words.gettext("No name"),
        "salutation": table_parts.choice_label(desk, KIND, "salutation", row.get("salutation")),
        "question": row.get("question", ""),
        "stage": table_parts.choice_label(desk, KIND, "stage", row.get("stage")),
        "next": table_parts.choice_label(desk, KIND, "next_stage", row.get("next_stage")),
        "next_place": desk.name(row.get("next_place")),
        "place": desk.name(row.get("place")),
        "doctor": desk.name(row.get("doctor")),
        "arrived": time_words.ago(desk.words, desk.now, row["opened_at"]),
        "minutes": minutes(until - row["opened_at"]),
        "here": row["state"] == "present",
        "helps": helps,
        "owner": desk.name(row.get("owner")),
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
    search=_("Name, phone, booklet"),
    nothing=(
        _("Nobody is in the house"),
        _("Whoever a guide greets appears here at once."),
    ),
)
