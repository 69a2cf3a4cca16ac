"""Every kind of record, in the order of the menu: adding one here is all the wiring there is."""

from types import ModuleType

from sync.features import (
    appointment,
    arrival,
    assessment,
    calendar,
    clinic,
    complaint,
    course,
    doctor,
    equipment,
    erasure,
    handout,
    lab_report,
    letter,
    loan,
    notice,
    permit,
    person,
    place,
    refusal,
    saved_view,
    setting,
    stay,
    training,
    unit,
    waiting,
)
from sync.rules import Rule

FEATURES: tuple[ModuleType, ...] = (
    waiting,
    arrival,
    appointment,
    clinic,
    lab_report,
    loan,
    equipment,
    handout,
    complaint,
    stay,
    permit,
    training,
    assessment,
    course,
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
