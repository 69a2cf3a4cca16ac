"""Rows of a table are chosen in a real browser: what is chosen stays, and twice is once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.no_reload import stay, stayed
from tests.server.office.test_tables import waits

pytestmark = pytest.mark.browser


def test_what_is_chosen_outlives_news_and_coming_back(
    page: Page, clock: Clock, cast: Cast, site: Site
) -> None:
    """Peers lost the selection when the list was drawn anew, or after the Back button."""
    some = [waits(cast, name) for name in ("甲", "乙", "丙")]
    page.goto("/office/records/waiting")
    expect(page.locator("fw-live[data-connected]")).to_be_attached()
    stay(page)
    for record in some[:2]:
        page.locator(f'input[value="{record}"]').check()
    expect(page.locator(".several")).to_contain_text("2 chosen")
    page.locator("h1").click()
    clock.passes(seconds=1)
    waits(cast, "丁后到")
    expect(page.locator("tbody")).to_contain_text("丁**", timeout=5_000)
    expect(page.locator("tbody input:checked")).to_have_count(2)
    page.locator("details.opens > summary", has_text="Period").click()
    page.get_by_role("link", name="Today").click()
    expect(page.locator("tbody input:checked")).to_have_count(0)
    page.go_back()
    expect(page.locator("tbody input:checked")).to_have_count(2)
    assert stayed(page)
    page.get_by_label("Choose all rows").check()
    expect(page.locator(".several")).to_contain_text("4 chosen")
    page.get_by_role("button", name="Choose none").click()
    expect(page.locator(".several")).to_be_hidden()
    for record in some[:2]:
        page.locator(f'input[value="{record}"]').check()
    page.get_by_role("button", name="Water given").click()
    page.get_by_role("button", name="Note it for each").dblclick()
    expect(page.locator("#main")).to_contain_text("Noted: 2")
    found = [site.record(record) or {} for record in some]
    assert ["water_at" in one for one in found] == [True, True, False]
    assert [one["acts"]["n"] for one in found] == [2, 2, 1]
