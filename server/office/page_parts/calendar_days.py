"""Days of a calendar as people write them: 2027-01-01, 2027-02-05 – 2027-02-10."""

from __future__ import annotations

import re
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
LONGEST = 366  # days in one span; more is a slip of the year
DAY = r"(\d{4}-\d{2}-\d{2})"
BETWEEN = re.compile(r"\s*[,，、;；\s]\s*")
SPAN = re.compile(rf"{DAY}(?:(?:–|—|~|～|至|到|\.\.){DAY})?")
DASH = re.compile(r"\s*(–|—|~|～|至|到|\.\.)\s*|\s+-\s+")


def written(numbers: list[int]) -> str:
    """Return days counted from 1970-01-01 as text, those that follow each other as a span."""
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
    """Return the days that a text names, in order; None when it has something else in it."""
    found: set[int] = set()
    close = DASH.sub(lambda dash: dash.group(1) or "–", text.strip())
    for piece in BETWEEN.split(close) if close else []:
        span = SPAN.fullmatch(piece)
        try:
            first = _number(span[1]) if span else None
            last = _number(span[2] or span[1]) if span else None
        except ValueError:  # there is no such day
            return None
        if first is None or last is None or not 0 <= last - first < LONGEST:
            return None
        found.update(range(first, last + 1))
    return sorted(found)


def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()


def _number(day: str) -> int:
    return (date.fromisoformat(day) - EPOCH).days
