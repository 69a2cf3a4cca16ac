"""What a transaction leaves to be done after it: jobs for reactions, and for rungs to correct."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

import orjson

from server.acts import effects, reached_rungs, timers
from server.acts.record_in_progress import RecordInProgress
from server.database.statements import Row
from sync.act import Act
from sync.check_act import Record

if TYPE_CHECKING:
    from server.acts.unit_of_work import UnitOfWork

# Says whether there is anything to do for a reaction: the act's record as it is after the
# transaction, and the people whom it is hidden from.
Needed = Callable[[Record, Sequence[str]], bool]
Listens = Mapping[str, Sequence[Needed]]  # by name of an act

MOVED_AT_ONCE = 200  # records whose timers a changed number moves in one transaction
DECISIONS = frozenset({"refusal.admitted", "refusal.dismissed"})  # they settle what was refused


def jobs(unit: UnitOfWork, touched: list[RecordInProgress]) -> list[Row]:
    """Return the jobs that follow from the new acts of records; settle refusals decided by them."""
    rows: list[Row] = []
    names = unit.listens.keys() | DECISIONS
    kinds = {name.partition(".")[0] for name in names}
    for work in touched:
        if work.id.partition(":")[0] in kinds and work.new:
            rows += _reactions(unit, work, names)
        rows += _judgement(unit, work)
    return rows


def _reactions(unit: UnitOfWork, work: RecordInProgress, names: Set[str]) -> Iterator[Row]:
    """Yield a job for each act that took effect now, be it new or not, and that has a reaction."""
    for act in _effective(unit, work, names):
        at = max(unit.new[new["_id"]][1] for new in work.new)
        if act["act"] in DECISIONS:
            unit.store.settle_refusal(work.id, at)
        record, needed = work.record, unit.listens.get(act["act"], ())
        if record is not None and any(ask(record, unit.hidings.of(work.id)) for ask in needed):
            payload = {"act": act["_id"], "name": act["act"], "record": work.id}
            text = orjson.dumps(payload).decode()
            yield (f"reaction|{act['_id']}", "reaction", text, at, 0, None, None, None)


def _effective(unit: UnitOfWork, work: RecordInProgress, names: Set[str]) -> Iterable[Act]:
    """Return the acts with these names that take effect by this transaction, and did not before."""
    if not work.rewound:
        return [act for act in work.fitting if act["act"] in names]
    stored = work.stored_acts()
    acts = [*stored, *work.new]
    if not any(act["act"] in names for act in acts):
        return ()
    now = effects.standing(unit.declarations, acts)
    before = effects.standing(unit.declarations, stored)
    return [act for act in acts if act["act"] in names and act["_id"] in now - before]


def _judgement(unit: UnitOfWork, work: RecordInProgress) -> Iterator[Row]:
    """Yield a job for a record whose acts may show a rung passed, or never reached."""
    if work.record is None or not timers.has_ladders(unit.declarations, work.record["type"]):
        return
    act_ids = [a["_id"] for a in work.new if a["by"] != reached_rungs.CLOCK or "for" in a]
    if not act_ids:
        return
    newest, at = max(act_ids), max(unit.new[act][1] for act in act_ids)
    current = unit.reference
    if reached_rungs.needs_correction(
        unit.declarations,
        work.before,
        work.record,
        work.rewound,
        current.settings,
        current.calendar,
        at,
        max(act["at"] for act in work.new),
    ):
        text = orjson.dumps({"record": work.id, "act": newest}).decode()
        yield (f"judge|{work.id}|{newest}", "judge", text, at, 0, None, None, None)


def moves(left_over: Mapping[str, list[str]], new: Mapping[str, tuple[Act, int]]) -> Iterator[Row]:
    """Yield a job for each page of records whose timers the act of a setting is still to move.

    `new` are the transaction's acts by id, with the ms at which each was received.
    """
    for act, ids in left_over.items():
        for start in range(0, len(ids), MOVED_AT_ONCE):
            text = orjson.dumps({"records": ids[start : start + MOVED_AT_ONCE]}).decode()
            yield (f"move|{act}|{start}", "move", text, new[act][1], 0, None, None, None)
