"""Rows of jobs that a transaction's acts cause: reactions, corrections of rungs, moved timers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import orjson

from server.acts import reached_rungs
from server.acts.record_in_progress import RecordInProgress
from server.acts.reference import Reference
from server.database.store import Row
from sync.act import Act
from sync.check_act import Declarations

MOVED_AT_ONCE = 200  # records whose timers a changed number moves in one transaction

New = Mapping[str, tuple[Act, int]]  # {id: (act, ms at which it arrived)}


def reactions(new: New, listens: Collection[str]) -> Iterable[Row]:
    """Yield a job for each act that has a reaction."""
    for act, received_at in new.values():
        if act["act"] in listens:
            payload = {"act": act["_id"], "name": act["act"], "record": act["record"]}
            yield _job(f"reaction|{act['_id']}", "reaction", payload, received_at)


def moves(left_over: Mapping[str, list[str]], new: New) -> Iterable[Row]:
    """Yield a job for each page of records whose timers the act of a setting is still to move."""
    for act, ids in left_over.items():
        for start in range(0, len(ids), MOVED_AT_ONCE):
            payload = {"records": ids[start : start + MOVED_AT_ONCE]}
            yield _job(f"move|{act}|{start}", "move", payload, new[act][1])


def judgements(
    declarations: Declarations,
    reference: Reference,
    touched: Iterable[RecordInProgress],
    new: New,
) -> Iterable[Row]:
    """Yield a job for each record whose acts may show a rung passed, or never reached."""
    for work in touched:
        act_ids = [act["_id"] for act in work.new if act["by"] != reached_rungs.CLOCK]
        if not act_ids or work.record is None:
            continue
        newest, at = max(act_ids), max(new[act][1] for act in act_ids)
        if reached_rungs.needs_correction(
            declarations,
            work.before,
            work.record,
            work.rewound,
            reference.settings,
            reference.calendar,
            at,
            max(act["at"] for act in work.new),
        ):
            payload = {"record": work.id, "act": newest}
            yield _job(f"judge|{work.id}|{newest}", "judge", payload, at)


def _job(key: str, kind: str, payload: object, at: int) -> Row:
    return (key, kind, orjson.dumps(payload).decode(), at, 0, None, None, None)
