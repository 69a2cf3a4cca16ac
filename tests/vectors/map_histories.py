"""Histories of the imaginary run, drawn by lot: of any sense, out of order, by several people."""

from __future__ import annotations

from random import Random
from typing import Any

from sync.act import key_id
from tests.vectors.story import CHEN, CLOCK, LIN, PEOPLE, WU, Short, identifier

PLACE, DAY = "place:a", 20_800
KEY: dict[str, Any] = {"place": PLACE, "day": DAY}
RUN_ID = key_id("run", [PLACE, DAY])
SOME = ("a", "b", "c", "d")
Said = tuple[str, dict[str, Any]]
Answers = dict[str, dict[str, str]]  # {item: {person: answer}}


def drawn(luck: Random, length: int) -> list[Short]:
    """Return acts of one run in the order in which they happen."""
    acts: list[Short] = []
    well = _goes_well(luck) if luck.random() < 0.4 else []
    while len(acts) < length:
        number = len(acts) + 1
        ids = [act[0] for act in acts]
        by, (verb, data) = luck.choice((LIN, LIN, CHEN, WU, CLOCK)), _said(luck, ids)
        if well:
            by, verb, data = well.pop(0)
        at = number * 10 + luck.choice((0, 0, 0, -25, 35))
        act: Short = [
            identifier(number),
            f"run.{verb}",
            at,
            by,
            luck.choice((None, *ids[-4:])),
            data,
        ]
        if "ticks" in data and luck.random() < 0.5:
            keys = data["ticks"]
            act.append({f"ticks.{key}": luck.choice(("yes", "no")) for key in keys})
        acts.append(act)
    return acts


def _goes_well(luck: Random) -> list[tuple[str, str, dict[str, Any]]]:
    one, other = ({"a": "yes", "b": said} for said in luck.sample(("yes", "no"), 2))
    changes = luck.random() < 0.3  # between signing and closing
    return [
        (luck.choice((LIN, CLOCK)), "opened", {**KEY, "items": ["a", "b"]}),
        (LIN, "ticked", {"ticks": one}),
        (LIN, "signed", {"ticks": one}),
        *([(LIN, "ticked", {"ticks": {"b": other["b"]}})] if changes else []),
        (CHEN, "closed", {"ticks": other if changes else one}),
    ]


def _said(luck: Random, ids: list[str]) -> Said:
    if not ids and luck.random() < 0.95:
        return _making(luck)
    if ids and luck.random() < 0.35:
        return _engine(luck, ids)
    whole = {"ticks": {"a": "yes", "b": luck.choice(("yes", "no"))}}
    bed = luck.choice(("a", "b"))
    return luck.choice(
        (
            _making(luck),
            ("ticked", {"ticks": _ticks(luck)}),
            ("ticked", {"ticks": _ticks(luck)}),
            ("ticked", {"ticks": _ticks(luck), "notes": {"a": luck.choice(("x", None))}}),
            ("ticked", {"counts": {"a": luck.choice((1, 2))}, "beds": {"b1": bed}}),
            ("begun", {"ticks": _ticks(luck)}),
            ("looked", {"ticks": _ticks(luck)}),
            ("noted", {"why": luck.choice(("a", "b", None)), "notes": {"a": luck.choice("xy")}}),
            ("marked", {"ticks": _ticks(luck)}),
            ("told", luck.choice(({}, {"words": "w"}, {"words": "w", "seal": "s"}))),
            ("laid", {"beds": luck.choice(({"b2": bed}, {"b1": bed, "b2": bed}))}),
            ("signed", whole),
            ("closed", whole),
        )
    )


def _making(luck: Random) -> Said:
    return luck.choice(
        (
            ("opened", {**KEY, "items": ["a", "b"], "unit": luck.choice(("unit:x", "unit:y"))}),
            ("opened", {**KEY, "items": ["a"], "ticks": _ticks(luck)}),
            ("well", {**KEY, "ticks": _ticks(luck)}),
            ("sour", luck.choice((KEY, {**KEY, "words": "w"}))),
        )
    )


def _ticks(luck: Random) -> dict[str, Any]:
    names = luck.sample(SOME, luck.randint(1, len(SOME)))
    return {name: luck.choice(("yes", "yes", "no", None)) for name in names}


def _engine(luck: Random, ids: list[str]) -> Said:
    target = luck.choice((*ids[-7:], identifier(99)))
    path, values = luck.choice((("ticks.a", ("yes", "no", None)), ("why", ("a", "b", None))))
    return luck.choice(
        (
            ("undone", {"undoes": target}),
            ("undone", {"undoes": luck.choice(ids)}),
            ("undone", {"undoes": luck.choice(ids)}),
            ("decided", {"about": target, "choice": luck.choice(("accept", "keep"))}),
            ("decided", {"about": luck.choice(ids), "choice": "accept"}),
            ("edited", {"field": path, "old": luck.choice(values), "new": luck.choice(values)}),
        )
    )


def of_people(luck: Random, items: tuple[str, ...], differ: float) -> tuple[list[Short], Answers]:
    """Return one sheet filled by two people on two tablets that do not hear of each other, and
    {item: {person: answer}}. An act answers one item, or as many as a screen shows.
    """
    truth = {item: luck.choice(("yes", "no")) for item in items}
    answers: Answers = {item: {} for item in items}
    made: list[tuple[int, str, str, dict[str, Any]]] = []
    size, most = luck.choice((1, 9)), len(items)
    for by, part in zip(PEOPLE, (items[: most * 2 // 3], items[most // 3 :]), strict=False):
        at = luck.randrange(500)
        made.append((at, by, "opened", {**KEY, "items": list(items)}))
        shuffled = luck.sample(part, len(part))
        for start in range(0, len(shuffled), size):
            ticks = {}
            for item in shuffled[start : start + size]:
                value = truth[item] if luck.random() >= differ else "na"
                answers[item][by] = ticks[item] = value
            at += luck.randrange(1, 3_000)
            made.append((at, by, "ticked", {"ticks": ticks}))
    acts: list[Short] = []
    last: dict[str, str] = {}
    for number, (at, by, verb, data) in enumerate(sorted(made, key=lambda one: one[0]), 1):
        act = [identifier(number), f"run.{verb}", at, by, last.get(by), data]
        acts.append([*act, {}] if verb == "ticked" else act)
        last[by] = identifier(number)
    return acts, answers
