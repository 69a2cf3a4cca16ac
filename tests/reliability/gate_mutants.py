"""Faults in guards: each rule left out, of what is declared or of the fold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from sync import fold, guards, undo
from sync.declare import Act, as_json
from tests.reliability.registry import Mutant, replaced
from tests.vectors import imaginary_gates, imaginary_maps

Planted = Callable[[], AbstractContextManager[None]]
Made = dict[str, Any]


def made(
    change: Callable[[Act], Act] = lambda act: act, **members: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return the declarations, each act changed, and then members of each record as JSON."""
    records: dict[str, Made] = {}
    for kind in (*imaginary_gates.KINDS, *imaginary_maps.KINDS):
        changed = replace(kind, acts=tuple(change(act) for act in kind.acts))
        record = as_json(changed)
        records[kind.name] = {
            **record,
            **{name: member(record[name]) for name, member in members.items()},
        }
    acts = {
        f"{name}.{act['name']}": act for name, record in records.items() for act in record["acts"]
    }
    return {"records": records, "acts": acts, "ladders": {}}


DECLARED = made()


def declared(
    change: Callable[[Act], Act] = lambda act: act, **members: Callable[[Any], Any]
) -> Planted:
    """Return what plants other declarations."""
    return lambda: replaced((sys.modules[__name__], "DECLARED", made(change, **members)))


def instead(*changes: tuple[Any, str, Any]) -> Planted:
    """Return what replaces members while it is planted."""
    return lambda: replaced(*changes)


def without_proposers() -> AbstractContextManager[None]:
    """Who may not say a gate is no part of what it rests on: a second proposer may come."""

    def falls(_: Any) -> Any:
        return {"amount": ["band", *OPENED], "band": OPENED, "answer": SIGNED}

    held = {"told_at": ["amount", "band"], "closed_at": ["answer"]}

    def holds(real: Any) -> Any:
        return [[stamps, held.get(stamps[0], names)] for stamps, names in real]

    return declared(falls=falls, holds=holds)()


def only_held(declarations: Made, record: Made, entry: Made) -> str | None:
    """Return a mistake: an undo puts back what a gate said, unless a gate holds it."""
    back = [name for name, old in entry["was"].items() if record.get(name) != old]
    return None if set(guards.held(declarations, record)).isdisjoint(back) else "held"


OPENED = ["approved_at", "approved_by", "directed_at", "directed_by"]
SIGNED = ["signed_at", "signed_by"]
NONE: Callable[..., Any] = lambda *_, **__: None  # noqa: E731
NO_HOLD: Callable[..., list[str]] = lambda *_: []  # noqa: E731
YES: Callable[..., bool] = lambda *_, **__: True  # noqa: E731


GATES = (
    Mutant("a decision opens a gate", instead((fold, "_may_be_accepted", YES)), 4_000, quick=True),
    Mutant("what it rests on is not compared", instead((guards, "stands", YES)), 4_000, quick=True),
    Mutant("no word falls", declared(falls=lambda _: {}), 4_000, quick=True),
    Mutant(
        "nothing is held",
        instead((guards, "held", NO_HOLD), (undo, "held", NO_HOLD)),
        4_000,
        quick=True,
    ),
    Mutant("a gate is undone", instead((undo, "_undoable", YES)), 6_000),
    Mutant("whoever may not may", instead((guards, "may_say", YES)), 4_000, quick=True),
    Mutant("a creation is undone from under a gate", instead((undo, "_work_lost", NONE)), 20_000),
    Mutant("an undo changes what is held", instead((undo, "_stands_firm", NONE)), 20_000),
    Mutant("an approval is put back", instead((undo, "_stands_firm", only_held)), 4_000),
    Mutant("a second proposer", without_proposers, 60_000),
)


def recent_first(record: Any, setter: str, seen: str | None) -> bool:
    """Return a mistake: an act's id alone says what is later."""
    return seen is None or setter > seen


ORDERS = (
    Mutant("ids alone say what is later", instead((guards, "is_later", recent_first)), 2_000),
    Mutant("an act that is not told", instead((guards, "told", lambda _, data: data)), 500, True),
)
CLOCKS = (Mutant("the clock is a person", instead((guards, "SYSTEM", "nobody:")), 500, True),)
