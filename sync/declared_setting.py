"""What is declared of a setting: its unit, meaning, rule and bounds; its value is a profile's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A number that a site may change, or words; `rule` is its id in docs/rules.md.

    `least` and `most` bound what anybody may set, in its own unit: no number within them stops the
    hospital from working or locks everybody out. Of posts and lists they bound how many.
    """

    key: str
    unit: str  # of time as in worktime.py; n px % MB pt; others as in setting_values.py
    meaning: str
    rule: str
    least: int
    most: int
    may_lack: bool = False  # the regulations may leave it open; what it limits then has no limit
    security: bool = False  # only those who look after security may change it
    choices: tuple[tuple[str, str], ...] = ()  # (value, label), of a choice or a list


def deadline(key: str, unit: str, meaning: str, rule: str, most: int) -> Setting:
    """Return the setting of a rung: at least one of its unit, and it may be left open."""
    return Setting(key, unit, meaning, rule, 1, most, may_lack=True)
