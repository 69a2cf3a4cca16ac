"""The rung of L-A on which a complaint stands, by time that ran out or passed up by people."""

from __future__ import annotations

from server.acts import rungs
from server.office.page_parts.desk import Record

LEVELS = 4  # the intake, and the three rungs of the ladder of its severity


def solving(record: Record) -> str:
    """Return the name of the ladder that a complaint of this severity climbs (C-03)."""
    return f"complaint_solve_{record.get('severity', 'general')}"


def level(record: Record) -> int:
    """Return the rung from 1 (the intake) to LEVELS."""
    steps = rungs.standing(record, solving(record))
    climbed = 1 + max((int(step["rung"]) for step in steps), default=0)
    return min(LEVELS, max(climbed, int(record.get("level", 1))))
