"""Long absences: a tablet offline for three days, a server down over its deadlines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clock import MINUTE, SECOND
from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

GiveTablet = Callable[[str], Guide]


@pytest.fixture(scope="module")
def lin(holds_a_tablet: GiveTablet) -> Guide:
    """Lin, in the lobby."""
    return holds_a_tablet("lin")


@pytest.fixture(scope="module")
def chen(holds_a_tablet: GiveTablet) -> Guide:
    """Chen's tablet: she is the one whom the rungs notify."""
    return holds_a_tablet("chen")


def steps(hospital: Hospital, record: str, ladder: str) -> list[dict[str, Any]]:
    """Return what was reached in a record's ladder."""
    found: list[dict[str, Any]] = (hospital.record(record) or {"rungs": {}})["rungs"].get(
        ladder, []
    )
    return found


def standing(found: list[dict[str, Any]]) -> list[int]:
    """Return the rungs that stand."""
    return [step["rung"] for step in found if "annulled_at" not in step]


def told(hospital: Hospital, person: str, about: str) -> list[tuple[str, int, str]]:
    """Return (ladder, rung, state) of a person's notices about a record."""
    notices = [one for one in hospital.records("notice") if one["about"] == about]
    mine = [one for one in notices if one["to"] == f"person:{person}"]
    return sorted((one["what"], one["rung"], one["state"]) for one in mine)


def test_the_server_is_down_over_deadlines_and_tells_the_highest_rung_once(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    wait = lin.seats("李大年")
    lin.syncs()
    hospital.comes_to_have(wait, state="waiting")
    hospital.stop()
    hospital.sleeps(minutes=40)
    hospital.start()

    until(lambda: steps(hospital, wait, "waiting_enquiry"), "the ladders to be looked at")
    until(lambda: steps(hospital, wait, "waiting_water"), "the ladders to be looked at")
    [water] = steps(hospital, wait, "waiting_water")
    [enquiry] = steps(hospital, wait, "waiting_enquiry")
    assert (water["rung"], water["skipped"]) == (2, [1])
    assert (enquiry["rung"], enquiry["skipped"]) == (3, [1, 2])
    assert water["late_by"] >= 32 * MINUTE - 10 * SECOND
    assert enquiry["late_by"] >= 10 * MINUTE - 10 * SECOND

    hospital.kill()
    hospital.start()
    hospital.passes(minutes=1)
    assert [len(steps(hospital, wait, name)) for name in ("waiting_water", "waiting_enquiry")] == [
        *(1, 1),
    ]
    assert told(hospital, "chen", wait) == [("waiting_water", 2, "told")]
    assert told(hospital, "wu", wait) == [("waiting_enquiry", 3, "told")]
    chen.syncs()
    chen.sees("李大年", "/floor/notices")


def test_a_tablet_is_away_for_three_days_and_what_was_done_in_time_was_done_in_time(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    served = lin.seats("张开来")
    left_alone = lin.seats("赵田")
    lin.syncs()
    lin.goes_offline()
    lin.waits(minutes=2)
    lin.gives_water(served)
    unknown = lin.seats("孙一")
    lin.waits(minutes=9)
    lin.gives_water(left_alone)
    lin.gives_water(unknown)
    lin.enquires(served)
    lin.ends(served, "seen")
    done_at = hospital.now() + 11 * MINUTE

    hospital.passes(minutes=30)
    until(lambda: standing(steps(hospital, served, "waiting_water")), "rungs of a wait unseen")
    assert ("waiting_water", 2, "told") in told(hospital, "chen", served)
    hospital.stop()
    hospital.sleeps(hours=71)
    hospital.start()

    lin.network.become("perfect")
    until(lambda: (lin.tablet.sync() or {}).get("state") == "signed_out", "the sign-in to be over")
    assert len(lin.tablet.unsent()) >= 8
    assert "重新登录" in lin.looks_at("/floor/sync")
    lin.signs_in_again()
    lin.comes_back()
    assert set(lin.fates().values()) == {"sent"}, lin.looks_at("/floor/sync")
    assert hospital.records("refusal") == []

    record = hospital.comes_to_have(served, state="ended")
    assert all("said_at" not in act for act in hospital.acts(served))
    assert abs(record["ended_at"] - done_at) < 2 * MINUTE
    until(
        lambda: not standing(steps(hospital, served, "waiting_water")),
        "what was done in time to be annulled",
    )
    assert standing(steps(hospital, served, "waiting_enquiry")) == []
    assert steps(hospital, served, "waiting_water")[0]["annulled_by"].startswith("act:")
    assert ("waiting_water", 2, "annulled") in told(hospital, "chen", served)
    # Water after eleven minutes was late, and stays so; so it is for a wait nobody knew of.
    assert 2 in standing(steps(hospital, left_alone, "waiting_water"))
    until(lambda: steps(hospital, unknown, "waiting_water"), "the wait that nobody knew of")
    assert 2 in standing(steps(hospital, unknown, "waiting_water"))

    chen.signs_in_again()
    chen.syncs()
    chen.sees("张开来", f"/floor/waiting/{key(served)}")
