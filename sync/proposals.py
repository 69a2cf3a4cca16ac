"""Proposals about people: somebody who is neither proposer nor concerned decides what holds."""

from __future__ import annotations

from sync.declare import Act, Ladder, Rung
from sync.words import _

PROPOSED = {"state": "proposed"}


def upheld(
    name: str, label: str, of: tuple[str, ...], about: str, who: tuple[str, ...], *, by: str
) -> Act:
    """Return the gate by which it holds what was proposed; `by` is its word for stamp and sign."""
    return Act(
        name,
        label,
        who=who,
        when=PROPOSED,
        rests_on=of,
        not_by=(about, "owner"),
        sets={"state": name},
        stamps=(f"{by}_at",),
        signs=(f"{by}_by",),
        gate=True,
        undo=False,
        icon="check",
    )


def dismissed(label: str, about: str, who: tuple[str, ...]) -> Act:
    """Return the act by which it does not hold, with the reason."""
    return Act(
        "dismissed",
        label,
        who=who,
        when=PROPOSED,
        asks=("reason",),
        needs=("reason",),
        not_by=(about, "owner"),
        sets={"state": "dismissed"},
        stamps=("dismissed_at",),
        signs=("dismissed_by",),
        icon="x",
    )


def undecided(record: str, verb: str, label: str, rule: str, upholds: str) -> Ladder:
    """Return the clock of what nobody decides: the supervisor, then the manager."""
    within = f"{record}.{verb}_within"
    return Ladder(
        f"{record}_{verb}",
        label=label,
        record=record,
        rule=rule,
        starts="proposed_at",
        runs_while=PROPOSED,
        rungs=(
            Rung("due", label, (within,), ("cs_supervisor",)),
            Rung(
                "manager",
                _("Tell the customer service manager"),
                (within, f"{record}.manager_after"),
                ("cs_manager",),
            ),
        ),
        answers=(upholds, "dismissed"),
    )
