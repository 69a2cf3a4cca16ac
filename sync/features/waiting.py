"""Waiting: water at five minutes, the doctor asked at fifteen, from sitting down on (W)."""

from sync.choices import NEEDS, PRIORITIES, SALUTATIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR
from sync.reveals import REVEALED
from sync.words import _

RUNNING = {"state": "waiting"}

WAITING = Record(
    "waiting",
    label=_("Waiting"),
    book="floor",
    icon="seat",
    path="waiting",
    own_screens=True,
    section="waiting",
    form=("F-05",),
    fields=(
        Field("subject", "link", _("Visit"), of=("arrival",)),
        Field("name", "text", _("Name"), max=60, private=True, editable=True),
        Field("salutation", "choice", _("Form of address"), SALUTATIONS, editable=True),
        Field("place", "link", _("Place"), of=("place",)),
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        Field("department", "text", _("Department"), max=60),
        Field("priority", "choice", _("Priority"), PRIORITIES, editable=True),
        Field("needs_help", "choices", _("Needs help"), NEEDS, editable=True),
        Field("note", "text", _("Note"), max=200, editable=True),
        Field("doctor_says", "text", _("The doctor says"), max=300),
        Field("assistant", "text", _("Assistant"), max=60),
        Field("explanation", "text", _("Explanation given"), max=300),
        Field("changed_from", "link", _("Doctor before"), of=("doctor",)),
        Field("reason", "text", _("Reason"), max=300),
        Field(
            "outcome",
            "choice",
            _("How it ended"),
            (
                ("seen", _("Went in")),
                ("left", _("Left")),
                ("moved_emergency", _("Moved to emergency")),
                ("twice", _("Entered twice")),
            ),
        ),
    ),
    starts_as={"state": "waiting"},
    acts=(
        Act(
            "started",
            _("Sat down to wait"),
            who=FLOOR,
            creates=True,
            asks=(
                "subject",
                "name",
                "salutation",
                "place",
                "doctor",
                "department",
                "priority",
                "needs_help",
                "note",
            ),
            needs=("place",),
            stamps=("started_at",),
            icon="armchair",
        ),
        Act(
            "water_given",
            _("Water given"),
            who=FLOOR,
            when=RUNNING,
            stamps=("water_at",),
            signs=("water_by",),
            icon="cup",
        ),
        Act(
            "doctor_asked",
            _("Doctor asked"),
            who=FLOOR,
            when=RUNNING,
            asks=("doctor_says", "reason"),
            stamps=("asked_at",),
            signs=("asked_by",),
            icon="stethoscope",
        ),
        Act(
            "assistant_told",
            _("Assistant told"),
            who=FLOOR,
            when=RUNNING,
            asks=("assistant",),
            stamps=("told_at",),
            signs=("told_by",),
            icon="message-square-text",
        ),
        Act(
            "explained",
            _("Explained to the patient"),
            who=FLOOR,
            when=RUNNING,
            asks=("explanation",),
            stamps=("explained_at",),
            signs=("explained_by",),
            icon="volume-2",
        ),
        Act(
            "doctor_changed",
            _("Doctor changed"),
            who=FLOOR,
            when=RUNNING,
            asks=("doctor", "changed_from", "place", "department", "reason"),
            needs=("doctor", "reason"),
            icon="arrow-left-right",
            in_office=False,  # the floor sees who else is free
        ),
        Act(
            "ended",
            _("Waiting ended"),
            who=FLOOR,
            when=RUNNING,
            asks=("outcome", "reason"),
            needs=("outcome",),
            sets={"state": "ended"},
            stamps=("ended_at",),
            icon="check",
        ),
        REVEALED,
    ),
    channels=("{place}", "{owner}", "{told}", "post:guide_supervisor", "post:cs_manager"),
    states=(("waiting", _("waiting")), ("ended", _("over"))),
    title=("name", "note"),
    line=("place", "doctor"),
    side="started_at",
    facts=("started_at", "place", "doctor", "water_at", "doctor_says", "note", "owner"),
    finds=("name",),
    finds_when=RUNNING,  # one that ended is found as its visit
    lists=(
        List("waiting", by="started_at", where=RUNNING),
        List("waited", by="started_at", where={"state": "ended"}),
        List("of_visit", by="started_at", parts=("subject",)),
    ),
    open_when=RUNNING,
    editors=FLOOR,
    by_letter=True,
)

WATER = Ladder(
    "waiting_water",
    label=_("Water"),
    record="waiting",
    rule="W-02",
    starts="started_at",
    runs_while={"state": "waiting", "water_at": {"$exists": False}},
    rungs=(
        Rung("due", _("Give water"), ("waiting.water_after",), ("owner",)),
        Rung(
            "supervisor",
            _("Tell the guide supervisor"),
            ("waiting.water_after", "waiting.water_supervisor_after"),
            ("guide_supervisor",),
        ),
    ),
    answers=("water_given",),
)

ENQUIRY = Ladder(
    "waiting_enquiry",
    label=_("Ask the doctor"),
    record="waiting",
    rule="W-03",
    starts="started_at",
    runs_while={
        "state": "waiting",
        "$or": [
            {"asked_at": {"$exists": False}},
            {"told_at": {"$exists": False}},
            {"explained_at": {"$exists": False}},
        ],
    },
    rungs=(
        Rung(
            "due",
            _("Ask the doctor, tell the assistant, explain"),
            ("waiting.enquire_after",),
            ("owner",),
        ),
        Rung(
            "supervisor",
            _("Tell the guide supervisor"),
            ("waiting.enquire_after", "waiting.enquire_supervisor_after"),
            ("guide_supervisor",),
        ),
        Rung(
            "manager",
            _("Tell the customer service manager"),
            ("waiting.enquire_after", "waiting.enquire_manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("doctor_asked", "assistant_told", "explained"),
)
