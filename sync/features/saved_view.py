"""Saved views of the office's tables: a name for an address, its owner's alone to see and remove.

What was searched for is no part of one: a name that is typed there may be a patient's.
"""

from sync.declare import Act, Field, List, Record
from sync.posts import OFFICE
from sync.words import _

KEPT = {"state": "kept"}

SAVED_VIEW = Record(
    "saved_view",
    label=_("Saved view"),
    many=_("Saved views"),
    book="office",
    icon="filter",
    fields=(
        Field("name", "text", _("Designation"), max=40),
        Field("table", "text", _("Table"), max=40),
        Field("address", "text", _("Address"), max=2000),
    ),
    starts_as={"state": "kept"},
    acts=(
        Act(
            "saved",
            _("View saved"),
            who=OFFICE,
            creates=True,
            asks=("name", "table", "address"),
            needs=("name", "table", "address"),
            in_office=False,
        ),
        Act(
            "removed",
            _("View removed"),
            who=OFFICE,
            when=KEPT,
            only_by=("owner",),
            sets={"state": "removed"},
        ),
    ),
    channels=("{owner}",),
    states=(("kept", _("in use")), ("removed", _("removed"))),
    title=("name",),
    lists=(List("saved_views", by="opened_at", where=KEPT),),
    open_when=KEPT,
)
