"""Every kind of record, in the order of the menu: adding one here is all the wiring there is."""

from types import ModuleType

from sync.features import (
    announcement,
    arrival,
    article,
    calendar,
    complaint,
    doctor,
    document,
    erasure,
    letter,
    meeting,
    memo,
    notice,
    person,
    place,
    receipt,
    refusal,
    saved_view,
    setting,
    task,
    unit,
    waiting,
)
from sync.rules import Rule

FEATURES: tuple[ModuleType, ...] = (
    waiting,
    arrival,
    complaint,
    memo,
    article,
    announcement,
    receipt,
    meeting,
    task,
    document,
    notice,
    doctor,
    place,
    person,
    unit,
    setting,
    calendar,
    refusal,
    letter,
    erasure,
    saved_view,
)


def rules() -> list[Rule]:
    """Return what the server does by itself: the `RULES` of every feature."""
    return [rule for feature in FEATURES for rule in getattr(feature, "RULES", ())]
