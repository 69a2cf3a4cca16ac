"""Histories of the imaginary payout, sheet and task, drawn by lot: of any sense, out of order."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.vectors.imaginary_gates import LIMIT
from tests.vectors.story import CHEN, CLOCK, LIN, PEOPLE, WU, Short, identifier

AMOUNTS = (900, 6_000)
OF_THE_CLOCK = ("banded", "expired", "rung_reached", "rung_annulled")
Said = tuple[str, dict[str, Any]]


def drawn(luck: Random, kind: str, length: int) -> list[Short]:
    """Return acts of one record in the order in which they happen; half go well for a while."""
    acts: list[Short] = []
    well = _goes_well(luck, kind) if luck.random() < 0.5 else []
    for by, verb, data in well[: luck.randint(0, length)]:
        number = len(acts) + 1
        seen = acts[-1][0] if acts else None
        acts.append([identifier(number), f"{kind}.{verb}", number * 10, by, seen, data])
    while len(acts) < length:
        number = len(acts) + 1
        ids = [act[0] for act in acts]
        verb, data = _drawn_act(luck, kind, ids)
        by = CLOCK if verb in OF_THE_CLOCK else luck.choice((LIN, LIN, CHEN, WU))
        seen = luck.choice((None, *ids[-4:]))
        act = [identifier(number), f"{kind}.{verb}", _moment(luck, number), by, seen, data]
        answers = {"amount": AMOUNTS, "answer": ("yes", "no"), "why": ("a", "b")}
        if verb != "edited" and not answers.keys().isdisjoint(data) and luck.random() < 0.5:
            act.append({name: luck.choice(answers[name]) for name in data if name in answers})
        acts.append(act)
    return acts


def _moment(luck: Random, number: int) -> int:
    """Return when an act was done: one in six long before it arrived, beneath what was decided."""
    if luck.random() < 0.15:
        return luck.randrange(number * 10 + 15)
    return number * 10 + luck.choice((0, 0, 0, -25, 35))


def rests(amount: int) -> dict[str, Any]:
    """Return what an approval of an amount rests on; the band is true of it."""
    return {"amount": amount, "band": "high" if amount > LIMIT else "low"}


def _goes_well(luck: Random, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    if kind == "payout" and luck.random() < 0.1:
        return _taken_off_and_put_back(*luck.sample(AMOUNTS, 2))
    if kind == "payout":
        amount = luck.choice(AMOUNTS)
        changes = luck.random() < 0.5
        directed = [(WU, "directed", rests(amount))] if amount > LIMIT else []
        return [
            (LIN, "proposed", {"amount": luck.choice(AMOUNTS) if changes else amount}),
            *([(LIN, "changed", {"amount": amount})] if changes else []),
            (CLOCK, "banded", rests(amount)),
            (CHEN, "approved", rests(amount)),
            *directed,
            (LIN, "told", {"amount": amount, "proposed_by": LIN}),
        ]
    if kind == "sheet":
        answer = {"answer": luck.choice(("yes", "no"))}
        return [
            (LIN, "opened", {}),
            (LIN, "answered", answer),
            (LIN, "signed", answer),
            (CHEN, "closed", answer),
        ]
    return [(LIN, "made", {"person": CHEN, "why": "a"}), (CHEN, "agreed", {"agreed": True})]


def _taken_off_and_put_back(first: int, amount: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Return a payout whose approval somebody takes off, and takes that back when it is another."""
    return [
        (LIN, "proposed", {"amount": first}),
        (CLOCK, "banded", rests(first)),
        (CHEN, "approved", rests(first)),
        (WU, "returned", {}),
        (LIN, "changed", {"amount": amount}),
        (CLOCK, "banded", rests(amount)),
        (WU, "undone", {"undoes": identifier(4)}),
        (WU, "directed", rests(amount)),
        (LIN, "told", {"amount": amount, "proposed_by": LIN}),
    ]


def _drawn_act(luck: Random, kind: str, ids: list[str]) -> Said:
    if ids and luck.random() < 0.3:
        return _engine(luck, kind, ids)
    verbs = {"payout": _payout, "sheet": _sheet, "task": _task}
    return verbs[kind](luck, not ids and luck.random() < 0.95)


def _engine(luck: Random, kind: str, ids: list[str]) -> Said:
    target = luck.choice((*ids[-7:], identifier(99)))
    field, values = {
        "payout": luck.choice((("amount", AMOUNTS), ("note", ("a", "b", None)))),
        "sheet": luck.choice((("answer", ("yes", "no", None)), ("why", ("a", "b")))),
        "task": ("why", ("a", "b")),
    }[kind]
    rung = {"ladder": "x", "rung": luck.choice((1, 2))}
    return luck.choice(
        (
            ("undone", {"undoes": target}),
            ("undone", {"undoes": luck.choice(ids)}),
            ("decided", {"about": target, "choice": luck.choice(("accept", "keep"))}),
            ("decided", {"about": luck.choice(ids), "choice": "accept"}),
            ("edited", {"field": field, "old": luck.choice(values), "new": luck.choice(values)}),
            ("rung_reached", {**rung, "due_at": 300}),
            ("rung_annulled", rung),
        )
    )


def _payout(luck: Random, first: bool) -> Said:
    amount = luck.choice(AMOUNTS)
    if first:
        return "proposed", {"amount": amount}
    proposer = luck.choice((LIN, LIN, *PEOPLE))
    return luck.choice(
        (
            ("proposed", {"amount": amount}),
            ("changed", {"amount": amount}),
            ("adjusted", {"amount": amount, "note": luck.choice(("n", "m"))}),
            ("banded", rests(amount)),
            ("banded", rests(amount)),
            ("approved", rests(amount)),
            ("approved", rests(amount)),
            ("approved", rests(amount)),
            ("directed", rests(amount)),
            ("directed", rests(amount)),
            ("told", {"amount": amount, "proposed_by": proposer}),
            ("told", {"amount": amount, "proposed_by": proposer}),
            ("returned", {}),
            ("given", {"to": luck.choice(PEOPLE)}),
            ("taken", {}),
        )
    )


def _sheet(luck: Random, first: bool) -> Said:
    answer = {"answer": luck.choice(("yes", "no"))}
    if first:
        return "opened", luck.choice(({}, answer))
    return luck.choice(
        (
            ("opened", answer),
            ("answered", answer),
            ("answered", {"why": luck.choice(("a", "b", None))}),
            ("signed", answer),
            ("signed", answer),
            ("closed", answer),
            ("closed", answer),
        )
    )


def _task(luck: Random, first: bool) -> Said:
    made = {"person": luck.choice(PEOPLE), "why": luck.choice(("a", "b"))}
    if luck.random() < 0.5:
        made["owner"] = luck.choice(PEOPLE)
    if first:
        return "made", made
    return luck.choice(
        (
            ("made", made),
            ("agreed", {"agreed": luck.choice((True, False))}),
            ("objected", {"why": luck.choice(("a", "b"))}),
            ("given", {"to": luck.choice(PEOPLE)}),
            ("given", {"to": luck.choice(PEOPLE)}),
            ("taken", {}),
            ("fixed", {}),
            ("sealed", {"why": luck.choice(("a", "b"))}),
            ("done", {}),
            ("expired", {}),
        )
    )
