"""Praise: what a client said in a book, a letter or a banner, confirmed by somebody else (P-03)."""

from sync import proposals
from sync.declare import Act, Field, List, Record
from sync.proposals import PROPOSED
from sync.reveals import REVEALED
from sync.words import _

CONFIRMED = {"state": "confirmed"}
DECIDERS = ("cs_supervisor", "cs_manager")

PRAISE = Record(
    "praise",
    label=_("Praise"),
    many=_("Praise"),
    book="quality",
    icon="smile",
    path="praise",
    fields=(
        Field("people", "people", _("Whom it is for"), max=20),
        Field("unit", "link", _("Unit"), of=("unit",)),
        Field(
            "how",
            "choice",
            _("How it was said"),
            (
                ("book", _("In the message book")),
                ("letter", _("By letter")),
                ("banner", _("With a silk banner")),
                ("callback", _("When called back")),
                ("survey", _("In a survey")),
                ("words", _("In person")),
            ),
        ),
        Field("words", "text", _("In their own words"), max=600),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("client", "text", _("Who said it"), max=60, private=True),
        Field("visit", "link", _("Visit"), of=("arrival",)),
        Field("ward", "link", _("Ward"), of=("place",)),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as=PROPOSED,
    acts=(
        Act(
            "proposed",
            _("Write down praise"),
            who=("anybody",),
            creates=True,
            asks=("people", "how", "words", "photos", "client", "unit", "visit", "ward"),
            needs=("people", "how"),
            stamps=("proposed_at",),
            icon="plus",
        ),
        proposals.upheld(
            "confirmed",
            _("Confirm the praise"),
            ("people",),
            "people",
            DECIDERS,
            by="confirmed",
        ),
        proposals.dismissed(_("Do not confirm it"), "people", DECIDERS),
        REVEALED,
    ),
    channels=(
        "{owner}",
        "{ward}",
        "head@{unit}",
        "{told}",
        "post:cs_supervisor",
        "post:cs_manager",
        ("{people}", CONFIRMED),
        ("{unit}", CONFIRMED),
    ),
    states=(
        ("proposed", _("proposed")),
        ("confirmed", _("confirmed")),
        ("dismissed", _("not confirmed")),
    ),
    title=("how",),
    line=("people", "words"),
    side="state",
    facts=("people", "how", "words", "owner"),
    finds=("words",),
    lists=(List("proposed", by="proposed_at", where=PROPOSED),),
    open_when=PROPOSED,
    deciders=DECIDERS,
)

CONFIRM = proposals.undecided(
    "praise", "confirm", _("Confirm the praise"), "P-03", upholds="confirmed"
)
