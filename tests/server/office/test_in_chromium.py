"""The office in a real browser: nothing reloads, nothing jumps, everything is reached by a key."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.no_reload import stay, stayed
from tests.server.office.test_tables import complains, waits
from tests.server.served import Served
from tests.sources import ROOT

pytestmark = pytest.mark.browser
AXE = ROOT / "service_worker" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = (
    "/office/", "/office/?wall=1", "/office/notices", "/office/waiting", "/office/visits",
    "/office/complaints",
    "/office/reconcile", "/office/people", "/office/people/lin", "/office/people?add=1",
    "/office/settings", "/office/settings/waiting.water_after", "/office/devices",
    "/office/records", "/office/records/doctor?add=1", "/office/records/complaint?view=all",
)  # fmt: skip


TABLES = (
    *("", "waiting", "visits", "complaints", "people", "devices", "settings"),
    *("records/waiting", "records/arrival", "records/complaint", "records/doctor"),
)


def test_an_act_is_said_without_a_reload_and_a_mistake_keeps_what_was_typed(
    page: Page, cast: Cast
) -> None:
    record = complains(cast, "要道歉")
    page.goto(f"/office/complaints/{record.partition(':')[2]}")
    stay(page)
    page.get_by_role("link", name="Settled").click()
    page.get_by_label("How it was solved").fill("当面道歉")
    page.get_by_role("button", name="Note it: Settled").click()
    expect(page.get_by_text("Not saved yet. What you typed is kept.")).to_be_visible()
    expect(page.get_by_label("How it was solved")).to_have_value("当面道歉")
    page.get_by_label("Attended by").fill("吴建国")
    page.get_by_role("button", name="Note it: Settled").click()
    expect(page.get_by_text("No clock runs on this any more.")).to_be_visible()
    expect(page.locator(".story")).to_contain_text("当面道歉")
    assert stayed(page)


def test_a_table_that_is_open_hears_of_what_happens_on_the_floor(page: Page, cast: Cast) -> None:
    waits(cast, "甲先到")
    page.goto("/office/waiting")
    expect(page.locator("fw-live[data-connected]")).to_be_attached()
    stay(page)
    waits(cast, "乙后到")
    expect(page.locator("tbody")).to_contain_text("乙**", timeout=5_000)
    assert stayed(page)


def test_the_board_changes_where_it_changed_and_nowhere_else(page: Page, cast: Cast) -> None:
    waits(cast, "甲", department="骨科")
    page.goto("/office/")
    expect(page.locator("fw-live[data-connected]")).to_be_attached()
    page.evaluate("window.before = document.querySelector('.people')")
    waits(cast, "乙", department="骨科")
    expect(page.locator(".big-numbers b").first).to_have_text("2", timeout=5_000)
    assert page.evaluate("window.before === document.querySelector('.people')")
    expect(page.locator(".side a", has_text="Waiting")).to_contain_text("2")


def test_a_record_that_is_being_written_to_does_not_lose_the_words(
    page: Page, clock: Clock, cast: Cast
) -> None:
    record = complains(cast, "要道歉")
    page.goto(f"/office/complaints/{record.partition(':')[2]}")
    expect(page.locator("fw-live[data-connected]")).to_be_attached()
    page.get_by_placeholder("A note").fill("正在写的话")
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="我来说")
    page.wait_for_timeout(900)
    expect(page.get_by_placeholder("A note")).to_have_value("正在写的话")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_smallest_desk_shows_every_column(
    page: Page, clock: Clock, cast: Cast, language: str
) -> None:
    for n in range(3):
        waits(cast, f"古丽米热·阿不都克里木{n}", department="消化内科")
        complains(cast, "一句很长的话" * 9)
    clock.passes(minutes=20)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.context.set_extra_http_headers({"Accept-Language": language})
    wide = {}
    for name in TABLES:
        page.goto(f"/office/{name}")
        wide[name] = page.evaluate(
            """() => [...document.querySelectorAll("main, main *")].filter(one =>
              one.scrollWidth > one.clientWidth + 1 &&
              ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
              .map(one => one.className + " " + one.scrollWidth + " > " + one.clientWidth)"""
        )
    assert not any(wide.values()), wide


def test_books_of_the_menu_stay_as_they_were_opened(page: Page, cast: Cast) -> None:
    """Several at once, on the next page and after something happened."""
    page.goto("/office/complaints")
    books = page.locator(".books details")
    expect(page.locator('[data-book="cases"]')).to_have_attribute("open", "")
    for book in ("quality", "knowledge"):
        page.locator(f'[data-book="{book}"] summary').click()
    page.locator('[data-book="cases"] a[href="/office/memos"]').click()
    expect(page).to_have_url(re.compile("/office/memos"))
    shown = [books.nth(n).get_attribute("data-book") for n in range(books.count())
             if books.nth(n).get_attribute("open") is not None]  # fmt: skip
    assert shown == ["cases", "quality", "knowledge"]
    waits(cast, "乙")
    expect(page.locator('[data-book="quality"]')).to_have_attribute("open", "")
    page.locator('[data-book="quality"] summary').click()
    page.reload()
    expect(page.locator('[data-book="quality"]')).not_to_have_attribute("open", "")
    expect(page.locator('[data-book="knowledge"]')).to_have_attribute("open", "")


def test_keys_search_walk_open_and_go_back(page: Page, cast: Cast) -> None:
    complains(cast, "第一件")
    page.goto("/office/complaints")
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What happened")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".grid-table")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()


def test_a_decision_by_a_key(page: Page, clock: Clock, cast: Cast) -> None:
    waiting = waits(cast, "王小明")
    clock.passes(minutes=9)
    late = cast.chen.says("waiting.water_given", waiting, at=clock() + 90_000)
    cast.lin.does("waiting.ended", waiting, outcome="seen")
    clock.passes(minutes=6)
    cast.chen.hands_in(late)
    page.goto("/office/reconcile")
    page.get_by_label("Why").fill("问过两位")
    page.get_by_label("Why").press("Escape")
    page.keyboard.press("2")
    expect(page.get_by_text("Everything fits")).to_be_visible()


def test_it_works_without_scripts(playwright: Playwright, served: Served, cast: Cast) -> None:
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    context = browser.new_context(
        base_url=served.address, java_script_enabled=False, locale="en-GB"
    )
    cookie: Any = {"name": "floorwalk", "value": served.token("person:wu"), "url": served.address}
    context.add_cookies([cookie])
    page = context.new_page()
    record = complains(cast, "要道歉")
    page.goto(f"/office/complaints/{record.partition(':')[2]}")
    page.get_by_placeholder("A note").fill("没有脚本也能写")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator(".story")).to_contain_text("没有脚本也能写")
    browser.close()


def test_axe_finds_nothing_serious_on_any_screen(page: Page, clock: Clock, cast: Cast) -> None:
    waiting = waits(cast, "司徒青云", department="骨科", needs_help=["wheelchair"])
    record = complains(cast, "要道歉", name="司徒青云", phone="13600007719")
    clock.passes(minutes=7)
    places = [
        f"/office/complaints/{record.partition(':')[2]}",
        f"/office/complaints/{record.partition(':')[2]}?do=settled",
        f"/office/complaints/{record.partition(':')[2]}/slip",
        f"/office/complaints/{record.partition(':')[2]}/form",
        f"/office/waiting/{waiting.partition(':')[2]}",
        f"/office/waiting/{waiting.partition(':')[2]}/form",
        f"/office/several/waiting?do=water_given&row={waiting}",
    ]
    found = {}
    for address in (*SCREENS, *places):
        page.goto(address)
        serious = violations(page)
        if serious:
            found[address] = serious
    assert found == {}


def violations(page: Page) -> list[str]:
    """Return what axe calls serious or worse; run beside the page's policy, not within it."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    asked = (
        "axe.run().then(r => JSON.stringify(r.violations.filter("
        "v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id + ': ' + v.nodes[0].html.slice(0, 120))))"
    )
    answer = session.send(
        "Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True}
    )
    return list(json.loads(answer["result"]["value"]))
