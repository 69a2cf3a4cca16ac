"""Reads from a record's acts which rungs of its ladders were reached. Pure functions.

Both the reaching and the annulling of rungs ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from server.acts.timers import ladders_of
from sync.act import Act, derived_id
from sync.check_act import Declarations, Record
from sync.fold import apply, in_order, order
from sync.ladder import rung_moments, runs

CLOCK = "system:clock"  # the author of acts that reach and annul rungs
ABOUT = {"undone": "undoes", "decided": "about"}  # acts that are about an earlier act


@dataclass(frozen=True)
class Step:
    """The act that says a rung was reached, first, and the notices that go with it."""

    acts: tuple[Act, ...]


# From the acts


def reached(
    declarations: Declarations,
    ladder: dict[str, Any],
    acts: Iterable[Act],
    due_at: int,
    since: tuple[str, int] | None = None,
) -> tuple[bool, str | None]:
    """Return (whether the ladder ran at `due_at` ms or later, the id of the act that stopped it).

    `since` is the field that a dated rung was counted from, and what it said: once it says
    something else the rung is another one.
    A later act about an earlier one (it was undone, it was accepted after all) counts from the
    earlier act's moment: the question is what was the case, not what was known.
    """
    record: Record | None = None
    stopped: str | None = None
    ran = False
    for act in in_effective_order(declarations, acts):
        # What the clock says at that very moment came of the rung.
        if ran and (act["at"] > due_at or (act["at"] == due_at and act["by"] == CLOCK)):
            return True, None
        record = apply(declarations, record, act)
        running = runs(ladder, record) and (since is None or record.get(since[0]) == since[1])
        if ran and not running:
            stopped = act["_id"]
        ran = running
    return ran, None if ran else stopped


def in_effective_order(declarations: Declarations, acts: Iterable[Act]) -> list[Act]:
    """Return the acts in order, each undoing and each decision right behind the act it is about.

    An undoing that took no effect, and that nobody accepted, stays where it is.
    """
    listed = in_order(declarations, acts)
    by_id = {act["_id"]: act for act in listed}
    idle = _idle(declarations, listed)
    placed = []
    for act in listed:
        target = by_id.get(act["data"].get(ABOUT.get(act["act"].partition(".")[2], ""), ""))
        if target is None or act["_id"] in idle:
            placed.append((order(declarations, act), 0, act))
        else:
            placed.append((order(declarations, target), act["at"], {**act, "at": target["at"]}))
    placed.sort(key=lambda item: (item[0], item[1], item[2]["_id"]))
    return [act for _, _, act in placed]


def _idle(declarations: Declarations, listed: list[Act]) -> set[str]:
    """Return ids of undoings and decisions that changed nothing when folded in order."""
    idle: set[str] = set()
    record: Record | None = None
    if not any(act["act"].partition(".")[2] in ABOUT for act in listed):
        return idle
    for act in listed:
        record = apply(declarations, record, act)
        verb = act["act"].partition(".")[2]
        if "unsettled" in record["acts"]["recent"][-1]:
            idle.update({act["_id"]} if verb in ABOUT else ())
        elif verb == "decided" and act["data"].get("choice") == "accept":
            idle.discard(act["data"]["about"])
    return idle


# From the record


def standing(record: Record, ladder: str) -> list[dict[str, Any]]:
    """Return the steps of a ladder that were taken and not annulled."""
    return [step for step in record["rungs"].get(ladder, []) if "annulled_at" not in step]


def covered(record: Record, ladder: str) -> set[int]:
    """Return the numbers of a ladder's rungs that stand."""
    return covering(standing(record, ladder))


def covering(steps: Iterable[dict[str, Any]]) -> set[int]:
    """Return the numbers of the rungs that steps cover: their own, and those they skipped."""
    numbers: set[int] = set()
    for step in steps:
        numbers |= {step["rung"], *(step.get("skipped") or ())}
    return numbers


def moments_of(record: Record, ladder: str) -> list[int]:
    """Return the moments (ms) at which steps of a ladder were taken or annulled."""
    steps = record["rungs"].get(ladder, [])
    return [step[name] for step in steps for name in ("at", "annulled_at") if name in step]


def started(
    declarations: Declarations,
    record: Record,
    settings: dict[str, Any],
    calendar: dict[str, Any],
) -> Iterator[tuple[str, dict[str, Any], list[int | None]]]:
    """Yield (name, ladder, moments of its rungs in ms) of every ladder that ever began."""
    for name, ladder in sorted(ladders_of(declarations, record["type"]).items()):
        if isinstance(record.get(ladder["starts"]), int):
            yield name, ladder, rung_moments(declarations, ladder, record, settings, calendar)


def needs_correction(
    declarations: Declarations,
    before: Record | None,
    record: Record,
    rewound: bool,
    settings: dict[str, Any],
    calendar: dict[str, Any],
    now: int,
    newest: int,
) -> bool:
    """Say whether new acts may show that a rung was passed unseen, or was never reached.

    `rewound` says that they changed what was the case earlier. Without it, a ladder that no longer
    runs stopped no later than `newest`, the moment (ms) of the last of them, and nothing due then
    or later was passed. Ladders that still run are left to the tick.
    """
    if rewound and any(standing(record, name) for name in record["rungs"]):
        return True
    for name, ladder in ladders_of(declarations, record["type"]).items():
        if type(record.get(ladder["starts"])) is not int or runs(ladder, record):
            continue
        if not (rewound or before is None or runs(ladder, before)):
            continue
        moments = rung_moments(declarations, ladder, record, settings, calendar)
        seen = covered(record, name)
        passed = now if rewound else min(now, newest - 1)
        if any(
            due_at is not None and due_at <= passed and number not in seen
            for number, due_at in enumerate(moments, 1)
        ):
            return True
    return False


def reaching_id(secret: str, record: Record, ladder: str, rung: int, due_at: int) -> str:
    """Return the id of the act that says a rung was reached: the same on every server.

    A rung that was annulled and is reached after all is another event with another id.
    """
    steps = record["rungs"].get(ladder, [])
    annulled = sum("annulled_at" in step and step["rung"] == rung for step in steps)
    again = (str(annulled),) if annulled else ()
    return derived_id(secret, due_at, record["_id"], ladder, str(rung), str(due_at), *again)


def said_by(acts: Iterable[Act], ladder: str, step: dict[str, Any]) -> str | None:
    """Return the id of the act that said a step of a ladder, among the acts of its record."""
    for act in acts:
        if act["act"].endswith(".rung_reached") and act["at"] == step["at"]:
            said = {"ladder": ladder, "rung": step["rung"], "due_at": step["due_at"]}
            if said.items() <= act["data"].items():
                return str(act["_id"])
    return None
