"""Meetings: who was there, what was planned, what is left to do and becomes tasks (F-33; MT)."""

from typing import Any

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, SYSTEM
from sync.rules import Each, Find, Follow, Moment, Of, Period, Plan, Until
from sync.words import _

DEPARTMENTS = ("ops_dept", "medical_affairs", "nursing_dept")
LEADERS = (*DESK, "team_leader", "guide_supervisor", *DEPARTMENTS, "gm")
DUE, HELD = {"state": "due"}, {"state": "held"}
OPEN = {"state": {"$in": ["due", "held"]}}
MORNING = {"kind": "morning"}  # MT-01: looked over, and yesterday summed up
KINDS = (
    ("morning", _("Morning meeting")),
    ("group", _("Weekly meeting of the group")),
    ("department", _("Weekly meeting of the department")),
    ("coordination", _("Coordination of the whole house")),
    ("other", _("Another meeting")),
)
# MT-01: colleagues look one another over before the day begins.
LOOKS = (
    ("clothes", _("Clothes")),
    ("cap", _("Cap")),
    ("shoes", _("Shoes")),
    ("stance", _("Stance and smile")),
)

MEETING = Record(
    "meeting",
    label=_("Meeting"),
    many=_("Meetings and minutes"),
    book="knowledge",
    icon="presentation",
    path="meeting",
    section="meetings",
    form=("F-33",),
    key=("kind", "unit", "day"),
    fields=(
        Field("kind", "choice", _("Which meeting"), KINDS),
        Field("unit", "link", _("Department"), of=("unit",)),
        Field("day", "day", _("Day")),
        Field("due_from", "moment", _("When it begins")),
        Field("due_until", "moment", _("When it is to be written down")),
        Field("attended", "people", _("Who attended"), max=60),
        Field("absent", "text", _("Who was missing, and why"), max=300),
        Field(
            "looks",
            "ticks",
            _("Looked one another over"),
            (("yes", _("good")), ("no", _("not good"))),
            rows=LOOKS,
            required=MORNING,
        ),
        Field(
            "summary",
            "text",
            _("Yesterday, or the week, summed up"),
            max=2_000,
            required=MORNING,
        ),
        Field("plan", "text", _("Plan"), max=2_000),
        # MT-05: what callbacks said goes to the department that it is about.
        Field("callbacks", "text", _("What callbacks brought"), max=600),
        Field(
            "reported_to",
            "link",
            _("Reported to"),
            of=("unit",),
            required={"callbacks": {"$exists": True}},
        ),
        # MT-06: everybody of the department has the figures that are announced.
        Field("figures", "text", _("Figures announced"), max=2_000),
        Field("asked_often", "text", _("What patients ask often"), max=600),
        Field("suggestions", "text", _("Suggestions, signs that are not clear"), max=600),
        Field("items", "entries", _("Problems and things to do"), max=400),
        Field("proposals", "entries", _("What is proposed"), max=400, items="items"),
        Field("minutes", "text", _("Minutes of the meeting"), max=8_000),
        Field("files", "blobs", _("Photos of the minutes"), max=6),
    ),
    starts_as=DUE,
    acts=(
        Act(
            "due",
            _("Put on the plan"),
            who=SYSTEM,
            creates=True,
            again=True,
            asks=("kind", "unit", "day", "due_from", "due_until"),
            needs=("kind", "unit", "day"),
            icon="calendar-days",
        ),
        Act(
            "called",
            _("Enter a meeting"),
            who=LEADERS,
            creates=True,
            again=True,
            asks=("kind", "unit", "day"),
            needs=("kind", "unit", "day"),
            icon="plus",
        ),
        Act(
            "held",
            _("Meeting held"),
            who=LEADERS,
            when=OPEN,
            asks=(
                *("attended", "absent", "looks", "summary", "plan"),
                *("callbacks", "reported_to", "figures"),
            ),
            needs=("attended", "plan"),
            sets=HELD,
            stamps=("held_at",),
            signs=("held_by",),
            takes_over=True,
            icon="users-round",
        ),
        # MT-03: each problem is a task from here on, with an owner and a state of its own.
        Act(
            "item",
            _("Note a problem or task"),
            who=LEADERS,
            when=HELD,
            asks=("items", "proposals"),
            adds={"noted": 1},
            icon="list-checks",
        ),
        Act(
            "heard",
            _("Note questions and suggestions"),
            who=LEADERS,
            when=HELD,
            asks=("asked_often", "suggestions"),
            icon="message-square-text",
        ),
        # MT-07: who keeps the minutes writes them up.
        Act(
            "minuted",
            _("Finish the minutes"),
            who=LEADERS,
            when=HELD,
            asks=("minutes", "files"),
            needs=("minutes",),
            sets={"state": "minuted"},
            stamps=("minuted_at",),
            signs=("minuted_by",),
            icon="file-check",
        ),
    ),
    channels=(
        *("{attended}", "{unit}", "head@{unit}", "head@{reported_to}"),
        *("{owner}", "post:cs_manager", "{told}"),
    ),
    states=(("due", _("to be held")), ("held", _("held")), ("minuted", _("minutes finished"))),
    title=("kind",),
    line=("unit", "day"),
    side="state",
    facts=("kind", "unit", "day", "plan"),
    finds=("plan", "summary", "minutes"),
    lists=(List("open", by="day", where=OPEN), List("of_unit", by="day", parts=("unit",))),
    open_when=OPEN,
)

