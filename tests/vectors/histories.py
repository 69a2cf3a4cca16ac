"""Vectors of the fold: the histories written by hand, and random ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from tests.vectors import (
    fold_decisions,
    gate_stories,
    guard_histories,
    guard_stories,
    map_histories,
    map_stories,
    undoing,
)
from tests.vectors.generate import Case, case
from tests.vectors.story import CHEN, CLOCK, LIN, PEOPLE, WU, Short, Story, identifier


def cases() -> dict[str, list[Case]]:
    """Return the cases by module."""
    random = Random(6)
    drawn = [*_drawn(random, 270), *_drawn_guarded(120), *_drawn_maps(150)]
    return {"fold": [*_told(random), *_orders(), *drawn]}


def _told(random: Random) -> Iterable[Case]:
    tales = [("visit", (*fold_decisions.TOLD, *undoing.TOLD))]
    tales += [*gate_stories.TOLD.items(), *guard_stories.TOLD.items()]
    tales += map_stories.TOLD.items()
    for kind, tell in ((kind, tell) for kind, told in tales for tell in told):
        story = Story(kind)
        name = tell(story)
        yield case(name, "fold", "$declarations", story.acts)
        shuffled = random.sample(story.acts, len(story.acts))
        if shuffled != story.acts:
            yield case(f"{name}, in any order", "fold", "$declarations", shuffled)


def _orders() -> Iterable[Case]:
    def act(number: int, verb: str, at: int, kind: str = "visit") -> Short:
        return [identifier(number), f"{kind}.{verb}", at, LIN, None, {}]

    acts = [
        act(1, "started", 9),
        act(2, "started", 8),
        act(3, "water_given", 1),
        act(4, "water_given", 1),
        act(5, "undone", 10),
        act(6, "danced", -5),
        act(7, "changed", 3, "knob"),
        act(8, "undone", 2, "knob"),
        act(9, "water_given", 10),
    ]
    for one in acts:
        yield case(f"the place of {one[1]} {one[0][-1]} at {one[2]}", "order", "$declarations", one)
        for other in acts:
            named = f"{one[1]} {one[0][-1]} before {other[1]} {other[0][-1]}?"
            yield case(named, "before", "$declarations", one, other)


# Drawn by lot


def _drawn(random: Random, count: int) -> Iterable[Case]:
    for number in range(count):
        kind = "knob" if number % 10 == 9 else "visit"
        acts = _history(random, kind, random.choice((3, 5, 7, 9, 9, 12)))
        if random.random() < 0.5:
            random.shuffle(acts)
        yield case(f"history {number} of a {kind}", "fold", "$declarations", acts)


def _drawn_guarded(count: int) -> Iterable[Case]:
    luck = Random(7)
    for number in range(count):
        kind = ("payout", "sheet", "task")[number % 3]
        acts = guard_histories.drawn(luck, kind, luck.choice((5, 9, 12, 16)))
        yield case(f"history {number} of a {kind}", "fold", "$declarations", acts)


def _drawn_maps(count: int) -> Iterable[Case]:
    luck = Random(8)
    for number in range(count):
        acts = map_histories.drawn(luck, luck.choice((5, 9, 14, 20)))
        yield case(f"history {number} of a run", "fold", "$declarations", acts)


def _history(random: Random, kind: str, length: int) -> list[Short]:
    story = Story(kind)
    begin = "changed" if kind == "knob" else "started"
    if random.random() < 0.95:
        data: dict[str, Any] = {"value": 1, "reason": "x"} if kind == "knob" else {"place": "p:a"}
        story(begin, random.choice(PEOPLE), **data)
    while len(story.acts) < length:
        verb, data = _drawn_act(random, kind, [act[0] for act in story.acts])
        number = len(story.acts) + 1
        looked = random.choice((None, number - 1, number - 1, random.randrange(number + 1)))
        at = number + random.choice((0, 0, 0, 0, -2, 3))
        by = CLOCK if verb.startswith("rung") else random.choice((LIN, LIN, CHEN, WU))
        story.acts.append(
            [
                identifier(number),
                f"{kind}.{verb}",
                at,
                by,
                identifier(looked) if looked else None,
                data,
            ]
        )
    return story.acts


def _drawn_act(random: Random, kind: str, ids: list[str]) -> tuple[str, dict[str, Any]]:
    pick: Callable[..., Any] = random.choice
    target = pick([*ids[-6:], identifier(99)])
    engine: list[tuple[str, dict[str, Any]]] = [
        ("undone", {"undoes": target}),
        ("undone", {"undoes": target}),
        ("decided", {"about": target, "choice": pick(("accept", "keep"))}),
    ]
    if kind == "knob":
        turn = {"value": pick((1, 2, None)), "reason": pick(("x", "x", "y"))}
        return pick([*engine, ("changed", turn), ("changed", turn), ("changed", turn)])
    names = (None, "林", "林小美")
    stages = ("arrived", "paid", "examined")
    rung = {"ladder": "visit_water", "rung": pick((1, 2)), "due_at": pick((300, 480))}
    return pick(
        [
            *engine,
            ("decided", {"about": target, "choice": "accept"}),
            ("edited", {"field": "name", "old": pick(names), "new": pick(names)}),
            ("edited", {"field": "stage", "old": pick(stages), "new": pick(stages)}),
            ("rung_reached", {**rung, "told": []}),
            ("rung_annulled", {"ladder": "visit_water", "rung": pick((1, 2))}),
            ("started", {"place": "p:b"}),
            ("water_given", {}),
            ("water_given", {}),
            ("asked", pick(({}, {"says": "a"}, {"says": "b", "note": None}))),
            ("moved", {"stage": pick(stages)}),
            ("moved", {"stage": pick(stages), "beds": pick((1, None))}),
            ("filed", {"name": pick(names)}),
            ("climbed", pick(({}, {"note": "n"}))),
            ("adopted", {}),
            ("revealed", {}),
            ("ended", {"outcome": pick(("seen", "left"))}),
        ]
    )
