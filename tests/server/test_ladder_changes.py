"""Deadlines after a change of a setting or an admitted act: what follows happens once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.acts.site import Site
from server.clocks import reaction_jobs, reactions
from server.clocks.deadline_changes import moved_deadlines
from tests.cast import WORDS, Cast
from tests.clock import MINUTE, Clock
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH

WATER = "waiting_water"

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def sits_down(cast: Cast) -> str:
    waiting = cast.lin.new("waiting")
    assert cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="张晓丽").good
    return waiting


def test_a_change_shows_what_it_would_move_before_anybody_makes_it(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting, start = sits_down(cast), clock()
    assert moved_deadlines(site, "waiting.water_after", 4) == [
        {
            "record": waiting,
            "ladder": WATER,
            "rung": rung,
            "old_due_at": start + old * MINUTE,
            "new_due_at": start + new * MINUTE,
        }
        for rung, old, new in ((1, 5, 4), (2, 8, 7))
    ]
    assert moved_deadlines(site, "waiting.water_after", 5) == []
    clock.passes(minutes=5)
    clockwork.beats()
    assert [row["rung"] for row in moved_deadlines(site, "waiting.water_after", 4)] == [2]


def test_a_number_that_wu_changes_moves_the_clocks_that_run(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    waiting = sits_down(cast)
    change = {"value": 3, "reason": "节假日"}
    assert cast.wu.does("setting.changed", "setting:waiting.water_after", **change).good
    clock.passes(minutes=3)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"])]


def test_whose_deadline_comes_nearer_is_told_once(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS)
    change = {"value": 12, "reason": "试行"}
    cast.wu.does("setting.changed", "setting:complaint.first_response", **change)
    for _ in range(3):
        clockwork.beats()
    moved = [n for n in clockwork.notices("lin") if n["what"] == "deadline_moved"]
    assert [notice["due_at"] for notice in moved] == [clock() + 12 * 60 * MINUTE]
    change = {"value": 24, "reason": "恢复"}
    cast.wu.does("setting.changed", "setting:complaint.first_response", **change)
    clockwork.beats()
    assert len(clockwork.notices("lin")) == 1, "more time is no news"


def test_what_chen_admits_is_taken_in_as_its_authors_act(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    complaint = cast.zhao.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS}
    act = cast.zhao.says("complaint.taken", complaint, **said)
    verdict = cast.zhao.hands_in(act)[0]
    assert (verdict.state, verdict.code) == ("refused", "not_your_post")
    refusal = "refusal:" + act["_id"].removeprefix("act:")
    clock.passes(minutes=20)
    assert cast.wu.does("refusal.admitted", refusal, reason="帮忙登记的").good
    clockwork.beats()
    clockwork.beats()
    record = site.record(complaint)
    assert record is not None
    assert (record["owner"], record["taken_at"]) == ("person:zhao", act["at"])
    assert cast.zhao.hands_in(act)[0].state == "known", "the tablet may offer it again"


def test_a_job_that_fails_is_tried_five_times_and_then_rests_where_the_office_sees_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    site.listens = reactions.LISTENS
    change = {"value": 3, "reason": "节假日"}
    cast.wu.does("setting.changed", "setting:waiting.water_after", **change)
    tried = []

    def fails(payloads: Sequence[dict[str, object]], now: int) -> None:
        tried.append(now)
        raise RuntimeError("no network")

    for _ in range(10):
        reaction_jobs.work(site, {"reaction": fails}, clock)
        clock.passes(hours=1)
    assert len(tried) == reaction_jobs.FAILURES
    [resting] = reaction_jobs.given_up(site)
    assert resting["failed"] == "RuntimeError"  # A12: its words may name somebody


def test_a_job_that_fails_holds_up_none_of_those_that_were_taken_with_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    site.listens = reactions.LISTENS
    for minutes in (3, 4, 6):
        change = {"value": minutes, "reason": "节假日"}
        cast.wu.does("setting.changed", "setting:waiting.water_after", **change)
        clock.passes(minutes=1)
    done, refused = [], []

    def fails_once(payloads: Sequence[dict[str, object]], now: int) -> None:
        for payload in payloads:
            if payload["act"] in refused or not refused:
                refused.append(payload["act"])
                raise RuntimeError("this one alone")
            done.append(payload["act"])

    assert reaction_jobs.work(site, {"reaction": fails_once}, clock) == 2
    assert len(set(done)) == 2
    assert not set(done) & set(refused)


def test_a_job_whose_process_died_is_free_again_after_a_minute(
    site: Site, cast: Cast, clock: Clock
) -> None:
    site.listens = reactions.LISTENS
    change = {"value": 3, "reason": "节假日"}
    cast.wu.does("setting.changed", "setting:waiting.water_after", **change)

    def dies(payloads: Sequence[dict[str, object]], now: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reaction_jobs.work(site, {"reaction": dies}, clock)
    assert reaction_jobs.work(site, reactions.kinds(site), clock) == 0
    clock.passes(minutes=1, seconds=1)
    assert reaction_jobs.work(site, reactions.kinds(site), clock) == 1
