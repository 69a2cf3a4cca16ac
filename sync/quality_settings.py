"""The numbers of the book of quality: checks, notices, appearance, conduct and praise."""

from __future__ import annotations

from sync.declared_setting import Setting, deadline
from sync.words import _


def _hour(key: str, meaning: str, rule: str) -> Setting:
    """Return the setting of a time of day; left open, what begins then is not planned."""
    return Setting(key, "hour", meaning, rule, 0, 1_440, may_lack=True)


QUALITY = (
    _hour("opening.from", _("When the opening check begins"), "O-09"),
    _hour("opening.by", _("Opening check complete"), "O-09"),
    _hour("closing.from", _("When the closing check begins"), "O-10"),
    _hour("closing.by", _("Closing check complete"), "O-10"),
    _hour("readiness.from", _("When desk readiness is looked at"), "G-26"),
    _hour("readiness.by", _("Desk readiness looked at"), "G-26"),
    _hour("goods.from", _("When goods are counted at the change of shift"), "E-03"),
    _hour("goods.by", _("Goods counted at the change of shift"), "E-03"),
    deadline(
        "check.supervisor_after",
        "min",
        _("Check still not complete: tell whoever supervises it"),
        "O-09",
        1440,
    ),
    _hour("cleaning.from", _("When the cleaning of the day begins"), "CL-01"),
    _hour("cleaning.daily_by", _("Cleaning of the day complete"), "CL-01"),
    deadline("check.review_within", "min", _("Look at what was cleaned"), "CL-01", 1440),
    deadline("check.redo_within", "min", _("Do again what was sent back"), "CL-01", 1440),
    Setting(
        "cleaning.collective",
        "n",
        _("Day of the week of the collective cleaning, 1 for Monday"),
        "CL-02",
        1,
        7,
    ),
    _hour("cleaning.collective_from", _("When the collective cleaning begins"), "CL-02"),
    _hour("cleaning.collective_by", _("Collective cleaning complete"), "CL-02"),
    _hour("inspection.first_from", _("When the first inspection of public areas begins"), "I-01"),
    _hour("inspection.first_by", _("First inspection of public areas complete"), "I-01"),
    _hour("inspection.second_from", _("When the second inspection of public areas begins"), "I-01"),
    _hour("inspection.second_by", _("Second inspection of public areas complete"), "I-01"),
    deadline(
        "rectification.issue_within", "min", _("Issue a notice that was drafted"), "I-03", 1440
    ),
    deadline(
        "rectification.default_limit",
        "WD",
        _("Put right what a notice says, where nobody says another day"),
        "I-03",
        250,
    ),
    deadline("rectification.warn_before", "h", _("Urge before the limit of a notice"), "I-09", 720),
    deadline(
        "rectification.manager_after", "WD", _("Still not put right: tell the manager"), "I-09", 250
    ),
    deadline(
        "rectification.gm_after",
        "WD",
        _("Still not put right: report to the general manager"),
        "I-09",
        250,
    ),
    Setting(
        "rectification.failed_manager",
        "n",
        _("Rechecks that failed: tell the manager"),
        "I-09",
        1,
        20,
        may_lack=True,
    ),
    Setting(
        "rectification.failed_gm",
        "n",
        _("Rechecks that failed: report to the general manager"),
        "I-09",
        1,
        20,
        may_lack=True,
    ),
    _hour("appearance.shift_from", _("When appearance is looked at before the shift"), "A-01"),
    _hour("appearance.shift_by", _("Appearance looked at before the shift"), "A-01"),
    _hour("appearance.late_from", _("When appearance is looked at before the late shift"), "A-01"),
    _hour("appearance.late_by", _("Appearance looked at before the late shift"), "A-01"),
    _hour("appearance.random_from", _("From when appearance is looked at at random"), "I-04"),
    _hour("appearance.random_by", _("Appearance looked at at random"), "I-04"),
    deadline(
        "appearance.head_after",
        "min",
        _("Appearance still not looked at: tell whoever is above"),
        "I-04",
        1440,
    ),
    deadline("praise.confirm_within", "WD", _("Confirm praise"), "P-03", 250),
    deadline(
        "praise.manager_after", "WD", _("Praise still not confirmed: tell the manager"), "P-03", 250
    ),
    deadline("conduct.decide_within", "WD", _("Decide whether conduct stands"), "P-17", 250),
    deadline(
        "conduct.manager_after", "WD", _("Conduct still not decided: tell the manager"), "P-17", 250
    ),
)
