"""Erasures: whose private details were blanked in a record, by whom and why; nobody's own words."""

from sync.declare import Act, Field, List, Record
from sync.posts import SYSTEM
from sync.words import _

ERASURE = Record(
    "erasure",
    label=_("Erasure"),
    many=_("Erasures"),
    book="office",
    icon="trash-2",
    fields=(
        Field("about", "link", _("About")),
        Field("who", "link", _("Person"), of=("person",)),
        Field("reason", "text", _("Reason"), max=500),
        Field("entries", "number", _("Entries"), min=0),
        Field("digest", "text", _("Digest of what stands there now"), max=64),
    ),
    starts_as={"state": "done"},
    acts=(
        Act(
            "done",
            _("Private details erased"),
            who=SYSTEM,
            creates=True,
            asks=("about", "who", "reason", "entries", "digest"),
            needs=("about", "reason"),
            undo=False,
        ),
    ),
    channels=("post:admin",),
    states=(("done", _("erased")),),
    title=("about",),
    lists=(List("erasures", by="opened_at"),),
)
