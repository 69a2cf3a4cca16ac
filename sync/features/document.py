"""Documents: what is filed, who has it and until when, and when it was destroyed (DC-04, DC-05).

The record of a group's day is one of them: it is due each working day, and goes up when it is kept.
"""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, SYSTEM
from sync.rules import Find, Moment, Of, Period, Plan, Until
from sync.words import _

KEEPERS = (*DESK, "admin")
DUE, FILED, ISSUED = ({"state": one} for one in ("due", "filed", "issued"))

DOCUMENT = Record(
    "document",
    label=_("Document"),
    many=_("Files and documents"),
    book="knowledge",
    icon="file-text",
    path="document",
    section="documents",
    fields=(
        Field("title", "text", _("Title"), max=80, editable=True, shipped=True),
        Field(
            "kind",
            "choice",
            _("What it is"),
            (
                ("record", _("Record of work")),
                ("minutes", _("Minutes of the meeting")),
                ("form", _("Form on paper")),
                ("client", _("Papers of a client")),
                ("contract", _("Contract")),
                ("recording", _("Conversation kept")),
                ("other", _("Other paper")),
            ),
            editable=True,
        ),
        Field("folder", "text", _("Folder"), max=60, editable=True, shipped=True),
        Field("number", "text", _("Number"), max=40, editable=True),
        Field("unit", "link", _("Department"), of=("unit",)),
        Field("about", "link", _("About")),
        Field("files", "blobs", _("Pictures of it"), max=10, private=True),
        # DC-05: what was said in a conversation is kept as it was said.
        Field("recordings", "voice", _("Recordings"), max=4, private=True),
        # DC-05: the record of a day, in order, and by when it is kept.
        Field("day", "day", _("Day")),
        Field("due_from", "moment", _("Due from")),
        Field("due_until", "moment", _("When it is to be written down")),
        Field("words", "text", _("What happened, in order"), max=4_000),
        Field("issued_to", "link", _("Given out to"), of=("person",)),
        Field("until_day", "day", _("Back by")),
        Field("purpose", "text", _("What for"), max=200),
        Field("reason", "text", _("Reason"), max=300),
        Field("witness", "link", _("Witness"), of=("person",)),
    ),
    starts_as=FILED,
    acts=(
        Act(
            "due",
            _("Put on the plan"),
            who=SYSTEM,
            creates=True,
            asks=("title", "kind", "folder", "unit", "day", "due_from", "due_until"),
            needs=("title", "kind", "folder", "unit"),
            sets=DUE,
            icon="calendar-days",
        ),
        Act(
            "kept",
            _("Write the record of the day"),
            who=("anybody",),
            when=DUE,
            asks=("words", "files", "recordings"),
            needs=("words",),
            sets=FILED,
            stamps=("filed_at",),
            signs=("filed_by",),
            takes_over=True,
            icon="pencil",
        ),
        Act(
            "filed",
            _("File a document"),
            who=KEEPERS,
            creates=True,
            asks=(
                *("title", "kind", "folder", "number", "unit", "about"),
                *("day", "files", "recordings"),
            ),
            needs=("title", "kind", "folder"),
            stamps=("filed_at",),
            signs=("filed_by",),
            icon="file-text",
        ),
        Act(
            "issued",
            _("Give it out"),
            who=KEEPERS,
            when=FILED,
            asks=("issued_to", "until_day", "purpose"),
            needs=("issued_to", "purpose"),
            sets=ISSUED,
            stamps=("issued_at",),
            signs=("issued_by",),
            adds={"issues": 1},
            icon="log-out",
        ),
        Act(
            "returned",
            _("It is back"),
            who=KEEPERS,
            when=ISSUED,
            sets=FILED,
            stamps=("returned_at",),
            adds={"returns": 1},
            icon="log-in",
        ),
        # Nobody destroys alone: another person than who filed it, and a witness.
        Act(
            "destroyed",
            _("Destroy it"),
            who=("cs_manager", "admin"),
            when=FILED,
            asks=("reason", "witness"),
            needs=("reason", "witness"),
            sets={"state": "destroyed"},
            stamps=("destroyed_at",),
            signs=("destroyed_by",),
            gate=True,
            undo=False,
            not_by=("filed_by",),
            icon="trash-2",
        ),
        Act("revealed", _("Pictures looked at"), who=("anybody",), adds={"reveals": 1}, undo=False),
    ),
    channels=(
        "{owner}",
        "cs_agent@{unit}",
        "head@{unit}",
        ("{unit}", {"kind": "record"}),
        "{issued_to}",
        "post:cs_manager",
        "{told}",
    ),
    states=(
        ("filed", _("in its folder")),
        ("due", _("to be written")),
        ("issued", _("given out")),
        ("destroyed", _("destroyed")),
    ),
    title=("title",),
    line=("kind", "folder", "number"),
    side="state",
    facts=("title", "folder", "issued_to", "until_day", "owner"),
    finds=("title", "folder", "number"),
    lists=(
        List("due", by="due_from", where=DUE),
        List("issued", by="issued_at", where=ISSUED),
        List("about", by="filed_at", parts=("about",)),
    ),
    open_when={"state": {"$in": ["due", "issued"]}},
    editors=KEEPERS,
)

# DC-05: a day whose record is not kept is told to the head of the group, and then further up.
DAILY = Ladder(
    "document_daily",
    label=_("Write the record of the day"),
    record="document",
    rule="DC-05",
    starts="due_from",
    runs_while=DUE,
    rungs=(
        Rung("missing", _("The record of the day is missing"), (), ("head@{unit}",), "due_until"),
        Rung(
            "manager",
            _("The record of the day is still missing"),
            ("document.manager_after",),
            ("cs_manager",),
            "due_until",
        ),
    ),
    answers=("kept",),
)
RETURN = Ladder(
    "document_return",
    label=_("Bring it back"),
    record="document",
    rule="DC-04",
    starts="issued_at",
    runs_while=ISSUED,
    rungs=(
        Rung("due", _("Bring it back"), ("document.return_after",), ("{issued_to}",)),
        Rung(
            "keeper",
            _("It is not back"),
            ("document.return_after", "document.keeper_after"),
            ("owner", "cs_manager"),
        ),
    ),
    answers=("returned",),
)

RULES = (
    Plan(
        "daily_record",
        makes="document.due",
        every="day",
        days="working",
        at="meeting.morning",
        until="document.daily_by",
        for_each=Find("unit", kind="group"),
        key=("unit", "day"),
        gives={
            "title": _("Record of the day"),
            "kind": "record",
            "folder": _("Records of the days"),
            "unit": Of("_id"),
            "day": Period,
            "due_from": Moment,
            "due_until": Until,
        },
        rule="DC-05",
    ),
)
