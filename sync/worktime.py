"""Working time on a site's own calendar: milliseconds in and out, no time zone data, no clock.

A calendar is `{"offset", "closes", "week", "off", "work"}`: minutes east of UTC, the minute of the
day at which a working day ends, seven 0/1 flags from Monday, and the days (counted from 1970-01-01)
that are off although the week says work, or worked although it says rest. Twin:
service_worker/rules/worktime.js.
"""

from __future__ import annotations

from typing import Any

Calendar = dict[str, Any]

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"s": 1_000, "min": MINUTE, "h": HOUR, "cd": DAY, "wk": 7 * DAY}
CLOSES = 18 * 60  # minute of the day, where the site says nothing
WEEK = (1, 1, 1, 1, 1, 0, 0)  # from Monday on, where the site says nothing
FAR = 3_660  # days; ten years without a working day are a wrong calendar, not a long holiday


HOURS = ("calendar.closes", "calendar.week")  # the settings that say when people work


def hours(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a calendar that settings say: `{"closes", "week"}`.

    The pattern of a week is a number of seven digits from Monday on, 1 for a day that is worked. A
    pattern without any such day would leave no deadline at all, and counts as the usual week, as
    does a number that is not set.
    """
    closes, week = (settings.get(key, {}).get("value") for key in HOURS)
    flags = [int(digit != "0") for digit in f"{max(0, week or 0):07d}"[-7:]]
    return {
        "closes": CLOSES if closes is None else max(0, min(closes, DAY // MINUTE)),
        "week": flags if any(flags) else [*WEEK],
    }


def local_day(at: int, calendar: Calendar) -> int:
    """Return the day of a moment (ms) on the site, counted from 1970-01-01."""
    return (at + int(calendar["offset"]) * MINUTE) // DAY


def day_starts(day: int, calendar: Calendar) -> int:
    """Return the moment (ms) at which a day begins on the site."""
    return day * DAY - int(calendar["offset"]) * MINUTE


def is_working(day: int, calendar: Calendar) -> bool:
    """Say whether people work on that day: holidays and make-up days come before the week."""
    if day in calendar["work"]:
        return True
    if day in calendar["off"]:
        return False
    return bool(calendar["week"][(day + 3) % 7])  # 1970-01-01 was a Thursday


def add(start: int, amount: int, unit: str, calendar: Calendar) -> int:
    """Return the moment (ms) `amount` units after `start`; units are s min h cd wk WD.

    WD is a working day (C-03): the day of `start` does not count, and the last one ends when the
    site closes. An amount of 0 is no time at all. Raises ValueError for a calendar without working
    days.
    """
    if amount == 0:
        return start
    if unit != "WD":
        return start + amount * UNITS[unit]
    day = local_day(start, calendar)
    left = amount
    for _ in range(FAR):
        day += 1
        if is_working(day, calendar):
            left -= 1
            if left <= 0:
                return day_starts(day, calendar) + int(calendar["closes"]) * MINUTE
    raise ValueError("the calendar has no working day in ten years")


def strip(start: int, due: int, now: int, calendar: Calendar) -> list[dict[str, Any]]:
    """Return the days from `start` to `due` (ms), each with what it counted as.

    A day is `{"day", "kind", "n", "ahead"}`; kind is received, work, extra (a make-up day) or off,
    `n` its number among the working days, 0 for the others; `ahead` is true after today.
    """
    first, last, today = (local_day(at, calendar) for at in (start, due, now))
    days: list[dict[str, Any]] = []
    counted = 0
    for day in range(first, min(last, first + FAR) + 1):
        kind, n = "off", 0
        if day == first:
            kind = "received"
        elif is_working(day, calendar):
            counted += 1
            kind, n = ("extra" if day in calendar["work"] else "work"), counted
        days.append({"day": day, "kind": kind, "n": n, "ahead": day > today})
    return days
