"""Appointments: a doctor's hours booked, moved, kept or missed, and touched by a change.

Elderly and disabled clients stand first (AP-05, TR-09).
"""

from sync.choices import NEEDS, SESSIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.reveals import REVEALED
from sync.words import _

BOOKED = {"state": "booked"}
TOUCHED = {**BOOKED, "touched": "yes"}  # the doctor's hours changed, and the client does not know
AS_BOOKED = {**BOOKED, "touched": {"$exists": False}}
SLOT = ("doctor", "day", "session", "hour")
COPIED = ("doctor_name",)
# The clerk and the front desk book and move appointments, consultants do for who asked them.
BOOKERS = (*FLOOR, "cs_clerk", "front_desk", "consultant_remote")
# Where mistakes are costly: who, where to reach them, what they ask for.
COSTLY = ("name", "phone", "special")
UNTOLD = (("yes", _("doctor changed: tell the client")),)
SAID_AGAIN = (("yes", _("said again and right")),)

APPOINTMENT = Record(
    "appointment",
    label=_("Appointment"),
    many=_("Appointments"),
    book="floor",
    icon="ticket",
    path="appointment",
    section="appointments",
    form=("F-58",),
    fields=(
        Field("name", "text", _("Name"), max=60, private=True, editable=True),
        Field("phone", "phone", _("Phone"), private=True, editable=True),
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        Field("doctor_name", "text", _("Doctor"), max=60, takes=("doctor", "name")),
        Field("day", "day", _("Day")),
        Field("session", "choice", _("Part of the day"), SESSIONS),
        Field("hour", "hour", _("Time")),
        Field("need", "text", _("Question or purpose"), max=300, editable=True),
        Field("needs_help", "choices", _("Needs help"), NEEDS, editable=True),
        Field("special", "text", _("Special request"), max=300, editable=True),
        Field("first_visit", "flag", _("First visit"), editable=True),
        Field("place", "link", _("Where they come to"), of=("place",)),
        Field("subject", "link", _("Visit"), of=("arrival",)),
        Field("touched", "choice", _("What changed"), UNTOLD),
        Field("reason", "text", _("Reason"), max=200),
        Field("name_ok", "choice", _("Name"), SAID_AGAIN),
        Field("phone_ok", "choice", _("Phone"), SAID_AGAIN),
        Field(
            "special_ok",
            "choice",
            _("Special request"),
            SAID_AGAIN,
            required={"special": {"$exists": True}},
            shown_when={"special": {"$exists": True}},
        ),
    ),
    starts_as=BOOKED,
    acts=(
        Act(
            "booked",
            _("Make an appointment"),
            who=BOOKERS,
            creates=True,
            asks=(
                *("name", "phone", *SLOT, *COPIED, "needs_help", "special", "need"),
                *("first_visit", "place"),
            ),
            needs=("name", "phone", "doctor", "day", "session", "place"),
            stamps=("booked_at",),
            icon="ticket",
        ),
        # it falls, and is asked again, when anything of it changes.
        Act(
            "read_back",
            _("Read back to the client"),
            who=BOOKERS,
            when=BOOKED,
            asks=("name_ok", "phone_ok", "special_ok"),
            needs=("name_ok", "phone_ok"),
            rests_on=(*COSTLY, *SLOT),
            stamps=("read_back_at",),
            signs=("read_back_by",),
            icon="volume-2",
        ),
        Act(
            "came",
            _("Has come"),
            who=BOOKERS,
            when=BOOKED,
            asks=("subject",),
            sets={"state": "came"},
            stamps=("came_at",),
            icon="door",
        ),
        # AP-02: explained, and a new slot found; the act carries the old one beside the new.
        Act(
            "rebooked",
            _("Book another time"),
            who=BOOKERS,
            when=BOOKED,
            asks=(*SLOT, *COPIED, "reason"),
            needs=("doctor", "day", "session", "reason"),
            sets={"touched": None},
            signs=("rebooked_by",),
            icon="calendar-days",
        ),
        Act(
            "told",
            _("Told, and comes all the same"),
            who=BOOKERS,
            when=TOUCHED,
            asks=("reason",),
            sets={"touched": None},
            stamps=("told_at",),
            signs=("told_by",),
            icon="phone",
        ),
        Act(
            "cancelled",
            _("Cancel the booking"),
            who=BOOKERS,
            when=BOOKED,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "cancelled"},
            stamps=("cancelled_at",),
            icon="circle-x",
        ),
        Act(
            "affected",
            _("The doctor's hours changed"),
            who=SYSTEM,
            sets={"touched": "yes"},
            stamps=("affected_at",),
        ),
        Act("unaffected", _("As booked after all"), who=SYSTEM, sets={"touched": None}),
        Act("no_show", _("Did not come"), who=SYSTEM, when=AS_BOOKED, sets={"state": "no_show"}),
        REVEALED,
    ),
    channels=(
        *("{place}", "{owner}", "{told}", "front_desk@{place}"),
        *("post:cs_clerk", "post:cs_manager"),
    ),
    states=(
        ("booked", _("booked")),
        ("came", _("came")),
        ("no_show", _("did not come")),
        ("cancelled", _("cancelled")),
    ),
    title=("name",),
    line=("touched", "doctor_name", "day", "session", "hour", "needs_help"),
    side="state",
    facts=("phone", "doctor_name", "day", "session", "hour", "special", "owner"),
    finds=("name", "phone", "doctor_name"),
    finds_when=BOOKED,
    ordered=("day", "session", "hour"),
    lists=(
        List("open", by=("-needs_help", "day", "session", "hour"), where=BOOKED),
        List(
            "of_session",
            by=("-needs_help", "hour", "booked_at"),
            where=BOOKED,
            parts=("doctor", "day", "session"),
        ),
        List("of_visit", by="booked_at", parts=("subject",)),
    ),
    open_when=BOOKED,
    editors=BOOKERS,
    indexed=("doctor", "day", "session"),
)

AFFECTED = Ladder(
    "appointment_affected",
    label=_("Tell the client"),
    record="appointment",
    rule="AP-02",
    starts="affected_at",
    runs_while=TOUCHED,
    rungs=(
        Rung(
            "due",
            _("Explain, and book another time"),
            ("appointment.tell_within",),
            ("owner", "cs_clerk", "front_desk@{place}"),
        ),
        Rung(
            "supervisor",
            _("Tell the customer service supervisor"),
            ("appointment.tell_within", "appointment.tell_supervisor_after"),
            ("cs_supervisor",),
        ),
    ),
    answers=("rebooked", "told", "cancelled"),
)
NO_SHOW = Ladder(
    "appointment_day",
    label=_("The day of the appointment"),
    record="appointment",
    rule="AP-03",
    starts="day",
    runs_while=AS_BOOKED,
    rungs=(Rung("over", _("Did not come by closing time"), says="no_show"),),
    answers=("came",),
)
