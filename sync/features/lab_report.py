"""Laboratory reports handed out: none without name, sex and test item checked, at once (L-01)."""

from sync.choices import SEXES
from sync.declare import Act, Field, List, Record
from sync.posts import FLOOR
from sync.reveals import REVEALED
from sync.words import _

HERE = {"state": {"$in": ["ready", "withheld"]}}
READ = ("name", "sex", "item")  # what the three checks rest on
MATCHES = (("yes", _("Matches")),)  # whoever cannot say so withholds the report

LAB_REPORT = Record(
    "lab_report",
    label=_("Laboratory report"),
    many=_("Laboratory reports"),
    book="floor",
    icon="file-text",
    path="report",
    section="lab-reports",
    form=("F-08",),
    fields=(
        Field("name", "text", _("Patient's name"), max=60, private=True, editable=True),
        Field("sex", "choice", _("Sex"), SEXES, editable=True),
        Field("item", "text", _("Test item"), max=120, editable=True),
        Field("number", "text", _("Report number"), max=40, editable=True),
        Field("place", "link", _("Place"), of=("place",)),
        Field("subject", "link", _("Visit"), of=("arrival",)),
        Field("name_ok", "choice", _("Name checked"), MATCHES),
        Field("sex_ok", "choice", _("Sex checked"), MATCHES),
        Field("item_ok", "choice", _("Test item checked"), MATCHES),
        Field("reason", "text", _("What does not match"), max=200),
    ),
    starts_as={"state": "ready"},
    acts=(
        Act(
            "registered",
            _("Enter a report"),
            who=FLOOR,
            creates=True,
            asks=(*READ, "number", "place", "subject"),
            needs=(*READ, "place"),
            stamps=("registered_at",),
            icon="file-text",
        ),
        # The gate of L-01: without all three no tablet sends it, no server takes it in, and nobody
        # takes it back. What was checked is held from then on.
        Act(
            "issued",
            _("Hand out"),
            who=FLOOR,
            when=HERE,
            asks=("name_ok", "sex_ok", "item_ok"),
            needs=("name_ok", "sex_ok", "item_ok"),
            rests_on=READ,
            sets={"state": "issued"},
            stamps=("issued_at",),
            signs=("issued_by",),
            gate=True,
            undo=False,
            icon="file-check",
        ),
        Act(
            "withheld",
            _("Does not match: withhold"),
            who=FLOOR,
            when={"state": "ready"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "withheld"},
            stamps=("withheld_at",),
            signs=("withheld_by",),
            icon="hand",
        ),
        REVEALED,
    ),
    channels=("{place}", "{owner}", "post:guide_supervisor", "post:cs_manager"),
    states=(
        ("ready", _("to be handed out")),
        ("issued", _("handed out")),
        ("withheld", _("withheld")),
    ),
    title=("name",),
    line=("item", "sex", "number"),
    side="state",
    facts=("item", "sex", "place", "owner"),
    finds=("name", "number", "item"),
    finds_when=HERE,
    lists=(
        List("ready", by="registered_at", where=HERE),
        List("of_visit", by="registered_at", parts=("subject",)),
    ),
    open_when=HERE,
    editors=FLOOR,
)
