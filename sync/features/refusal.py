"""Refused acts: kept whole, told to their author, decided in the office; never dropped."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
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
        Field("place", "link", _("Place"), of=("place",)),
        Field("urgent_at", "moment", _("Somebody waits since")),
        Field("code", "text", _("Reason"), max=60),
        Field("details", "text", _("Details"), max=1000),
        Field("hidden_from", "people", _("Whom it is about")),
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
            asks=(
                "act",
                "about",
                "who",
                "device",
                "made_at",
                "code",
                "details",
                "body",
                "count",
                "hidden_from",
                "place",
                "urgent_at",
            ),
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
    hides=("about", "hidden_from"),
    channels=("{who}", "post:guide_supervisor", "post:cs_manager"),
    states=(
        ("open", _("open")),
        ("admitted", _("admitted")),
        ("dismissed", _("left out")),
    ),
    title=("act",),
    lists=(List("refusals", by="opened_at", where={"state": "open"}),),
    open_when={"state": "open"},
)

# What was refused would have started clocks of its own, as a wait does: somebody sits there.
URGENT = Ladder(
    "refusal_urgent",
    label=_("Refused, and somebody waits"),
    record="refusal",
    rule="W-01",
    starts="urgent_at",
    runs_while={"state": "open"},
    rungs=(
        Rung(
            "supervisor",
            _("Decide what was refused: somebody waits"),
            ("refusal.supervisor_after",),
            ("guide_supervisor",),
        ),
        Rung(
            "manager",
            _("Still not decided: tell the manager"),
            ("refusal.supervisor_after", "refusal.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("admitted", "dismissed"),
)
