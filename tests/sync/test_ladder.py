"""Deadlines of the regulations, with the numbers of the hospital's own profile."""

from __future__ import annotations

import pytest

from sync import ladder, settings
from tests.sync.telling import (
    CALENDAR,
    CHEN,
    DECLARED,
    LIN,
    MINUTE,
    NINE,
    SETTINGS,
    WU,
    Case,
    moment,
    shown,
    waiting,
)


def clocks(case: Case, which: str) -> list[tuple[float, list[str]]]:
    """Return minutes after nine and who is told, for the rungs of a ladder that runs."""
    running = ladder.clocks(DECLARED, case.record, SETTINGS, CALENDAR)
    return [
        ((clock["due_at"] - NINE) / MINUTE, clock["tell"])
        for clock in running
        if clock["ladder"] == which
    ]


def state(case: Case, minute: float) -> str:
    """Return how the case stands some minutes after nine."""
    now = NINE + int(minute * MINUTE)
    answer: str = ladder.position(DECLARED, case.record, SETTINGS, CALENDAR, now)["state"]
    return answer


def test_water_is_due_after_five_minutes_and_the_supervisor_hears_after_eight() -> None:
    assert clocks(waiting(), "waiting_water") == [(5, ["owner"]), (8, ["guide_supervisor"])]


def test_the_doctor_is_asked_after_fifteen_and_two_more_hear_of_it_later() -> None:
    assert clocks(waiting(), "waiting_enquiry") == [
        (15, ["owner"]),
        (20, ["guide_supervisor"]),
        (30, ["cs_manager"]),
    ]


@pytest.mark.parametrize(
    ("minute", "stands"),
    [(4.99, "calm"), (5, "due"), (7.99, "due"), (8, "over"), (14.99, "over"), (60, "over")],
)
def test_a_rung_is_reached_in_its_own_moment(minute: float, stands: str) -> None:
    assert state(waiting(), minute) == stands


def test_water_stops_only_the_clock_of_water() -> None:
    case = waiting()
    case.says(LIN, "water_given", 4)
    assert clocks(case, "waiting_water") == []
    assert [minute for minute, _ in clocks(case, "waiting_enquiry")] == [15, 20, 30]
    assert state(case, 14) == "calm"


def test_the_enquiry_is_due_even_if_water_was_never_given() -> None:
    case = waiting()
    now = NINE + 15 * MINUTE
    position = ladder.position(DECLARED, case.record, SETTINGS, CALENDAR, now)
    reached = [(clock["ladder"], clock["rung"]) for clock in position["reached"]]
    assert reached == [("waiting_water", 1), ("waiting_water", 2), ("waiting_enquiry", 1)]
    assert position["next"]["due_at"] == NINE + 20 * MINUTE


def test_only_all_three_stamps_stop_the_clock_of_the_enquiry() -> None:
    case = waiting()
    case.says(LIN, "water_given", 1)
    case.says(LIN, "doctor_asked", 16, doctor_says="20 min")
    assert clocks(case, "waiting_enquiry")
    case.says(LIN, "assistant_told", 17)
    assert clocks(case, "waiting_enquiry")
    case.says(LIN, "explained", 18)
    assert clocks(case, "waiting_enquiry") == []
    assert state(case, 60) == "paused"


def test_the_stamps_may_come_in_any_order() -> None:
    case = waiting()
    for verb in ("explained", "assistant_told", "doctor_asked"):
        assert clocks(case, "waiting_enquiry")
        case.says(LIN, verb, 16)
    assert clocks(case, "waiting_enquiry") == []


def test_whoever_has_gone_in_waits_no_longer() -> None:
    case = waiting()
    case.says(CHEN, "ended", 3, outcome="seen")
    assert ladder.clocks(DECLARED, case.record, SETTINGS, CALENDAR) == []
    assert ladder.next_due(DECLARED, case.record, SETTINGS, CALENDAR) is None


def test_water_that_is_taken_back_is_due_again() -> None:
    case = waiting()
    given = case.says(LIN, "water_given", 4)
    case.says(LIN, "undone", 4.1, undoes=given["_id"])
    assert ladder.next_due(DECLARED, case.record, SETTINGS, CALENDAR) == NINE + 5 * MINUTE


