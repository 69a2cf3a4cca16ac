"""Reads a day of real visits and plans what simulated guides do for each of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

MINUTE = 60_000

# Habits of guides: (chance, (from, to) in minutes after sitting down), in time and late.
WATER = ((0.55, (1.0, 4.9)), (0.33, (5.1, 20.0)))
ENQUIRY = ((0.50, (9.0, 14.0)), (0.33, (15.2, 40.0)))
STAMPS = ("doctor_asked", "assistant_told", "explained")
FORGETS = 0.06  # chance after each stamp that the rest of them is forgotten
TWICE = 0.03  # chance that a colleague brings water as well
MISTAKEN = 0.01  # chance that water is noted for the wrong person, and undone
BY_ANOTHER = 0.10  # chance that a colleague does it on another tablet


@dataclass(frozen=True)
class Visit:
    """One row of the file: ms from the first minute of the day's first visit."""

    entered: int
    seen: int
    completed: int


@dataclass(order=True)
class Deed:
    """One act of a guide: `at` in ms from the start, `what` is the name of the act."""

    at: int
    visit: int
    what: str = field(compare=False)
    by_another: bool = field(default=False, compare=False)


def read(file: Path, day: str, most: int | None = None) -> list[Visit]:
    """Return the visits of a day (`2019-11-04`), the first one a minute after 0.

    The file has columns entered_at, seen_at and completed_at in local time. Raises ValueError
    for a day that the file does not have.
    """
    rows: list[list[datetime]] = []
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["entered_at"].startswith(day):
                names = ("entered_at", "seen_at", "completed_at")
                rows.append([datetime.fromisoformat(row[name]) for name in names])
    if not rows:
        raise ValueError(f"{file} has no visit on {day}")
    rows.sort()
    zero = rows[0][0]
    visits: list[Visit] = []
    for times in rows[:most]:
        entered, seen, completed = (int((t - zero).total_seconds() * 1_000) for t in times)
        visits.append(Visit(entered + MINUTE, seen + MINUTE, completed + MINUTE))
    return visits


def plan(visits: list[Visit], rng: Random) -> list[Deed]:
    """Return all deeds of a day, in order of time."""
    deeds: list[Deed] = []
    for number, visit in enumerate(visits):
        deeds += _of_one(number, visit, rng)
    return sorted(deeds)


def _of_one(number: int, visit: Visit, rng: Random) -> Iterator[Deed]:
    sits = visit.entered + min(90_000, (visit.seen - visit.entered) // 5)
    ends = max(visit.seen, sits + 1_000)
    yield Deed(visit.entered, number, "arrival.registered")
    yield Deed(sits, number, "waiting.started")
    yield from (deed for deed in _care(number, sits, rng) if deed.at < ends)
    yield Deed(ends, number, "waiting.ended")
    yield Deed(max(visit.completed, ends + 1_000), number, "arrival.sent_off")


def _care(number: int, sits: int, rng: Random) -> Iterator[Deed]:
    when = _when(WATER, rng)
    if when is not None:
        another = rng.random() < BY_ANOTHER
        mistaken = rng.random() < MISTAKEN
        yield Deed(sits + when, number, "waiting.water_given", another)
        if mistaken:
            yield Deed(sits + when + 8_000, number, "waiting.undone")
        elif rng.random() < TWICE:
            yield Deed(sits + when + rng.randrange(MINUTE), number, "waiting.water_given", True)
    when = _when(ENQUIRY, rng)
    if when is not None:
        for stamp in STAMPS:
            yield Deed(sits + when, number, f"waiting.{stamp}", rng.random() < BY_ANOTHER)
            when += rng.randrange(10_000, 60_000)
            if rng.random() < FORGETS:
                return


def _when(habits: tuple[tuple[float, tuple[float, float]], ...], rng: Random) -> int | None:
    drawn = rng.random()
    for chance, (earliest, latest) in habits:
        if drawn < chance:
            return int(rng.uniform(earliest, latest) * MINUTE)
        drawn -= chance
    return None
