"""Every kind of record, in the order of the menu: adding one here is all the wiring there is."""

from types import ModuleType

from sync.features import (
    arrival,
    calendar,
    complaint,
    doctor,
    erasure,
    letter,
    notice,
    person,
    place,
    refusal,
    setting,
    unit,
    waiting,
)

FEATURES: tuple[ModuleType, ...] = (
    waiting,
    arrival,
    complaint,
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
)
