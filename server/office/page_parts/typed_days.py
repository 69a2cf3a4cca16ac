"""Reads and writes days as people type them: 2027-01-01, 2027-02-05 – 2027-02-10."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sync.text_folding import folded

EPOCH = date(1970, 1, 1)
LONGEST = 366  # days in one span; a longer one is a mistyped year
DAY = r"(\d{4}-\d{2}-\d{2})"
BETWEEN = re.compile(r"\s*[,，、;；\s]\s*")
SPAN = re.compile(rf"{DAY}(?:(?:–|—|~|～|至|到|\.\.){DAY})?")
DASH = re.compile(r"\s*(–|—|~|～|至|到|\.\.)\s*|\s+-\s+")


def written(numbers: list[int]) -> str:
    """Return days counted from 1970-01-01 as text, consecutive ones as a span."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(
        _day(first) if first == last else f"{_day(first)} – {_day(last)}" for first, last in spans
    )


def read(text: str) -> list[int] | None:
    """Return the days (counted from 1970-01-01) in a text, sorted; None when it holds anything
    else.
    """
    days: set[int] = set()
    close = DASH.sub(lambda dash: dash.group(1) or "–", folded(text))
    for piece in BETWEEN.split(close) if close else []:
        span = SPAN.fullmatch(piece)
        try:
            first = _number(span[1]) if span else None
            last = _number(span[2] or span[1]) if span else None
        except ValueError:  # there is no such day
            return None
        if first is None or last is None or not 0 <= last - first < LONGEST:
            return None
        days.update(range(first, last + 1))
    return sorted(days)


def _day(number: int) -> str:
    try:
        return (EPOCH + timedelta(days=number)).isoformat()
    except OverflowError:  # no day of any year that people write
        return str(number)


def _number(day: str) -> int:
    return (date.fromisoformat(day) - EPOCH).days
