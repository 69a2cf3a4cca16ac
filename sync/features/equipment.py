"""Equipment and goods of the guides' desks: what there is, where, in what state (E-01, G-26)."""

from sync.declare import Act, Field, List, Record
from sync.posts import FLOOR, SYSTEM
from sync.rules import Judge
from sync.words import _

KEEPERS = ("guide_supervisor", "cs_manager", "admin")
HERE = {"state": {"$in": ["usable", "broken"]}}
LENDABLE = {"$in": ["wheelchair", "trolley", "walking_aid", "umbrella"]}
FREE = {"state": "usable", "sort": LENDABLE, "out": {"$exists": False}}
FIELDS = ("name", "sort", "number", "place", "should", "many", "custodian")

EQUIPMENT = Record(
    "equipment",
    label=_("Equipment"),
    many=_("Equipment and goods"),
    book="floor",
    icon="accessibility",
    path="equipment",
    section="equipment",
    fields=(
        Field("name", "text", _("Item"), max=60, editable=True),
        Field(
            "sort",
            "choice",
            _("Sort"),
            (
                ("wheelchair", _("Wheelchair")),
                ("trolley", _("Stretcher trolley")),
                ("walking_aid", _("Walking aid")),
                ("umbrella", _("Umbrella or raincoat")),
                ("leaflets", _("Leaflets")),
                ("goods", _("Other goods")),
            ),
            editable=True,
        ),
        Field("number", "text", _("Inventory number"), max=40, editable=True),
        Field("place", "link", _("Place"), of=("place",), editable=True),
        Field("should", "number", _("How many there should be"), min=0, max=9_999, editable=True),
        # A stand of umbrellas: lent one by one, it is never out, and never gone with one of them.
        Field("many", "flag", _("Several alike, lent one by one"), editable=True),
        Field("stock", "number", _("How many were counted"), min=0, max=9_999),
        Field("custodian", "link", _("Kept by"), of=("person",), editable=True),
        Field("out", "choice", _("Where it is"), (("yes", _("lent out")),)),
        Field(
            "tally",
            "choice",
            _("Last count"),
            (("same", _("complete")), ("differs", _("not the number it should be"))),
        ),
        Field("words", "text", _("Note"), max=200),
    ),
    starts_as={"state": "usable"},
    acts=(
        Act(
            "added",
            _("Add equipment"),
            who=KEEPERS,
            creates=True,
            asks=FIELDS,
            needs=("name", "sort", "place"),
            icon="plus",
        ),
        # E-03: counted at each handover; what differs is noted by the clock beside it.
        Act(
            "counted",
            _("Count"),
            who=FLOOR,
            when=HERE,
            asks=("stock", "words"),
            needs=("stock",),
            signs=("counted_by",),
            adds={"counts": 1},
            icon="list-checks",
        ),
        Act(
            "broken",
            _("Report broken"),
            who=FLOOR,
            when={"state": "usable"},
            asks=("words",),
            needs=("words",),
            sets={"state": "broken"},
            icon="circle-alert",
        ),
        Act(
            "repaired",
            _("Repaired"),
            who=FLOOR,
            when={"state": "broken"},
            sets={"state": "usable"},
            icon="check",
        ),
        Act(
            "removed",
            _("Written off"),
            who=KEEPERS,
            when=HERE,
            asks=("words",),
            needs=("words",),
            sets={"state": "gone"},
            icon="trash-2",
        ),
        # What loans make of it; several at once hold it until the last one is back.
        Act("lent", _("Lent out"), who=SYSTEM, sets={"out": "yes"}, icon="log-out"),
        Act("back", _("Is back"), who=SYSTEM, sets={"out": None}, icon="corner-up-left"),
        Act("missed", _("Lost by who had it"), who=SYSTEM, sets={"state": "gone"}),
        Act("found", _("Was found again"), who=SYSTEM, sets={"state": "usable"}),
        Act("harmed", _("Came back damaged"), who=SYSTEM, sets={"state": "broken"}),
        Act("cleared", _("Was not damaged"), who=SYSTEM, sets={"state": "usable"}),
        Act("tallied", _("The count agrees"), who=SYSTEM, sets={"tally": "same"}),
        Act("differed", _("The count differs"), who=SYSTEM, sets={"tally": "differs"}),
    ),
    channels=("{place}", "{custodian}", "post:guide_supervisor", "post:cs_manager"),
    states=(("usable", _("usable")), ("broken", _("broken")), ("gone", _("written off"))),
    title=("name",),
    line=("number", "place", "out"),
    side="state",
    facts=("number", "place", "out", "should", "stock", "tally"),
    finds=("name", "number"),
    ordered=("sort", "name", "number"),
    lists=(
        # Forms offer what may be lent now, by this list.
        List("free", by=("sort", "opened_at"), where=FREE),
    ),
    open_when=HERE,
    editors=KEEPERS,
)

RULES = (
    Judge(
        "equipment_tally",
        of="equipment",
        on=("counted",),
        reads=("stock", "should"),
        same=True,
        says="equipment.tallied",
        clears="equipment.differed",
        rule="E-03",
    ),
)
