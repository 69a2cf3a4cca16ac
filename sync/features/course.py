"""Courses: what newcomers learn, what is trained regularly, and how much passes (TG)."""

from sync.choices import COURSES
from sync.declare import Act, Field, List, Record
from sync.posts import POSTS, TEACHERS
from sync.words import _

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
        Field("kind", "choice", _("Kind"), COURSES),
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
    finds_when=IN_USE,
    lists=(List("courses", by="opened_at"),),
    reference=True,
    indexed=("posts",),
)
