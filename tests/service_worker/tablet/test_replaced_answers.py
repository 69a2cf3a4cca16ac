"""A tablet's act says whose answers it replaces, as they were on the screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service_worker.tablet.gestures import act_id, sat_down, water_given
from tests.tablet import Tablet

pytestmark = pytest.mark.browser


def asked(tablet: Tablet, wait: str, says: str, **more: str) -> None:
    """Lin asked the doctor, and enters what the doctor says."""
    path = f"/floor/waiting/{wait.partition(':')[2]}/doctor_asked"
    answer = tablet.post(path, {"act_id": act_id(), "doctor_says": says, **more})
    assert answer["status"] == 200, answer["text"]


def said(tablet: Tablet, name: str) -> list[dict[str, Any]]:
    """Return the tablet's own acts of a name, in their order."""
    acts = [row["act"] for row in tablet.stored("acts") if row["act"]["act"] == name]
    return sorted(acts, key=lambda act: act["_id"])


def test_an_act_says_which_answers_it_replaces(tablet: Tablet) -> None:
    """found.md: an answer said earlier and sent later was overwritten (`seen` names one act)."""
    wait = sat_down(tablet, name="王小明")
    water_given(tablet, wait)
    asked(tablet, wait, "二十分钟")
    asked(tablet, wait, "半小时")
    first, second = said(tablet, "waiting.doctor_asked")
    assert first["over"] == {}, "nothing was there, which is said too"
    assert second["over"] == {"doctor_says": "二十分钟"}
    assert "over" not in said(tablet, "waiting.started")[0], "nobody can have answered before"
    assert "over" not in said(tablet, "waiting.water_given")[0], "it enters nothing"


def test_what_came_after_the_form_was_drawn_is_not_said_to_be_seen(tablet: Tablet) -> None:
    wait = sat_down(tablet, name="王小明")
    seen = tablet.stored("view", wait)["record"]["acts"]["last"]
    asked(tablet, wait, "二十分钟")
    asked(tablet, wait, "半小时", seen=seen)
    assert said(tablet, "waiting.doctor_asked")[1]["over"] == {}
