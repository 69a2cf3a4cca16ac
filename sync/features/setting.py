"""Settings that the site changed: one record a key, every change with its reason."""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS
from sync.words import _

SETTING = Record(
    "setting",
    label=_("Setting"),
    book="office",
    icon="settings",
    section="settings",
    pages_for=ADMINS,
    fields=(
        Field("value", "number", _("Value"), min=0, max=9_999_999),
        Field("reason", "text", _("Reason"), max=500),
    ),
    starts_as={"state": "active"},
    acts=(
        Act(
            "changed",
            _("Changed"),
            who=ADMINS,
            creates=True,
            again=True,
            asks=("value", "reason"),
            needs=("reason",),
        ),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    lists=(List("settings", by="opened_at"),),
    reference=True,
)
