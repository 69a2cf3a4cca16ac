"""The table of those who wait: what is due first stands first (W-02, W-03, W-07)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from server.office import clocks, filters, lists, tables
from server.office.desk import Desk, Record, office
from server.office.filters import Facet, Option
from server.tables import records
from sync.format import mask_name, minutes

KIND, PATH = "waiting", "/office/waiting"
STAMPS = ("asked_at", "told_at", "explained_at")


@office
def page(desk: Desk) -> Response:
    """GET /office/waiting"""
    asked = tables.asked(desk, "view", "state", "place", "priority", "q", "before", "page")
    table = _ended(desk, asked) if asked.get("view") == "ended" else _running(desk, asked)
    return tables.show(desk, KIND, "features/waiting/office", table)


def _running(desk: Desk, asked: dict[str, str]) -> dict[str, Any]:
    _ = desk.words.gettext
    everything = lists.open_ones(desk, KIND)
    rows = _of_view(desk, everything, asked.get("view", ""))
    if asked.get("q"):
        rows = [row for row in rows if filters.finds(row, ("name", "note"), asked["q"])]
    called = {row["_id"]: clocks.loudest(desk, row) for row in rows}
    facets = _facets(desk, rows, called)
    fitting = filters.fitting(rows, filters.chosen(facets, asked))
    labels = {
        "late": _("Something is due"),
        "soon": _("In time"),
        "later": _("In time"),
        "none": _("All done, nothing runs"),
    }
    return {
        "note": _("%(n)s waiting, what is due first") % {"n": len(everything)},
        "views": _views(desk, everything, asked),
        "groups": filters.chips(PATH, rows, facets, asked),
        "bands": tables.bands(
            desk,
            [(called[row["_id"]], row) for row in fitting],
            labels,
            _row,
            tables.page_number(asked),
        ),
        "by_due": True,
        "pages": tables.numbered_pages(desk, PATH, asked, len(fitting)),
        "search": tables.search(desk, PATH, asked, _("Name, pinyin, note")),
        "empty": _nothing(desk, asked),
    }


def _ended(desk: Desk, asked: dict[str, str]) -> dict[str, Any]:
    _ = desk.words.gettext
    before = int(asked["before"]) if asked.get("before", "").isdecimal() else None
    ended = records.c.state == "ended"
    found, more = lists.latest(desk, KIND, ended, before=before, text=asked.get("q", ""))
    rows = [_row(desk, row, None) for row in found]
    return {
        "note": _("ended, the newest first"),
        "views": _views(desk, lists.open_ones(desk, KIND), asked),
        "groups": [],
        "bands": [{"label": "", "count": len(rows), "rows": rows}] if rows else [],
        "by_due": False,
        "pages": tables.pages(desk, PATH, asked, more),
        "search": tables.search(desk, PATH, asked, _("Name, pinyin, note")),
        "empty": _nothing(desk, asked),
    }


def _of_view(desk: Desk, rows: list[Record], view: str) -> list[Record]:
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
        "ended": lists.count(desk, KIND, records.c.state == "ended"),
    }
    return tables.views(PATH, labels, counts, asked)


def _facets(
    desk: Desk, rows: list[Record], called: dict[str, clocks.Call | None]
) -> tuple[Facet, ...]:
    _ = desk.words.gettext

    def state(row: Record) -> str:
        call = called[row["_id"]]
        return call.state if call else "done"

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
        tables.choices(desk, KIND, "priority", ("emergency", "critical", "limited")),
        tables.places(desk, rows, "place", lambda row: str(row.get("place") or "")),
    )


def _row(desk: Desk, row: Record, call: clocks.Call | None) -> dict[str, Any]:
    started = row.get("started_at") or row["opened_at"]
    ended = row.get("ended_at")
    helps = [
        tables.choice_label(desk, KIND, "needs_help", one) for one in row.get("needs_help", [])
    ]
    return {
        "id": row["_id"],
        "href": f"{PATH}/{row['_id'].partition(':')[2]}",
        "clock": clocks.as_cell(call, desk.now),
        "name": mask_name(row.get("name")) or row.get("note") or desk.words.gettext("No name"),
        "salutation": tables.choice_label(desk, KIND, "salutation", row.get("salutation")),
        "place": desk.name(row.get("place")),
        "doctor": desk.name(row.get("doctor")),
        "department": row.get("department", ""),
        "started_at": started,
        "minutes": minutes((ended or desk.now) - started),
        "water_at": row.get("water_at"),
        "stamps": sum(1 for stamp in STAMPS if stamp in row),
        "priority": tables.choice_label(desk, KIND, "priority", row.get("priority"))
        if _is_first(row)
        else "",
        "helps": helps,
        "owner": desk.name(row.get("owner")),
        "outcome": tables.choice_label(desk, KIND, "outcome", row.get("outcome")),
        "last": tables.last_act(desk, row),
    }


def _nothing(desk: Desk, asked: dict[str, str]) -> dict[str, str]:
    _ = desk.words.gettext
    if set(asked) - {"view"}:
        return tables.nothing_fits(desk)
    return {
        "title": _("Nobody waits"),
        "words": _("Whoever a guide seats outside a consulting room appears here at once."),
    }
