"""Letters between hospitals: what was sent to another one, what came from there (design, link)."""

from sync.declare import Act, Field, List, Record
from sync.posts import SYSTEM
from sync.words import _

LETTER = Record(
    "letter",
    label=_("Letter"),
    book="office",
    icon="send",
    fields=(
        Field("to", "text", _("To the hospital"), max=60),
        Field("from_site", "text", _("From the hospital"), max=60),
        Field("what", "text", _("What"), max=40),
        Field("about", "link", _("About")),
        Field("words", "text", _("In words"), max=4_000),
        Field("acts_sent", "text", _("What was entered"), max=200_000, private=True),
        Field("taken", "number", _("Taken in"), min=0),
        Field("kept_apart", "number", _("Kept apart"), min=0),
    ),
    starts_as={"state": "sent"},
    acts=(
        Act(
            "sent",
            _("Letter sent"),
            who=SYSTEM,
            creates=True,
            asks=("to", "what", "about", "words", "acts_sent"),
            needs=("to", "what"),
            stamps=("sent_at",),
            undo=False,
        ),
        Act(
            "arrived",
            _("Letter arrived"),
            who=SYSTEM,
            creates=True,
            asks=("from_site", "what", "about", "words", "taken", "kept_apart"),
            needs=("from_site",),
            sets={"state": "arrived"},
            stamps=("arrived_at",),
            undo=False,
        ),
    ),
    channels=("post:cs_supervisor", "post:cs_manager"),
    hides=("about",),
    states=(("sent", _("on its way")), ("arrived", _("arrived"))),
    title=("words", "what"),
    lists=(List("letters", by="opened_at"),),
)
