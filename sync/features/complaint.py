"""Complaints: taken on the floor, answered in a day, solved in time, or climbing (C, L-A)."""

from sync.choices import SALUTATIONS
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, FLOOR, SYSTEM
from sync.reveals import REVEALED
from sync.words import _

DEPARTMENTS = ("ops_dept", "medical_affairs", "nursing_dept", "deputy_director", "gm")
# PR-03, X-19: a department has the complaint from its own rung on, and not before.
SECOND, THIRD, TOP = ({"level": {"$gte": level}} for level in (2, 3, 4))
OPEN = {"state": {"$in": ["open", "responded"]}}
REASONS = (
    ("waiting", _("Waited too long")),
    ("attitude", _("Attitude")),
    ("charges", _("Charges")),
    ("effect", _("Effect of treatment")),
    ("surroundings", _("Surroundings")),
    ("other", _("Something else")),
)
WANTED = (
    ("apology", _("An apology")),
    ("reasons", _("An explanation")),
    ("other_doctor", _("Another doctor")),
    ("refund", _("A refund")),
    ("improvement", _("Improvement")),
)
MEANS = (
    ("in_person", _("In person")),
    ("phone", _("By phone")),
    ("writing", _("In writing")),
)

COMPLAINT = Record(
    "complaint",
    label=_("Complaint"),
    many=_("Complaints"),
    book="cases",
    icon="message-square-text",
    path="complaint",
    own_screens=True,
    section="complaints",
    form=("F-10",),
    fields=(
        Field("number", "text", _("Number"), max=40),
        Field("subject", "link", _("Visit"), of=("arrival",)),
        Field("name", "text", _("Who complains"), max=60, private=True, editable=True),
        Field("salutation", "choice", _("Form of address"), SALUTATIONS, editable=True),
        Field("phone", "phone", _("Phone"), private=True, editable=True),
        Field("place", "link", _("Where it was taken"), of=("place",)),
        Field("about", "people", _("Whom it is about"), max=10, editable=True),
        Field("owner", "link", _("Responsible"), of=("person",)),
        Field("about_place", "link", _("What place it is about"), of=("place",), editable=True),
        Field("reasons", "choices", _("Because of what"), REASONS, editable=True),
        Field("words", "text", _("In their own words"), max=4000, editable=True),
        Field("wanted", "choices", _("What they want"), WANTED, editable=True),
        Field(
            "severity",
            "choice",
            _("Severity"),
            (("general", _("General")), ("major", _("Major"))),
            editable=True,
        ),
        Field(
            "amount", "number", _("Amount claimed (yuan)"), min=0, max=100_000_000, editable=True
        ),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("recordings", "voice", _("Recordings"), max=3),
        Field("signature", "signature", _("Signature")),
        Field("unsigned", "text", _("Why there is no signature"), max=200),
        Field("readback", "text", _("Read back to them"), max=6000),
        Field("response", "text", _("What we answered"), max=2000),
        Field("means", "choice", _("How they were told"), MEANS),
        Field("satisfied", "flag", _("Satisfied")),
        Field("reason", "text", _("Reason"), max=1000),
        Field("attended_by", "text", _("Attended by"), max=60),
        Field("delegated_by", "text", _("Delegated by"), max=60),
        Field("department", "text", _("Department responsible"), max=60, editable=True),
        Field(
            "cause",
            "choice",
            _("Cause"),
            (("quality", _("Quality")), ("other", _("Not quality"))),
            editable=True,
        ),
        Field("resolution", "text", _("How it was solved"), max=2000),
        Field("to_site", "text", _("Hospital it was passed to"), max=60),
    ),
    starts_as={"state": "open", "severity": "general", "level": 1},
    acts=(
        Act(
            "taken",
            _("Complaint taken"),
            who=FLOOR,
            creates=True,
            asks=(
                "number",
                "subject",
                "name",
                "salutation",
                "phone",
                "place",
                "about_place",
                "about",
                "reasons",
                "words",
                "wanted",
                "severity",
                "amount",
                "photos",
                "recordings",
                "signature",
                "unsigned",
                "readback",
            ),
            needs=("place", "words"),
            stamps=("taken_at",),
            icon="pencil",
        ),
        Act(
            "responded",
            _("First response given"),
            who=FLOOR,
            when=OPEN,
            asks=("response", "means", "satisfied"),
            needs=("response",),
            sets={"state": "responded"},
            stamps=("responded_at",),
            signs=("responded_by",),
            adds={"attempts": 1},
            icon="phone",
            path="respond",
            further=_("Talk %(n)s"),
        ),
        Act(
            "escalated",
            _("Passed up one rung"),
            who=FLOOR,
            when=OPEN,
            asks=("reason",),
            needs=("reason",),
            adds={"level": 1},
            icon="ladder",
        ),
        Act(
            "settled",
            _("Settled"),
            who=DESK,
            when=OPEN,
            asks=("resolution", "means", "satisfied", "attended_by", "delegated_by"),
            needs=("resolution", "attended_by"),  # C-05: no solution without who attended
            sets={"state": "settled"},
            stamps=("settled_at",),
            signs=("settled_by",),
            icon="check",
        ),
        Act(
            "referred",
            _("Passed to another hospital"),
            who=DESK,
            when=OPEN,
            asks=("to_site", "reason"),
            needs=("to_site", "reason"),
            sets={"state": "referred"},
            stamps=("referred_at",),
            signs=("referred_by",),
        ),
        Act(
            "named",
            _("Said whom it is about"),
            who=FLOOR,
            asks=("about",),
            needs=("about",),
            icon="user-round",
            path="about",
        ),
        Act(
            "reassigned",
            _("Given to somebody else: it is about who had it"),
            who=SYSTEM,
            asks=("owner",),
            needs=("owner",),
            undo=False,
        ),
        Act(
            "noted",
            _("Noted"),
            who=(*FLOOR, *DEPARTMENTS),
            adds={"notes": 1},
        ),
        REVEALED,
    ),
    channels=(
        "{place}",
        "{owner}",
        "post:guide_supervisor",
        "post:cs_agent",
        "post:cs_supervisor",
        "post:cs_manager",
        "{told}",
        ("post:ops_dept", SECOND),
        ("post:medical_affairs", THIRD),
        ("post:nursing_dept", THIRD),
        ("post:deputy_director", TOP),
        ("post:gm", TOP),
    ),
    hides=("about",),
    states=(
        ("open", _("open")),
        ("responded", _("answered")),
        ("settled", _("settled")),
        ("referred", _("passed to another hospital")),
    ),
    title=("words",),
    called=("number", "name"),
    line=("name", "phone", "words"),
    side="state",
    facts=("name", "phone", "words", "about_place", "response", "owner"),
    finds=("number", "name", "phone", "words"),
    lists=(
        List("open", by="taken_at", where=OPEN),
        List("complaints", by="taken_at"),
    ),
    open_when=OPEN,
    editors=DESK,
    by_letter=True,
)

