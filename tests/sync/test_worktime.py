"""Working time on the hospital's own calendar (C-03)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import worktime
from tests.sync.telling import CALENDAR, day, moment, shown


def due(start: str, days: int) -> str:
    return shown(worktime.add(moment(start), days, "WD", CALENDAR))


@pytest.mark.parametrize(
    ("taken", "days", "until"),
    [
        ("2026-11-25 09:00", 1, "2026-11-26 18:00"),
        ("2026-11-25 23:59", 1, "2026-11-26 18:00"),
        ("2026-11-25 00:00", 3, "2026-11-30 18:00"),
        ("2026-11-27 10:00", 1, "2026-11-30 18:00"),
        ("2026-11-28 10:00", 1, "2026-11-30 18:00"),
        ("2026-12-31 10:00", 1, "2027-01-01 18:00"),
    ],
)
def test_the_day_it_was_taken_does_not_count_and_the_last_one_ends_at_six(
    taken: str, days: int, until: str
) -> None:
    assert due(taken, days) == until


@pytest.mark.parametrize(
    ("taken", "days", "until"),
    [
        ("2026-09-30 15:00", 1, "2026-10-08 18:00"),
        ("2026-09-30 15:00", 3, "2026-10-10 18:00"),
        ("2026-09-30 15:00", 4, "2026-10-12 18:00"),
        ("2026-10-03 10:00", 1, "2026-10-08 18:00"),
        ("2026-10-10 10:00", 1, "2026-10-12 18:00"),
        ("2026-09-18 10:00", 1, "2026-09-20 18:00"),
    ],
)
def test_national_day_is_off_and_its_make_up_days_are_worked(
    taken: str, days: int, until: str
) -> None:
    assert due(taken, days) == until


def test_midnight_is_midnight_in_china() -> None:
    assert worktime.local_day(moment("2026-11-25 00:00"), CALENDAR) == day("2026-11-25")
    assert worktime.local_day(moment("2026-11-25 00:00") - 1, CALENDAR) == day("2026-11-24")
    assert worktime.day_starts(day("2026-11-25"), CALENDAR) == moment("2026-11-25 00:00")


def test_hours_and_calendar_days_know_no_holiday() -> None:
    start = moment("2026-09-30 15:00")
    assert shown(worktime.add(start, 24, "h", CALENDAR)) == "2026-10-01 15:00"
    assert shown(worktime.add(start, 2, "cd", CALENDAR)) == "2026-10-02 15:00"
    assert shown(worktime.add(start, 1, "wk", CALENDAR)) == "2026-10-07 15:00"


def test_no_time_at_all_is_now() -> None:
    start = moment("2026-11-28 10:00")
    assert [worktime.add(start, 0, unit, CALENDAR) for unit in ("min", "WD")] == [start, start]


def test_a_calendar_without_work_is_a_mistake_that_is_told() -> None:
    with pytest.raises(ValueError, match="no working day"):
        worktime.add(0, 1, "WD", {**CALENDAR, "week": [0] * 7, "off": [], "work": []})


def test_the_strip_says_why_it_is_due_then() -> None:
    start = moment("2026-09-30 15:00")
    until = worktime.add(start, 3, "WD", CALENDAR)
    days = worktime.strip(start, until, moment("2026-10-08 12:00"), CALENDAR)
    assert [one["kind"] for one in days] == ["received", *["off"] * 7, "work", "work", "extra"]
    assert [one["n"] for one in days][-3:] == [1, 2, 3]
    assert [one["day"] for one in days if not one["ahead"]][-1] == day("2026-10-08")


moments = st.integers(1_577_836_800_000, 4_102_444_800_000)


@given(moments, st.integers(1, 30), st.integers(1, 30))
def test_a_deadline_added_to_a_deadline_is_one_deadline(at: int, one: int, more: int) -> None:
    first = worktime.add(at, one, "WD", CALENDAR)
    assert worktime.add(first, more, "WD", CALENDAR) == worktime.add(at, one + more, "WD", CALENDAR)


@given(moments, moments, st.integers(1, 30))
def test_what_was_taken_earlier_is_never_due_later(one: int, other: int, days: int) -> None:
    early, late = sorted((one, other))
    assert worktime.add(early, days, "WD", CALENDAR) <= worktime.add(late, days, "WD", CALENDAR)


@given(moments, st.integers(1, 30))
def test_the_strip_ends_on_the_day_it_is_due_with_its_number(at: int, days: int) -> None:
    until = worktime.add(at, days, "WD", CALENDAR)
    last = worktime.strip(at, until, at, CALENDAR)[-1]
    assert last["n"] == days
    assert worktime.is_working(last["day"], CALENDAR)
    assert until > at


def until(start: str, amount: int, unit: str, calendar: worktime.Calendar = CALENDAR) -> str:
    return shown(worktime.add(moment(start), amount, unit, calendar))


def test_a_house_that_never_closes_loses_no_day_between_two_rungs() -> None:
    """C-03: a day that ends at midnight is not yet the next one, which would not count."""
    never = {**CALENDAR, "closes": 1_440}
    first = worktime.add(moment("2026-11-25 09:00"), 1, "WD", never)
    assert shown(first) == "2026-11-26 23:59"
    assert shown(worktime.add(first, 1, "WD", never)) == "2026-11-27 23:59"
    assert shown(worktime.add(first, 1, "OD", never)) == "2026-11-27 08:00"


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-11-25 09:00", 0, "2026-11-25 18:00"),
        ("2026-11-25 18:00", 0, "2026-11-25 18:00"),
        ("2026-11-25 18:01", 0, "2026-11-26 18:00"),
        ("2026-11-25 19:00", 2, "2026-11-28 18:00"),
        ("2026-11-25 00:00", -1, "2026-11-24 18:00"),
    ],
)
def test_at_closing_is_still_today_and_after_it_the_next_day(
    start: str, amount: int, end: str
) -> None:
    assert until(start, amount, "ED") == end


@pytest.mark.parametrize(
    ("start", "amount", "opening"),
    [
        ("2026-11-25 18:00", 1, "2026-11-26 08:00"),
        ("2026-11-27 18:00", 1, "2026-11-30 08:00"),
        ("2026-09-30 18:00", 2, "2026-10-09 08:00"),
        ("2026-11-30 09:00", -1, "2026-11-27 08:00"),
    ],
)
def test_a_working_morning_is_when_the_house_opens(start: str, amount: int, opening: str) -> None:
    assert until(start, amount, "OD") == opening


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2027-01-31 09:30", 1, "2027-02-28 09:30"),
        ("2027-01-31 09:30", 2, "2027-03-31 09:30"),
        ("2027-01-31 09:30", 13, "2028-02-29 09:30"),
        ("2026-11-25 23:59", 3, "2027-02-25 23:59"),
        ("2027-03-31 00:00", -1, "2027-02-28 00:00"),
    ],
)
def test_a_month_ends_on_its_last_day_and_the_next_is_counted_from_the_start(
    start: str, amount: int, end: str
) -> None:
    assert until(start, amount, "mon") == end


@given(start=st.integers(0, 4_000_000_000_000), amount=st.integers(1, 40))
def test_no_unit_goes_backwards(start: int, amount: int) -> None:
    for unit in (*worktime.UNITS, "mon", *worktime.OF_THE_SITE):
        sooner, later = (worktime.add(start, n, unit, CALENDAR) for n in (amount, amount + 1))
        assert start < sooner <= later
        assert worktime.add(start, -amount, unit, CALENDAR) < start
