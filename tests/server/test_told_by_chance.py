"""Whoever is told may open the record and is not gone, of every rung, whoever works here.

People, posts, places, units, who is away, whom a record names and from whom it is hidden are drawn
by lot. What must hold is said here once more, from the declarations alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

import sync
from server.acts import access, recipients
from server.acts.access import Rights
from server.acts.recipients import Telling, find_recipients
from server.acts.reference import Grant, Reference, reference
from sync import posts
from tests import invented_clocks

Record = dict[str, Any]
NOW = 1_000
PLACES = {
    "place:site": None,
    "place:floor-1": "place:site",
    "place:lobby-1": "place:floor-1",
    "place:lobby-2": "place:floor-1",
    "place:floor-2": "place:site",
}
UNITS = {"unit:house": None, "unit:clinic": "unit:house", "unit:er": "unit:clinic"}
NEAR_POSTS = ("guide", "guide", "guide", "guide_supervisor", "cs_agent", "cs_manager", "gm", "hr")
SEEDS = range(40)  # drawn for each ladder


@dataclass(frozen=True)
class Hospital:
    """What was drawn: the people and where they work, who is on duty, and a record."""

    known: Reference
    duties: dict[str, bool | None]
    record: Record
    hides: tuple[str, ...]

    def telling(self, declared: Record) -> Telling:
        """Return what it takes to say who is told of the record."""
        return Telling(declared, self.known, self.record, self.hides, NOW, self.on_duty)

    def on_duty(self, people: Iterable[str]) -> dict[str, bool | None]:
        """Return who of some people is on duty, as far as it is known."""
        return {one: self.duties[one] for one in people}


def drawn(lot: Random, declared: Record, kind: str) -> Hospital:
    """Draw a hospital with some people, and a record of a kind."""
    people = [f"person:{number}" for number in range(lot.randint(1, 9))]
    every = [*declared["posts"]]
    records: list[Record] = []
    grants: dict[str, list[Grant]] = {}
    units: dict[str, Record] = {}
    for unit, inside in UNITS.items():
        heads = {name: lot.choice(people) for name in ("head", "deputy") if lot.random() < 0.6}
        units[unit] = {"_id": unit, "type": "unit", "state": "active", "inside": inside, **heads}
    for place, inside in PLACES.items():
        records.append({"_id": place, "type": "place", "state": "active", "inside": inside})
    for person in people:
        several = range(lot.choice((1, 1, 2)))
        held = tuple(sorted({lot.choice(lot.choice((NEAR_POSTS, every))) for _ in several}))
        held = () if lot.random() < 0.1 else held
        where, of = ((lot.choice([*some]),) for some in (PLACES, UNITS))
        active = lot.random() < 0.8
        headed = tuple(
            f"head@{unit}"
            for unit, one in units.items()
            if person in (one.get("head"), one.get("deputy"))
        )
        grants[person] = [Grant(0, held, where, (*of, *headed), active)]
        plain = {"_id": person, "type": "person", "state": "active", "active": active}
        records.append({**plain, "posts": list(held), "places": list(where), "units": list(of)})
    known = reference(declared, 1, [*records, *units.values()], grants)
    duties = {person: lot.choice((True, None, None, False)) for person in people}
    record = a_record(lot, declared["records"][kind], people)
    hides = tuple(lot.sample(people, lot.choice((0, 0, 1, 2)) % (len(people) + 1)))
    return Hospital(known, duties, record, hides)


def a_record(lot: Random, kind: Record, people: list[str]) -> Record:
    """Draw a record of a kind whose fields name people, places and units, or nobody."""
    record = {"_id": f"{kind['name']}:x", "type": kind["name"], "rungs": {}, "unsettled": []}
    record["state"] = lot.choice([*(state for state, _ in kind["states"]), "open"])
    record["owner"] = lot.choice([*people, "system:clock"])
    of = {"person": people, "place": [*PLACES], "unit": [*UNITS]}
    for field in kind["fields"]:
        some = of.get((*field["of"], "place" if field["name"] == "place" else "")[0])
        if field["kind"] == "link" and some and lot.random() < 0.8:
            record[field["name"]] = lot.choice(some)
        elif field["kind"] in ("people", "names") and lot.random() < 0.8:
            many = [*UNITS] if field["name"] == "units" else people
            record[field["name"]] = lot.sample(many, lot.randint(1, min(3, len(many))))
    return record


# What must hold


def may_open(hospital: Hospital, declared: Record, person: str) -> bool:
    """Say, by the declaration, whether somebody works here and may open the record once told."""
    record = hospital.known.records[person]
    if not record["active"] or not record["posts"] or person in hospital.hides:
        return False
    kind = declared["records"][hospital.record["type"]]
    offered = access.channels_of(declared, hospital.record, hospital.known.ancestors)
    (grant,) = hospital.known.grants[person]
    scoped = access.scoped_posts(declared)
    held_posts, places, units = map(frozenset, (grant.posts, grant.places, grant.units))
    held = Rights(person, held_posts, places, units, active=True, scoped=scoped)
    return "{told}" in kind["channels"] or not held.channels.isdisjoint(offered)


def faults(hospital: Hospital, declared: Record, tell: str) -> list[str]:
    """Return what is wrong with who is told by one name of a rung, a sentence each."""
    told, _ = find_recipients(hospital.telling(declared), [tell])
    people = [one for one, record in hospital.known.records.items() if record["type"] == "person"]
    able = [one for one in people if may_open(hospital, declared, one)]
    wrong = [f"{one} is gone, or may not open it" for one in told if one not in able]
    post, _, field = tell.rstrip("}").partition("{")
    post = post.rstrip("@")
    kind = declared["records"][hospital.record["type"]]
    about = {one for name in kind["concerns"] for one in named(hospital.record, name)}
    meant = set(named(hospital.record, field if field and not post else "owner"))
    if post != "owner" and not (field and not post):
        wrong += [f"{one} is told of themselves" for one in told if one in about]
        meant = set()
    # Whoever holds the post, one above it, or one of last resort, may be told in the end.
    chain = {post, *posts.ranks_above(declared["ranks"], post), *declared["last_resort"]}
    holding = {
        one
        for one in able
        if one not in about and chain & set(hospital.known.records[one]["posts"])
    }
    could = holding | (meant & set(able))
    if could and not told:
        wrong.append(f"nobody is told, and {sorted(could)} could be")
    present = {one for one in could if hospital.duties[one] is not False}
    is_named = bool(field and not post)
    if present and not is_named:
        away = [one for one in told if hospital.duties[one] is False]
        wrong += [f"{one} is away, and {sorted(present)} are here" for one in away]
    first = {one for one in told if hospital.duties[one]}
    if first and not is_named and len(told) > len(first):
        wrong.append("who is not known to be here is told beside who is")
    return wrong


def named(record: Record, field: str) -> list[str]:
    """Return the ids in a field of a record."""
    value = record.get(field)
    return [one for one in (value if isinstance(value, list) else [value]) if one]


def tried(name: str, seeds: Iterable[int], declared: Record) -> list[str]:
    """Return what is wrong with all rungs of a ladder in hospitals that were drawn."""
    ladder = declared["ladders"][name]
    tells = dict.fromkeys(tell for rung in ladder["rungs"] for tell in rung["tell"])
    wrong = []
    for seed in seeds:
        hospital = drawn(Random(f"{name} {seed}"), declared, ladder["record"])
        for tell in tells:
            wrong += [f"{name} {seed}: {one}" for one in faults(hospital, declared, tell)]
    return wrong


with invented_clocks.declared():
    DECLARED = sync.declarations()
LADDERS = sorted(DECLARED["ladders"])


@pytest.mark.parametrize("name", LADDERS)
def test_whoever_is_told_may_open_it_and_is_here_and_if_anybody_could_be_somebody_is(
    name: str,
) -> None:
    assert tried(name, SEEDS, DECLARED) == []


# That it can fail

Broken = Callable[[pytest.MonkeyPatch], None]


def _everybody_is_let_in(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Telling, "may_open", lambda self, person: True)


def _it_is_hidden_from_nobody(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(access, "is_hidden", lambda hides, person: False)


def _nobody_is_away(planted: pytest.MonkeyPatch) -> None:
    def first(telling: Telling, ways: Iterable[Any]) -> Any:
        return next((way for way in ways if way.people), None)

    planted.setattr(recipients, "_first", first)


def _nobody_stands_above(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(recipients, "above", lambda declarations, post: iter(()))


def _one_is_one_s_own_superior(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Telling, "concerned", lambda self: set())


def _who_is_away_is_never_told(planted: pytest.MonkeyPatch) -> None:
    first = recipients._first

    def strict(telling: Telling, ways: Iterable[Any]) -> Any:
        way = first(telling, ways)
        known = telling.duties(way.people) if way is not None else {}
        return None if way is not None and False in known.values() else way

    planted.setattr(recipients, "_first", strict)


@pytest.mark.parametrize(
    "breaks",
    [
        _everybody_is_let_in,
        _it_is_hidden_from_nobody,
        _nobody_is_away,
        _nobody_stands_above,
        _one_is_one_s_own_superior,
        _who_is_away_is_never_told,
    ],
)
def test_with_a_rule_left_out_it_is_noticed(
    monkeypatch: pytest.MonkeyPatch, breaks: Broken
) -> None:
    breaks(monkeypatch)
    assert any(tried(name, range(8), DECLARED) for name in LADDERS)
