"""The numbers of wards and colleagues: stays, leave of the post, trainings, assessments."""

from __future__ import annotations

from sync.declared_setting import Setting, deadline
from sync.words import _

PEOPLE = (
    deadline("stay.touch_within", "h", _("Ask after a patient who was admitted"), "G-18", 720),
    deadline("stay.farewell_within", "h", _("See off a patient who was discharged"), "G-18", 72),
    deadline("stay.hand_over_within", "min", _("Hand over who was admitted"), "G-17", 1_440),
    deadline("stay.manager_after", "h", _("Still not: tell the manager"), "G-18", 720),
    deadline("round.every", "wk", _("Each ward is walked once in so long"), "RD-01", 52),
    Setting(
        "round.week_from",
        "n",
        _("Day on which the week of rounds begins, 1 for Monday"),
        "RD-01",
        1,
        7,
    ),
    Setting("round.week_at", "hour", _("When the week of rounds begins"), "RD-01", 0, 1_439),
    deadline("round.warn_before", "cd", _("Ward not walked: warn before"), "RD-01", 6),
    Setting(
        "round.beds_at_least",
        "%",
        _("Beds that are asked, or it is said why not"),
        "RD-01",
        0,
        100,
    ),
    Setting(
        "round.low_from",
        "n",
        _("Satisfied so little, 1 to 4, that something becomes of it"),
        "RD-04",
        1,
        4,
    ),
    deadline("opinion.answer_within", "WD", _("Say what was done about an opinion"), "RD-04", 60),
    deadline("opinion.manager_after", "WD", _("Still no answer: tell the manager"), "RD-04", 60),
    deadline("post.away_max", "min", _("Away from the post without permission"), "AT-06", 240),
    deadline("permit.head_after", "min", _("Still away, or not answered"), "AT-06", 240),
    deadline("training.new", "wk", _("A newcomer passes the training"), "TG-01", 52),
    deadline("assessment.head_after", "cd", _("Still not passed: tell the head"), "TG-01", 365),
    deadline("training.internal_interval", "mon", _("Regular internal training"), "TG-03", 24),
    deadline("training.hospital_interval", "mon", _("Training of the whole hospital"), "TG-03", 24),
    deadline("training.fire_interval", "mon", _("Fire and safety training"), "TG-09", 24),
    deadline("training.warn_before", "cd", _("A training is coming"), "TG-03", 60),
    deadline("training.repeat_within", "cd", _("Make up for a missed training"), "TG-04", 365),
    deadline("assessment.valid_for", "mon", _("A passed assessment holds for"), "TG-10", 120),
    deadline("assessment.warn_before", "cd", _("An assessment runs out"), "TG-10", 365),
    Setting(
        "training.typing",
        "n",
        _("Typing: characters in a minute"),
        "TG-06",
        1,
        600,
        may_lack=True,
    ),
)
