"""Trainings: planned by interval, held with who was there, made up for by who was not (TG)."""

from sync.choices import COURSES
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import SYSTEM, TEACHERS
from sync.rules import Of, Period, Plan
from sync.words import _

PLANNED = {"state": "planned"}
HELD = {"state": "held"}
ORGANISERS = (*TEACHERS, "guide_supervisor", "cs_supervisor")
ABOUT = ("day", "from_at", "place", "topic", "teacher", "people", "unit")

TRAINING = Record(
    "training",
    label=_("Training"),
    many=_("Trainings"),
    book="people",
    icon="users-round",
    path="training",
    form=("F-66",),
    fields=(
        Field("course", "link", _("Course"), of=("course",)),
        Field("kind", "choice", _("Kind"), COURSES, takes=("course", "kind")),
        Field("day", "day", _("Day")),
        Field("from_at", "hour", _("From")),
        Field("place", "link", _("Place"), of=("place",)),
        Field("topic", "text", _("Topic"), max=120, editable=True),
        Field("teacher", "text", _("Who teaches"), max=60, editable=True),
        Field("unit", "link", _("For which unit"), of=("unit",)),
        Field("people", "people", _("Who takes part"), max=100),
        # TG-08: role play, learners who teach, suggestions of colleagues; a drill is TG-09's.
        Field(
            "ways",
            "choices",
            _("How"),
            (
                ("talk", _("Lecture")),
                ("role", _("Role play")),
                ("learners", _("Learners teach")),
                ("advice", _("Suggestions of colleagues")),
                ("drill", _("Drill")),
            ),
        ),
        Field("attended", "people", _("Who was there"), max=100),
        Field("absent", "people", _("Who was missing"), max=100),
        Field("words", "text", _("What came of it"), max=1000, editable=True),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("reason", "text", _("Reason"), max=200),
    ),
    starts_as=PLANNED,
    acts=(
        Act(
            "planned",
            _("Plan a training"),
            (*SYSTEM, *ORGANISERS),
            creates=True,
            asks=("course", *ABOUT, "kind"),
            needs=("course", "day"),
            stamps=("planned_at",),
            icon="calendar-days",
        ),
        Act(
            "held",
            _("Held"),
            ORGANISERS,
            when=PLANNED,
            asks=("attended", "absent", "ways", "words", "photos"),
            # TG-04: attendance is compulsory, so it is written down; TG-08: how it was held.
            needs=("attended", "ways"),
            sets=HELD,
            stamps=("held_at",),
            signs=("held_by",),
            icon="check",
        ),
        Act(
            "set", _("Set when, where and who"), ORGANISERS, when=PLANNED, asks=ABOUT, icon="pencil"
        ),
        Act(
            "made_up",
            _("Made up for it"),
            ORGANISERS,
            when={**HELD, "absent": {"$exists": True}},
            asks=("attended", "absent"),
            adds={"times": 1},
            icon="users-round",
        ),
        Act(
            "closed",
            _("Close the training"),
            ORGANISERS,
            when=HELD,
            sets={"state": "closed"},
            icon="check",
        ),
        Act(
            "cancelled",
            _("Cancel"),
            ORGANISERS,
            when=PLANNED,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "cancelled"},
            icon="x",
        ),
    ),
    channels=(
        *("{people}", "{unit}", "{owner}", "{told}", "head@{unit}"),
        *("post:hr", "post:cs_manager", "post:guide_supervisor", "post:cs_supervisor"),
    ),
    states=(
        ("planned", _("Planned")),
        ("held", _("Held")),
        ("closed", _("Closed")),
        ("cancelled", _("Cancelled")),
    ),
    title=("topic", "course"),
    line=("day", "from_at", "place"),
    side="state",
    facts=("course", "day", "place", "teacher"),
    finds=("topic", "teacher"),
    lists=(
        List("planned", by="day", where=PLANNED),
        List("of_course", by="day", parts=("course",)),
    ),
    ordered=("day",),
    open_when={"state": {"$in": ["planned", "held"]}},
    editors=ORGANISERS,
)

# A day that is over and nothing held is asked for, and told to who answers for it.
HOLD = Ladder(
    "training_hold",
    label=_("Hold the training"),
    record="training",
    rule="TG-03",
    starts="day",
    runs_while=PLANNED,
    rungs=(
        Rung(
            "soon", _("A training is coming"), (), ("{people}", "hr"), before="training.warn_before"
        ),
        Rung("due", _("Not held on its day"), (), ("hr", "cs_manager")),
    ),
    answers=("held",),
)

MISSED = Ladder(
    "training_missed",
    label=_("Make up for a training"),
    record="training",
    rule="TG-04",
    starts="held_at",
    runs_while={**HELD, "absent": {"$exists": True}},
    rungs=(
        Rung("absent", _("Tell who was missing"), (), ("{absent}",)),
        Rung("hr", _("Tell human resources"), ("training.repeat_within",), ("hr", "head@{unit}")),
    ),
    answers=("made_up",),
)


def _regular(name: str, kind: str, every: str, rule: str) -> Plan:
    """Return the plan of a kind of course that is given regularly, as long as it is in use."""
    return Plan(
        name,
        makes="training.planned",
        of="course",
        when={"state": "active", "kind": kind},
        since="published_at",
        every=every,
        key=("course", "day"),
        gives={"course": Of("_id"), "kind": Of("kind"), "topic": Of("name"), "day": Period},
        rule=rule,
    )


RULES = (
    _regular("internal_training", "internal", "training.internal_interval", "TG-03"),
    _regular("hospital_training", "hospital", "training.hospital_interval", "TG-03"),
    _regular("fire_training", "fire", "training.fire_interval", "TG-09"),
)
