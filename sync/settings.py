"""Settings: every number of the regulations, with its unit, meaning and rule; values by profile."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sync.declared_setting import Setting as Setting
from sync.declared_setting import deadline
from sync.desk_settings import DESK
from sync.knowledge_settings import KNOWLEDGE
from sync.people_settings import PEOPLE
from sync.quality_settings import QUALITY
from sync.setting_values import field_of, problem
from sync.words import _

PROFILES = Path(__file__).parent / "profiles"


SETTINGS = (
    deadline("waiting.water_after", "min", _("Bring water after sitting down"), "W-02", 480),
    deadline(
        "waiting.water_supervisor_after",
        "min",
        _("Water still not given: tell the supervisor"),
        "W-02",
        480,
    ),
    deadline("waiting.enquire_after", "min", _("Ask the doctor after sitting down"), "W-03", 480),
    deadline(
        "waiting.enquire_supervisor_after",
        "min",
        _("Doctor still not asked: tell the supervisor"),
        "W-03",
        480,
    ),
    deadline(
        "waiting.enquire_manager_after",
        "min",
        _("Doctor still not asked: tell the manager"),
        "W-03",
        480,
    ),
    deadline("complaint.first_response", "h", _("First response to a complaint"), "C-04", 720),
    deadline(
        "complaint.first_response_manager_after",
        "h",
        _("Still no first response: tell the manager"),
        "C-04",
        720,
    ),
    deadline("complaint.solve.major", "WD", _("Solve a major complaint"), "C-03", 250),
    deadline("complaint.solve.general", "WD", _("Solve a general complaint"), "C-03", 250),
    deadline(
        "complaint.second_rung_after",
        "WD",
        _("Not solved: medical affairs take over"),
        "C-27",
        250,
    ),
    deadline(
        "complaint.third_rung_after",
        "WD",
        _("Still not solved: report to the general manager"),
        "C-27",
        250,
    ),
    deadline(
        "refusal.supervisor_after",
        "min",
        _("Refused, and somebody waits: tell the supervisor"),
        "W-01",
        480,
    ),
    deadline(
        "refusal.manager_after",
        "min",
        _("Refused, and still not decided: tell the manager"),
        "W-01",
        480,
    ),
    Setting(
        "calendar.opens",
        "hour",
        _("When a working day begins"),
        "X-28",
        0,
        1_439,
    ),
    Setting(
        "calendar.closes",
        "hour",
        _("When a working day ends"),
        "X-28",
        1,
        1_440,
    ),
    Setting(
        "calendar.week",
        "n",
        _("Days that are worked: seven digits from Monday, 1 or 0"),
        "X-28",
        1,
        1_111_111,
    ),
    Setting("acts.offline_at_most", "h", _("Longest honest time without a network"), "T5", 1, 720),
    Setting("acts.ahead_at_most", "s", _("How far ahead a device's clock may be"), "T5", 1, 3_600),
    Setting("session.lasts", "h", _("How long a sign-in lasts"), "X9", 1, 168, security=True),
    Setting(
        "session.idle_at_most",
        "min",
        _("How long a sign-in may be idle"),
        "X9",
        5,
        1_440,
        security=True,
    ),
    Setting(
        "session.fresh_for",
        "min",
        _("How long a password counts as just given"),
        "X9",
        1,
        240,
        security=True,
    ),
    Setting(
        "security.second_factor",
        "n",
        _("Second factor asked of: 0 nobody, 1 administrators, 2 managers too, 3 all"),
        "X13",
        0,
        3,
        security=True,
    ),
    Setting(
        "security.log_kept",
        "cd",
        _("How long the security log is kept"),
        "X13",
        30,
        3_660,
        security=True,
    ),
    Setting(
        "blobs.unnamed_kept",
        "cd",
        _("How long a photo is kept that nothing names"),
        "X14",
        7,
        3_660,
        security=True,
    ),
    Setting("photo.longest_side", "px", _("Longer side of a photo"), "UI", 320, 8_000),
    Setting("photo.quality", "%", _("Quality of a photo"), "UI", 10, 100),
    Setting("voice.at_most", "s", _("Longest recording"), "UI", 5, 3_600),
    Setting("blobs.size_at_most", "MB", _("Largest photo or recording"), "X10", 1, 1_000),
    Setting(
        "blobs.day_at_most",
        "MB",
        _("Photos and recordings of one person in 24 hours"),
        "X10",
        1,
        100_000,
    ),
    Setting("blobs.parts_kept", "h", _("How long an unfinished photo is kept"), "X10", 1, 8_760),
    Setting(
        "refused.day_at_most",
        "n",
        _("Refused acts of one person shown singly in a day"),
        "X11",
        1,
        10_000,
    ),
    Setting(
        "refused.size_at_most",
        "MB",
        _("Refused acts of one person kept in a day"),
        "X11",
        1,
        1_000,
    ),
    Setting(
        "refused.kept",
        "cd",
        _("How long the body of a decided one is kept"),
        "X11",
        1,
        3_660,
        security=True,
    ),
    Setting("record.acts_at_most", "n", _("Most acts of one record"), "X11", 10, 100_000),
    Setting(
        "record.questions_at_most", "n", _("Most open questions of one record"), "X11", 10, 10_000
    ),
    Setting("record.size_at_most", "MB", _("Longest record"), "X11", 1, 16),
    Setting(
        "device.of_person_at_most",
        "n",
        _("Tablets of one person that are noted in a day"),
        "X11",
        1,
        10_000,
    ),
    Setting(
        "search.digits_at_least",
        "n",
        _("Shortest part of a phone number to search by"),
        "X12",
        4,
        11,
    ),
    Setting(
        "alarm.again_after",
        "s",
        _("How soon a tablet rings again for what is not done"),
        "UI",
        30,
        3_600,
    ),
    Setting("undo.offered_for", "s", _("How long undo is offered"), "UI", 1, 2_678_400),
    *QUALITY,
    *DESK,
    *KNOWLEDGE,
    *PEOPLE,
)


def profile(name: str) -> dict[str, Any]:
    """Return `{key: {"value", "unit", "meaning", "rule"}}` of a profile such as `hospital`.

    Raises ValueError for a unit other than the declared one, for a value out of bounds, for an
    unknown key and for a declared key that the profile leaves out (write `unset = true` for a
    number that the regulations lack).
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
            "least": setting.least,
            "most": setting.most,
            "may_lack": setting.may_lack,
            "security": setting.security,
            "choices": [list(choice) for choice in setting.choices],
        }
        if code := problem(settings[setting.key], settings[setting.key]["value"]):
            raise ValueError(f"profile {name}: {setting.key} is {code}")
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
        is_made = record.get("state") not in ("unknown", "undone")
        # A number of before there were bounds counts as nobody's: the profile's holds.
        if key in changed and is_made:
            value = record.get(field_of(changed[key]["unit"]))
            if problem(changed[key], value) is None:
                changed[key] = {**changed[key], "value": value}
    return changed
