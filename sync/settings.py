"""Settings: every number of the regulations, with its unit, meaning and rule; values by profile."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.words import _

PROFILES = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Setting:
    """A number that a site may change; `rule` is its id in docs/rules.md."""

    key: str
    unit: str  # s min h cd wk WD n px % MB
    meaning: str
    rule: str


SETTINGS = (
    Setting("waiting.water_after", "min", _("Bring water after sitting down"), "W-02"),
    Setting(
        "waiting.water_supervisor_after",
        "min",
        _("Water still not given: tell the supervisor"),
        "W-02",
    ),
    Setting("waiting.enquire_after", "min", _("Ask the doctor after sitting down"), "W-03"),
    Setting(
        "waiting.enquire_supervisor_after",
        "min",
        _("Doctor still not asked: tell the supervisor"),
        "W-03",
    ),
    Setting(
        "waiting.enquire_manager_after",
        "min",
        _("Doctor still not asked: tell the manager"),
        "W-03",
    ),
    Setting("complaint.first_response", "h", _("First response to a complaint"), "C-04"),
    Setting(
        "complaint.first_response_manager_after",
        "h",
        _("Still no first response: tell the manager"),
        "C-04",
    ),
    Setting("complaint.solve.major", "WD", _("Solve a major complaint"), "C-03"),
    Setting("complaint.solve.general", "WD", _("Solve a general complaint"), "C-03"),
    Setting(
        "complaint.second_rung_after", "WD", _("Not solved: medical affairs take over"), "C-27"
    ),
    Setting(
        "complaint.third_rung_after",
        "WD",
        _("Still not solved: report to the general manager"),
        "C-27",
    ),
    Setting(
        "refusal.supervisor_after",
        "min",
        _("Refused, and somebody waits: tell the supervisor"),
        "W-01",
    ),
    Setting(
        "refusal.manager_after",
        "min",
        _("Refused, and still not decided: tell the manager"),
        "W-01",
    ),
    Setting(
        "calendar.closes", "min", _("When a working day ends, in minutes after midnight"), "X-28"
    ),
    Setting(
        "calendar.week", "n", _("Days that are worked: seven digits from Monday, 1 or 0"), "X-28"
    ),
    Setting("acts.offline_at_most", "h", _("Longest honest time without a network"), "T5"),
    Setting("acts.ahead_at_most", "s", _("How far ahead a device's clock may be"), "T5"),
    Setting("session.lasts", "h", _("How long a sign-in lasts"), "X9"),
    Setting("session.idle_at_most", "min", _("How long a sign-in may be idle"), "X9"),
    Setting("photo.longest_side", "px", _("Longer side of a photo"), "UI"),
    Setting("photo.quality", "%", _("Quality of a photo"), "UI"),
    Setting("voice.at_most", "s", _("Longest recording"), "UI"),
    Setting("blobs.size_at_most", "MB", _("Largest photo or recording"), "X10"),
    Setting("blobs.day_at_most", "MB", _("Photos and recordings of one person in 24 hours"), "X10"),
    Setting("blobs.parts_kept", "h", _("How long an unfinished photo is kept"), "X10"),
    Setting("undo.offered_for", "s", _("How long undo is offered"), "UI"),
)


def profile(name: str) -> dict[str, Any]:
    """Return `{key: {"value", "unit", "meaning", "rule"}}` of a profile such as `hospital`.

    Raises ValueError for a unit other than the declared one, for an unknown key and for a declared
    key that the profile leaves out (write `unset = true` for a number that the regulations lack).
    """
    values = tomllib.loads((PROFILES / f"{name}.toml").read_text(encoding="utf-8"))["settings"]
    settings: dict[str, Any] = {}
    for setting in SETTINGS:
        if setting.key not in values:
            raise ValueError(f"profile {name} does not say {setting.key}")
        value = values.pop(setting.key)
        if not value.get("unset") and value["unit"] != setting.unit:
            raise ValueError(f"profile {name}: {setting.key} is counted in {setting.unit}")
        settings[setting.key] = {
            "value": None if value.get("unset") else value["value"],
            "unit": setting.unit,
            "meaning": setting.meaning,
            "rule": setting.rule,
        }
    if values:
        raise ValueError(f"profile {name} has unknown settings: {', '.join(sorted(values))}")
    return settings


def journey(name: str) -> list[str]:
    """Return the ordered stages of a visit in a profile (J-04)."""
    contents = tomllib.loads((PROFILES / f"{name}.toml").read_text(encoding="utf-8"))
    return list(contents["journey"]["stages"])


def with_changes(settings: dict[str, Any], records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the settings with the site's changes; `records` are those of type setting."""
    changed = dict(settings)
    for record in records:
        key = record["_id"].removeprefix("setting:")
        if key in changed and record.get("state") not in ("unknown", "undone"):
            changed[key] = {**changed[key], "value": record.get("value")}
    return changed
