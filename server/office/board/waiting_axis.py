"""People who wait as marks on an axis from 0 to 30 minutes, a row for each department."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from server.office.page_parts import running_deadlines
from server.office.page_parts.desk import Desk, Record
from sync.format import MINUTE, minutes

# The drawing's own units: names left of 112, minutes from there to 800.
LEFT, RIGHT, TOP, STEP = 112, 800, 48, 43
LONGEST = 30  # minutes; who waits longer stands at the end
NEAR = 15  # marks that are nearer than this stand one above the other
WALL_ROWS, DESK_ROWS = 6, 8
THRESHOLDS = ("waiting.water_after", "waiting.enquire_after")

Called = list[tuple[running_deadlines.Deadline | None, Record]]


def chart(desk: Desk, waits: Called, most: int) -> dict[str, Any]:
    """Return the rows of marks, the thresholds, and how high the drawing is."""
    by_row: dict[str, Called] = defaultdict(list)
    for call, record in waits:
        by_row[row_of(desk, record)].append((call, record))
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
    """Return the name of the row somebody stands in: the department, else the place."""
    return str(record.get("department") or desk.name(record.get("place")) or "–")


def urgency(row: Called) -> int:
    """Return how much a row needs somebody: overdue people weigh most."""
    weights = {"over": 100, "due": 10}
    return sum(weights.get(call.state, 0) for call, _ in row if call)


def began(record: Record) -> int:
    """Return when somebody sat down (ms)."""
    return int(record.get("started_at") or record["opened_at"])


def x_of(minute: int) -> int:
    """Return where a minute is drawn."""
    return LEFT + min(max(minute, 0), LONGEST) * (RIGHT - LEFT) // LONGEST


def _row(desk: Desk, name: str, row: Called, number: int) -> dict[str, Any]:
    y = TOP + number * STEP
    marks: list[dict[str, Any]] = []
    for call, record in sorted(row, key=lambda one: began(one[1]), reverse=True):
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
                "kind": _kind(call, record),
                "say": f"{desk.name(record.get('place'))} {minutes(waited)}",
            }
        )
    return {"name": name, "count": len(row), "y": y, "line": y + 21, "marks": marks}


LIFTS = (0, -15, 14)


def _kind(call: running_deadlines.Deadline | None, record: Record) -> str:
    if call is not None and call.state != "calm":
        return call.state
    return "fed" if "water_at" in record else "calm"
