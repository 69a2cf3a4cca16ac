"""A wait and its visit are one story, and know each other both ways (W-10, G-19, J-05)."""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.clockwork import Clockwork


@pytest.fixture
def clockwork(site: Site, clock: Clock, cast: Cast) -> Clockwork:
    return Clockwork(site, clock)


def visit_of(cast: Cast) -> str:
    visit = cast.lin.new("arrival")
    assert cast.lin.does("arrival.registered", visit, place="place:lobby-1").good
    return visit


def sits(cast: Cast, subject: str, **more: Any) -> str:
    wait = cast.lin.new("waiting")
    said = {"place": "place:lobby-1", "subject": subject, **more}
    assert cast.lin.does("waiting.started", wait, **said).good
    return wait


def ended(site: Site, wait: str) -> tuple[str, str | None]:
    record = database_rows.one(site, wait)
    assert record["unsettled"] == []
    return record["state"], record.get("outcome")


@pytest.mark.parametrize(
    ("act", "said", "outcome"),
    [
        ("arrival.sent_off", {}, "left"),
        ("arrival.stage_reached", {"stage": "with_doctor"}, "seen"),
    ],
)
def test_a_wait_ends_with_its_visit(
    site: Site,
    cast: Cast,
    clock: Clock,
    clockwork: Clockwork,
    act: str,
    said: dict[str, Any],
    outcome: str,
) -> None:
    """Seated, then sent off: the wait ran on, and Chen was told of nobody."""
    clockwork.beats()
    visit = visit_of(cast)
    wait = sits(cast, visit)
    clock.passes(minutes=1)
    assert cast.lin.does(act, visit, **said).good
    clockwork.runs(10)
    assert ended(site, wait) == ("ended", outcome)
    assert clockwork.notices("chen") == []


def test_the_next_stop_alone_ends_no_wait(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    clockwork.beats()
    visit = visit_of(cast)
    wait = sits(cast, visit)
    clock.passes(minutes=1)
    cast.lin.does("arrival.stage_reached", visit, stage="waiting", next_stage="with_doctor")
    clockwork.beats()
    assert ended(site, wait) == ("waiting", None)


def test_whoever_sat_down_twice_waits_once(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """The first goes on with its clocks; the second was entered twice and is counted nowhere."""
    clockwork.beats()
    visit = visit_of(cast)
    first = sits(cast, visit)
    clock.passes(seconds=30)
    second = sits(cast, visit)
    clockwork.runs(6)
    assert ended(site, first) == ("waiting", None)
    assert ended(site, second) == ("ended", "twice")
    assert len([n for n in clockwork.notices("lin") if n["what"] == "waiting_water"]) == 1


def test_a_wait_on_a_visit_that_was_sent_off_is_over(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    clockwork.beats()
    visit = visit_of(cast)
    cast.lin.does("arrival.sent_off", visit)
    clock.passes(minutes=1)
    wait = sits(cast, visit)
    clockwork.runs(10)
    assert ended(site, wait) == ("ended", "left")


def test_a_wait_on_a_visit_still_on_its_way_runs(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    clockwork.beats()
    wait = sits(cast, cast.lin.new("arrival"))
    clockwork.runs(6)
    assert ended(site, wait) == ("waiting", None)


def test_a_second_wait_of_the_same_visit_later_is_its_own(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """Back from the laboratory people wait again: what went in before ends nothing now."""
    clockwork.beats()
    visit = visit_of(cast)
    first = sits(cast, visit)
    clock.passes(minutes=1)
    cast.lin.does("arrival.stage_reached", visit, stage="with_doctor")
    clockwork.beats()
    clock.passes(minutes=20)
    again = sits(cast, visit)
    cast.lin.does("arrival.stage_reached", visit, stage="waiting")
    clockwork.beats()
    assert (ended(site, first), ended(site, again)) == (("ended", "seen"), ("waiting", None))
