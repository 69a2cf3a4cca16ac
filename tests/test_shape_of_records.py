"""What every declared kind of record keeps to, so that its acts fold as they are meant.

Each rule is a function of one declared kind and returns what breaks it; each is shown a kind that
does. What cannot be declared at all (`sync/declare.py`) is tried at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import sync
from sync.check_act import fields_of
from sync.declare import Act, Field, List, Record, as_json
from sync.field_kinds import MAPS
from sync.posts import POSTS, SYSTEM
from sync.selector import states
from tests.vectors.imaginary_gates import PAYOUT
from tests.vectors.imaginary_maps import RUN

Kind = dict[str, Any]
Rule = Callable[[Kind], Iterator[str]]
KINDS = sync.declarations()["records"]
OF_THE_ENGINE = {"unknown", "undone", "merged"}  # states that no kind may call its own

# What happens once, and said again changes nothing.
ONCE = {
    "waiting.water_given": "the first cup stops the clock",
    "appointment.affected": "rules hold it: its stamp is the moment of the newest cause",
    "clinic.desk_told": "one of the desk knows, and a new change asks again",
}


def acts_of(kind: Kind) -> Iterator[tuple[str, Kind]]:
    """Yield each act of a kind under its full name."""
    for act in kind["acts"]:
        yield f"{kind['name']}.{act['name']}", act


def twice(kind: Kind) -> Iterator[str]:
    """What may happen twice `adds`, or says what happened: a stamp alone stays at the first."""
    for name, act in acts_of(kind):
        leaves = "state" in act["sets"] or act["takes_over"] or act["gate"] or act["creates"]
        if act["stamps"] and not (act["asks"] or act["adds"] or leaves) and name not in ONCE:
            yield f"{name}: the second time is forgotten"


def numbers(kind: Kind) -> Iterator[str]:
    """A number of the regulations is no part of a guard, a list, or what is open."""
    said = {f"{name}: when": act["when"] for name, act in acts_of(kind)}
    said |= {f"{kind['name']}.{one['name']}": one["where"] for one in kind["lists"]}
    said |= {f"{kind['name']}: open": kind["open_when"]}
    for where, selector in said.items():
        yield from (f"{where}: {one}" for one in _numbers(selector))


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _numbers(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def hands(kind: Kind) -> Iterator[str]:
    """Who changes what a gate rests on is named in the gate's `not_by`, and nobody corrects it."""
    fields = fields_of(kind)
    for name, gate in acts_of(kind):
        for ground in gate["rests_on"] if gate["gate"] and gate["not_by"] else ():
            if ground in fields and fields[ground]["editable"]:
                yield f"{name}: {ground} is corrected by whom it does not know"
            for other, act in acts_of(kind):
                by_people = act["who"] != list(SYSTEM) and not act["creates"]
                known = act["only_by"] and set(act["only_by"]) <= set(gate["not_by"])
                if ground in act["asks"] and by_people and not known:
                    yield f"{name}: {ground} is changed by {other}"


def opens(kind: Kind) -> Iterator[str]:
    """What is open says its states alone: counts, feeds and tables ask the database for these."""
    wanted, known = kind["open_when"], {state for state, _ in kind["states"]}
    if wanted and (set(wanted) != {"state"} or states(wanted) is None):
        yield f"{kind['name']}: open is more than a state"
    elif not set(states(wanted) or ()) <= known:
        yield f"{kind['name']}: open in a state that it has not"


CHOSEN = ("choice", "choices", "ticks", "grid")


def sheets(kind: Kind) -> Iterator[str]:
    """What is asked of every item has items and answers; who signs it signs what is compared."""
    fields = fields_of(kind)
    for name, act in acts_of(kind):
        for one in act["needs_all"]:
            field = fields.get(one)
            if field is None or field["kind"] not in MAPS or not (field["rows"] or field["items"]):
                yield f"{name}: {one} has no items"
            elif one not in (act["rests_on"] if act["gate"] else act["asks"]):
                yield f"{name}: {one} is not what it says"
        asked = {fields[one]["kind"] for one in act["asks"]}
        is_whole = act["needs_all"] or act["sets"] or act["signs"] or not act["undo"]
        if "signature" in asked and not asked.isdisjoint(MAPS) and not is_whole:
            yield f"{name}: a signature stands for what was left out"
    for field in kind["fields"]:
        if field["items"] and fields.get(field["items"], {}).get("kind") not in ("names", *MAPS):
            yield f"{kind['name']}: no items of {field['name']}"
        if field["kind"] in CHOSEN and not field["choices"]:
            yield f"{kind['name']}: nothing to choose as {field['name']}"


def copies(kind: Kind) -> Iterator[str]:
    """What is copied is of the kind that it is there, and its link is a field."""
    fields = fields_of(kind)
    for field in kind["fields"]:
        if field["takes"]:
            link, source = field["takes"]
            if fields.get(link, {}).get("kind") != "link":
                yield f"{kind['name']}: {field['name']} has no link {link}"
                continue
            for other in fields[link]["of"]:
                there = fields_of(KINDS[other]).get(source)
                if there is None or there["kind"] != field["kind"]:
                    yield f"{kind['name']}: {field['name']} is not {other}.{source}"
                elif there["private"] and not field["private"]:
                    yield f"{kind['name']}: {field['name']} shows what {other}.{source} hides"


