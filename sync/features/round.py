"""Rounds: a ward is walked bed by bed, each week and whenever somebody likes (RD, F-25)."""

from sync.choices import SESSIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.rules import Find, Moment, Of, Period, Plan
from sync.words import _

KEY = ("ward", "day", "shift")
# That somebody walks it is a stamp and moves nothing: a tablet may not know of the plan yet.
OPEN = {"state": {"$in": ["due", "missed"]}}
REVIEWERS = ("cs_manager", "deputy_director")

ROUND = Record(
    "round",
    label=_("Ward round"),
    many=_("Ward rounds"),
    book="wards",
    icon="route",
    path="round",
    section="rounds",
    form=("F-25",),
    # Two tablets on one ward, or a tablet and the plan, make one round.
    key=KEY,
    fields=(
        Field("ward", "link", _("Ward"), of=("place",)),
        Field("day", "day", _("Day, or the first of its week")),
        Field(
            "shift",
            "choice",
            _("Which round"),
            (("week", _("The week's round")), *SESSIONS, ("night", _("Night"))),
        ),
        Field("due_from", "moment", _("Its week begins")),
        Field("beds", "number", _("Beds with somebody in them"), min=0, max=500),
        Field("left", "number", _("Beds that were not asked"), min=0, max=500),
        Field(
            "reason",
            "text",
            _("Why beds were left out"),
            max=200,
            required={"left": {"$gt": 0}},
            shown_when={"left": {"$gt": 0}},
        ),
        Field("words", "text", _("What is to be said of the round"), max=600),
        Field("review", "text", _("What follows from it"), max=600),
    ),
    starts_as={"state": "due"},
    acts=(
        Act(
            "due",
            _("To be walked"),
            who=SYSTEM,
            creates=True,
            again=True,
            asks=(*KEY, "due_from"),
            needs=KEY,
        ),
        # RD-01: whoever asks at the first bed begins it; another person goes on with the same one.
        Act(
            "begun",
            _("Begin a round"),
            who=FLOOR,
            creates=True,
            again=True,
            when=OPEN,
            asks=KEY,
            needs=KEY,
            stamps=("begun_at",),
            signs=("begun_by",),
            icon="route",
        ),
        Act(
            "finished",
            _("Finish the round"),
            who=FLOOR,
            when={**OPEN, "begun_at": {"$exists": True}},
            asks=("beds", "left", "reason", "words"),
            needs=("beds", "left"),
            sets={"state": "finished"},
            stamps=("finished_at",),
            signs=("finished_by",),
            icon="check",
            in_office=False,
        ),
        # RD-01: no round in its week; the clock says so, and takes it back when one was walked.
        Act(
            "missed",
            _("Not walked in its week"),
            who=SYSTEM,
            when={"state": "due"},
            sets={"state": "missed"},
            stamps=("missed_at",),
            icon="clock",
        ),
        Act(
            "reviewed",
            _("Look through the round"),
            who=REVIEWERS,
            when={"state": "finished"},
            not_by=("begun_by", "finished_by"),
            asks=("review",),
            sets={"state": "reviewed"},
            stamps=("reviewed_at",),
            signs=("reviewed_by",),
            icon="clipboard-check",
        ),
    ),
    channels=(
        "{ward}",
        "{owner}",
        "{told}",
        "post:cs_supervisor",
        "post:cs_manager",
        "post:nursing_dept",
        "post:deputy_director",
    ),
    states=(
        ("due", _("to be walked")),
        ("missed", _("missed")),
        ("finished", _("walked")),
        ("reviewed", _("looked through")),
    ),
    title=("ward",),
    line=("shift", "day", "words"),
    side="state",
    facts=("ward", "shift", "day", "begun_by", "begun_at", "finished_at"),
    lists=(
        List("open", by="opened_at", where=OPEN),
        List("of_ward", by="opened_at", parts=("ward",)),
    ),
    open_when={"state": {"$in": ["due", "missed", "finished"]}},
)

# RD-01: weekly. Who is told of a missed one the regulations do not say: the manager is warned, then
# the deputy director hears it.
DUE = Ladder(
    "round_due",
    label=_("Walk the ward"),
    record="round",
    rule="RD-01",
    starts="due_from",
    runs_while=OPEN,
    rungs=(
        Rung(
            "warn",
            _("The ward was not walked yet: its week ends soon"),
            ("round.every",),
            ("cs_manager",),
            before="round.warn_before",
        ),
        Rung(
            "missed",
            _("No finished round in its week"),
            ("round.every",),
            ("cs_manager", "deputy_director"),
            says="missed",
        ),
    ),
    answers=("finished",),
)

RULES = [
    Plan(
        "ward_round",
        makes="round.due",
        every="week",
        weekday="round.week_from",
        at="round.week_at",
        for_each=Find("place", kind="ward"),
        gives={"ward": Of("_id"), "day": Period, "shift": "week", "due_from": Moment},
        rule="RD-01",
    )
]
