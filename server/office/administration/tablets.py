"""The table of tablets as the server last heard of them, those that need attention first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.database.tables import devices
from server.http import pages, tablet_files
from server.http.problems import Trouble
from server.office.page_parts import filters, table_parts, time_words
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, office
from sync.display_format import HOUR, MINUTE

PATH = "/office/devices"
# When a tablet needs attention: not heard of, entries that grow old on it, a clock that is off.
SILENT, GONE = 15 * MINUTE, 24 * HOUR
OLD, VERY_OLD = 30 * MINUTE, 4 * HOUR
OFF = 30_000  # ms


@office
def page(desk: Desk) -> Response:
    """GET /office/devices"""
    if not desk.is_admin:
        raise HTTPException(404)
    asked = table_parts.asked(desk, "look", "q")
    with desk.site.reading() as connection:
        stored = connection.execute(
            sa.select(devices).order_by(devices.c.last_seen_at.desc())
        ).all()
    version = _version()
    rows = [_row(desk, row, version) for row in stored]
    rows = [one for one in rows if filters.finds(one, ("name", "person"), asked.get("q", ""))]
    facets = (
        Facet(
            "look",
            (
                Option("silent", desk.words.gettext("Not heard of"), _is("silent"), "due"),
                Option("waiting", desk.words.gettext("Entries still on it"), _is("held"), "due"),
                Option("clock", desk.words.gettext("Clock is off"), _is("off")),
                Option("version", desk.words.gettext("Older version"), _is("older")),
                Option("storage", desk.words.gettext("Storage may be cleared"), _is("loose")),
            ),
        ),
    )
    fitting = filters.fitting(rows, filters.chosen(facets, asked))
    fitting.sort(key=lambda one: (-one["worry"], one["last_at"]))
    context = {
        "here": str(desk.request.url.path),
        "groups": filters.chips(PATH, rows, facets, asked),
        "rows": fitting,
        "note": desk.words.gettext("%(n)s tablets, those that need a look first")
        % {"n": len(rows)},
        "search": table_parts.search(desk, PATH, asked, desk.words.gettext("Person, tablet")),
    }
    if pages.wants_part(desk.request):
        return desk.fragment("features/device/office/live_table.html", context)
    return desk.page("features/device/office/list.html", context, "device")


def _is(name: str) -> Any:
    return lambda row: row[name]


def _version() -> str:
    try:
        return tablet_files.version()
    except Trouble:  # the tablet's part is not built on this machine
        return ""


def _row(desk: Desk, row: Any, version: str) -> dict[str, Any]:
    silent = desk.now - row.last_seen_at
    waiting = row.waiting or 0
    age = desk.now - row.oldest_at if waiting and row.oldest_at else 0
    offset = abs(row.offset_ms or 0)
    older = bool(version and row.version and row.version not in (version, version[:12]))
    return {
        "name": row.id.partition(":")[2][-4:],
        "person": desk.name(row.person),
        "person_href": f"/office/people/{(row.person or '').partition(':')[2]}",
        "version": (row.version or "")[:12],
        "older": older,
        "last_at": row.last_seen_at,
        "last": time_words.ago(desk.words, desk.now, row.last_seen_at),
        "last_state": "over" if silent > GONE else "due" if silent > SILENT else "calm",
        "silent": silent > SILENT,
        "waiting": waiting,
        "held": waiting > 0,
        "oldest": time_words.length(desk.words, age) if age else "",
        "oldest_state": "over" if age > VERY_OLD else "due" if age > OLD else "calm",
        "offset": time_words.length(desk.words, offset) if offset >= 1_000 else "",
        "ahead": (row.offset_ms or 0) < 0,
        "off": offset > OFF,
        "persisted": row.persisted,
        "loose": row.persisted == 0,
        "worry": (silent > SILENT) + 2 * (age > OLD) + (offset > OFF) + (row.persisted == 0),
    }
