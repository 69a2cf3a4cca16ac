"""A kind of the imaginary hospital that is kept key by key, and whose id comes from its key."""

from __future__ import annotations

from typing import Any

from sync.declare import Act, Field, Record
from tests.vectors.imaginary_gates import ANSWERS, OPEN, SIGNED
from tests.vectors.story import CHEN, LIN, WU, identifier

ITEMS = tuple(f"i{n}.item" for n in range(40))
BAD = {"mood": "bad"}
MADE = ("place", "day")

RUN = Record(
    "run",
    label="Run",
    key=MADE,
    fields=(
        Field("place", "link", "Place", of=("place",)),
        Field("day", "day", "Day"),
        Field("unit", "link", "Unit", takes=("place", "unit")),
        Field("items", "names", "Items", takes=("template", "items")),
        Field("ticks", "ticks", "Ticks", ANSWERS, items="items", editable=True),
        Field("beds", "grid", "Beds", (("a", "A"), ("b", "B")), rows=(("b1", "1"), ("b2", "2"))),
        Field("counts", "counts", "Counts", min=0, max=99),
        Field("notes", "entries", "Notes", max=20),
        Field("reasons", "entries", "Reasons", max=20, items="items", explains=("ticks", "na")),
        Field("goods", "entries", "Goods", max=20, takes=("template", "goods")),
        Field("stock", "counts", "Stock", items="goods", shown_when={"goods": {"$exists": True}}),
        Field("why", "text", "Why", editable=True),
        Field("mood", "choice", "Mood", (("good", "Good"), ("bad", "Bad"))),
        Field("words", "text", "Words", required=BAD, shown_when={"day": {"$exists": True}}),
        Field("seal", "text", "Seal", required=BAD, shown_when={"why": {"$exists": True}}),
    ),
    acts=(
        Act(
            "opened",
            "Opened",
            who=("guide",),
            creates=True,
            again=True,
            asks=(*MADE, "unit", "items", "ticks"),
            needs=MADE,
        ),
        Act(
            "well",
            "All well",
            who=("guide",),
            creates=True,
            again=True,
            asks=(*MADE, "ticks"),
            needs=MADE,
            sets={"mood": "good"},
        ),
        Act(
            "sour",
            "Sour",
            who=("guide",),
            creates=True,
            again=True,
            asks=(*MADE, "words"),
            needs=MADE,
            sets={"mood": "bad"},
        ),
        Act(
            "ticked", "Ticked", who=("guide",), when=OPEN, asks=("ticks", "counts", "notes", "beds")
        ),
        Act(
            "filled_in",
            "Filled in",
            who=("guide",),
            when=OPEN,
            asks=("ticks", "reasons", "unit", "goods"),
        ),
        Act("begun", "Begun", who=("guide",), asks=("ticks",), stamps=("begun_at",)),
        Act("looked", "Looked", who=("guide",), asks=("ticks",), signs=("looked_by",)),
        Act("noted", "Noted", who=("guide",), asks=("why", "notes")),
        Act("marked", "Marked", who=("guide",), when=OPEN, asks=("ticks",), undo=False),
        Act("told", "Told", who=("guide",), asks=("words", "seal"), stamps=("told_at",)),
        Act(
            "laid",
            "Laid",
            who=("guide",),
            asks=("beds",),
            needs_all=("beds",),
            stamps=("laid_at",),
        ),
        Act(
            "signed",
            "Signed",
            who=("guide",),
            when=OPEN,
            needs_all=("ticks",),
            rests_on=("ticks",),
            stamps=("signed_at",),
            signs=("signed_by",),
            gate=True,
            undo=False,
        ),
        Act(
            "closed",
            "Closed",
            who=("guide",),
            when={**OPEN, **SIGNED},
            not_by=("signed_by",),
            needs_all=("ticks",),
            rests_on=("ticks",),
            sets={"state": "closed"},
            stamps=("closed_at",),
            gate=True,
            undo=False,
        ),
        Act(
            "handed_in",
            "Handed in",
            who=("guide",),
            when=OPEN,
            asks=("ticks", "mood"),
            sets={"state": "closed"},
            instead=(BAD, {"state": "doubtful"}),
        ),
        Act(
            "stocked",
            "Stocked",
            who=("guide",),
            asks=("ticks", "goods", "stock"),
            needs_all=("stock",),
            stamps=("stocked_at",),
        ),
    ),
    channels=("{place}",),
)

KINDS = (RUN,)

# A run as several people answered it.
ONE, TWO, THREE = (identifier(number) for number in (1, 2, 3))
SETTERS: dict[str, list[Any]] = {
    "why": [ONE, LIN],
    "ticks.a": [ONE, LIN],
    "ticks.b": [TWO, CHEN, ["no", LIN, ONE]],
    "ticks.c": [TWO, CHEN, None, [[THREE, WU]]],
    "ticks.d": [TWO, CHEN, False],
    "ticks.e": [TWO, CHEN, False, [[THREE, WU], [ONE, LIN]]],
    "ticks.gone": [THREE, WU, ["yes", LIN, ONE]],
    "notes.constructor": [ONE, LIN],
}
ANSWERED: dict[str, Any] = {
    "_id": "run:A",
    "type": "run",
    "state": "open",
    "why": "x",
    "items": ["a", "z"],
    "ticks": {"a": "yes", "b": "yes", "c": "no", "d": "na", "e": "yes"},
    "notes": {"constructor": "x"},
    "setters": SETTERS,
    "acts": {"recent": []},
}
