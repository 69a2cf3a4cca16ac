"""Doctors' hours day by day: who is here today, late or away, and whom that touches (AP)."""

from sync.choices import SESSIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.rules import Find, Follow, Number, Of, Period, Plan
from sync.words import _

PLANNERS = ("clinical_head", "cs_manager", "admin")
CHANGES = (("changed", _("changed")), ("late", _("late")), ("absent", _("away")))
AS_PLANNED = ("planned", "confirmed")
NOT_OVER = {"state": {"$in": [*AS_PLANNED, *(change for change, _label in CHANGES)]}}
GOES_ON = {"state": {"$in": [*AS_PLANNED, "changed", "late"]}}
OTHERWISE = {"state": {"$in": [change for change, _label in CHANGES]}}
KEY = ("doctor", "day", "session")

CLINIC = Record(
    "clinic",
    label=_("Consulting hours"),
    many=_("Doctors' duty roster"),
    book="floor",
    icon="calendar-days",
    path="clinic",
    section="clinics",
    form=("F-57",),
    key=KEY,
    fields=(
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        Field("name", "text", _("Name"), max=60, takes=("doctor", "name")),
        Field("department", "text", _("Department"), max=60, takes=("doctor", "department")),
        Field("day", "day", _("Day")),
        Field("session", "choice", _("Part of the day"), SESSIONS),
        Field("begins", "hour", _("Begins at")),
        Field("ends", "hour", _("Ends at")),
        Field("place", "link", _("Consulting room"), of=("place",)),
        Field("expected", "hour", _("Expected at")),
        Field("reason", "text", _("Reason"), max=200),
        # Stays when the day is over: who was not told of it is still to be told (AP-02).
        Field("change", "choice", _("What changed"), CHANGES),
    ),
    starts_as={"state": "planned"},
    acts=(
        Act(
            "planned",
            _("Enter consulting hours"),
            who=(*PLANNERS, *SYSTEM),
            creates=True,
            again=True,
            asks=(*KEY, "name", "department", "begins", "ends", "place"),
            needs=KEY,
            icon="calendar-days",
        ),
        # AP-01, O-06: compared each morning; whoever compares says so.
        Act(
            "confirmed",
            _("Doctor is here as planned"),
            who=FLOOR,
            when={"state": "planned"},
            sets={"state": "confirmed"},
            stamps=("confirmed_at",),
            signs=("confirmed_by",),
            icon="check",
        ),
        Act(
            "late",
            _("Doctor is late"),
            who=(*FLOOR, "clinical_head"),
            when=GOES_ON,
            asks=("expected", "reason"),
            needs=("expected", "reason"),
            sets={"state": "late", "change": "late", "desk_told_at": None},
            stamps=("late_at",),
            icon="clock",
        ),
        Act(
            "absent",
            _("Doctor is away"),
            who=(*FLOOR, "clinical_head"),
            when=GOES_ON,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "absent", "change": "absent", "desk_told_at": None},
            stamps=("absent_at",),
            icon="circle-x",
        ),
        Act(
            "changed",
            _("Hours or room change"),
            who=(*FLOOR, "clinical_head"),
            when=GOES_ON,
            asks=("begins", "ends", "place", "reason"),
            needs=("reason",),
            sets={"state": "changed", "change": "changed", "desk_told_at": None},
            stamps=("changed_at",),
            icon="arrow-left-right",
        ),
        Act(
            "resumed",
            _("As planned after all"),
            who=(*FLOOR, "clinical_head"),
            when=OTHERWISE,
            sets={"state": "confirmed", "change": None, "expected": None, "reason": None},
            icon="undo-2",
        ),
        # N-10: the desk has it, whoever of the desk says so.
        Act(
            "desk_told",
            _("The desk knows"),
            who=FLOOR,
            when=OTHERWISE,
            sets={},
            stamps=("desk_told_at",),
            signs=("desk_told_by",),
            icon="megaphone",
        ),
        Act("ended", _("The day is over"), who=SYSTEM, when=NOT_OVER, sets={"state": "over"}),
    ),
    # On every device without a network, from a week ahead until the day is over (AP-04, KB-04).
    channels=(("all", NOT_OVER), "post:clinical_head", "post:cs_manager"),
    states=(
        ("planned", _("planned")),
        ("confirmed", _("on duty")),
        ("changed", _("changed")),
        ("late", _("late")),
        ("absent", _("away")),
        ("over", _("over")),
    ),
    title=("name",),
    line=("day", "session", "place", "department", "reason"),
    side="state",
    facts=("day", "session", "begins", "ends", "place", "expected", "reason"),
    finds=("name", "department"),
    finds_when=NOT_OVER,
    ordered=("day", "session", "department", "name"),
    lists=(
        List("days", by=("day", "session"), where=NOT_OVER),
        List("of_doctor", by=("day", "session"), parts=("doctor",)),
    ),
    open_when=NOT_OVER,
    indexed=KEY,
)

ENDED = Ladder(
    "clinic_over",
    label=_("The day is over"),
    record="clinic",
    rule="AP-01",
    starts="day",
    runs_while=NOT_OVER,
    rungs=(Rung("over", _("The day is over"), says="ended"),),
)


def _desk_ladder(state: str, label: str) -> Ladder:
    """Return the clock that tells the desk of a change until somebody there knows."""
    return Ladder(
        f"clinic_{state}",
        label=label,
        record="clinic",
        rule="N-10",
        starts=f"{state}_at",
        runs_while={"state": state, "desk_told_at": {"$exists": False}},
        rungs=(Rung("due", label, (), ("guide@{place}", "guide_supervisor", "cs_agent")),),
        answers=("desk_told",),
    )


LATE = _desk_ladder("late", _("Doctor is late: tell the desk"))
ABSENT = _desk_ladder("absent", _("Doctor is away: tell the desk"))
CHANGED = _desk_ladder("changed", _("Hours or room changed: tell the desk"))


def _plan(session: str) -> Plan:
    """Return the plan of a part of the day, by the weekdays on which the doctor works then."""
    return Plan(
        f"clinic_{session}s",
        of="doctor",
        when={"active": True},
        every="day",
        weekdays=f"{session}s",
        at=f"clinic.{session}_from",
        makes="clinic.planned",
        gives={
            "doctor": Of("_id"),
            "day": Period,
            "session": session,
            "name": Of("name"),
            "department": Of("department"),
            "begins": Number(f"clinic.{session}_from"),
            "ends": Number(f"clinic.{session}_until"),
            "place": Of("place"),
        },
        rule="AP-01",
    )


def _touches(state: str) -> Follow:
    """Return what a change does to bookings of these hours."""
    return Follow(
        f"clinic_{state}",
        on=f"clinic.{state}",
        when={"change": state},
        to=Find("appointment", doctor=Of("doctor"), day=Of("day"), session=Of("session")),
        says="appointment.affected",
        unsays="appointment.unaffected",
        rule="AP-02",
    )


RULES = (
    *(_plan(session) for session, _label in SESSIONS),
    *(_touches(state) for state in ("changed", "late", "absent")),
)
