"""Units: departments, groups and companies, each inside another, with their heads."""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS
from sync.words import _

FIELDS = ("name", "kind", "inside", "head", "deputy", "place", "unresolved")

UNIT = Record(
    "unit",
    label=_("Unit"),
    many=_("Departments and groups"),
    book="people",
    icon="users-round",
    fields=(
        Field("name", "text", _("Designation"), max=60),
        Field(
            "kind",
            "choice",
            _("Kind"),
            (
                ("department", _("Department")),
                ("group", _("Group")),
                ("company", _("Company")),
                ("dept_of_others", _("Department of another house")),
            ),
        ),
        Field("inside", "link", _("Inside"), of=("unit",)),
        Field("head", "link", _("Head"), of=("person",)),
        Field("deputy", "link", _("Deputy"), of=("person",)),
        Field("place", "link", _("Place"), of=("place",)),
        # MT-03: to whom it hands what it cannot solve itself.
        Field("unresolved", "link", _("Who solves what stays"), of=("person",)),
    ),
    starts_as={"state": "active"},
    acts=(
        Act("added", _("Added"), who=ADMINS, creates=True, asks=FIELDS, needs=("name", "kind")),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    title=("name",),
    line=("inside", "head"),
    side="kind",
    finds=("name",),
    lists=(List("units", by="opened_at"),),
    reference=True,
    indexed=("kind",),
)
