"""Moments and durations in words, in the reader's language, short enough for a table."""

from __future__ import annotations

from service_worker.build.catalogue import Translator
from sync.display_format import (
    DAY,
    HOUR,
    MINUTE,
    OFFSET,
    clock,
    date,
    date_parts,
    day,
)

NEAR = 3 * HOUR  # a nearer deadline is shown as the time left


def length(words: Translator, ms: int) -> str:
    """Return a duration (ms) in words: 2 h 51 min; seconds only below a minute."""
    ms = max(ms, 0)
    if ms < MINUTE:
        return words.gettext("%(n)s s") % {"n": ms // 1_000}
    if ms < HOUR:
        return words.gettext("%(n)s min") % {"n": ms // MINUTE}
    hours, minutes = ms // HOUR, ms % HOUR // MINUTE
    if ms < DAY:
        if not minutes:
            return words.gettext("%(n)s h") % {"n": hours}
        return words.gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    days, hours = ms // DAY, ms % DAY // HOUR
    if not hours:
        return words.gettext("%(n)s d") % {"n": days}
    return words.gettext("%(days)s d %(hours)s h") % {"days": days, "hours": hours}


def milliseconds(ms: int) -> str:
    """Return a computer's duration (ms): 420 ms · 1.8 s, alike in every language."""
    return f"{ms} ms" if ms < 1_000 else f"{ms / 1_000:.1f} s"


def ago(words: Translator, now: int, at: int) -> str:
    """Return a past moment in words: just now · 9 min ago · 8:40 · yesterday · 11-23"""
    passed = now - at
    if passed < MINUTE:
        return words.gettext("just now")
    if passed < HOUR:
        return words.gettext("%(n)s min ago") % {"n": passed // MINUTE}
    if days_apart(now, at) == 0:
        return clock(at)
    return day_name(words, now, at)


def day_name(words: Translator, now: int, at: int) -> str:
    """Return a moment's day: today · yesterday · tomorrow · a weekday within six days · a date"""
    apart = days_apart(at, now)
    if apart == 0:
        return words.gettext("today")
    if apart == -1:
        return words.gettext("yesterday")
    if apart == 1:
        return words.gettext("tomorrow")
    if 1 < apart < 7:
        return weekday(words, at)
    return day(at) if date_parts(at)[0] == date_parts(now)[0] else date(at)


def due(words: Translator, now: int, at: int) -> str:
    """Return a deadline in words: 18 min left · today 17:30 · Mon 17:30 · 2 h 51 min late"""
    if at <= now:
        return words.gettext("%(length)s late") % {"length": length(words, now - at)}
    if at - now < NEAR:
        return words.gettext("%(length)s left") % {"length": length(words, at - now)}
    return f"{day_name(words, now, at)} {clock(at)}"


def long_day(words: Translator, at: int) -> str:
    """Return a moment's day with weekday and month: Wed, 25 November"""
    parts = date_parts(at)
    values = {"month": months(words)[parts[1] - 1], "day": parts[2], "weekday": weekday(words, at)}
    return words.gettext("%(weekday)s, %(day)s %(month)s") % values


def weekday(words: Translator, at: int) -> str:
    """Return a moment's weekday, short: Mon"""
    return weekdays(words)[date_parts(at)[5]]


def weekdays(words: Translator) -> list[str]:
    """Return the seven short names from Monday."""
    return [
        words.pgettext("weekday", "Mon"),
        words.pgettext("weekday", "Tue"),
        words.pgettext("weekday", "Wed"),
        words.pgettext("weekday", "Thu"),
        words.pgettext("weekday", "Fri"),
        words.pgettext("weekday", "Sat"),
        words.pgettext("weekday", "Sun"),
    ]


def letters(words: Translator) -> list[str]:
    """Return the weekdays as narrow as they get, from Monday."""
    return [
        words.pgettext("weekday letter", "Mo"),
        words.pgettext("weekday letter", "Tu"),
        words.pgettext("weekday letter", "We"),
        words.pgettext("weekday letter", "Th"),
        words.pgettext("weekday letter", "Fr"),
        words.pgettext("weekday letter", "Sa"),
        words.pgettext("weekday letter", "Su"),
    ]


def months(words: Translator) -> list[str]:
    """Return the names of the twelve months."""
    return [
        words.pgettext("month", "January"),
        words.pgettext("month", "February"),
        words.pgettext("month", "March"),
        words.pgettext("month", "April"),
        words.pgettext("month", "May"),
        words.pgettext("month", "June"),
        words.pgettext("month", "July"),
        words.pgettext("month", "August"),
        words.pgettext("month", "September"),
        words.pgettext("month", "October"),
        words.pgettext("month", "November"),
        words.pgettext("month", "December"),
    ]


def days_apart(left: int, right: int) -> int:
    """Return how many of the site's days moment `left` is after `right`."""
    return day_number(left) - day_number(right)


def day_number(at: int) -> int:
    """Return the site's day of a moment, counted from 1970-01-01."""
    return (at + OFFSET * MINUTE) // DAY


def day_begins(at: int) -> int:
    """Return the moment (ms) at which the site's day of `at` begins."""
    return day_number(at) * DAY - OFFSET * MINUTE
