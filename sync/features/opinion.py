"""Opinions: what a patient finds wanting, answered by the unit concerned and told back (RD-04)."""

from sync.choices import OPINIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, FLOOR
from sync.words import _

KEY = ("subject", "about")
UNANSWERED = {"state": {"$in": ["received", "passed_on"]}}
OPEN = {"state": {"$in": ["received", "passed_on", "answered"]}}

OPINION = Record(
    "opinion",
    label=_("Opinion"),
    many=_("Opinions"),
    book="clients",
    icon="message-square-text",
    path="opinion",
    section="opinions",
    form=("F-29",),
    # What two people hear at one bed of one thing is one opinion.
    key=KEY,
    fields=(
        Field("subject", "link", _("Where it was said")),
        Field("about", "choice", _("What it is about"), OPINIONS),
        Field("words", "text", _("In their own words"), max=600, editable=True),
        Field("ward", "link", _("Ward"), of=("place",)),
        Field("bed", "link", _("Bed"), of=("place",)),
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        Field("unit", "link", _("Department"), of=("unit",)),
        Field("measures", "text", _("What was done"), max=600),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as={"state": "received"},
    acts=(
        Act(
            "received",
            _("Enter an opinion"),
            who=FLOOR,
            creates=True,
            again=True,
            asks=(*KEY, "words", "ward", "bed", "doctor", "unit"),
            needs=KEY,
            stamps=("received_at",),
            icon="message-square-text",
        ),
        Act(
            "passed_on",
            _("Pass on to the department"),
            who=DESK,
            when=UNANSWERED,
            asks=("unit",),
            needs=("unit",),
            sets={"state": "passed_on"},
            stamps=("passed_on_at",),
            icon="send",
        ),
        Act(
            "answered",
            _("Say what was done"),
            who=("anybody",),
            when=UNANSWERED,
            asks=("measures",),
            needs=("measures",),
            sets={"state": "answered"},
            stamps=("answered_at",),
            signs=("answered_by",),
            icon="check",
        ),
        Act(
            "told",
            _("Told the patient"),
            who=FLOOR,
            when={"state": "answered"},
            sets={"state": "told"},
            stamps=("told_at",),
            signs=("told_by",),
            icon="hand-heart",
        ),
        Act(
            "dropped",
            _("Drop it"),
            who=DESK,
            when=OPEN,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "dropped"},
            stamps=("dropped_at",),
            icon="x",
        ),
    ),
    channels=(
        "{owner}",
        "{ward}",
        "head@{unit}",
        "{told}",
        "post:cs_agent",
        "post:cs_supervisor",
        "post:cs_manager",
    ),
    states=(
        ("received", _("received")),
        ("passed_on", _("with the department")),
        ("answered", _("answered: tell the patient")),
        ("told", _("patient told")),
        ("dropped", _("dropped")),
    ),
    title=("about",),
    line=("bed", "words"),
    side="state",
    facts=("about", "bed", "doctor", "words", "measures", "owner"),
    finds=("words",),
    lists=(
        List("open", by="received_at", where=OPEN),
        List("of_subject", by="received_at", parts=("subject",)),
    ),
    open_when=OPEN,
    editors=DESK,
)

# RD-04: a negative answer has somebody who deals with it, and a time.
ANSWER = Ladder(
    "opinion_answer",
    label=_("Answer the opinion"),
    record="opinion",
    rule="RD-04",
    starts="received_at",
    runs_while=UNANSWERED,
    rungs=(
        Rung(
            "due",
            _("Say what was done about it"),
            ("opinion.answer_within",),
            ("owner", "head@{unit}"),
        ),
        Rung(
            "manager",
            _("Still no answer: tell the manager"),
            ("opinion.answer_within", "opinion.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("answered",),
)
