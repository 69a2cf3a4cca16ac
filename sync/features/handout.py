"""Health education and what is given: leaflets, sheets, water, something to read (G-24, E-06)."""

from sync.declare import Act, Field, List, Record
from sync.posts import FLOOR
from sync.words import _

HANDOUT = Record(
    "handout",
    label=_("Handout"),
    many=_("Health education and handouts"),
    book="floor",
    icon="book-open",
    path="handout",
    section="handouts",
    form=("F-63",),
    fields=(
        Field(
            "what",
            "choice",
            _("What was given"),
            (
                ("leaflet", _("Leaflet of the hospital")),
                ("sheet", _("Health education sheet")),
                ("hygiene", _("Hygiene material")),
                ("talk", _("Health education in words")),
                ("water", _("Boiled water")),
                ("reading", _("Books or newspapers")),
            ),
        ),
        Field("topic", "text", _("Topic"), max=60, editable=True),
        Field("number", "number", _("Number given"), min=1, max=99, editable=True),
        Field("place", "link", _("Place"), of=("place",)),
        Field("subject", "link", _("Visit"), of=("arrival",)),
    ),
    starts_as={"state": "given"},
    acts=(
        Act(
            "given",
            _("Give"),
            who=FLOOR,
            creates=True,
            asks=("what", "number", "topic", "place", "subject"),
            needs=("what", "place"),
            stamps=("given_at",),
            icon="book-open",
        ),
    ),
    channels=("{place}", "{owner}", "post:guide_supervisor", "post:cs_manager"),
    states=(("given", _("given")),),
    title=("what",),
    line=("topic", "number", "place"),
    side="given_at",
    facts=("topic", "number", "place", "owner"),
    finds=("topic",),
    lists=(
        List("given", by="given_at"),
        List("of_visit", by="given_at", parts=("subject",)),
    ),
    editors=FLOOR,
    open_when={"state": {"$in": []}},  # nothing is left to do about what was given
)