MISSING = Ladder(
    "meeting_missing",
    label=_("Hold the meeting"),
    record="meeting",
    rule="MT-01",
    starts="due_from",
    runs_while={**DUE, "due_until": {"$exists": True}},
    rungs=(
        Rung("begins", _("The meeting begins"), (), ("head@{unit}",), "due_from"),
        Rung("missing", _("Not held, or not written down"), (), ("head@{unit}",), "due_until"),
        Rung(
            "manager",
            _("The meeting is missing"),
            ("meeting.manager_after",),
            ("cs_manager",),
            "due_until",
        ),
    ),
    answers=("held",),
)
MINUTES = Ladder(
    "meeting_minutes",
    label=_("Finish the minutes"),
    record="meeting",
    rule="MT-07",
    starts="held_at",
    runs_while=HELD,
    rungs=(
        Rung("due", _("Finish the minutes"), ("meeting.minutes_within",), ("owner",)),
        Rung(
            "manager",
            _("The minutes are missing"),
            ("meeting.minutes_within", "meeting.manager_after"),
            ("head@{unit}", "cs_manager"),
        ),
    ),
    answers=("minuted",),
)


def _planned(name: str, kind: str, of: str, rule: str, **when: Any) -> Plan:
    """Return the plan of one sort of meeting, for each unit of a sort."""
    return Plan(
        name,
        makes="meeting.due",
        for_each=Find("unit", kind=of),
        until="meeting.recorded_by",
        days="working",
        key=("kind", "unit", "day"),
        gives={
            "kind": kind,
            "unit": Of("_id"),
            "day": Period,
            "due_from": Moment,
            "due_until": Until,
        },
        rule=rule,
        **when,
    )


WEEKLY: dict[str, Any] = {"every": "week", "at": "meeting.weekly_at"}
RULES = (
    _planned("morning_meeting", "morning", "group", "MT-01", every="day", at="meeting.morning"),
    _planned("group_meeting", "group", "group", "MT-03", weekday="meeting.group_day", **WEEKLY),
    _planned(
        "department_meeting",
        "department",
        "department",
        "MT-04",
        weekday="meeting.department_day",
        **WEEKLY,
    ),
    _planned(
        "coordination_meeting",
        "coordination",
        "company",
        "MT-02",
        weekday="meeting.coordination_day",
        **WEEKLY,
    ),
    Follow(
        "meeting_items",
        on="meeting.item",
        makes="task.raised",
        for_each="items",
        key=("meeting", "item"),
        gives={
            "meeting": Of("_id"),
            "unit": Of("unit"),
            "item": Each("key"),
            "words": Each("items"),
            "proposal": Each("proposals"),
        },
        rule="MT-03",
    ),
    # MT-03: what patients suggest and do not find is reported up, and urged until it is done.
    Follow(
        "meeting_heard",
        on="meeting.heard",
        makes="task.raised",
        when={"suggestions": {"$exists": True}},
        key=("meeting", "item"),
        gives={
            "meeting": Of("_id"),
            "item": "suggestions",
            "words": Of("suggestions"),
            "post": "cs_manager",
            "unit": Of("unit"),
        },
        rule="MT-03",
    ),
    Follow(
        "callbacks_reported",
        on="meeting.held",
        makes="task.raised",
        when={"callbacks": {"$exists": True}, "reported_to": {"$exists": True}},
        key=("meeting", "item"),
        gives={
            "kind": "know",
            "meeting": Of("_id"),
            "item": "callbacks",
            "words": Of("callbacks"),
            "unit": Of("reported_to"),
        },
        rule="MT-05",
    ),
)
