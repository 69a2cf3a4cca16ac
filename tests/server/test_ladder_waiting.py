"""Escalation of a long wait: who is notified, when, and how often (W-02, W-03, L-G)."""

from __future__ import annotations

import pytest

from server.acts.site import Site
from server.clocks import escalation
from server.clocks.born_late import HeldRungs
from tests.cast import Cast
from tests.clock import HOUR, MINUTE, SECOND, Clock
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH

WATER, ENQUIRY = "waiting_water", "waiting_enquiry"

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def sits_down(cast: Cast, place: str = "place:lobby-1") -> str:
    waiting = cast.lin.new("waiting")
    assert cast.lin.does("waiting.started", waiting, place=place, name="张晓丽").good
    return waiting


def test_lin_is_warned_at_five_minutes_and_chen_hears_at_eight(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=4, seconds=59)
    assert clockwork.beats() == 0
    clock.passes(seconds=1)
    assert clockwork.beats() == 1
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"])]
    clock.passes(minutes=3)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"]), (2, ["chen"])]
    assert clockwork.notices("wu") == []


def test_a_cup_of_water_stops_the_clock(cast: Cast, clock: Clock, clockwork: Clockwork) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=4)
    cast.lin.does("waiting.water_given", waiting)
    clockwork.runs(6)
    assert clockwork.steps(waiting, WATER) == []


