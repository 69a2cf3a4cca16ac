"""What arrives late: the nearest hears first, the next after their own distance; and a moment that
was drawn in judges nobody. Ladders run in open states only.
"""

from __future__ import annotations

import pytest

import sync
from server.acts import timers
from server.acts.site import Site
from server.database.store import Store
from server.office.reports import figures
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server.clockwork import Clockwork

DECLARED = sync.declarations()
ENQUIRY, RESPONSE = "waiting_enquiry", "complaint_response"


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def test_a_wait_of_an_hour_ago_is_told_to_lin_then_to_chen_then_to_wu(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """L-G: Wu heard first and alone, of a wait that nobody in the house knew of a second before."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    clock.passes(minutes=60)
    assert cast.lin.hands_in(act)[0].good
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY) == [(1, ["lin"])]
    clock.passes(minutes=4, seconds=50)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY) == [(1, ["lin"])]
    clock.passes(seconds=10)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY)[1:] == [(2, ["chen"])]
    clock.passes(minutes=10)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY)[2:] == [(3, ["wu"])]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rung_that_is_held_back_costs_the_next_ticks_nothing(
    cast: Cast, clock: Clock, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tablet of a day without a network must not make every tick after it slow."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    clock.passes(minutes=60)
    assert cast.lin.hands_in(act)[0].good
    clockwork.beats()
    clock.passes(seconds=10)
    monkeypatch.setattr(Store, "records", None)  # which whoever reads one would call
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY) == [(1, ["lin"])]


def test_a_number_that_changed_meanwhile_moves_what_was_held_back(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """Chen is told five minutes after Lin; when that becomes one minute, at once."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    clock.passes(minutes=60)
    assert cast.lin.hands_in(act)[0].good
    clockwork.beats()
    clock.passes(minutes=2)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY) == [(1, ["lin"])]
    change = {"value": 1, "reason": "周末人少"}
    cast.wu.does("setting.changed", "setting:waiting.enquire_supervisor_after", **change)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY)[1:] == [(2, ["chen"])]


def test_a_server_that_was_away_still_tells_the_highest_rung_alone(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """T4: what was known in time waits for nobody."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    assert cast.lin.hands_in(act)[0].good
    clock.passes(minutes=60)
    clockwork.beats()
    assert clockwork.rungs(act["record"], ENQUIRY) == [(3, ["wu"])]


def test_a_moment_that_was_drawn_in_judges_nobody(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A complaint of four days ago, answered within the hour, counts as 28 hours late nowhere."""
    complaint = cast.lin.new("complaint")
    begun = clock()
    taken = cast.lin.says("complaint.taken", complaint, place="place:lobby-1", words=WORDS)
    clock.passes(hours=1)
    answered = cast.lin.says("complaint.responded", complaint, response="已道歉")
    clock.passes(hours=100)
    assert all(verdict.good for verdict in cast.lin.hands_in(taken, answered))
    clock.passes(hours=30)
    clockwork.beats()
    with site.reading() as connection:
        done = figures.kept_answers(connection, [], site.settings(), begun, clock())
    assert (done.due, done.in_time) == (0, 0)
    assert [s for s in clockwork.steps(complaint, RESPONSE) if s.get("passed")] == []


def test_water_within_minutes_of_a_drawn_in_moment_is_not_counted(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting, begun = cast.lin.new("waiting"), clock()
    sat = cast.lin.says("waiting.started", waiting, place="place:lobby-1")
    clock.passes(hours=80)
    water = cast.lin.says("waiting.water_given", waiting)
    assert all(verdict.good for verdict in cast.lin.hands_in(sat, water))
    with site.reading() as connection:
        assert b"said_at" in Store(connection).known_acts([sat["_id"]])[sat["_id"]]
        done, _ = figures.kept_waits(connection, [], site.settings(), begun, clock())
    assert (done.due, done.in_time) == (0, 0)


@pytest.mark.parametrize("name", sorted(DECLARED["ladders"]))
def test_every_state_in_which_a_ladder_runs_moves_with_its_number(name: str) -> None:
    """What a number or the calendar moves is looked for in these states, whether they are open."""
    ladder = DECLARED["ladders"][name]
    kind = DECLARED["records"][ladder["record"]]
    state = ladder["runs_while"].get("state")
    listed = state["$in"] if isinstance(state, dict) else [state]
    runs_in = {one for one, _label in kind["states"]} if state is None else {*listed}
    assert runs_in <= timers.live_states(DECLARED, ladder["record"])


@pytest.mark.parametrize(
    ("stamps", "kept"),
    [
        (("doctor_asked",), 0),
        (("doctor_asked", "assistant_told"), 0),
        (("doctor_asked", "assistant_told", "explained"), 1),
    ],
)
def test_the_share_of_enquiries_counts_all_three_stamps(
    site: Site, cast: Cast, clock: Clock, stamps: tuple[str, ...], kept: int
) -> None:
    """W-03, row 16: asked, told and explained within the time; one of three is not in time."""
    begun, waiting = clock(), cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1")
    clock.passes(minutes=10)
    for stamp in stamps:
        cast.lin.does(f"waiting.{stamp}", waiting)
    clock.passes(minutes=20)
    with site.reading() as connection:
        _, asked = figures.kept_waits(connection, [], site.settings(), begun, clock())
    assert (asked.due, asked.in_time) == (1, kept)


@pytest.mark.parametrize(("late", "kept"), [(14, 1), (16, 0)])
def test_the_last_of_the_three_stamps_decides(
    site: Site, cast: Cast, clock: Clock, late: int, kept: int
) -> None:
    """W-03: `explained` at sixteen minutes is late, whenever the doctor was asked."""
    begun, waiting = clock(), cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1")
    clock.passes(minutes=10)
    cast.lin.does("waiting.doctor_asked", waiting)
    cast.lin.does("waiting.assistant_told", waiting)
    clock.passes(minutes=late - 10)
    cast.lin.does("waiting.explained", waiting)
    with site.reading() as connection:
        _, asked = figures.kept_waits(connection, [], site.settings(), begun, clock())
    assert (asked.due, asked.in_time) == (1, kept)
