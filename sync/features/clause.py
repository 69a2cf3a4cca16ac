"""Clauses: what the regulations set on a breach or a merit; an amount is read here, never in code.

A proposal copies the amount that it was made with, so that a later change touches no earlier one.
"""

from sync.choices import MEASURES
from sync.declare import Act, Field, List, Record
from sync.shipped import Shipped
from sync.shipped.clauses import CLAUSES
from sync.words import _

FIELDS = ("words", "rule", "measure", "amount", "most", "steps", "valid_from")

CLAUSE = Record(
    "clause",
    label=_("Clause"),
    many=_("Clauses"),
    book="quality",
    icon="scale",
    path="clause",
    form=("F-19",),
    fields=(
        Field("words", "text", _("What it says"), max=300, shipped=True),
        Field("rule", "text", _("Rule"), max=20),
        Field(
            "measure",
            "choice",
            _("What it is counted in"),
            MEASURES,
        ),
        Field("amount", "money", _("Amount")),
        Field("most", "money", _("Up to")),
        # P-18: the steps of a discipline ladder, in their order.
        Field(
            "steps",
            "choices",
            _("Steps"),
            (
                ("oral", _("Oral warning")),
                ("written", _("Written warning")),
                ("demerit", _("Demerit")),
                ("major_demerit", _("Major demerit")),
                ("demotion", _("Demotion")),
                ("fine", _("Fine")),
                ("suspension", _("Suspension")),
                ("bonus", _("Loss of bonus")),
                ("moved", _("Moved to another post")),
                ("dismissal", _("Dismissal")),
            ),
        ),
        Field("valid_from", "day", _("In force from")),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as={"state": "valid"},
    acts=(
        Act(
            "published",
            _("Publish a clause"),
            who=("admin", "gm"),
            creates=True,
            asks=FIELDS,
            needs=("words", "measure"),
            icon="plus",
        ),
        Act(
            "changed",
            _("Change the clause"),
            who=("admin", "gm"),
            when={"state": "valid"},
            asks=(*FIELDS, "reason"),
            needs=("reason",),
            adds={"version": 1},
            icon="pencil",
        ),
        Act(
            "retired",
            _("Retire"),
            who=("admin", "gm"),
            when={"state": "valid"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "retired"},
            icon="x",
        ),
    ),
    channels=("all",),
    states=(("valid", _("in force")), ("retired", _("retired"))),
    title=("words",),
    line=("amount", "most", "steps", "rule"),
    side="state",
    finds=("words", "rule"),
    finds_when={"state": "valid"},
    lists=(List("clauses", by="opened_at"),),
    reference=True,
)

SHIPS: tuple[Shipped, ...] = tuple(
    (f"clause:{key}", (("published", data),), profiles) for key, profiles, data in CLAUSES
)
