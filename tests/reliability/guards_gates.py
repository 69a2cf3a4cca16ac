"""G1–G3: no history passes a gate without its approvals, both ends fold alike, the clock asks none.

Who looks is a judge of its own: it reads the acts that were said, not how the fold took them. The
clock says a band that is true of the amount it names; everything else is drawn by lot, one act in
six long before what was decided since (tests/vectors/guard_histories.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sync import fold
from sync.act import Act
from tests.reliability import gate_mutants
from tests.reliability.registry import Property, Result, Trial
from tests.vectors import guard_histories, map_histories
from tests.vectors.generate import whole
from tests.vectors.imaginary_gates import LIMIT
from tests.vectors.story import CLOCK

Record = dict[str, Any]
KINDS = ("payout", "payout", "payout", "sheet")
LENGTHS = (6, 9, 12, 16, 22)
STAMPS = {"payout": "told_at", "sheet": "closed_at", "run": "closed_at"}
HELD = {
    "payout": ("amount", "approved_by", "directed_by"),
    "sheet": ("answer", "signed_by"),
    "run": ("ticks", "signed_by"),
}
BATCH = 100  # histories that Node is given at once


def history(seed: int, kinds: tuple[str, ...] = KINDS) -> list[Act]:
    """Return the acts of one record, in their order."""
    luck = Random(seed)
    kind, length = luck.choice(kinds), luck.choice(LENGTHS)
    if kind == "run":
        drawn = map_histories.drawn(luck, length)
    else:
        drawn = guard_histories.drawn(luck, kind, length)
    acts = [whole(act) for act in drawn]
    return sorted(acts, key=lambda act: fold.order(gate_mutants.DECLARED, act))


def states(acts: list[Act]) -> Iterator[Record]:
    """Yield the record after each act."""
    record: Record | None = None
    for act in acts:
        record = fold.apply(gate_mutants.DECLARED, record, act)
        yield record


def judged(acts: list[Act]) -> str | None:
    """Return what is wrong; None when every gate that stands was opened by those it needs."""
    before: Record = {}
    for record in states(acts):
        kind = record["type"]
        wrong = JUDGES[kind](acts, record) or _taken_back(before, record, kind)
        if wrong is not None:
            return wrong
        before = record
    return None


def _taken_back(before: Record, record: Record, kind: str) -> str | None:
    stamp = STAMPS[kind]
    if stamp not in before:
        return None
    if stamp not in record:
        return f"{stamp} was taken back"
    changed = [name for name in (*HELD[kind], "state") if before.get(name) != record.get(name)]
    return f"{', '.join(changed)} changed after the gate" if changed else None


def _payout(acts: list[Act], record: Record) -> str | None:
    if "told_at" not in record:
        return None
    amount, proposer = record.get("amount"), record.get("proposed_by")
    if not any(one["act"] == "payout.proposed" and one["by"] == proposer for one in acts):
        return "proposed by nobody"
    said = [one for one in acts if one["data"].get("amount") == amount]
    approved = {one["by"] for one in said if one["act"] == "payout.approved"} - {proposer}
    if not approved or record.get("approved_by") not in approved:
        return f"told {amount} without an approval of {amount}"
    directed = {one["by"] for one in said if one["act"] == "payout.directed"} - {proposer}
    if (
        amount is not None
        and amount > LIMIT
        and not any(one != other for one in approved for other in directed)
    ):
        return f"told {amount} without the director"
    return None


def _sheet(acts: list[Act], record: Record, answer: str = "answer") -> str | None:
    if "closed_at" not in record:
        return None
    said = [one for one in acts if one["data"].get(answer) == record.get(answer)]
    signed = {one["by"] for one in said if one["act"].endswith(".signed")}
    closed = {one["by"] for one in said if one["act"].endswith(".closed")}
    if not any(one != other for one in signed for other in closed):
        return "closed without two people who saw this answer"
    return None


def _run(acts: list[Act], record: Record) -> str | None:
    if "closed_at" in record and not {*record.get("items", "x")} <= {*record.get("ticks", ())}:
        return "closed without all its answers"
    return _sheet(acts, record, "ticks")


Judge = Callable[[list[Act], Record], str | None]
JUDGES: dict[str, Judge] = {"payout": _payout, "sheet": _sheet, "run": _run}


def smallest(acts: list[Act], wrong: str) -> list[Act]:
    """Leave out acts for as long as it stays wrong."""
    at = 0
    while at < len(acts):
        fewer = [*acts[:at], *acts[at + 1 :]]
        if fewer and judged(fewer) == wrong:
            acts, at = fewer, 0
        else:
            at += 1
    return acts


def told(acts: list[Act]) -> str:
    """Return a history in one line."""
    return "; ".join(f"{one['at']} {one['by'][7:]} {one['act']} {one['data']}" for one in acts)


def no_way_through(trial: Trial, kinds: tuple[str, ...] = KINDS) -> Result:
    """G1, G6: whatever is said, late, edited, undone and decided."""
    counts, problems = {"histories": 0, "opened": 0, "ways_through": 0}, []
    for seed in range(trial.seed, trial.seed + trial.many):
        acts = history(seed, kinds)
        wrong = judged(acts)
        counts["histories"] += 1
        if acts:
            record = fold.fold(gate_mutants.DECLARED, acts) or {}
            counts["opened"] += any(stamp in record for stamp in STAMPS.values())
        if wrong is not None:
            counts["ways_through"] += 1
            problems.append(f"seed {seed}: {wrong}: {told(smallest(acts, wrong))}")
            if trial.until_red:
                break
    return Result(counts, problems)


# Both ends


def folds_alike(trial: Trial) -> Result:
    """G2: in any order and twice over, and on the tablet, it is the same record byte for byte."""
    from tests.service_worker.node import Node

    counts, problems = {"histories": 0, "acts": 0}, []
    seeds = range(trial.seed, trial.seed + trial.many)
    with Node() as node:
        for start in range(0, len(seeds), BATCH):
            drawn = {
                seed: history(seed, (*KINDS, "task", "task", "run", "run"))
                for seed in seeds[start : start + BATCH]
            }
            asked = [[gate_mutants.DECLARED, acts] for acts in drawn.values()]
            answers = node.calls("service_worker/rules/fold.js", "fold", asked)
            for (seed, acts), answer in zip(drawn.items(), answers, strict=True):
                counts["histories"] += 1
                counts["acts"] += len(acts)
                problems += _differs(seed, acts, answer.get("value"))
            if problems and trial.until_red:
                break
    return Result(counts, problems)


def _differs(seed: int, acts: list[Act], tablet: Any) -> Iterator[str]:
    declared, luck = gate_mutants.DECLARED, Random(seed)
    record = json.dumps(fold.fold(declared, acts))
    if record != json.dumps(tablet):
        yield f"seed {seed}: the tablet folds otherwise: {told(acts)}"
    arrived = luck.choices(acts, k=len(acts)) + acts
    luck.shuffle(arrived)
    if record != json.dumps(_at_an_end(arrived)):
        yield f"seed {seed}: another order is another record: {told(acts)}"


def _at_an_end(arrived: list[Act]) -> Record | None:
    """Return what a server has: what it knows it leaves, what comes late it folds anew."""
    declared = gate_mutants.DECLARED
    known: dict[str, Act] = {}
    record: Record | None = None
    for act in arrived:
        if act["_id"] in known:
            continue
        late = any(fold.before(declared, act, one) for one in known.values())
        known[act["_id"]] = act
        fresh = fold.fold(declared, known.values()) if late else None
        record = fresh if late else fold.apply(declared, record, act)
    return record


# The clock


def clock_never_asks(trial: Trial) -> Result:
    """G3: no act of the clock is a question, and what it says in vain changes nothing."""
    counts, problems = {"histories": 0, "void": 0}, []
    for seed in range(trial.seed, trial.seed + trial.many):
        before: Record = {"unsettled": []}
        counts["histories"] += 1
        for record in states(history(seed, ("payout", "sheet", "task", "run"))):
            entry = record["acts"]["recent"][-1]
            void = entry.get("void", "changed_in_part") != "changed_in_part"
            counts["void"] += void
            if any(one["by"] == CLOCK for one in record["unsettled"]):
                problems.append(f"seed {seed}: the clock asks: {entry}")
            elif void and record["setters"] != before.get("setters", {}):
                problems.append(f"seed {seed}: in vain, but not without effect: {entry}")
            before = record
        if problems and trial.until_red:
            break
    return Result(counts, problems)


PROPERTIES = [
    Property(
        "G1",
        "No history passes a gate without its approvals",
        no_way_through,
        full=200_000,
        quick=1_500,
        mutants=gate_mutants.GATES,
        seconds=300,
        parts=20,
    ),
    Property(
        "G2",
        "Both ends fold alike, in any order",
        folds_alike,
        full=10_000,
        quick=300,
        mutants=gate_mutants.ORDERS,
        seconds=40,
        parts=4,
    ),
    Property(
        "G3",
        "The clock asks nobody",
        clock_never_asks,
        full=20_000,
        quick=500,
        mutants=gate_mutants.CLOCKS,
        seconds=20,
        parts=2,
    ),
]
