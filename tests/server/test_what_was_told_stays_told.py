"""Numbers and days that change: what was told stays told, and the change itself is told once.

A calendar that is announced anew is mended, or the administrators hear of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts import follow_ups
from server.acts.site import Site
from server.clocks import calendars, escalation, reaction_jobs, reactions
from server.clocks.deadline_changes import moved_deadlines
from tests.cast import WORDS, Cast
from tests.clock import MINUTE, Clock
from tests.server import database_rows
from tests.server.clockwork import Clockwork
from tests.server.feed import sits_down

WATER = "waiting_water"


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def water_after(cast: Cast, minutes: int) -> None:
    seen = (cast.wu.site.record("setting:waiting.water_after") or {"acts": {"last": None}})["acts"]
    change = {"value": minutes, "reason": "试行", "seen": seen["last"]}
    assert cast.wu.does("setting.changed", "setting:waiting.water_after", **change).good


def test_water_from_five_to_six_and_back_tells_nobody_again(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """Found 3.33: Chen was told a second time of waits that were forty minutes old."""
    waits = [sits_down(cast.lin) for _ in range(3)]
    clockwork.runs(40)
    before = {wait: clockwork.rungs(wait, WATER) for wait in waits}
    for minutes in (6, 5, 9):
        clock.passes(seconds=10)
        water_after(cast, minutes)
        clockwork.runs(2)
    assert {wait: clockwork.rungs(wait, WATER) for wait in waits} == before
    assert [n for n in clockwork.notices("chen") if n["what"] == "deadline_moved"] == []


def test_a_change_is_told_once_to_a_person_however_many_wait(
    cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    for _ in range(4):
        sits_down(cast.lin)
    water_after(cast, 4)
    clockwork.beats()
    for person in ("lin", "chen"):
        moved = [n for n in clockwork.notices(person) if n["what"] == "deadline_moved"]
        assert len(moved) == 1, person


def test_a_change_touches_only_what_counts_by_it(site: Site, cast: Cast) -> None:
    """A setting of water rewrites no complaint, one of a session nothing at all."""
    complaint, waiting = cast.lin.new("complaint"), sits_down(cast.lin)
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS)
    touched = database_rows.timers(site)
    water_after(cast, 4)
    moved = {row[0] for row in database_rows.timers(site) ^ touched}
    assert moved == {waiting}


def test_many_records_are_moved_page_by_page(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_ups, "MOVED_AT_ONCE", 2)
    waits = [sits_down(cast.lin) for _ in range(7)]
    water_after(cast, 2)
    pages = [row for row in database_rows.rows(site, "jobs") if row["kind"] == "move"]
    assert len(pages) == 3
    reaction_jobs.work(site, reactions.kinds(site), clock)
    due = {row[0]: row[3] for row in sorted(database_rows.timers(site)) if row[1:3] == (WATER, 1)}
    started = {wait: database_rows.one(site, wait)["started_at"] for wait in waits}
    assert due == {wait: started[wait] + 2 * MINUTE for wait in waits}


# Calendars


def arranged(**days: Any) -> dict[str, Any]:
    plain = {"off": [20_000], "work": [], "official": True, "source": "holidays 9.1"}
    return {**plain, **days}


def test_an_official_year_that_is_announced_anew_is_mended(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-28: a newer library knows other days; an older one on another server does not undo it."""
    now, days = 1_795_568_400_000, arranged()  # 2026-11-25 09:00
    monkeypatch.setattr(calendars, "arrangement", lambda year: days)
    calendars.seed(site, now)
    for source, off, stands in (
        ("holidays 9.2", [20_000, 20_001], [20_000, 20_001]),
        ("holidays 9.1", [20_000], [20_000, 20_001]),
        ("holidays 9.10", [20_002], [20_002]),
    ):
        days = arranged(source=source, off=off)
        calendars.seed(site, now + MINUTE)
        calendars.seed(site, now + MINUTE)
        record = database_rows.one(site, "calendar:2026")
        assert record["off"] == stands, source
        assert record["unsettled"] == []


def test_five_working_days_over_the_may_holiday_move_with_the_announcement(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-03: deadlines move with the year, and whoever has less time is told."""
    site.listens = reactions.LISTENS
    monkeypatch.setattr(calendars, "arrangement", lambda year: arranged(off=[]))
    calendars.seed(site, clock())
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS)

    def due() -> int:
        rows = database_rows.timers(site)
        return next(r[3] for r in rows if r[1:3] == ("complaint_solve_general", 1))

    before = due()
    days = list(range(clock() // 86_400_000 + 1, clock() // 86_400_000 + 4))
    monkeypatch.setattr(
        calendars, "arrangement", lambda year: arranged(off=days, source="holidays 9.2")
    )
    clock.passes(minutes=1)
    calendars.seed(site, clock())
    assert due() > before
    monkeypatch.setattr(
        calendars, "arrangement", lambda year: arranged(off=[], source="holidays 9.3")
    )
    clock.passes(minutes=1)
    calendars.seed(site, clock())
    assert due() == before
    reaction_jobs.work(site, reactions.kinds(site), clock)
    told = database_rows.records(site, "notice").values()
    assert "person:lin" in {n["to"] for n in told if n["what"] == "deadline_moved"}


def test_a_year_that_wu_changed_is_left_alone_and_wu_hears_of_the_other(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.listens = reactions.LISTENS
    monkeypatch.setattr(calendars, "arrangement", lambda year: arranged())
    calendars.seed(site, clock())
    year = next(iter(database_rows.records(site, "calendar")))
    seen = database_rows.one(site, year)["acts"]["last"]
    assert cast.wu.does("calendar.changed", year, off=[20_003], reason="院历", seen=seen).good
    newer = arranged(source="holidays 9.2", off=[20_001])
    monkeypatch.setattr(calendars, "arrangement", lambda year: newer)
    for _ in range(3):
        clock.passes(minutes=1)
        calendars.seed(site, clock())
        reaction_jobs.work(site, reactions.kinds(site), clock)
    assert database_rows.one(site, year)["off"] == [20_003]
    told = database_rows.records(site, "notice").values()
    assert [(n["to"], n["about"]) for n in told if n["what"] == "calendar.announced"] == [
        ("person:wu", year)
    ]


def test_a_rung_that_stands_tells_again_only_when_its_ladder_starts_anew(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = sits_down(cast.lin)
    clock.passes(minutes=5)
    assert escalation.tick(site) == 1
    site.touch([waiting])
    assert escalation.tick(site) == 0


# Hours of the house


def test_the_closing_hour_and_the_week_are_settings_that_move_deadlines(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """X-28, row 20: five working days end at half past five, and Saturdays count where worked."""
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS)

    def due() -> int:
        rows = database_rows.timers(site)
        return next(r[3] for r in rows if r[1:3] == ("complaint_solve_general", 1))

    before = due()
    change = {"value": 17 * 60 + 30, "reason": "冬令时"}
    preview = moved_deadlines(site, "calendar.closes", change["value"])
    assert {row["new_due_at"] for row in preview if row["rung"] == 1} == {before - 30 * MINUTE}
    assert cast.wu.does("setting.changed", "setting:calendar.closes", **change).good
    assert due() == before - 30 * MINUTE
    week = {"value": 1_111_111, "reason": "门诊周末开"}
    assert cast.wu.does("setting.changed", "setting:calendar.week", **week).good
    assert due() < before - 30 * MINUTE
    assert site.calendar()["week"] == [1] * 7
