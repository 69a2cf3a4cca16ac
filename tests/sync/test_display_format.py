"""Formatting of moments, lengths of time and names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import display_format
from tests.sync.telling import CHINA, moment


def test_a_moment_is_shown_as_clocks_in_china_show_it() -> None:
    at = moment("2026-11-25 09:05")
    assert display_format.clock(at) == "09:05"
    assert display_format.day(at) == "11-25"
    assert display_format.date(at) == "2026-11-25"
    assert display_format.moment(at) == "11-25 09:05"
    assert display_format.weekday(at) == 2
    assert display_format.clock(at, 0) == "01:05"


def test_no_moment_is_no_text() -> None:
    assert [
        show(None)
        for show in (
            display_format.clock,
            display_format.day,
            display_format.date,
            display_format.moment,
        )
    ] == [""] * 4
    assert display_format.countdown(None) == display_format.thousands(None) == ""
    assert display_format.minutes(None) == display_format.seconds(None) == 0


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
def test_every_day_of_the_calendar_is_right(when: datetime) -> None:
    at = (when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    there = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(CHINA)
    date = [there.year, there.month, there.day]
    assert display_format.date_parts(at) == [*date, there.hour, there.minute, there.weekday()]


@pytest.mark.parametrize(
    ("length", "shows"),
    [
        (-1, "0:00"),
        (0, "0:00"),
        (999, "0:00"),
        (59_999, "0:59"),
        (60_000, "1:00"),
        (1_428_000, "23:48"),
        (3_599_999, "59:59"),
        (3_600_000, "1:00:00"),
        (3_828_000, "1:03:48"),
        (90_000_000, "25:00:00"),
    ],
)
def test_a_countdown_never_shows_less_than_nothing(length: int, shows: str) -> None:
    assert display_format.countdown(length) == shows


def test_minutes_and_the_seconds_beside_them() -> None:
    assert (display_format.minutes(1_428_999), display_format.seconds(1_428_999)) == (23, 48)
    assert (display_format.minutes(-5), display_format.seconds(-5)) == (0, 0)


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("林小美", "林**"),
        ("欧阳", "欧**"),
        ("帕提古丽", "帕提**"),
        ("𠮷田", "𠮷**"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_masked_name_keeps_the_family(name: str | None, shows: str) -> None:
    assert display_format.mask_name(name) == shows


@pytest.mark.parametrize(
    ("phone", "shows"),
    [("13900000416", "139****0416"), ("12345678", "123****5678"), ("114", "****14"), (None, "")],
)
def test_a_masked_phone_can_be_recognised_and_not_called(phone: str | None, shows: str) -> None:
    assert display_format.mask_phone(phone) == shows


@given(st.integers())
def test_thousands_are_parted(number: int) -> None:
    text = display_format.thousands(number)
    assert int(text.replace(",", "")) == number
    assert all(len(part) == 3 for part in text.lstrip("-").split(",")[1:])


def test_a_receipt_has_the_day_and_six_digits_and_stays() -> None:
    number = display_format.receipt(
        "complaint:01M7Q5CQG00000000000000001", moment("2026-11-25 00:10")
    )
    assert number.startswith("T-1125-")
    assert len(number) == len("T-1125-000000")


def test_a_signature_is_bound_to_every_character() -> None:
    assert display_format.text_hash("等了一个小时") != display_format.text_hash("等了一个小时。")
    assert len(display_format.text_hash("")) == 64
