"""Looking at what is private: an act of whoever looks, that is counted and never taken back."""

from __future__ import annotations

from sync.declare import Act
from sync.words import _

REVEALED = Act(
    "revealed",
    _("Private details shown"),
    who=("anybody",),
    adds={"reveals": 1},
    undo=False,
)
