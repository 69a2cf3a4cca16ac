"""Courses: what newcomers learn, what is trained regularly, and how much passes (TG)."""

from sync.declare import Act, Field, List, Record
from sync.posts import POSTS
from sync.words import _

TEACHERS = ("hr", "cs_manager")
# TG-05, TG-07 TG-09: what each is assessed or trained in.
KINDS = (
    ("new", _("New colleagues")),
    ("internal", _("Regular internal training")),
    ("hospital", _("The whole hospital")),
    ("fire", _("Fire and safety")),
    ("typing", _("Typing")),
    ("attitude", _("Service attitude")),
    ("flow", _("Service flow chart by heart")),
    ("mandarin", _("Mandarin")),
    ("dialect", _("Local dialect")),
)
IN_USE = {"state": "active"}
FIELDS = ("name", "kind", "posts", "pass", "words")

COURSE = Record(
    "course",
    label=_("Course"),
    many=_("Courses"),
    book="people",
    icon="book-open",
    fields=(
        Field("name", "text", _("Name"), max=60),
        Field("kind", "choice", _("Kind"), KINDS),
        Field("posts", "choices", _("For which posts"), POSTS),  # TG-02
        Field("pass", "number", _("Passed from"), min=0, max=1_000),
        Field("words", "text", _("What is taught, and how"), max=1000),
    ),
    starts_as=IN_USE,
    acts=(
        Act(
            "published",
            _("Published"),
            TEACHERS,
            creates=True,
            asks=FIELDS,
            needs=("name", "kind"),
            stamps=("published_at",),
        ),
        Act("changed", _("Changed"), TEACHERS, when=IN_USE, asks=FIELDS),
        Act("retired", _("Retired"), TEACHERS, when=IN_USE, sets={"state": "retired"}),
    ),
    channels=("all",),
    states=(("active", _("in use")), ("retired", _("Retired"))),
    title=("name",),
    line=("kind", "pass"),
    side="kind",
    finds=("name",),
    lists=(List("courses", by="opened_at"),),
    reference=True,
)