def test_time_runs_from_sitting_down_not_from_hearing_of_it() -> None:
    case = Case("waiting")
    case.says(CHEN, "explained", 12)
    case.says(LIN, "started", 2, place="place:lobby-1", unseen=True)
    assert clocks(case, "waiting_water")[0] == (7, ["owner"])


def complaint(severity: str = "general", taken: str = "2026-11-25 09:00") -> Case:
    case = Case("complaint")
    minute = (moment(taken) - NINE) / MINUTE
    case.says(LIN, "taken", minute, place="place:lobby-1", words="等了一个小时", severity=severity)
    return case


def dues(case: Case, which: str) -> list[str]:
    running = ladder.clocks(DECLARED, case.record, SETTINGS, CALENDAR)
    return [shown(clock["due_at"]) for clock in running if clock["ladder"] == which]


def test_a_first_response_is_due_in_twenty_four_hours_and_the_manager_hears_four_later() -> None:
    assert dues(complaint(), "complaint_response") == ["2026-11-26 09:00", "2026-11-26 13:00"]


def test_a_response_stops_its_own_clock_and_not_the_solution() -> None:
    case = complaint()
    case.says(WU, "responded", 60, response="We are sorry")
    assert dues(case, "complaint_response") == []
    assert len(dues(case, "complaint_solve_general")) == 3


def test_a_major_complaint_has_one_working_day_and_then_climbs_a_day_a_rung() -> None:
    assert dues(complaint("major"), "complaint_solve_major") == [
        "2026-11-26 18:00",
        "2026-11-27 18:00",
        "2026-11-30 18:00",
    ]


def test_a_general_complaint_over_national_day_counts_the_make_up_saturday() -> None:
    """Taken on 30 September: the 8th and 9th, and Saturday the 10th, are its three days."""
    case = complaint(taken="2026-09-30 15:00")
    assert dues(case, "complaint_solve_general")[0] == "2026-10-10 18:00"


def test_a_complaint_that_turns_out_major_is_due_sooner() -> None:
    case = complaint()
    case.says(WU, "edited", 30, field="severity", old="general", new="major")
    assert dues(case, "complaint_solve_general") == []
    assert dues(case, "complaint_solve_major")[0] == "2026-11-26 18:00"


def test_a_settled_complaint_climbs_no_further() -> None:
    case = complaint()
    case.says(WU, "settled", 60, resolution="Refunded")
    assert ladder.clocks(DECLARED, case.record, SETTINGS, CALENDAR) == []


def test_a_number_that_the_site_changed_moves_the_clock() -> None:
    changed = {"_id": "setting:waiting.water_after", "state": "active", "value": 10}
    numbers = settings.with_changes(SETTINGS, [changed])
    assert ladder.next_due(DECLARED, waiting().record, numbers, CALENDAR) == NINE + 10 * MINUTE
    undone = {**changed, "state": "unknown"}
    assert settings.with_changes(SETTINGS, [undone]) == SETTINGS


def test_a_number_that_nobody_knows_is_no_rung() -> None:
    numbers = {**SETTINGS, "waiting.water_supervisor_after": {"value": None, "unit": "min"}}
    running = ladder.clocks(DECLARED, waiting().record, numbers, CALENDAR)
    assert [clock["rung"] for clock in running if clock["ladder"] == "waiting_water"] == [1]


def test_of_two_rungs_in_one_moment_the_ladder_decides_the_order() -> None:
    numbers = {**SETTINGS, "waiting.enquire_after": {"value": 5, "unit": "min"}}
    running = ladder.clocks(DECLARED, waiting().record, numbers, CALENDAR)
    assert [clock["ladder"] for clock in running[:2]] == ["waiting_enquiry", "waiting_water"]
    assert running[0]["due_at"] == running[1]["due_at"]


def test_hours_know_no_weekend() -> None:
    assert dues(complaint(taken="2026-11-28 10:00"), "complaint_response")[0] == "2026-11-29 10:00"
