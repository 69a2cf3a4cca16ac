"""Kinds and rules that no file of the project knows: what a hospital's rules will look like.

Halls are checked each working day, sites are called until they are finished and after, a settled
case is called back, a payout locks its case and is banded, a turn needs an exam. `declared()` adds
all of it, with its numbers, to what is declared for as long as a block runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import sync
from sync import features, settings
from sync.declare import Act, Field, List, Record
from sync.posts import SYSTEM
from sync.rules import Find, Follow, Judge, Judged, Moment, Nth, Number, Of, Period, Plan, Until
from sync.settings import Setting

ALL, ANYBODY = ("all",), ("anybody",)
DUE, OPEN = {"state": "due"}, {"state": "open"}
STATES = tuple((name, name) for name in ("open", "closed", "due", "done", "settled"))
NUMBERS = {
    "ruled.from": ("min", 450),
    "ruled.until": ("min", 510),
    "ruled.every": ("cd", 3),
    "ruled.later": ("wk", 1),
    "ruled.times": ("n", 3),
    "ruled.answer": ("cd", 14),
    "ruled.low": ("n", 1_000),
    "ruled.high": ("n", 5_000),
}


def _act(name: str, **said: Any) -> Act:
    return Act(name, name, said.pop("who", ANYBODY), **said)


def _kind(name: str, fields: tuple[Field, ...], acts: tuple[Act, ...], **said: Any) -> Record:
    return Record(name, name, fields, acts, ALL, book="floor", states=STATES, many=name, **said)


HALL = _kind(
    "hall",
    (Field("kind", "text", "Kind"),),
    (
        _act("opened", creates=True, asks=("kind",)),
        _act("closed", when=OPEN, sets={"state": "closed"}),
        _act("reopened", when={"state": "closed"}, sets=OPEN),
    ),
    starts_as=OPEN,
)
CHECK = _kind(
    "hall_check",
    (
        Field("hall", "link", "Hall"),
        Field("day", "number", "Day"),
        Field("due_from", "moment", "From"),
        Field("due_by", "moment", "By"),
        Field("note", "text", "Note", editable=True),
    ),
    (
        _act("due", who=SYSTEM, creates=True, asks=("hall", "day", "due_from", "due_by")),
        _act("noted", when=DUE, asks=("note",)),
        _act("finished", when=DUE, sets={"state": "done"}, stamps=("finished_at",)),
        _act("revealed", adds={"reveals": 1}, undo=False),
    ),
    starts_as=DUE,
    open_when=DUE,
    lists=(List("due", by="due_from", where=DUE),),
)
SITE = _kind(
    "worksite",
    (),
    (
        _act("started", creates=True, stamps=("started_on",)),
        _act("finished", when=OPEN, sets={"state": "done"}, stamps=("finished_on",)),
    ),
    starts_as=OPEN,
)
CALL = _kind(
    "recall",
    (
        Field("subject", "link", "Subject"),
        Field("why", "text", "Why"),
        Field("n", "number", "Number"),
        Field("anchor_at", "moment", "Counted from"),
        Field("days", "number", "Days"),
        Field("note", "text", "Note"),
    ),
    (
        _act(
            "due",
            who=SYSTEM,
            creates=True,
            asks=("subject", "why", "n", "anchor_at", "days"),
        ),
        _act("noted", when=DUE, asks=("note",)),
        _act("done", when=DUE, sets={"state": "done"}),
    ),
    starts_as=DUE,
    open_when=DUE,
)
CASE = _kind(
    "case",
    (),
    (
        _act("taken", creates=True),
        _act("settled", when={**OPEN, "money": {"$ne": "open"}}, sets={"state": "settled"}),
        _act("reopened", when={"state": "settled"}, sets=OPEN),
        _act("money_opened", who=SYSTEM, sets={"money": "open"}),
        _act("money_cleared", who=SYSTEM, sets={"money": "cleared"}),
    ),
    starts_as={**OPEN, "money": "none"},
)
PAYOUT = _kind(
    "payout",
    (
        Field("case", "link", "Case"),
        Field("amount", "number", "Amount", editable=True),
        Field("band", "text", "Band"),
        Field("low", "number", "Low"),
        Field("high", "number", "High"),
    ),
    (
        _act("proposed", creates=True, asks=("case", "amount")),
        _act(
            "approved",
            when={**OPEN, "band": {"$in": ["low", "middle"]}},
            sets={"state": "done"},
        ),
        _act("cancelled", when=OPEN, sets={"state": "closed"}),
        _act("banded", who=SYSTEM, asks=("band", "low", "high")),
    ),
    starts_as=OPEN,
    editors=("cs_manager", "guide", "guide_supervisor"),
)
TURN = _kind(
    "turn",
    (Field("person", "link", "Person"), Field("day", "number", "Day")),
    (
        _act("set", creates=True, asks=("person", "day")),
        _act("moved", asks=("person",)),
        _act("clashed", who=SYSTEM, sets={"clash": "yes"}),
        _act("cleared", who=SYSTEM, sets={"clash": "no"}),
    ),
    starts_as=OPEN,
    indexed=("person",),
)
EXAM = _kind(
    "exam",
    (Field("person", "link", "Person"),),
    (
        _act("passed", creates=True, asks=("person",)),
        _act("lapsed", when=OPEN, sets={"state": "closed"}),
    ),
    starts_as=OPEN,
    open_when=OPEN,
    indexed=("person",),
)
KINDS = (HALL, CHECK, SITE, CALL, CASE, PAYOUT, TURN, EXAM)
RULES = (
    Plan(
        "hall_opening",
        makes="hall_check.due",
        every="day",
        days="working",
        at="ruled.from",
        until="ruled.until",
        for_each=Find("hall", kind="lobby"),
        when=OPEN,
        gives={"hall": Of("_id"), "day": Period, "due_from": Moment, "due_by": Until},
        rule="",
    ),
    Plan(
        "site_call",
        of="worksite",
        when=OPEN,
        since="started_on",
        every="ruled.every",
        makes="recall.due",
        gives={"subject": Of("_id"), "why": "site", "n": Nth, "anchor_at": Moment},
        rule="",
    ),
    Plan(
        "site_after",
        of="worksite",
        when={"state": "done"},
        since="finished_on",
        every="ruled.later",
        times="ruled.times",
        makes="recall.due",
        gives={"subject": Of("_id"), "why": "after", "n": Nth, "anchor_at": Moment},
        rule="",
    ),
    Follow(
        "call_back",
        on="case.settled",
        when={"state": "settled"},
        makes="recall.due",
        gives={"subject": Of("_id"), "why": "case", "n": Nth, "days": Number("ruled.answer")},
        rule="",
    ),
    Follow(
        "lock",
        on="payout.proposed",
        when={"state": {"$in": ["open", "done"]}},
        to="case",
        says="case.money_opened",
        unsays="case.money_cleared",
        rule="",
    ),
    Judge(
        "band",
        of="payout",
        on=("proposed",),
        reads=("amount",),
        bands=("ruled.low", "ruled.high"),
        says="payout.banded",
        gives={"band": Judged, "low": Number("ruled.low"), "high": Number("ruled.high")},
        rule="",
    ),
    Judge(
        "qualified",
        of="turn",
        on=("set",),
        finds=Find("exam", person=Of("person"), open=True),
        says="turn.cleared",
        clears="turn.clashed",
        rule="",
    ),
)


@contextlib.contextmanager
def declared(rules: tuple[Any, ...] = RULES) -> Iterator[None]:
    """Let the kinds, their numbers and these rules alone be declared while the block runs."""
    module = ModuleType("sync.features.ruled")
    vars(module).update({kind.name.upper(): kind for kind in KINDS}, RULES=list(rules))
    before, profile, of_others = features.FEATURES, settings.profile, features.rules
    numbers = {key: Setting(key, unit, key, "", 0, 100_000) for key, (unit, _) in NUMBERS.items()}

    def with_numbers(name: str) -> dict[str, Any]:
        said = {key: {**vars(numbers[key]), "value": value} for key, (_, value) in NUMBERS.items()}
        return {**profile(name), **said}

    features.FEATURES = (*before, module)
    features.rules = lambda: list(rules)
    settings.profile = with_numbers
    sync.declarations.cache_clear()
    try:
        yield
    finally:
        features.FEATURES, settings.profile, features.rules = before, profile, of_others
        sync.declarations.cache_clear()
