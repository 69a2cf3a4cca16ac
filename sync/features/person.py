"""People: who they are, which posts they hold and which places they look after."""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS, POSTS
from sync.words import _

FIELDS = ("name", "posts", "places", "units", "phone", "active", "language")

PERSON = Record(
    "person",
    label=_("Person"),
    fields=(
        Field("name", "text", _("Name"), max=60),
        Field("posts", "choices", _("Posts"), POSTS),
        Field("places", "names", _("Places")),
        Field("units", "names", _("Units")),
        Field("phone", "phone", _("Phone"), private=True),
        Field("active", "flag", _("Works here")),
        Field(
            "language",
            "choice",
            _("Language"),
            (("zh_Hans", "中文"), ("en", "English")),
        ),
    ),
    starts_as={"state": "active", "active": True},
    acts=(
        Act("added", _("Added"), who=ADMINS, creates=True, asks=FIELDS, needs=("name",)),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
    ),
    channels=("all",),
    title=("name",),
    finds=("name",),
    lists=(List("people", by="opened_at"),),
    reference=True,
)
