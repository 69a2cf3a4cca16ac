"""Checklists: what is looked at when a hall opens or closes, on a patrol, at a change of shift.

A template is one record; each change of its items is a version, and a check that was begun keeps
the items it began with. What is shipped stands in `sync/shipped/checklists.py`.
"""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS
from sync.shipped import Shipped
from sync.shipped.checklists import CHECKLISTS
from sync.words import _

FIELDS = ("name", "purpose", "items", "goods", "should", "review", "findings", "rule")

CHECKLIST = Record(
    "checklist",
    label=_("Checklist"),
    many=_("Checklists"),
    book="quality",
    icon="clipboard-list",
    path="checklist",
    form=("F-26", "F-30", "F-31", "F-32"),
    fields=(
        Field("name", "text", _("Designation"), max=60, shipped=True),
        Field(
            "purpose",
            "choice",
            _("What it is for"),
            (("check", _("Checks of a place")), ("appearance", _("Appearance and conduct"))),
        ),
        Field("items", "entries", _("Items"), max=200, shipped=True),
        Field("goods", "entries", _("Goods to count"), max=60, shipped=True),
        # E-03: what differs from it is noted; a list without numbers compares nothing.
        Field("should", "counts", _("How many there should be"), items="goods", min=0, max=999),
        Field("review", "flag", _("The supervisor looks at it afterwards")),
        Field("findings", "flag", _("What is not in order becomes a notice")),
        Field("rule", "text", _("Rule"), max=20),
        Field("reason", "text", _("Reason"), max=200),
        Field("version", "number", _("Version")),
    ),
    starts_as={"state": "draft"},
    acts=(
        Act(
            "drafted",
            _("Draft a checklist"),
            who=ADMINS,
            creates=True,
            asks=FIELDS,
            needs=("name", "purpose", "items"),
            icon="pencil",
        ),
        Act(
            "published",
            _("Publish"),
            who=ADMINS,
            when={"state": {"$in": ["draft", "retired"]}},
            sets={"state": "valid"},
            adds={"version": 1},
            icon="check",
        ),
        # lists differ from site to site; each change is a version of its own.
        Act(
            "changed",
            _("Change the items"),
            who=ADMINS,
            when={"state": "valid"},
            asks=(*FIELDS, "reason"),
            adds={"version": 1},
            icon="pencil",
        ),
        Act(
            "retired",
            _("Retire"),
            who=ADMINS,
            when={"state": "valid"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "retired"},
            icon="x",
        ),
    ),
    channels=("all",),
    states=(("valid", _("in force")), ("draft", _("draft")), ("retired", _("retired"))),
    title=("name",),
    line=("purpose", "rule"),
    side="state",
    finds=("name",),
    finds_when={"state": "valid"},
    lists=(List("checklists", by="opened_at"),),
    reference=True,
)

SHIPS: tuple[Shipped, ...] = tuple(
    (f"checklist:{key}", (("drafted", data), ("published", {})), ("hospital", "cosmetic"))
    for key, data in CHECKLISTS.items()
)
