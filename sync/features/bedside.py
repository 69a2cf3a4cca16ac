"""What is asked and heard at one bed on one round: one record, whoever walks it (RD-02 … RD-06).

What is heard becomes an opinion, a task, praise or a complaint in the same gesture, so that it has
an owner and a clock before the bed is left.
"""

from sync.choices import COMFORTS, MOODS, OPINIONS
from sync.declare import Act, Field, List, Record
from sync.posts import FLOOR
from sync.words import _

KEY = ("round", "bed")
WHERE = (*KEY, "ward", "stay")
MADE = ("made_opinion", "made_task", "made_praise", "made_complaint")
TOLD = {"heard": {"$exists": True}}

BEDSIDE = Record(
    "bedside",
    label=_("Asked at the bed"),
    many=_("Asked at the bed"),
    book="wards",
    icon="message-square-text",
    path="bedside",
    form=("F-25",),
    # Two tablets at one bed make one record; what they say differently is a question.
    key=KEY,
    fields=(
        Field("round", "link", _("Ward round"), of=("round",)),
        Field("bed", "link", _("Bed"), of=("place",)),
        Field("ward", "link", _("Ward"), of=("place",)),
        Field("stay", "link", _("Stay"), of=("stay",)),
        Field(
            "who",
            "choice",
            _("Who lies here"),
            (("new", _("new here")), ("leaving", _("goes home soon"))),
        ),
        Field("comfort", "choices", _("How do you feel today?"), COMFORTS),
        # RD-02: whether the doctor of the outpatient department came to see them, and who.
        Field(
            "doctor_visited",
            "choice",
            _("Did the outpatient doctor come to see you?"),
            (("came", _("Came")), ("absent", _("Has not come")), ("unsure", _("Cannot say"))),
        ),
        Field(
            "doctor",
            "link",
            _("Doctor"),
            of=("doctor",),
            shown_when={"doctor_visited": {"$in": ["came", "absent"]}},
        ),
        # RD-03: the four levels, and their own words.
        Field("satisfied", "rating", _("Are you satisfied with our service?")),
        Field("words", "text", _("In their own words"), max=500, required=TOLD),
        # RD-06: the state of mind, so that it is dealt with in time.
        Field("mood", "choice", _("State of mind"), MOODS),
        # RD-04: what becomes of it, before the bed is left.
        Field(
            "heard",
            "choice",
            _("What it becomes"),
            (
                ("mention", _("Opinion")),
                ("to_do", _("Task")),
                ("thanks", _("Praise")),
                ("grievance", _("Complaint")),
            ),
        ),
        Field(
            "about",
            "choice",
            _("What it is about"),
            OPINIONS,
            shown_when={"heard": "mention"},
        ),
        Field(
            "people",
            "people",
            _("Whom it is for"),
            max=20,
            required={"heard": "thanks"},
            shown_when={"heard": "thanks"},
        ),
        Field("photos", "blobs", _("Photos"), max=4),
        Field("recordings", "voice", _("Recordings"), max=2),
        # What they like and need is kept while they lie here, and only if they said yes to that.
        Field("preferences", "text", _("Wishes and habits"), max=300),
        Field(
            "consent",
            "choice",
            _("May we remember it for this stay?"),
            (("yes", _("said yes")),),
            required={"preferences": {"$exists": True}},
            shown_when={"preferences": {"$exists": True}},
        ),
        Field("made_opinion", "link", _("Opinion"), of=("opinion",)),
        Field("made_task", "link", _("Task"), of=("task",)),
        Field("made_praise", "link", _("Praise"), of=("praise",)),
        Field("made_complaint", "link", _("Complaint"), of=("complaint",)),
        Field(
            "not_asked",
            "choice",
            _("Why nobody was asked"),
            (
                ("asleep", _("asleep")),
                ("out", _("out for an examination")),
                ("declined", _("does not want to")),
                ("empty", _("nobody lies here")),
            ),
        ),
    ),
    starts_as={"state": "asked"},
    acts=(
        Act(
            "asked",
            _("Asked at the bed"),
            who=FLOOR,
            creates=True,
            again=True,
            asks=(
                *(*WHERE, "who", "comfort", "doctor_visited", "doctor", "satisfied", "mood"),
                *("words", "heard", "about", "people", "photos", "recordings", "preferences"),
                *("consent", *MADE),
            ),
            needs=KEY,
            sets={"state": "asked"},
            stamps=("asked_at",),
            signs=("asked_by",),
            icon="message-square-text",
            in_office=False,
        ),
        # Three answers at once, for whoever has nothing to say but good.
        Act(
            "well",
            _("All well"),
            who=FLOOR,
            creates=True,
            again=True,
            asks=(*WHERE, "doctor"),
            needs=KEY,
            sets={"state": "asked", "comfort": ["fine"], "doctor_visited": "came", "satisfied": 3},
            stamps=("asked_at",),
            signs=("asked_by",),
            icon="smile",
            in_office=False,
        ),
        Act(
            "passed_by",
            _("Not asked"),
            who=FLOOR,
            creates=True,
            again=True,
            when={"state": "passed"},
            asks=(*WHERE, "not_asked"),
            needs=(*KEY, "not_asked"),
            sets={"state": "passed"},
            icon="moon",
            in_office=False,
        ),
    ),
    channels=(
        "{ward}",
        "{owner}",
        "post:cs_supervisor",
        "post:cs_manager",
        "post:nursing_dept",
    ),
    states=(("asked", _("asked")), ("passed", _("not asked"))),
    title=("bed",),
    line=("satisfied", "words"),
    side="state",
    facts=("bed", "comfort", "doctor_visited", "doctor", "satisfied", "words"),
    lists=(
        List("in_ward", by="opened_at", parts=("ward",)),
        List("of_round", by="opened_at", parts=("round",)),
        List("of_bed", by="opened_at", parts=("bed",)),
    ),
)
