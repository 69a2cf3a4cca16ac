"""Leaving one's post: asked for, allowed by the head, and back in time (AT-06, F-39)."""

from typing import Any

from sync.declare import Act, Duty, Field, Ladder, List, Record, Rung
from sync.posts import SYSTEM
from sync.words import _

ASKED = {"state": "asked"}
AWAY = {"state": {"$in": ["away", "overstayed"]}}
OPEN = {"state": {"$in": ["asked", "allowed", "away", "overstayed"]}}
FREE = {**AWAY, "allowed_at": {"$exists": False}}  # away, and nobody allowed it
GRANTED = {**AWAY, "allowed_at": {"$exists": True}}
HALF_DAY = {"state": {"$in": ["overstayed", "back"]}, "outcome": "half_day"}
SUPERVISORS = ("guide_supervisor", "cs_supervisor", "cs_manager")


def _answers(name: str, label: str, **said: Any) -> tuple[Act, Act]:
    """Return an act of the head of the unit, or the deputy, and the same for who stands above.

    Nobody answers for themselves, and whoever heads the unit is offered it once.
    """
    who = Act(name, label, ("anybody",), only_by=("head", "deputy"), not_by=("person",), **said)
    above = ("person", "head", "deputy")
    return who, Act(f"{name}_above", label, SUPERVISORS, not_by=above, **said)


PERMIT = Record(
    "permit",
    label=_("Leave of one's post"),
    many=_("Away from the post"),
    book="people",
    icon="log-out",
    path="permit",
    form=("F-39",),
    fields=(
        Field("person", "link", _("Who"), of=("person",)),
        Field("unit", "link", _("Unit"), of=("unit",)),
        # Whose word it takes is who headed the unit when it was asked for.
        Field("head", "link", _("Head"), of=("person",), takes=("unit", "head")),
        Field("deputy", "link", _("Deputy"), of=("person",), takes=("unit", "deputy")),
        Field("place", "link", _("Which post"), of=("place",)),
        Field("minutes", "number", _("Length in minutes"), min=1, max=180),
        Field(
            "why",
            "choice",
            _("Reason"),
            (
                ("restroom", _("Restroom")),
                ("meal", _("Meal")),
                ("patient", _("For a patient")),
                ("errand", _("Errand of the hospital")),
                ("private", _("Private matter")),
            ),
        ),
        Field("words", "text", _("More about it"), max=200),
        Field("answer", "text", _("Answer"), max=200),
        Field(
            "outcome",
            "choice",
            _("Counts as"),
            (("half_day", _("Half a day absent")), ("excused", _("Excused"))),
        ),
    ),
    starts_as=ASKED,
    acts=(
        Act(
            "asked",
            _("Ask to leave the post"),
            ("anybody",),
            creates=True,
            asks=("minutes", "why", "unit", "place", "words", "head", "deputy"),
            needs=("minutes", "why", "unit", "place"),
            stamps=("asked_at",),
            signs=("person",),
            icon="hand",
        ),
        *_answers(
            "allowed",
            _("Allow"),
            when=ASKED,
            asks=("answer",),
            sets={"state": "allowed"},
            stamps=("allowed_at",),
            signs=("allowed_by",),
            gate=True,
            undo=False,
            rests_on=("minutes",),
            icon="check",
        ),
        *_answers(
            "refused",
            _("Refuse"),
            when=ASKED,
            asks=("answer",),
            needs=("answer",),
            sets={"state": "refused"},
            icon="x",
        ),
        Act(
            "left",
            _("Left the post"),
            ("anybody",),
            when={"state": {"$in": ["asked", "allowed"]}},
            only_by=("person",),
            sets={"state": "away"},
            stamps=("left_at",),
            icon="log-out",
        ),
        Act(
            "back",
            _("Back at the post"),
            ("anybody",),
            when=AWAY,
            only_by=("person",),
            sets={"state": "back"},
            stamps=("back_at",),
            icon="check",
        ),
        # AT-06: who was away without permission for longer than that counts as half a day absent.
        Act(
            "overstayed",
            _("Away too long without permission"),
            SYSTEM,
            when=FREE,
            sets={"state": "overstayed", "outcome": "half_day"},
            icon="clock",
        ),
        Act(
            "late",
            _("Away longer than allowed"),
            SYSTEM,
            when=GRANTED,
            sets={"state": "overstayed"},
        ),
        *_answers(
            "excused",
            _("Excuse afterwards"),
            when=HALF_DAY,
            asks=("answer",),
            needs=("answer",),
            sets={"outcome": "excused"},
            stamps=("excused_at",),
            icon="check",
        ),
        Act(
            "withdrawn",
            _("No longer needed"),
            ("anybody",),
            when={"state": {"$in": ["asked", "allowed"]}},
            only_by=("person",),
            sets={"state": "withdrawn"},
            icon="rotate-ccw",
        ),
    ),
    channels=(
        *("{person}", "{place}", "{told}", "head@{unit}", "guide_supervisor@{place}"),
        *("post:cs_supervisor", "post:cs_manager", "post:hr"),
    ),
    states=(
        ("asked", _("Asked")),
        ("allowed", _("Allowed")),
        ("away", _("Away")),
        ("overstayed", _("Away too long")),
        ("back", _("Back")),
        ("refused", _("Not allowed")),
        ("withdrawn", _("Not needed")),
    ),
    title=("person",),
    line=("why", "minutes", "place"),
    side="state",
    facts=("why", "minutes", "place", "left_at"),
    lists=(
        List("open", by="asked_at", where=OPEN),
        List("of_person", by="asked_at", parts=("person",)),
    ),
    open_when=OPEN,
    made_within=("unit",),
    indexed=("person",),
    concerns=("person",),
    # Whoever is away is told of nothing that somebody has to do at the post meanwhile.
    duty=Duty("person", ("away", "overstayed"), on=False),
)

ANSWER = Ladder(
    "permit_answer",
    label=_("Answer who asks to leave"),
    record="permit",
    rule="AT-06",
    starts="asked_at",
    runs_while=ASKED,
    rungs=(
        Rung("head", _("Tell the head"), (), ("head@{unit}",)),
        Rung(
            "supervisor",
            _("Tell the guide supervisor"),
            ("permit.head_after",),
            ("guide_supervisor@{place}",),
        ),
    ),
    answers=("allowed", "allowed_above"),
)

# Without permission the regulations' minutes count, with it those that were allowed.
WITHOUT = Ladder(
    "permit_without",
    label=_("Back at the post, not allowed to be away"),
    record="permit",
    rule="AT-06",
    starts="left_at",
    runs_while=FREE,
    rungs=(
        Rung(
            "limit",
            _("Half a day absent"),
            ("post.away_max",),
            ("{person}", "guide_supervisor@{place}"),
            says="overstayed",
        ),
        Rung(
            "head",
            _("Tell the head"),
            ("post.away_max", "permit.head_after"),
            ("head@{unit}",),
        ),
    ),
    answers=("back",),
)

ALLOWED = Ladder(
    "permit_back",
    label=_("Back at the post"),
    record="permit",
    rule="AT-06",
    starts="left_at",
    runs_while=GRANTED,
    rungs=(
        Rung(
            "limit",
            _("The minutes are over"),
            (),
            ("{person}", "guide_supervisor@{place}"),
            minutes="minutes",
            says="late",
        ),
        Rung(
            "head",
            _("Tell the head"),
            ("permit.head_after",),
            ("head@{unit}",),
            minutes="minutes",
        ),
    ),
    answers=("back",),
)
