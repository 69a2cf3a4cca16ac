"""Escalation reaches people: Chen in the app, Wu on the board, without anybody loading a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide
from tests.tablet import until

pytestmark = pytest.mark.browser


def test_chen_is_told_that_nobody_gave_water_and_wu_sees_it_come(
    hospital: Hospital,
    holds_a_tablet: Callable[[str], Guide],
    at_a_desk: Callable[[str], Desk],
) -> None:
    wu = at_a_desk("wu")
    wu.opens("/office/")
    waiting = wu.page.locator(".big-numbers b").first
    late = wu.page.locator(".big-numbers .over b").first
    assert (waiting.inner_text(), late.inner_text()) == ("0", "0")
    loads = wu.loads

    chen = holds_a_tablet("chen")
    lin = holds_a_tablet("lin")
    chen.looks_at("/floor/todo")
    wait = lin.seats("王小明")
    until(lambda: waiting.inner_text() == "1", "Wu's board to show who sat down")
    lin.goes_offline()

    hospital.passes(minutes=9)
    until(lambda: late.inner_text() == "1", "Wu's board to show who is late")
    assert wu.loads == loads

    def told() -> list[tuple[str, str]]:
        notices = [one for one in hospital.records("notice") if one["about"] == wait]
        return [(one["to"], one["what"]) for one in notices if one["rung"] == 2]

    until(lambda: told() == [("person:chen", "waiting_water")], "Chen, and nobody else, to be told")
    # Chen's tablet waits at the server for news, and shows them on the page that is open.
    badge = chen.tablet.page.locator('nav.tabs a[href="/floor/todo"] .count')
    until(lambda: badge.count() and badge.inner_text() > "0", "a number on “To do”")
    until(lambda: "王" in chen.tablet.text(), "the wait among what is to do")
    chen.sees("王", "/floor/notices")

    lin.comes_back()
    lin.gives_water(wait)
    hospital.comes_to_have(wait, "water_at")
    until(lambda: late.inner_text() == "0", "Wu's board to be calm again")
    assert wu.loads == loads
