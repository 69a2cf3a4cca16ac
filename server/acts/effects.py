"""Which acts of a record took effect, and stand: what follows from acts follows from these alone.

An act that did not fit, that repeats what holds, or that was taken back has no consequence; one
that a decision or a late act makes effective has it then. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import fold
from sync.act import Act
from sync.check_act import Declarations, Record


def fits(entry: dict[str, Any]) -> bool:
    """Say whether an act took effect, if only in part, by its newest entry in its history."""
    return entry.get("unsettled", "changed_in_part") == "changed_in_part" and "repeat" not in entry


def standing(declarations: Declarations, acts: Iterable[Act]) -> set[str]:
    """Return the ids of the acts of one record that took effect and that nobody took back."""
    listed = sorted(acts, key=lambda act: fold.order(declarations, act))
    by_id = {act["_id"]: act for act in listed}
    found: set[str] = set()
    record: Record | None = None
    for act in listed:
        record = fold.apply(declarations, record, act)
        if not fits(record["acts"]["recent"][-1]):
            continue
        found.add(act["_id"])
        if act["act"].endswith(".decided") and act["data"]["choice"] == "accept":
            act = by_id.get(act["data"]["about"], act)  # takes effect after all
            found.add(act["_id"])
        if act["act"].endswith(".undone"):
            found.discard(act["data"]["undoes"])
    return found
