"""Which rungs a record's own history reached: what firing and annulling both ask. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.act import Act, derived_id
from sync.fold import apply, order
from sync.ladder import runs
from sync.record import Declarations, Record

ABOUT = {"undone": "undoes", "decided": "about"}


def reached(
    declarations: Declarations, ladder: dict[str, Any], acts: Iterable[Act], due_at: int
) -> bool:
    """Say whether the ladder's clock ran at `due_at` or at a later moment.

    What was said later about an earlier act (it was undone, it was accepted after all) counts
    from that act's own moment: the question is what was the case, not what was known.
    """
    record: Record | None = None
    for act in as_it_was(declarations, acts):
        if record is not None and act["at"] > due_at and runs(ladder, record):
            return True
        record = apply(declarations, record, act)
    return record is not None and runs(ladder, record)


def as_it_was(declarations: Declarations, acts: Iterable[Act]) -> list[Act]:
    """Return the acts in order, each undoing and each decision right behind what it is about."""
    listed = list(acts)
    by_id = {act["_id"]: act for act in listed}
    behind = []
    for act in listed:
        target = by_id.get(act["data"].get(ABOUT.get(act["act"].partition(".")[2], ""), ""))
        if target is None:
            behind.append((order(declarations, act), 0, act))
        else:
            behind.append((order(declarations, target), act["at"], {**act, "at": target["at"]}))
    behind.sort(key=lambda item: (item[0], item[1], item[2]["_id"]))
    return [act for _, _, act in behind]


def standing(record: Record, ladder: str) -> list[dict[str, Any]]:
    """Return the steps of a ladder that were taken and not annulled."""
    return [step for step in record["rungs"].get(ladder, []) if "annulled_at" not in step]


def highest(record: Record, ladder: str) -> int:
    """Return the number of the highest rung that stands, 0 for none."""
    return max((step["rung"] for step in standing(record, ladder)), default=0)


def reaching_id(record: Record, ladder: str, rung: int, due_at: int) -> str:
    """Return the id of the act that says the rung was reached: the same for whoever makes it.

    A rung that was annulled and is reached after all is another event with another id.
    """
    annulled = sum(
        "annulled_at" in step and step["rung"] == rung for step in record["rungs"].get(ladder, [])
    )
    again = (str(annulled),) if annulled else ()
    return derived_id(due_at, record["_id"], ladder, str(rung), str(due_at), *again)
