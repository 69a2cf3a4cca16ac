"""The table of complaints: by the next deadline, in bands, filtered by links."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from server.office import clocks, filters, lists, tables, times
from server.office.desk import Desk, Record, office
from server.office.filters import Facet, Option
from server.office.levels import LEVELS, level
from server.tables import records
from sync.format import DAY

KIND, PATH = "complaint", "/office/complaints"


@office
def page(desk: Desk) -> Response:
    """GET /office/complaints"""
    asked = tables.asked(desk, "view", "time", "severity", "level", "place", "q", "before", "page")
    table = _closed(desk, asked) if asked.get("view") == "settled" else _open(desk, asked)
    return tables.show(desk, KIND, "features/complaint/office", table)


def _open(desk: Desk, asked: dict[str, str]) -> dict[str, Any]:
    _ = desk.words.gettext
    everything = lists.open_ones(desk, KIND)
    rows = _of_view(desk, everything, asked.get("view", ""))
    if asked.get("q"):
        names = desk.declarations["records"][KIND]["finds"]
        rows = [row for row in rows if filters.finds(row, names, asked["q"])]
    facets = _facets(desk, rows)
    fitting = filters.fitting(rows, filters.chosen(facets, asked))
    labels = {
        "late": _("Overdue"),
        "soon": _("Within 24 hours"),
        "later": _("Later"),
        "none": _("No clock runs"),
    }
    called = [(clocks.loudest(desk, row), row) for row in fitting]
    return {
        "note": _("%(n)s not settled, by the next deadline") % {"n": len(everything)},
        "views": _views(desk, everything, asked),
        "groups": filters.chips(PATH, rows, facets, asked),
        "bands": tables.bands(desk, called, labels, _row, tables.page_number(asked)),
        "by_due": True,
        "pages": tables.numbered_pages(desk, PATH, asked, len(fitting)),
        "search": tables.search(desk, PATH, asked, _("Name, number, their words")),
        "empty": _nothing(desk, asked),
    }


def _closed(desk: Desk, asked: dict[str, str]) -> dict[str, Any]:
    _ = desk.words.gettext
    before = int(asked["before"]) if asked.get("before", "").isdecimal() else None
    settled = records.c.state == "settled"
    found, more = lists.latest(desk, KIND, settled, before=before, text=asked.get("q", ""))
    rows = [_row(desk, row, None) for row in found]
    everything = lists.open_ones(desk, KIND)
    return {
        "note": _("settled, the newest first"),
        "views": _views(desk, everything, asked),
        "groups": [],
        "bands": [{"label": "", "count": len(rows), "rows": rows}] if rows else [],
        "by_due": False,
        "pages": tables.pages(desk, PATH, asked, more),
        "search": tables.search(desk, PATH, asked, _("Name, number, their words")),
        "empty": _nothing(desk, asked),
    }


def _of_view(desk: Desk, rows: list[Record], view: str) -> list[Record]:
    if view == "mine":
        return [row for row in rows if desk.person["_id"] in _holders(row)]
    if view == "today":
        until = times.day_begins(desk.now) + DAY
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
        "settled": lists.count(desk, KIND, records.c.state == "settled"),
    }
    labels = {
        "": _("Not settled"),
        "mine": _("Mine"),
        "today": _("To answer today"),
        "settled": _("Settled"),
    }
    return tables.views(PATH, labels, counts, asked)


def _facets(desk: Desk, rows: list[Record]) -> tuple[Facet, ...]:
    _ = desk.words.gettext
    bands = {row["_id"]: clocks.band(clocks.loudest(desk, row), desk.now) for row in rows}
    levels = desk.words.gettext("Rung %(n)s")
    return (
        Facet(
            "time",
            (
                Option("late", _("Overdue"), lambda row: bands[row["_id"]] == "late", "over"),
                Option("soon", _("Within 24 hours"), lambda row: bands[row["_id"]] == "soon"),
            ),
        ),
        tables.choices(desk, KIND, "severity", ("major", "general")),
        Facet(
            "level",
            tuple(
                Option(str(n), levels % {"n": n}, filters.equals(level, n))
                for n in range(1, LEVELS + 1)
            ),
        ),
        tables.places(desk, rows, "place", place_of),
    )


def place_of(row: Record) -> str:
    """Return the place that a complaint is about, else where it was taken."""
    return str(row.get("about_place") or row.get("place") or "")


def _row(desk: Desk, row: Record, call: clocks.Call | None) -> dict[str, Any]:
    cell = clocks.as_cell(call, desk.now)
    if call is None and row["state"] == "settled":
        cell = {
            **cell,
            "state": "calm",
            "words": times.ago(desk.words, desk.now, row["settled_at"]),
        }
    return {
        "id": row["_id"],
        "href": f"{PATH}/{row['_id'].partition(':')[2]}",
        "clock": {**cell, "ladder": call.ladder if call else ""},
        "number": row.get("number", ""),
        "words": row.get("words", ""),
        "place": desk.name(place_of(row)),
        "severity": row.get("severity", ""),
        "severity_label": tables.choice_label(desk, KIND, "severity", row.get("severity")),
        "level": level(row),
        "levels": LEVELS,
        "owner": desk.name(row.get("responded_by") or row.get("owner")),
        "talks": row.get("attempts", 0),
        "last": tables.last_act(desk, row),
    }


def _nothing(desk: Desk, asked: dict[str, str]) -> dict[str, str]:
    _ = desk.words.gettext
    if set(asked) - {"view"}:
        return tables.nothing_fits(desk)
    return {
        "title": _("No complaint here"),
        "words": _("Complaints that guides take on their tablets appear here by themselves."),
    }
