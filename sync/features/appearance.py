"""Appearance: how a unit looks before its shift, and once a day when nobody expects it (A, I-04).

The sheet is about the unit; what somebody must answer for is an entry of conduct of its own, so
that it reaches nobody but whom it concerns.
"""

from sync import sheets
from sync.declare import Act, Field, Ladder, List, Record
from sync.rules import Find, Moment, Of, Period, Plan, Until
from sync.words import _

# over every unit, not only one's own.
CHECKERS = ("guide_supervisor", "cs_supervisor", "cs_manager", "deputy_director")
KEY = ("unit", "day", "round", "template")
TAKEN = ("items", "version")
SHEET = ("ticks", "notes", "photos", "people", *TAKEN)
DUE = {"state": "due"}

APPEARANCE = Record(
    "appearance",
    label=_("Appearance check"),
    many=_("Appearance checks"),
    book="quality",
    icon="user-round",
    path="appearance",
    form=("F-30",),
    key=KEY,
    fields=(
        Field("unit", "link", _("Unit"), of=("unit",)),
        Field("day", "day", _("Day")),
        Field(
            "round",
            "choice",
            _("When"),
            (
                ("shift", _("Before the shift")),
                ("late", _("Before the late shift")),
                ("random", _("At random")),
            ),
        ),
        sheets.template("checklist", "appearance"),
        sheets.FROM,
        sheets.UNTIL,
        sheets.VERSION,
        sheets.ITEMS,
        sheets.ticks(),
        sheets.notes(_("Put right at once, or what is left")),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("people", "people", _("Who was looked at"), max=100),
    ),
    starts_as=DUE,
    acts=(
        sheets.due(KEY),
        sheets.begun(_("Begin an appearance check"), KEY, CHECKERS),
        Act(
            "done",
            _("Complete the appearance check"),
            who=CHECKERS,
            when=DUE,
            asks=SHEET,
            needs=("people",),
            needs_all=("ticks",),
            sets={"state": "done"},
            stamps=("done_at",),
            signs=("done_by",),
            icon="clipboard-check",
        ),
        sheets.marked(SHEET, CHECKERS, DUE),
    ),
    # Not the unit itself: nobody is told when they will be looked at.
    channels=(
        "{owner}",
        "head@{unit}",
        "{told}",
        "post:guide_supervisor",
        "post:cs_supervisor",
        "post:cs_manager",
        "post:deputy_director",
    ),
    states=(("due", _("not walked yet")), ("done", _("done"))),
    title=("unit",),
    line=("round", "template", "people"),
    side="state",
    facts=("unit", "round", "template", "due_until"),
    lists=(List("due", by="due_from", where=DUE), List("of_unit", by="opened_at", parts=("unit",))),
    open_when=DUE,
)


def _ladder(name: str, rule: str, which: object, first: str, then: str) -> Ladder:
    return sheets.missed(
        name,
        _("Check the appearance"),
        sheets.rung("due", _("Complete the appearance check"), (), first),
        sheets.rung("above", _("Tell whoever is above"), ("appearance.head_after",), then),
        record="appearance",
        rule=rule,
        runs_while={**DUE, "round": which},
        answers=("done",),
    )


SHIFTS = {"$in": ["shift", "late"]}  # each one, not once a day
SHIFT = _ladder("appearance_shift", "A-01", SHIFTS, "head@{unit}", "cs_manager")
RANDOM = _ladder("appearance_random", "I-04", "random", "cs_manager", "deputy_director")


def _plan(name: str, rule: str, which: str, at: str, until: str) -> Plan:
    return Plan(
        name,
        makes="appearance.due",
        every="day",
        days="working",
        at=at,
        until=until,
        for_each=Find("unit", kind="department"),
        gives={
            "unit": Of("_id"),
            "day": Period,
            "round": which,
            "template": "checklist:appearance_hospital",
            "due_from": Moment,
            "due_until": Until,
        },
        rule=rule,
    )


RULES = [
    _plan("appearance_shift", "A-01", "shift", "appearance.shift_from", "appearance.shift_by"),
    _plan("appearance_late", "A-01", "late", "appearance.late_from", "appearance.late_by"),
    _plan("appearance_random", "I-04", "random", "appearance.random_from", "appearance.random_by"),
]
