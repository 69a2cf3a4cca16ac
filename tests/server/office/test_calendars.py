"""A year's working days and holidays, corrected in the office."""

from __future__ import annotations

import pytest

from server.acts.site import Site
from server.office.page_parts import typed_days
from tests.clock import Clock
from tests.server.office.window import Window

FIRST = 20_819  # 2027-01-01
YEAR = "/office/records/calendar/2027"
SAID = {"off": [FIRST, FIRST + 35, FIRST + 36], "work": [FIRST + 8], "official": False}


@pytest.fixture
def provisional(site: Site, clock: Clock) -> None:
    site.record_act("calendar.published", "calendar:2027", SAID, by="system:site")
    clock.passes(seconds=1)


@pytest.mark.usefixtures("provisional")
def test_a_form_shows_the_days_and_sending_it_as_it_is_loses_none(site: Site, wu: Window) -> None:
    form = wu.opens(f"{YEAR}?do=changed")
    assert "2027-01-01, 2027-02-05 – 2027-02-06" in form.text
    wu.fills_in(
        form, "/do/changed", off="2027-01-01, 2027-02-05 – 2027-02-06", work="2027-01-09",
        official="yes", source="国办发明电", reason="",
    )  # fmt: skip
    record = site.record("calendar:2027")
    assert record is not None and record["official"] is True
    assert (record["off"], record["work"]) == (SAID["off"], SAID["work"])


@pytest.mark.usefixtures("provisional")
def test_days_are_written_as_people_write_them(site: Site, wu: Window) -> None:
    form = wu.opens(f"{YEAR}?do=changed")
    wu.fills_in(form, "/do/changed", off="2027-01-01至2027-01-03，2027-02-05", work="2027-01-09")
    record = site.record("calendar:2027")
    assert record is not None
    assert record["off"] == [FIRST, FIRST + 1, FIRST + 2, FIRST + 35]
    assert "2027-01-01 – 2027-01-03" in wu.opens(YEAR).text


@pytest.mark.usefixtures("provisional")
@pytest.mark.parametrize("wrong", ["soon", "2027-02-30", "2027-01-03 – 2027-01-01", "20819"])
def test_a_day_that_cannot_be_read_changes_nothing(site: Site, wu: Window, wrong: str) -> None:
    form = wu.opens(f"{YEAR}?do=changed")
    answer = wu.fills_in(form, "/do/changed", off=wrong, work="2027-01-09")
    assert answer.status == 422
    assert "2027-01-01" in answer.text and wrong in answer.html
    record = site.record("calendar:2027")
    assert record is not None and record["off"] == SAID["off"]


def test_what_is_written_is_read_again() -> None:
    numbers = [FIRST, FIRST + 1, FIRST + 2, FIRST + 40, FIRST + 41, FIRST + 200]
    assert typed_days.read(typed_days.written(numbers)) == numbers
    assert typed_days.read("") == [] and typed_days.written([]) == ""
    assert typed_days.read("2027-01-01 – 2029-01-01") is None, "longer than a year is a slip"


def test_nobody_makes_a_year_by_hand(wu: Window) -> None:
    assert wu.opens("/office/records/calendar?add=1").links.get("Add") is None
    sent = wu.sends("/office/records/calendar", source="x", act_id="act:" + "0" * 26)
    assert sent.status == 404
