"""Refused acts: kept whole, told to their author, decided in the office; never dropped."""

from sync.declare import Act, Field, List, Record
from sync.posts import DECIDERS, SYSTEM
from sync.words import _

REFUSAL = Record(
    "refusal",
    label=_("Refused act"),
    book="office",
    icon="fork",
    section="reconcile",
    fields=(
        Field("act", "text", _("Act"), max=60),
        Field("about", "link", _("About")),
        Field("who", "link", _("Person"), of=("person",)),
        Field("device", "text", _("Device"), max=60),
        Field("made_at", "moment", _("Made")),
        Field("code", "text", _("Reason"), max=60),
        Field("details", "text", _("Details"), max=1000),
        Field("body", "text", _("What was entered"), max=200_000),
        Field("count", "number", _("How many"), min=0),
        Field("reason", "text", _("Why it was decided so"), max=500),
    ),
    starts_as={"state": "open"},
    acts=(
        Act(
            "noted",
            _("Refused"),
            who=SYSTEM,
            creates=True,
            asks=("act", "about", "who", "device", "made_at", "code", "details", "body", "count"),
        ),
        Act("counted", _("More were refused"), who=SYSTEM, asks=("count",), undo=False),
        Act(
            "admitted",
            _("Admitted after all"),
            who=DECIDERS,
            when={"state": "open"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "admitted"},
            stamps=("decided_at",),
            signs=("decided_by",),
        ),
        Act(
            "dismissed",
            _("Left out"),
            who=DECIDERS,
            when={"state": "open"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "dismissed"},
            stamps=("decided_at",),
            signs=("decided_by",),
        ),
    ),
    channels=("{who}", "post:guide_supervisor", "post:cs_manager", "post:admin"),
    states=(
        ("open", _("open")),
        ("admitted", _("admitted")),
        ("dismissed", _("left out")),
    ),
    title=("act",),
    lists=(List("refusals", by="opened_at", where={"state": "open"}),),
    open_when={"state": "open"},
)
