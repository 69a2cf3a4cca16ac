"""Places: buildings, floors, lobbies, wards and rooms, each inside another."""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS
from sync.words import _

FIELDS = ("name", "kind", "inside", "department", "beds", "order")

PLACE = Record(
    "place",
    label=_("Place"),
    many=_("Rooms and desks"),
    book="office",
    icon="map-pin",
    fields=(
        Field("name", "text", _("Designation"), max=60),
        Field(
            "kind",
            "choice",
            _("Kind"),
            (
                ("site", _("Site")),
                ("floor", _("Floor")),
                ("lobby", _("Lobby")),
                ("area", _("Waiting area")),
                ("room", _("Consulting room")),
                ("desk", _("Desk or window")),
                ("ward", _("Ward")),
                ("bed", _("Bed")),
            ),
        ),
        Field("inside", "link", _("Inside"), of=("place",)),
        Field("department", "text", _("Department"), max=60),
        Field("beds", "number", _("Beds"), min=0, max=500),
        Field("order", "number", _("Order")),
        # CL-01: the cleaning roster; whoever stands in it has the area in turn, day by day.
        Field("reason", "text", _("Reason"), max=200),
        Field("cleaners", "people", _("Cleaning roster"), max=31),
    ),
    starts_as={"state": "active"},
    acts=(
        Act("added", _("Added"), who=ADMINS, creates=True, asks=FIELDS, needs=("name", "kind")),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
        Act(
            "rostered",
            _("Set the cleaning roster"),
            who=("guide_supervisor", "cs_supervisor", *ADMINS),
            asks=("cleaners",),
        ),
        # Nothing is planned for a closed place any more, and no form offers it.
        Act(
            "closed",
            _("Close the place"),
            who=ADMINS,
            when={"state": "active"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "closed"},
            icon="x",
        ),
        Act(
            "reopened",
            _("Open the place again"),
            who=ADMINS,
            when={"state": "closed"},
            sets={"state": "active"},
            icon="undo-2",
        ),
    ),
    channels=("all",),
    states=(("active", _("in use")), ("closed", _("closed"))),
    open_when={"state": "active"},
    title=("name",),
    line=("inside", "department"),
    side="kind",
    finds=("name",),
    finds_when={"state": "active"},
    lists=(List("places", by="order"),),
    reference=True,
)
