"""Conduct: what somebody did or left undone, proposed by who saw it and decided by somebody else.

A fine is a proposal and nothing more: the amount of the clause is copied when it is proposed
(P-17). Whom it is about hears of it once it is decided, and may answer.
"""

from sync import proposals
from sync.choices import MEASURES
from sync.declare import Act, Field, List, Record
from sync.posts import FLOOR
from sync.proposals import PROPOSED
from sync.words import _

DECIDED = {"state": {"$in": ["stands", "dismissed"]}}
DECIDERS = ("guide_supervisor", "cs_supervisor", "cs_manager", "deputy_director")
OTHERS = ("ops_dept", "medical_affairs", "nursing_dept", "deputy_director")

CONDUCT = Record(
    "conduct",
    label=_("Conduct"),
    many=_("Conduct"),
    book="quality",
    icon="user-round",
    path="conduct",
    fields=(
        Field("person", "link", _("Who it was"), of=("person",)),
        Field("unit", "link", _("Unit"), of=("unit",)),
        Field(
            "kind",
            "choice",
            _("What it was"),
            (
                ("appearance", _("Appearance")),
                ("attitude", _("Attitude")),
                ("private", _("Private matters in working time")),
                ("task", _("A task not done")),
                ("ignorance", _("Did not know what one must know")),
                ("leaving", _("Left the post")),
                ("fraud", _("Fraud")),
                ("merit", _("Merit")),
                ("other", _("Something else")),
            ),
        ),
        # The day of the shift: what happened at night is often written down the next morning.
        Field("day", "day", _("Day")),
        Field("words", "text", _("What was seen"), max=600),
        Field("corrected", "flag", _("Put right at once")),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("clause", "link", _("Clause"), of=("clause",), among={"state": "valid"}),
        Field("amount", "money", _("Amount proposed"), takes=("clause", "amount")),
        # A clause that lost its amount has none, which is not nothing.
        Field("own_amount", "money", _("Amount, where the clause names none"), min=1),
        Field(
            "measure", "choice", _("What it is counted in"), MEASURES, takes=("clause", "measure")
        ),
        # No complaint: whom it is about would learn of that by this (PR-03).
        Field("source", "link", _("Seen at"), of=("appearance", "check")),
        Field("reason", "text", _("Reason"), max=300),
        Field("answer", "text", _("What the person says"), max=600),
    ),
    starts_as=PROPOSED,
    acts=(
        Act(
            "proposed",
            _("Write down conduct"),
            who=(*FLOOR, *OTHERS),
            creates=True,
            asks=(
                "person",
                "kind",
                "day",
                "words",
                "corrected",
                "photos",
                "clause",
                "amount",
                "own_amount",
                "measure",
                "unit",
                "source",
            ),
            needs=("person", "kind", "day", "words"),
            not_by=("person",),
            stamps=("proposed_at",),
            icon="plus",
        ),
        Act(
            "priced",
            _("Name the amount"),
            who=("anybody",),
            when={**PROPOSED, "amount": {"$exists": False}},
            only_by=("owner",),
            asks=("own_amount",),
            needs=("own_amount",),
            icon="pencil",
        ),
        # Somebody else than who proposed it, and than whom it is about, says that it stands.
        proposals.upheld(
            "stands",
            _("It stands"),
            ("person", "clause", "amount", "own_amount"),
            "person",
            DECIDERS,
            by="decided",
        ),
        proposals.dismissed(_("It does not stand"), "person", DECIDERS),
        Act(
            "heard",
            _("Say what you have to say"),
            who=("anybody",),
            when=DECIDED,
            only_by=("person",),
            asks=("answer",),
            needs=("answer",),
            stamps=("heard_at",),
            icon="message-square-text",
        ),
    ),
    channels=(
        "{owner}",
        "head@{unit}",
        "{told}",
        "post:cs_supervisor",
        "post:cs_manager",
        "post:hr",
        "post:deputy_director",
        ("{person}", DECIDED),
    ),
    hides=(("person", PROPOSED),),  # whatever post they hold
    states=(
        ("proposed", _("proposed")),
        ("stands", _("stands")),
        ("dismissed", _("does not stand")),
    ),
    title=("person",),
    line=("kind", "amount", "words"),
    side="state",
    facts=("person", "kind", "words", "clause", "amount", "own_amount", "measure"),
    finds=("words",),
    lists=(
        List("proposed", by="proposed_at", where=PROPOSED),
        List("of_source", by="opened_at", parts=("source",)),
    ),
    open_when=PROPOSED,
    deciders=("cs_supervisor", "cs_manager"),
    concerns=("person",),
)

DECIDE = proposals.undecided(
    "conduct", "decide", _("Decide whether it stands"), "P-17", upholds="stands"
)
