"""The numbers of the desk: loans, appointments and the hours of doctors."""

from __future__ import annotations

from sync.declared_setting import Setting, deadline
from sync.words import _

DESK = (
    deadline("equipment.return", "min", _("What was lent is asked back"), "E-02", 1_440),
    deadline(
        "loan.supervisor_after",
        "min",
        _("Lent and still not back: tell the supervisor"),
        "E-02",
        1_440,
    ),
    Setting("loan.over", "ED", _("Nothing stays out longer"), "E-02", 0, 30, may_lack=True),
    deadline(
        "appointment.tell_within",
        "min",
        _("Tell clients whose doctor is not there"),
        "AP-02",
        1_440,
    ),
    deadline(
        "appointment.tell_supervisor_after",
        "min",
        _("Client still not told: tell the supervisor"),
        "AP-02",
        1_440,
    ),
    Setting("clinic.morning_from", "hour", _("When morning hours begin"), "AP-01", 0, 1_439),
    Setting("clinic.morning_until", "hour", _("When morning hours end"), "AP-01", 1, 1_440),
    Setting("clinic.afternoon_from", "hour", _("When afternoon hours begin"), "AP-01", 0, 1_439),
    Setting("clinic.afternoon_until", "hour", _("When afternoon hours end"), "AP-01", 1, 1_440),
)
