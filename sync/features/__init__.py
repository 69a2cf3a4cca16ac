"""Every kind of record, in the order of the menu: adding one here is all the wiring there is."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from sync.features import (
    announcement,
    appearance,
    appointment,
    arrival,
    article,
    assessment,
    bedside,
    calendar,
    check,
    checklist,
    clause,
    clinic,
    complaint,
    conduct,
    course,
    doctor,
    document,
    equipment,
    erasure,
    handout,
    lab_report,
    letter,
    loan,
    meeting,
    memo,
    notice,
    opinion,
    permit,
    person,
    place,
    praise,
    receipt,
    rectification,
    refusal,
    round,
    saved_view,
    setting,
    stay,
    task,
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
    round,
    bedside,
    opinion,
    permit,
    training,
    assessment,
    course,
    check,
    rectification,
    appearance,
    conduct,
    praise,
    checklist,
    clause,
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


def ships(profile: str) -> Iterator[tuple[str, tuple[tuple[str, dict[str, Any]], ...]]]:
    """Yield (id, the acts that make it as (verb, data)) of what a site has from the first day on.

    A feature lists it in `SHIPS`, each with the profiles that have it; none: all have it.
    """
    for feature in FEATURES:
        for identifier, acts, profiles in getattr(feature, "SHIPS", ()):
            if not profiles or profile in profiles:
                yield identifier, acts
