"""The gate that lets a text stand: somebody who did not write it approves what they read."""

from __future__ import annotations

from typing import Any

from sync.declare import Act


def approval(name: str, label: str, *, who: str, when: dict[str, Any], of: tuple[str, ...]) -> Act:
    """Return the act that approves the fields `of` of a draft and holds them from then on."""
    return Act(
        name,
        label,
        who=(who,),
        when=when,
        sets={"state": "approved"},
        stamps=("approved_at",),
        signs=("approved_by",),
        gate=True,
        undo=False,
        rests_on=of,
        not_by=("drafted_by",),
        icon="shield",
    )
