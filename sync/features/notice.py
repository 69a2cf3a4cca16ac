"""Notices: who was told of what, and whether they have seen it (N)."""

from sync.declare import Act, Field, List, Record
from sync.posts import SYSTEM
from sync.words import _

UNSEEN = {"state": "told", "seen_at": {"$exists": False}}

NOTICE = Record(
    "notice",
    label=_("Notice"),
    book="office",
    icon="bell",
    section="notices",
    fields=(
        Field("to", "link", _("To"), of=("person",)),
        Field("post", "text", _("As"), max=40),
        Field("about", "link", _("About")),
        Field("what", "text", _("What"), max=40),  # ladder name, or the name of an act
        Field("rung", "number", _("Rung")),
        Field("name", "text", _("Name"), max=200, private=True),
        Field("place", "link", _("Place"), of=("place",)),
        Field("due_at", "moment", _("Due")),
        Field("late_by", "number", _("Late by")),
        Field("reason", "text", _("Reason"), max=200),
    ),
    starts_as={"state": "told"},
    acts=(
        Act(
            "told",
            _("Told"),
            who=SYSTEM,
            creates=True,
            asks=(
                "to",
                "post",
                "about",
                "what",
                "rung",
                "name",
                "place",
                "due_at",
                "late_by",
                "reason",
            ),
            needs=("to", "about", "what"),
            stamps=("told_at",),
        ),
        Act(
            "seen",
            _("Seen"),
            who=("anybody",),
            only_by=("to",),
            sets={"state": "seen"},
            instead=({"annulled_at": {"$exists": True}}, {"state": "annulled"}),
            stamps=("seen_at",),
            undo=False,
        ),
        Act(
            "annulled",
            _("No longer holds"),
            who=SYSTEM,
            asks=("reason",),
            sets={"state": "annulled"},
            stamps=("annulled_at",),
        ),
    ),
    channels=("{to}",),
    hides=("about",),
    states=(
        ("told", _("not seen yet")),
        ("seen", _("seen")),
        ("annulled", _("no longer holds")),
    ),
    title=("name", "what"),
    lists=(List("notices", by="told_at"), List("unseen", by="told_at", where=UNSEEN)),
    open_when={"state": "told"},
)
