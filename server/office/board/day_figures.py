"""Today compared with the same weekday last week: visits by the hour, and what was done in time."""

from __future__ import annotations

import threading
from typing import Any

from server.office.page_parts import record_queries, time_words
from server.office.page_parts.office_request import Desk
from server.office.reports import figures as counts
from sync.display_format import DAY

WEEK = 7 * DAY
FRESH = 20_000  # ms that today's figures are cached; last week's do not change
WIDE, HIGH, LOWEST = 420, 110, 140  # of the drawing, in its own units

_cache: dict[tuple[Any, ...], tuple[int, Any]] = {}
_lock = threading.Lock()


def figures(desk: Desk) -> dict[str, Any]:
    """Return the figures of the board: {"last", "has_last", "kept", "hours"}."""
    begins = time_words.day_begins(desk.now)
    today = _once(desk, "today", begins, desk.now)
    before = _once(desk, "before", begins - WEEK, begins - WEEK + DAY - 1)
    weekday = time_words.weekday(desk.words, desk.now)
    last = desk.words.gettext("last %(weekday)s") % {"weekday": weekday}
    return {
        "last": last,
        "has_last": before["any"],
        "kept": _kept_rows(desk, today, before),
        "hours": _hours(
            desk, today["hours"], before["hours"] if before["any"] else [], today["so_far"]
        ),
    }


def _once(desk: Desk, which: str, begins: int, until: int) -> dict[str, Any]:
    """Return the figures of a day, computed once for all who may see the same records."""
    whole = all(
        not record_queries.offered(desk, kind) for kind in ("arrival", "waiting", "complaint")
    )
    who = "" if whole else desk.person["_id"]
    key = (desk.site.meta["uuid"], desk.site.config.database, which, begins, who)
    with _lock:
        at, day = _cache.get(key, (0, None))
        if day is not None and (which == "before" or 0 <= desk.now - at < FRESH):
            return dict(day)
    day = _counted(desk, begins, until)
    with _lock:
        if len(_cache) > 200:
            _cache.clear()
        _cache[key] = (desk.now, day)
    return day


def _counted(desk: Desk, begins: int, until: int) -> dict[str, Any]:
    waits, cases, visits = (
        record_queries.offered(desk, kind) for kind in ("waiting", "complaint", "arrival")
    )
    with desk.site.reading() as connection:
        water, asked = counts.kept_waits(connection, waits, desk.settings, begins, until)
        return {
            "any": counts.has_any(connection, "arrival", begins, until),
            "hours": counts.by_hour(connection, visits, begins, until),
            # As many hours and minutes into the same day a week before.
            "so_far": sum(counts.by_hour(connection, visits, begins - WEEK, until - WEEK)),
            "water": water,
            "asked": asked,
            "answered": counts.kept_answers(connection, cases, desk.settings, begins, until),
        }


def _kept_rows(desk: Desk, today: dict[str, Any], before: dict[str, Any]) -> list[dict[str, Any]]:
    _, settings = desk.words.gettext, desk.settings
    labels = {
        "water": (_("Water within %(n)s min"), settings["waiting.water_after"]),
        "asked": (_("Doctor asked within %(n)s min"), settings["waiting.enquire_after"]),
        "answered": (_("First response within %(n)s h"), settings["complaint.first_response"]),
    }
    return [
        {
            "label": label % {"n": setting["value"]},
            "today": _percent(today[name]),
            "of": today[name].due,
            "before": _percent(before[name]) if before["any"] else "–",
        }
        for name, (label, setting) in labels.items()
    ]


def _percent(done: counts.DoneInTime) -> str:
    return "–" if done.percent is None else f"{done.percent}%"


def _hours(desk: Desk, today: list[int], before: list[int], so_far: int) -> dict[str, Any]:
    """Return both lines of the drawing; the last hour of today is not over yet."""
    hour = counts.hour_of(desk.now)
    first = min(counts.first_hour(today, before), hour)
    last = max(hour, max((n for n, count in enumerate(before) if count), default=0), first + 4)
    most = max([*today, *before, 1])

    def points(day: list[int]) -> list[tuple[int, int]]:
        return [
            (_x(n, first, last), LOWEST - day[n] * HIGH // most)
            for n in range(first, min(len(day), last + 1))
        ]

    # The hour that runs now is not over: the line ends at the last whole one.
    whole = max(hour - 1, first) if len(today) > 1 else hour
    drawn = points(today[: whole + 1])
    at_x, at_y = drawn[-1] if drawn else (20, LOWEST)
    step = max(1, (last - first) // 4)
    return {
        "today": _line(drawn),
        "before": _line(points(before)),
        "dot": {"x": at_x, "y": at_y, "end": at_x > WIDE - 130},
        "say": desk.words.gettext("%(hour)s:00: %(n)s")
        % {"n": today[whole] if len(today) > whole else 0, "hour": whole},
        "total": sum(today),
        "total_before": so_far,
        "ticks": [
            {"x": _x(n, first, last), "label": f"{n}:00"} for n in range(first, last + 1, step)
        ],
        "rows": [
            {
                "hour": f"{n}:00",
                "today": today[n] if n < len(today) else "–",
                "before": before[n] if n < len(before) else "–",
            }
            for n in range(first, last + 1)
        ],
    }


def _x(hour: int, first: int, last: int) -> int:
    return 20 + (hour - first) * (WIDE - 45) // max(1, last - first)


def _line(points: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
