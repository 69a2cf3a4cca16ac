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
        # One of these three, by its sort: sync/setting_values.py.
        Field("value", "number", _("Value"), min=-9_999_999, max=9_999_999),
        Field("choice", "text", _("Value"), max=60),
        Field("values", "names", _("Value")),
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
            asks=("value", "choice", "values", "reason"),
            needs=("reason",),
        ),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    lists=(List("settings", by="opened_at"),),
    reference=True,
)