def test_the_doctor_is_asked_about_at_fifteen_though_water_was_never_given(
    cast: Cast, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clockwork.runs(31)
    assert clockwork.rungs(waiting, ENQUIRY) == [(1, ["lin"]), (2, ["chen"]), (3, ["wu"])]
    assert [notice["rung"] for notice in clockwork.notices("chen")] == [2, 2]


def test_two_stamps_of_three_do_not_stop_the_enquiry(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=10)
    cast.lin.does("waiting.doctor_asked", waiting)
    cast.lin.does("waiting.assistant_told", waiting)
    clock.passes(minutes=5)
    clockwork.beats()
    assert clockwork.rungs(waiting, ENQUIRY) == [(1, ["lin"])]
    clock.passes(seconds=40)
    cast.lin.does("waiting.explained", waiting)
    clockwork.runs(20)
    assert clockwork.rungs(waiting, ENQUIRY) == [(1, ["lin"])]


def test_ticking_again_tells_nobody_again(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    sits_down(cast)
    clock.passes(minutes=9)
    clockwork.beats()
    assert [clockwork.beats() for _ in range(5)] == [0] * 5
    assert clockwork.count("waiting.rung_reached") == 1
    assert clockwork.count("notice.told") == 1


def test_a_rung_that_another_server_told_meanwhile_is_not_written_down_as_skipped_too(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=8)
    # thought out, not handed in yet
    slow = escalation._steps(site, {(waiting, WATER)}, clock(), HeldRungs())
    assert escalation.tick(site, clock() - SECOND) == 1  # a server whose clock is a second behind
    assert [verdict.state for verdict in site.reach_rungs(slow, clock())] == ["known"]
    clockwork.beats()
    assert [(step["rung"], step["skipped"]) for step in clockwork.steps(waiting, WATER)] == [
        (1, []),
        (2, []),
    ]


def test_after_an_outage_only_the_highest_rung_is_told_and_the_others_are_written_down(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(hours=3)
    clockwork.beats()
    [water] = clockwork.steps(waiting, WATER)
    [enquiry] = clockwork.steps(waiting, ENQUIRY)
    assert (water["rung"], water["skipped"]) == (2, [1])
    assert (enquiry["rung"], enquiry["skipped"]) == (3, [1, 2])
    assert enquiry["late_by"] == 3 * HOUR - 30 * MINUTE
    assert [notice["late_by"] for notice in clockwork.notices("wu")] == [enquiry["late_by"]]
    assert clockwork.notices("lin") == []


def test_what_was_done_in_time_on_a_tablet_without_a_network_takes_the_warning_back(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=4)
    water = cast.lin.says("waiting.water_given", waiting)  # no network: it stays on the tablet
    clock.passes(minutes=5)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(2, ["chen"])]
    cast.lin.hands_in()
    clockwork.beats()
    [step] = clockwork.steps(waiting, WATER)
    assert (step["annulled_at"], step["annulled_by"]) == (clock(), water["_id"])
    assert [notice["state"] for notice in clockwork.notices("chen")] == ["annulled"]


def test_what_is_done_at_the_very_moment_is_in_time(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=5)
    clockwork.beats()
    cast.lin.does("waiting.water_given", waiting)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == []


def test_what_was_done_between_two_rungs_takes_back_the_second_alone(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=6)
    cast.lin.says("waiting.water_given", waiting)
    clock.passes(minutes=3)
    clockwork.beats()
    cast.lin.hands_in()
    clockwork.beats()
    # The guide was late, the supervisor was told for nothing: the water came before eight minutes.
    assert clockwork.rungs(waiting, WATER) == [(1, [])]
    assert [notice["state"] for notice in clockwork.notices("chen")] == ["annulled"]


def test_a_rung_that_was_passed_while_nobody_could_know_is_written_down_and_told_to_nobody(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = cast.lin.new("waiting")
    cast.lin.says("waiting.started", waiting, place="place:lobby-1", name="张晓丽")
    clock.passes(minutes=7)
    cast.lin.says("waiting.water_given", waiting)
    clock.passes(minutes=3)
    cast.lin.says("waiting.ended", waiting, outcome="seen")
    clock.passes(minutes=30)
    cast.lin.hands_in()
    clockwork.beats()
    [step] = clockwork.steps(waiting, WATER)
    assert (step["rung"], step["told"], step["passed"]) == (1, [], True)
    assert clockwork.steps(waiting, ENQUIRY) == []
    assert clockwork.count("notice.told") == 0


def test_water_that_is_taken_back_starts_the_warnings_again(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    clock.passes(minutes=4)
    water = cast.lin.says("waiting.water_given", waiting)
    clock.passes(minutes=2)
    clockwork.beats()
    cast.lin.hands_in()
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == []
    clock.passes(seconds=5)
    cast.lin.does("waiting.undone", waiting, undoes=water["_id"])
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"])]
    assert clockwork.beats() == 0


def test_an_undoing_in_vain_leaves_the_warning_where_it_is(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """Chen built on Lin's wait, so Lin cannot undo it: the clock still runs, and told is told."""
    waiting, start = cast.lin.new("waiting"), clock()
    started = cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="张晓丽")
    cast.chen.does("waiting.water_given", waiting, at=start + 3 * SECOND)
    clock.passes(minutes=16)
    clockwork.beats()
    assert clockwork.rungs(waiting, ENQUIRY) == [(1, ["lin"])]
    assert cast.lin.does("waiting.undone", waiting, undoes=started.id, at=start + 6 * SECOND).good
    cast.lin.does("waiting.assistant_told", waiting, at=start + 6 * MINUTE)  # looked at anew
    clockwork.beats()
    assert clockwork.rungs(waiting, ENQUIRY) == [(1, ["lin"])]


def test_an_unfilled_post_is_said_and_the_next_one_up_is_told(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    site.record_act("person.changed", "person:chen", {"active": False}, by="system:site")
    waiting = sits_down(cast)
    clock.passes(minutes=8)
    clockwork.beats()
    [step] = clockwork.steps(waiting, WATER)
    assert (step["told"], step["unfilled"]) == (["person:wu"], ["guide_supervisor"])


def test_a_supervisor_of_another_floor_is_told_when_nobody_looks_after_this_one(
    cast: Cast, site: Site, clock: Clock, clockwork: Clockwork
) -> None:
    site.record_act(
        "person.changed", "person:chen", {"places": ["place:floor-2"]}, by="system:site"
    )
    waiting = sits_down(cast)
    clock.passes(minutes=8)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(2, ["chen"])]


def test_folding_everything_again_changes_no_rung_and_no_clock(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    sits_down(cast)
    clock.passes(minutes=8, seconds=2)
    clockwork.beats()
    assert site.refold()[1] == 0
    clock.passes(ms=SECOND)
    assert clockwork.beats() == 0