def orders(kind: Kind) -> Iterator[str]:
    """A list goes by fields and stamps that there are."""
    known = {"opened_at", *fields_of(kind)}
    known |= {name for _, act in acts_of(kind) for name in (*act["stamps"], *act["adds"])}
    for one in kind["lists"]:
        by = one["by"] if isinstance(one["by"], list) else [one["by"]]
        for name in (*(path.removeprefix("-") for path in by), *one["parts"]):
            if name not in known | {"owner"}:
                yield f"{kind['name']}.{one['name']}: nothing is called {name}"


def words(kind: Kind) -> Iterator[str]:
    """States of the engine are its own, and every post that says an act is one."""
    taken = OF_THE_ENGINE & {state for state, _ in kind["states"]}
    yield from (f"{kind['name']}: {state} is the engine's" for state in taken)
    for name, act in acts_of(kind):
        yield from (f"{name}: no {post}" for post in act["who"] if post not in KNOWN)


KNOWN = {*dict(POSTS), "anybody", *SYSTEM}
RULES: tuple[Rule, ...] = (twice, numbers, opens, hands, sheets, copies, orders, words)


@pytest.mark.parametrize("rule", RULES)
def test_every_declared_kind_keeps_to_it(rule: Rule) -> None:
    assert [one for kind in KINDS.values() for one in rule(kind)] == []


def planted(base: Record, **changes: Any) -> Kind:
    """Return a declared kind with fields and acts beside its own."""
    fields = (*base.fields, *changes.pop("fields", ()))
    acts = (*base.acts, *changes.pop("acts", ()))
    return as_json(replace(base, fields=fields, acts=acts, **changes))


SIGNED = Act("both", "Both", ("guide",), asks=("ticks", "pen"))
OFFENCES: tuple[tuple[Rule, Kind, int], ...] = (
    (twice, planted(RUN, acts=(Act("rung", "Rung", ("guide",), stamps=("rung_at",)),)), 1),
    (numbers, planted(RUN, lists=(List("all", by="day", where={"n": {"$gte": 3}}),)), 1),
    (numbers, planted(RUN, open_when={"n": 2}), 1),
    (opens, planted(RUN, open_when={"state": "open", "mood": "bad"}), 1),
    (opens, planted(RUN, open_when={"$or": [{"state": "open"}, {"state": "shut"}]}), 1),
    (opens, planted(RUN, open_when={"state": {"$nin": ["shut"]}}), 1),
    (opens, planted(RUN, open_when={"state": "shut"}), 1),
    (hands, as_json(PAYOUT), 6),
    (sheets, planted(RUN, acts=(replace(RUN.acts[3], name="x", needs_all=("counts",)),)), 1),
    (sheets, planted(RUN, acts=(replace(RUN.acts[4], name="x", needs_all=("beds",)),)), 1),
    (sheets, planted(RUN, fields=(Field("pen", "signature", "Pen"),), acts=(SIGNED,)), 1),
    (sheets, planted(RUN, fields=(Field("more", "ticks", "More", items="why"),)), 2),
    (copies, planted(RUN), 3),
    (orders, planted(RUN, lists=(List("all", by=("-mood", "gone_at"), parts=("hall",)),)), 2),
    (words, planted(RUN, states=(("merged", "Merged"),)), 1),
    (words, planted(RUN, acts=(Act("x", "X", ("nobody",), asks=("why",)),)), 1),
)


@pytest.mark.parametrize(("rule", "kind", "many"), OFFENCES)
def test_a_kind_that_does_not_is_found(rule: Rule, kind: Kind, many: int) -> None:
    assert len(list(rule(kind))) == many, list(rule(kind))


def test_the_list_of_what_happens_once_has_no_one_without_need() -> None:
    acts = sync.declarations()["acts"]
    assert all(name in acts and reason for name, reason in ONCE.items())


@pytest.mark.parametrize(
    "changes",
    (
        {"key": ("place", "why")},
        {"key": ("place", "day", "mood")},
        {"acts": (*RUN.acts, Act("moved", "Moved", ("guide",), asks=("day",)))},
        {"acts": (*RUN.acts, replace(RUN.acts[0], name="made", again=False))},
        {"acts": (*RUN.acts, replace(RUN.acts[0], name="made", needs=("place",)))},
        {"starts_as": {"ticks": {"a": "yes"}}},
        {"acts": (*RUN.acts, Act("x", "X", ("guide",), asks=("notes",), rests_on=("why",)))},
        {"acts": (*RUN.acts, Act("all", "All", ("guide",), sets={"ticks": {"a": "yes"}}))},
    ),
)
def test_a_key_that_would_not_hold_cannot_be_declared(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"run"):
        replace(RUN, **changes)
