"""The rung of L-A on which a complaint stands, by time that ran out or passed up by people."""

from __future__ import annotations

from typing import Any

from server.acts import reached_rungs
from server.office.page_parts.office_request import Record

SOLVING = "complaint_solve_"  # and the severity: how the ladders of C-03 are called


def solving(record: Record) -> str:
    """Return the name of the ladder that a complaint of this severity climbs (C-03)."""
    return f"{SOLVING}{record.get('severity', 'general')}"


def levels(declarations: dict[str, Any], record: Record | None = None) -> int:
    """Return how many rungs a complaint has, or any at most: the intake and its ladder's."""
    ladders = declarations["ladders"]
    names = [solving(record)] if record else [one for one in ladders if one.startswith(SOLVING)]
    return 1 + max(len(ladders[name]["rungs"]) for name in names)


def level(declarations: dict[str, Any], record: Record) -> int:
    """Return the rung from 1 (the intake) to the last of its ladder."""
    steps = reached_rungs.standing(record, solving(record))
    climbed = 1 + max((int(step["rung"]) for step in steps), default=0)
    return min(levels(declarations, record), max(climbed, int(record.get("level", 1))))
