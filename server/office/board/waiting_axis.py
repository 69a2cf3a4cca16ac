"""The board's drawing of who waits: marks on an axis of 0 to 30 minutes, a row a department."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from server.office.page_parts import running_deadlines
from server.office.page_parts.office_request import Desk, Record
from sync.display_format import MINUTE, minutes

# The drawing's own units: names left of 112, minutes from there to 800.
LEFT, RIGHT, TOP, STEP = 112, 800, 48, 43
LONGEST = 30  # minutes; longer waits are drawn at the end
NEAR = 15  # marks nearer than this are drawn one above the other
WALL_ROWS, DESK_ROWS = 6, 8
THRESHOLDS = ("waiting.water_after", "waiting.enquire_after")

WithDeadlines = list[tuple[running_deadlines.Deadline | None, Record]]


def chart(desk: Desk, waits: WithDeadlines, most: int) -> dict[str, Any]:
    """Return the drawing: rows of marks (at most `most`), thresholds, height."""
    by_row: dict[str, WithDeadlines] = defaultdict(list)
    for deadline, record in waits:
        by_row[row_of(desk, record)].append((deadline, record))
    ordered = sorted(by_row.items(), key=lambda row: (-urgency(row[1]), -len(row[1]), row[0]))
    shown, rest = ordered[:most], ordered[most:]
    if rest:
        several = [one for _, row in ordered[most - 1 :] for one in row]
        shown = [*ordered[: most - 1], (desk.words.gettext("Others"), several)]
    water, asked = (int(desk.settings[key]["value"] or 0) for key in THRESHOLDS)
    height = TOP + max(len(shown), 1) * STEP
    return {
        "rows": [_row(desk, name, row, number) for number, (name, row) in enumerate(shown)],
        "height": height,
        "bottom": height - 24,
        "water": {"x": x_of(water), "minutes": water},
        "asked": {"x": x_of(asked), "minutes": asked},
        "ticks": [{"x": x_of(n), "label": n} for n in range(0, LONGEST + 1, 5)],
    }


def row_of(desk: Desk, record: Record) -> str:
    """Return the name of the row that a record is in: its department, else its place."""
    return str(record.get("department") or desk.name(record.get("place")) or "–")


def urgency(row: WithDeadlines) -> int:
    """Return how urgent a row is: overdue people weigh most."""
    weights = {"over": 100, "due": 10}
    return sum(weights.get(deadline.state, 0) for deadline, _ in row if deadline)


def began(record: Record) -> int:
    """Return the moment (ms) at which somebody sat down."""
    return int(record.get("started_at") or record["opened_at"])


def x_of(minute: int) -> int:
    """Return the x of a minute in the drawing."""
    return LEFT + min(max(minute, 0), LONGEST) * (RIGHT - LEFT) // LONGEST


def _row(desk: Desk, name: str, row: WithDeadlines, number: int) -> dict[str, Any]:
    y = TOP + number * STEP
    marks: list[dict[str, Any]] = []
    for deadline, record in sorted(row, key=lambda one: began(one[1]), reverse=True):
        waited = desk.now - began(record)
        at = LEFT + min(max(waited, 0), LONGEST * MINUTE) * (RIGHT - LEFT) // (LONGEST * MINUTE)
        close = sum(1 for mark in marks if abs(mark["home"] - at) < NEAR)
        # Three stand above each other, the next three beside them, towards the middle.
        aside = close // len(LIFTS) * (NEAR if at < (LEFT + RIGHT) // 2 else -NEAR)
        marks.append(
            {
                "home": at,
                "x": at + aside,
                "y": y + LIFTS[close % len(LIFTS)],
                "kind": _kind(deadline, record),
                "say": f"{desk.name(record.get('place'))} {minutes(waited)}",
            }
        )
    return {"name": name, "count": len(row), "y": y, "line": y + 21, "marks": marks}


LIFTS = (0, -15, 14)


def _kind(deadline: running_deadlines.Deadline | None, record: Record) -> str:
    if deadline is not None and deadline.state != "calm":
        return deadline.state
    return "fed" if "water_at" in record else "calm"
