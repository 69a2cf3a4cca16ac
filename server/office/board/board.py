"""The live board: who waits on an axis of minutes, urgent deadlines, rungs of complaints, today."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from server.database.tables import devices
from server.http import pages
from server.office.board import day_figures, waiting_axis
from server.office.page_parts import record_queries, running_deadlines, time_words
from server.office.page_parts.office_request import Desk, Record, office
from server.office.record import labels
from server.office.record.complaint_rung import level, levels, solving
from server.office.record.related import place
from sync import worktime
from sync.display_format import MINUTE, minutes

SOONEST = 5  # deadlines of the list
RUNG_HEIGHT = 62  # in units of the drawing, web/features/board/office/rungs.html
ONLINE = 2 * MINUTE  # within which an online tablet was heard of; its poll lasts one

WithDeadlines = list[tuple[running_deadlines.Deadline | None, Record]]


@office
def page(desk: Desk) -> Response:
    """GET /office/: `wall=1` fills a screen that is read from four metres."""
    wall = bool(desk.request.query_params.get("wall"))
    context = {"board": board(desk, wall), "wall": wall}
    if pages.wants_part(desk.request):
        return desk.fragment("features/board/office/board.html", context)
    template = "features/board/office/wall.html" if wall else "features/board/office/home.html"
    return desk.page(template, context, "board")


def board(desk: Desk, wall: bool) -> dict[str, Any]:
    """Return the context of the board's templates."""
    waits = [
        (running_deadlines.most_urgent(desk, one), one)
        for one in record_queries.open_ones(desk, "waiting")
    ]
    cases = [
        (running_deadlines.most_urgent(desk, one), one)
        for one in record_queries.open_ones(desk, "complaint")
    ]
    return {
        "day": _day(desk),
        "tablets": _tablets(desk),
        "numbers": _numbers(desk, waits),
        "chart": waiting_axis.chart(
            desk, waits, waiting_axis.WALL_ROWS if wall else waiting_axis.DESK_ROWS
        ),
        "rungs": _rungs(desk, cases),
        "soonest": _soonest(desk, waits + cases),
        **day_figures.figures(desk),
    }


def _day(desk: Desk) -> str:
    today = worktime.local_day(desk.now, desk.calendar)
    _ = desk.words.gettext
    if today in desk.calendar["work"]:
        kind = _("a make-up working day")
    elif worktime.is_working(today, desk.calendar):
        kind = _("a working day")
    else:
        kind = _("a day off")
    return desk.listed((time_words.long_day(desk.words, desk.now), kind))


def _tablets(desk: Desk) -> dict[str, Any]:
    _ = desk.words.gettext
    with desk.site.reading() as connection:
        rows = connection.execute(sa.select(devices.c.last_seen_at, devices.c.waiting)).all()
    online = sum(1 for row in rows if desk.now - row.last_seen_at < ONLINE)
    waiting = sum(row.waiting or 0 for row in rows)
    if not rows:
        return {"state": "kept", "say": _("No tablet was here yet")}
    values = {
        "online": online,
        "all": len(rows),
        "waiting": waiting,
        "ago": time_words.ago(desk.words, desk.now, max(row.last_seen_at for row in rows)),
    }
    if waiting:
        say = _("%(online)s of %(all)s tablets in reach, %(waiting)s entries still on them")
    else:
        say = _("%(online)s of %(all)s tablets in reach, the last one %(ago)s")
    return {"state": "sent" if online == len(rows) else "kept", "say": say % values}


def _numbers(desk: Desk, waits: WithDeadlines) -> dict[str, Any]:
    lengths = sorted(minutes(desk.now - waiting_axis.began(one)) for _, one in waits)
    states = [deadline.state for deadline, _ in waits if deadline]
    return {
        "waiting": len(waits),
        "due": states.count("due"),
        "over": states.count("over"),
        "median": lengths[len(lengths) // 2] if lengths else 0,
    }


def _rungs(desk: Desk, cases: WithDeadlines) -> list[dict[str, Any]]:
    """Return the rungs of L-A from the top, with how many complaints stand there, how many late."""
    all_rungs = levels(desk.declarations)
    on_rung = Counter(level(desk.declarations, one) for _, one in cases)
    most = max(on_rung.values(), default=0)
    drawn = []
    for number in range(all_rungs, 0, -1):
        here = [deadline for deadline, one in cases if level(desk.declarations, one) == number]
        drawn.append(
            {
                "number": number,
                "count": len(here),
                "late": sum(1 for deadline in here if deadline and deadline.due_at <= desk.now),
                "width": len(here) * 180 // most if most else 0,
                "who": _who(desk, number),
                "y": (all_rungs - number) * RUNG_HEIGHT,
                "href": f"/office/complaints?level={number}",
            }
        )
    return drawn


def _who(desk: Desk, number: int) -> str:
    if number == 1:
        return desk.words.gettext("Guides, agents")
    ladder = desk.declarations["ladders"][solving({"severity": "general"})]
    tell = [post for post in ladder["rungs"][number - 2]["tell"] if post != "owner"]
    return labels.posts(desk, tell)


def _soonest(desk: Desk, with_deadlines: WithDeadlines) -> list[dict[str, Any]]:
    running = [(deadline, one) for deadline, one in with_deadlines if deadline is not None]
    running.sort(key=lambda both: (running_deadlines.LOUDNESS[both[0].state], both[0].due_at))
    waits = [both for both in running if both[0].fast]
    cases = [both for both in running if not both[0].fast]
    # Minutes go before days, but the board never forgets that a complaint is late as well.
    chosen = waits[: SOONEST - min(2, len(cases))] + cases
    return [_deadline_row(desk, deadline, one) for deadline, one in chosen[:SOONEST]]


def _deadline_row(
    desk: Desk, deadline: running_deadlines.Deadline, record: Record
) -> dict[str, Any]:
    holder = record.get("responded_by") or record.get("owner")
    what = desk.name(place(record))
    if record["type"] == "complaint":
        what = desk.words.gettext("complaint %(number)s") % {"number": record.get("number", "")}
    return {
        "call": running_deadlines.as_cell(deadline, desk.now),
        "label": deadline.label,
        "what": what,
        "who": desk.name(holder),
        "href": desk.href(record["_id"]),
    }
