"""People: who they are, which posts they hold and which places they look after."""

from sync.declare import Act, Field, List, Record
from sync.languages import LANGUAGES
from sync.posts import ADMINS, POSTS, SYSTEM
from sync.words import _

FIELDS = ("name", "posts", "places", "units", "phone", "active", "language")

PERSON = Record(
    "person",
    label=_("Person"),
    many=_("Colleagues"),
    book="people",
    icon="users-round",
    section="people",
    pages_for=ADMINS,
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
            tuple((language.name, language.label) for language in LANGUAGES),
        ),
        # TG-02: nobody takes a post without having passed what it needs.
        Field(
            "standing",
            "choice",
            _("Standing"),
            (("unqualified", _("an assessment is not passed")),),
        ),
    ),
    starts_as={"state": "active", "active": True},
    acts=(
        Act("added", _("Added"), who=ADMINS, creates=True, asks=FIELDS, needs=("name",)),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
        Act("unqualified", _("Not qualified"), SYSTEM, sets={"standing": "unqualified"}),
        Act("qualified", _("Qualified"), SYSTEM, adds={"qualifications": 1}),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    title=("name",),
    line=("posts", "standing"),
    side="places",
    finds=("name",),
    lists=(List("people", by="opened_at"),),
    reference=True,
    indexed=("active", "posts", "units"),  # who must know what is published (KB-05)
)
