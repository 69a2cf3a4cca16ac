"""Working time on a site's own calendar: milliseconds in and out, no time zone data, no clock.

A calendar is `{"offset", "opens", "closes", "week", "off", "work"}`: minutes east of UTC, the
minutes of the day between which people work, seven 0/1 flags from Monday, and the days (counted
from 1970-01-01) that are off although the week says work, or worked although it says rest. Twin:
service_worker/rules/worktime.js.
"""

from __future__ import annotations

from typing import Any

from sync.display_format import date_parts

Calendar = dict[str, Any]

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"s": 1_000, "min": MINUTE, "h": HOUR, "cd": DAY, "wk": 7 * DAY}
OF_THE_SITE = ("WD", "ED", "OD")  # units that its calendar moves
OPENS, CLOSES = 8 * 60, 18 * 60  # minutes of the day, where the site says nothing
WEEK = (1, 1, 1, 1, 1, 0, 0)  # from Monday on, where the site says nothing
FAR = 3_660  # days; ten years without a working day are a wrong calendar, not a long holiday


HOURS = ("calendar.opens", "calendar.closes", "calendar.week")  # settings: when people work


def hours(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a calendar that settings say: `{"opens", "closes", "week"}`.

    The pattern of a week is a number of seven digits from Monday on, 1 for a day that is worked. A
    pattern without any such day would leave no deadline at all, and counts as the usual week, as
    does a number that is not set.
    """
    opens, closes, week = (settings.get(key, {}).get("value") for key in HOURS)
    flags = [int(digit != "0") for digit in f"{max(0, week or 0):07d}"[-7:]]
    return {
        "opens": _minute(OPENS if opens is None else opens),
        "closes": _minute(CLOSES if closes is None else closes),
        "week": flags if any(flags) else [*WEEK],
    }


def _minute(said: int) -> int:
    return max(0, min(said, DAY // MINUTE))


def local_day(at: int, calendar: Calendar) -> int:
    """Return the day of a moment (ms) on the site, counted from 1970-01-01."""
    return (at + int(calendar["offset"]) * MINUTE) // DAY


def day_starts(day: int, calendar: Calendar) -> int:
    """Return the moment (ms) at which a day begins on the site."""
    return day * DAY - int(calendar["offset"]) * MINUTE


def day_ends(day: int, calendar: Calendar) -> int:
    """Return the moment (ms) at which the site closes on a day: what a day as a limit stands for.

    The midnight after it is the next day's; a site that never closes ends its days just before.
    """
    closes = day_starts(day, calendar) + int(calendar["closes"]) * MINUTE
    return min(closes, day_starts(day + 1, calendar) - 1)


def is_working(day: int, calendar: Calendar) -> bool:
    """Say whether people work on that day: holidays and make-up days come before the week."""
    if day in calendar["work"]:
        return True
    if day in calendar["off"]:
        return False
    return bool(calendar["week"][(day + 3) % 7])  # 1970-01-01 was a Thursday


def add(start: int, amount: int, unit: str, calendar: Calendar) -> int:
    """Return the moment (ms) `amount` units after `start`, or before it for a negative amount.

    Units are s min h cd wk, and mon WD ED OD. A month keeps the day and the time of day; the 31st
    of a shorter month is its last day, so that the n-th is counted from the start and not from the
    one before. WD is a working day (C-03): the day of `start` does not count, and the last one ends
    when the site closes. OD is the opening of such a day. ED is the end of a day, today's for 0;
    what begins after closing counts from tomorrow. An amount of 0 of the others is no time at all.
    Raises KeyError for another unit, ValueError for a calendar without working days.
    """
    day = local_day(start, calendar)
    if unit == "ED":
        return day_ends(day + amount + (start > day_ends(day, calendar)), calendar)
    if amount == 0:
        return start
    if unit == "mon":
        return start + (add_months(day, amount) - day) * DAY
    if unit == "OD":
        day = working_day(day, amount, calendar)
        return day_starts(day, calendar) + int(calendar["opens"]) * MINUTE
    if unit == "WD":
        return day_ends(working_day(day, amount, calendar), calendar)
    return start + amount * UNITS[unit]


def add_months(day: int, amount: int) -> int:
    """Return the day `amount` months after a day, or the last one of a month that is shorter."""
    year, month, of_month = date_parts(day * DAY, 0)[:3]
    months = year * 12 + month - 1 + amount
    first, following = _first_of(months), _first_of(months + 1)
    return min(first + of_month, following) - 1


def _first_of(months: int) -> int:
    """Return the day on which a month begins, counted in months of the years from 0 on."""
    # The other half of date_parts: the years begin in March.
    year, month = (months - 2) // 12, (months - 2) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 - 719_468


def working_day(day: int, amount: int, calendar: Calendar) -> int:
    """Return the `amount`-th working day after a day, or before it; the day does not count.

    Raises ValueError for a calendar without working days.
    """
    left, step = abs(amount), 1 if amount > 0 else -1
    for _ in range(FAR):
        day += step
        if is_working(day, calendar):
            left -= 1
            if left <= 0:
                return day
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
