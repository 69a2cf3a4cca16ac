"""Praise: what a client said in a book, a letter or a banner, confirmed by somebody else (P-03)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.words import _

PROPOSED = {"state": "proposed"}
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
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as=PROPOSED,
    acts=(
        Act(
            "proposed",
            _("Write down praise"),
            who=("anybody",),
            creates=True,
            asks=("people", "how", "words", "photos", "client", "unit", "visit"),
            needs=("people", "how"),
            stamps=("proposed_at",),
            icon="plus",
        ),
        Act(
            "confirmed",
            _("Confirm the praise"),
            who=DECIDERS,
            when=PROPOSED,
            rests_on=("people",),
            not_by=("people", "owner"),
            sets={"state": "confirmed"},
            stamps=("confirmed_at",),
            signs=("confirmed_by",),
            gate=True,
            undo=False,
            icon="check",
        ),
        Act(
            "dismissed",
            _("Do not confirm it"),
            who=DECIDERS,
            when=PROPOSED,
            asks=("reason",),
            needs=("reason",),
            not_by=("people", "owner"),
            sets={"state": "dismissed"},
            stamps=("dismissed_at",),
            icon="x",
        ),
        Act(
            "revealed",
            _("Private details shown"),
            who=("anybody",),
            adds={"reveals": 1},
            undo=False,
        ),
    ),
    channels=(
        "{owner}",
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

CONFIRM = Ladder(
    "praise_confirm",
    label=_("Confirm the praise"),
    record="praise",
    rule="P-03",
    starts="proposed_at",
    runs_while=PROPOSED,
    rungs=(
        Rung("due", _("Confirm the praise"), ("praise.confirm_within",), ("cs_supervisor",)),
        Rung(
            "manager",
            _("Tell the customer service manager"),
            ("praise.confirm_within", "praise.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("confirmed", "dismissed"),
)
