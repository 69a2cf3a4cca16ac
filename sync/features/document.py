"""Documents: what is filed, who has it and until when, and when it was destroyed (DC-04, DC-05)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK
from sync.words import _

KEEPERS = (*DESK, "admin")
FILED, ISSUED = {"state": "filed"}, {"state": "issued"}

DOCUMENT = Record(
    "document",
    label=_("Document"),
    many=_("Files and documents"),
    book="knowledge",
    icon="file-text",
    path="document",
    section="documents",
    fields=(
        Field("title", "text", _("Title"), max=80, editable=True),
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
        Field("folder", "text", _("Folder"), max=60, editable=True),
        Field("number", "text", _("Number"), max=40, editable=True),
        Field("unit", "link", _("Department"), of=("unit",)),
        Field("about", "link", _("About")),
        Field("files", "blobs", _("Pictures of it"), max=10, private=True),
        Field("issued_to", "link", _("Given out to"), of=("person",)),
        Field("until_day", "day", _("Back by")),
        Field("purpose", "text", _("What for"), max=200),
        Field("reason", "text", _("Reason"), max=300),
        Field("witness", "link", _("Witness"), of=("person",)),
    ),
    starts_as=FILED,
    acts=(
        Act(
            "filed",
            _("File a document"),
            who=KEEPERS,
            creates=True,
            asks=("title", "kind", "folder", "number", "unit", "about", "files"),
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
        "{issued_to}",
        "post:cs_manager",
        "{told}",
    ),
    states=(
        ("filed", _("in its folder")),
        ("issued", _("given out")),
        ("destroyed", _("destroyed")),
    ),
    title=("title",),
    line=("kind", "folder", "number"),
    side="state",
    facts=("title", "folder", "issued_to", "until_day", "owner"),
    finds=("title", "folder", "number"),
    lists=(
        List("issued", by="issued_at", where=ISSUED),
        List("about", by="filed_at", parts=("about",)),
    ),
    open_when=ISSUED,
    editors=KEEPERS,
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