RESPONSE = Ladder(
    "complaint_response",
    label=_("First response"),
    record="complaint",
    rule="C-04",
    starts="taken_at",
    runs_while={"state": "open", "responded_at": {"$exists": False}},
    rungs=(
        Rung(
            "due", _("Give a first response"), ("complaint.first_response",), ("owner", "cs_agent")
        ),
        Rung(
            "manager",
            _("Tell the customer service manager"),
            ("complaint.first_response", "complaint.first_response_manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("responded",),
)


def _solving(severity: str) -> Ladder:
    """C-03 with the rungs of L-A: intake, line leader, medical affairs and nursing, the head."""
    limit = f"complaint.solve.{severity}"
    second, third = "complaint.second_rung_after", "complaint.third_rung_after"
    return Ladder(
        f"complaint_solve_{severity}",
        label=_("Solution"),
        record="complaint",
        rule="C-03",
        starts="taken_at",
        runs_while={**OPEN, "severity": severity},
        rungs=(
            Rung(
                "line_leader",
                _("Customer service manager and operations propose a solution"),
                (limit,),
                ("owner", "cs_manager", "ops_dept"),
            ),
            Rung(
                "medical",
                _("Medical affairs and nursing propose a solution"),
                (limit, second),
                ("medical_affairs", "nursing_dept"),
            ),
            Rung("gm", _("Report to the general manager"), (limit, second, third), ("gm",)),
        ),
        answers=("settled", "escalated"),
    )


SOLVE_MAJOR = _solving("major")
SOLVE_GENERAL = _solving("general")
