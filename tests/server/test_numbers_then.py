"""Settings and calendars as of a moment: a month is counted with the numbers of its own time."""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from tests.cast import Cast
from tests.clock import HOUR, Clock
from tests.server import database_rows

KEY = "waiting.water_after"


def sets(cast: Cast, value: int, **more: Any) -> dict[str, Any]:
    act = cast.wu.says("setting.changed", f"setting:{KEY}", value=value, reason="试行", **more)
    assert cast.wu.hands_in(act)[0].good
    return act


def water(site: Site, moment: int) -> int:
    return int(site.settings_at(moment)[KEY]["value"])


def test_each_moment_has_the_number_that_held_then(site: Site, cast: Cast, clock: Clock) -> None:
    first = clock()
    sets(cast, 7)
    second = clock.passes(days=1)
    sets(cast, 9)
    assert [water(site, at) for at in (first - 1, first, second - 1, second)] == [5, 7, 7, 9]
    assert site.settings_at(clock()) == site.settings()
    assert site.calendar_at(clock()) == site.calendar()


def test_what_is_said_late_holds_from_its_own_moment(site: Site, cast: Cast, clock: Clock) -> None:
    sets(cast, 9)
    before = clock() - 2 * HOUR
    assert water(site, before) == 5
    sets(cast, 8, at=before)
    assert (water(site, before - 1), water(site, before), water(site, clock())) == (5, 8, 9)


def test_what_was_taken_back_held_until_then(site: Site, cast: Cast, clock: Clock) -> None:
    act, then = sets(cast, 9), clock()
    clock.passes(seconds=5)
    undone = cast.wu.says("setting.undone", f"setting:{KEY}", undoes=act["_id"])
    assert cast.wu.hands_in(undone)[0].good
    assert (water(site, then), water(site, clock())) == (9, 5)


def test_a_calendar_counts_as_it_was_published_then(site: Site, cast: Cast, clock: Clock) -> None:
    said = {"off": [20_454], "work": [], "official": False, "source": "x"}
    act = site.record_act("calendar.published", "calendar:2026", said, by="system:site")
    assert act.good
    was = clock()
    clock.passes(days=1)
    more = {"off": [20_454, 20_455], "reason": "y"}
    seen = database_rows.one(site, "calendar:2026")["acts"]["last"]
    change = ("calendar.changed", "calendar:2026", more)
    assert site.record_act(*change, by="person:wu", seen=seen).good
    sets(cast, 9)
    days = [site.calendar_at(at)["off"] for at in (was - 1, was, clock())]
    assert days == [[], [20_454], [20_454, 20_455]]


@pytest.mark.parametrize("key", ["calendar.opens", "calendar.week"])
def test_when_people_worked_is_as_of_then_too(
    site: Site, cast: Cast, clock: Clock, key: str
) -> None:
    was = clock()
    value = {"calendar.opens": 450, "calendar.week": 1_111_110}[key]
    clock.passes(days=1)
    change = {"value": value, "reason": "夏季"}
    assert cast.wu.does("setting.changed", f"setting:{key}", **change).good
    part = {"calendar.opens": "opens", "calendar.week": "week"}[key]
    assert site.calendar_at(was)[part] != site.calendar_at(clock())[part]
