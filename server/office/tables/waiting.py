"""The table of who waits, the most overdue first (W-02, W-03, W-07)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from server.database.tables import records
from server.office.page_parts import filters, record_queries, running_deadlines, table_parts
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, Record, office
from server.office.tables.deadline_tables import DeadlinesById, Queue
from sync.display_format import mask_name, minutes
from sync.words import _

KIND, PATH = "waiting", "/office/waiting"
STAMPS = ("asked_at", "told_at", "explained_at")


@office
def page(desk: Desk) -> Response:
    """GET /office/waiting"""
    _ = desk.words.gettext
    asked = table_parts.asked(desk, "view", "state", "place", "priority", "q", "before", "page")
    if asked.get("view") == "ended":
        ended = records.c.state == "ended"
        table = QUEUE.latest(desk, asked, _("ended, the newest first"), ended)
    else:
        labels = {
            "late": _("Something is due"),
            "soon": _("In time"),
            "later": _("In time"),
            "none": _("All done, nothing runs"),
        }
        table = QUEUE.running(desk, asked, _("%(n)s waiting, what is due first"), labels)
    return table_parts.show(desk, KIND, "features/waiting/office", table)


def _of_view(_desk: Desk, rows: list[Record], view: str) -> list[Record]:
    if view == "help":
        return [row for row in rows if row.get("needs_help") or _is_first(row)]
    return rows


def _is_first(row: Record) -> bool:
    return row.get("priority") not in (None, "normal")


def _views(desk: Desk, rows: list[Record], asked: dict[str, str]) -> list[dict[str, Any]]:
    _ = desk.words.gettext
    labels = {"": _("Waiting now"), "help": _("Need help"), "ended": _("Waits that ended")}
    counts = {
        "": len(rows),
        "help": len(_of_view(desk, rows, "help")),
        "ended": record_queries.count(desk, KIND, records.c.state == "ended"),
    }
    return table_parts.views(PATH, labels, counts, asked)


def _deadlines(desk: Desk, rows: list[Record]) -> DeadlinesById:
    return {row["_id"]: running_deadlines.most_urgent(desk, row) for row in rows}


def _facets(desk: Desk, rows: list[Record], deadlines: DeadlinesById) -> tuple[Facet, ...]:
    _ = desk.words.gettext

    def state(row: Record) -> str:
        deadline = deadlines[row["_id"]]
        return deadline.state if deadline else "done"

    return (
        Facet(
            "state",
            (
                Option("over", _("Supervisor told"), filters.equals(state, "over"), "over"),
                Option("due", _("Due now"), filters.equals(state, "due"), "due"),
                Option("calm", _("In time"), filters.equals(state, "calm"), "calm"),
            ),
            always=True,
        ),
        table_parts.choices(desk, KIND, "priority", ("emergency", "critical", "limited")),
        table_parts.places(desk, rows, "place", lambda row: str(row.get("place") or "")),
    )


def _row(desk: Desk, row: Record, deadline: running_deadlines.Deadline | None) -> dict[str, Any]:
    started = row.get("started_at") or row["opened_at"]
    ended = row.get("ended_at")
    helps = [
        table_parts.choice_label(desk, KIND, "needs_help", one) for one in row.get("needs_help", [])
    ]
    return {
        "id": row["_id"],
        "href": f"{PATH}/{row['_id'].partition(':')[2]}",
        "clock": running_deadlines.as_cell(deadline, desk.now),
        "name": mask_name(row.get("name")) or row.get("note") or desk.words.gettext("No name"),
        "salutation": table_parts.choice_label(desk, KIND, "salutation", row.get("salutation")),
        "place": desk.name(row.get("place")),
        "doctor": desk.name(row.get("doctor")),
        "department": row.get("department", ""),
        "started_at": started,
        "minutes": minutes((ended or desk.now) - started),
        "water_at": row.get("water_at"),
        "stamps": sum(1 for stamp in STAMPS if stamp in row),
        "priority": table_parts.choice_label(desk, KIND, "priority", row.get("priority"))
        if _is_first(row)
        else "",
        "helps": helps,
        "owner": desk.name(row.get("owner")),
        "outcome": table_parts.choice_label(desk, KIND, "outcome", row.get("outcome")),
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
    search=_("Name, pinyin, note"),
    nothing=(
        _("Nobody waits"),
        _("Whoever a guide seats outside a consulting room appears here at once."),
    ),
    also_finds=("note",),
)
