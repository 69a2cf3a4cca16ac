"""The running deadlines of a record: which is the most urgent, and how tables show it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from server.office.page_parts import time_words
from server.office.page_parts.office_request import Desk, Record
from sync import ladder
from sync.display_format import DAY

FAST = ("s", "min")  # units of deadlines that are shown counting down
LOUDNESS = {"over": 0, "due": 1, "calm": 2}


@dataclass(frozen=True)
class Deadline:
    """One running ladder of a record: when its first rung is due (ms), how many are reached."""

    ladder: str
    label: str
    state: str  # calm, due or over
    due_at: int
    over_at: int | None  # when the second rung is reached
    started_at: int
    reached: int
    fast: bool
    words: str


def deadlines_of(desk: Desk, record: Record) -> list[Deadline]:
    """Return the running deadlines of a record, the most urgent first."""
    running: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rung in ladder.clocks(desk.declarations, record, desk.settings, desk.calendar):
        running[rung["ladder"]].append(rung)
    deadlines = [_deadline(desk, record, name, rungs) for name, rungs in running.items()]
    deadlines.sort(key=lambda deadline: (LOUDNESS[deadline.state], deadline.due_at))
    return deadlines


def most_urgent(desk: Desk, record: Record) -> Deadline | None:
    """Return the most urgent deadline of a record, or None when no ladder runs."""
    return next(iter(deadlines_of(desk, record)), None)


def as_cell(deadline: Deadline | None, now: int) -> dict[str, Any]:
    """Return a deadline as the cell of a table."""
    if deadline is None:
        return {"state": "none", "words": "", "label": "", "fast": False}
    return {
        "state": deadline.state,
        "words": deadline.words,
        "label": deadline.label,
        "fast": deadline.fast and abs(deadline.due_at - now) < DAY,  # days do not tick
        "started_at": deadline.started_at,
        "due_at": deadline.due_at,
        "over_at": deadline.over_at,
        "late": deadline.due_at <= now,
    }


def band(deadline: Deadline | None, now: int) -> str:
    """Return the band of a table that a record belongs to: late, soon, later or none."""
    if deadline is None:
        return "none"
    if deadline.due_at <= now:
        return "late"
    return "soon" if deadline.due_at - now < DAY else "later"


def is_fast(desk: Desk, name: str) -> bool:
    """Say whether a ladder counts in minutes."""
    return counted_in(desk, name) in FAST


def counted_in(desk: Desk, name: str) -> str:
    """Return the unit that a ladder counts in; "" for one that only waits for a date."""
    rungs = desk.declarations["ladders"][name]["rungs"]
    keys = [key for rung in rungs for key in rung["after"]]
    return str(desk.settings[keys[0]]["unit"]) if keys else ""


def _deadline(desk: Desk, record: Record, name: str, rungs: list[dict[str, Any]]) -> Deadline:
    declared = desk.declarations["ladders"][name]
    reached = sum(1 for rung in rungs if rung["due_at"] <= desk.now)
    # A warning comes before the deadline: once it was given, that is near and not late.
    warns = [rung for rung in rungs if declared["rungs"][rung["rung"] - 1]["before"]]
    end = next((rung for rung in rungs if rung not in warns), rungs[0])
    due_at, fast = end["due_at"], is_fast(desk, name)
    if fast:
        state = ("calm", "due", "over")[min(reached, 2)]
    elif due_at <= desk.now:
        state = "over"
    else:
        state = "due" if reached or due_at - desk.now < time_words.NEAR else "calm"
    return Deadline(
        ladder=name,
        label=desk.word(declared["label"]),
        state=state,
        due_at=due_at,
        over_at=rungs[1]["due_at"] if len(rungs) > 1 else None,
        started_at=ladder.moment_in(desk.declarations, record, declared["starts"], desk.calendar)
        or 0,
        reached=reached,
        fast=fast,
        words=time_words.due(desk.words, desk.now, due_at),
    )
