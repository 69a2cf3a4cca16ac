"""Whoever looks at a live page misses nothing: hidden tabs, bursts, cuts, pages on their way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from server.acts.site import Site
from server.office.board import live_events
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.no_reload import stay, stayed
from tests.server.office.test_tables import complains, waits
from tests.server.served import Served

HIDE = """is => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => is})
  document.dispatchEvent(new Event("visibilitychange"))
}"""
SOON = 5_000  # ms
MOST_LINES = 100  # of a stream, which says that it is there every LOOK_AGAIN


def messages(served: Served, login: str, query: str = "", **headers: str) -> Iterator[list[str]]:
    """Yield the names of each message of a person's stream."""
    with served.client(login, **headers).stream("GET", f"/events{query}") as stream:
        assert stream.status_code == 200
        for number, line in enumerate(stream.iter_lines()):
            assert number < MOST_LINES, "the stream goes on and says nothing"
            if line.startswith("data: ") and line != live_events.HERE.splitlines()[1]:
                yield line.removeprefix("data: ").split()


def many_complaints(cast: Cast, count: int) -> None:
    for number in range(count):
        complains(cast, f"第{number}件")


# What the stream says


def test_a_stream_goes_on_after_what_a_page_saw(served: Served, site: Site, cast: Cast) -> None:
    seq = site.hub.seq
    record = complains(cast)
    assert record in next(messages(served, "wu", f"?since={seq}"))


def test_a_browser_that_comes_back_says_more_than_its_address(
    served: Served, site: Site, cast: Cast
) -> None:
    start, first = site.hub.seq, complains(cast, "先说的")
    heard = {"last-event-id": str(site.hub.seq)}
    second = complains(cast, "后说的")
    names = next(messages(served, "wu", f"?since={start}", **heard))
    assert second in names and first not in names


def test_a_burst_names_every_declared_kind_and_every_record(
    served: Served, site: Site, cast: Cast
) -> None:
    seq = site.hub.seq
    many_complaints(cast, live_events.MOST_NAMED + 1)
    assert set(next(messages(served, "wu", f"?since={seq}"))) == {
        "*", *site.declarations["records"]
    }  # fmt: skip


@pytest.mark.parametrize("since", ["99999999", "9" * 40])
def test_a_page_ahead_of_a_database_that_was_put_back_begins_anew(
    served: Served, site: Site, cast: Cast, since: str
) -> None:
    complains(cast)
    assert "*" in next(messages(served, "wu", f"?since={since}"))


def test_whoever_may_see_more_than_before_fetches_everything(
    served: Served, site: Site, clock: Clock, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_events, "LOOK_AGAIN", 0.2)
    stream = messages(served, "chen", f"?since={site.hub.seq}")
    record = complains(cast)
    assert record in next(stream)
    clock.passes(minutes=1)
    chen = site.record("person:chen")
    assert chen is not None
    more, seen = {"places": ["place:site"]}, chen["acts"]["last"]
    verdict = site.record_act("person.changed", chen["_id"], more, by="person:wu", seen=seen)
    assert verdict.good, verdict
    clock.passes(minutes=1)
    assert any("*" in names for names in stream)


# What an open page shows


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("fw-live[data-connected]")).to_be_attached()
    stay(page)


@pytest.mark.browser
def test_a_hidden_tab_that_is_shown_again_has_missed_nothing(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    record = complains(cast, "要道歉")
    opened(page, f"/office/complaints/{record.partition(':')[2]}")
    page.evaluate(HIDE, True)
    expect(page.locator("fw-live[data-connected]")).not_to_be_attached()
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    page.evaluate(HIDE, False)
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=SOON)
    assert stayed(page)


@pytest.mark.browser
def test_the_page_of_a_record_is_fetched_again_after_a_burst(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    record = complains(cast, "要道歉")
    opened(page, f"/office/complaints/{record.partition(':')[2]}")
    page.evaluate(HIDE, True)
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    many_complaints(cast, live_events.MOST_NAMED + 1)
    page.evaluate(HIDE, False)
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=SOON)
    assert stayed(page)


@pytest.mark.browser
def test_what_happens_while_a_page_is_on_its_way_is_shown_on_it(
    page: Page,
    cast: Cast,
) -> None:
    """The event comes when the old page is still on the screen, the answer was drawn before it."""
    waits(cast, "甲先到")
    opened(page, "/office/complaints")

    def late(route: Route) -> None:
        drawn = route.fetch()
        waits(cast, "乙后到")
        page.wait_for_timeout(700)
        route.fulfill(response=drawn)
        page.unroute("**/office/waiting")

    page.route("**/office/waiting", late)
    page.locator(
        "#side summary", has_text="On the floor"
    ).click()  # books beside one's own are shut
    page.locator("#side a", has_text="Waiting").first.click()
    expect(page.locator("tbody")).to_contain_text("乙**", timeout=SOON)
    assert stayed(page)


@pytest.mark.browser
def test_a_fetch_that_fails_is_done_again(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    record = complains(cast, "要道歉")
    address = f"/office/complaints/{record.partition(':')[2]}"
    opened(page, address)
    asked: list[int] = []

    def busy_once(route: Route) -> None:
        asked.append(1)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, body="")

    page.route(f"**{address}*", busy_once)
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=3 * SOON)
    page.unroute(f"**{address}*")
    page.troubles = [said for said in page.troubles if "503" not in said]  # type: ignore[attr-defined]


@pytest.mark.browser
def test_a_stream_that_was_refused_is_asked_for_again(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    """A browser gives up after 429 or 502; the page does not, and has missed nothing by then."""
    record = complains(cast, "要道歉")
    page.route("**/events*", lambda route: route.fulfill(status=502, body=""))
    page.goto(f"/office/complaints/{record.partition(':')[2]}")
    page.wait_for_timeout(300)
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    page.unroute("**/events*")
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=3 * SOON)
    page.troubles = [said for said in page.troubles if "502" not in said]  # type: ignore[attr-defined]


@pytest.mark.browser
def test_a_stream_that_died_without_a_word_is_asked_for_again(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    """After sleep a connection is dead, no error comes, and the page would stay for ever."""
    record = complains(cast, "要道歉")
    page.clock.install()
    asked: list[Route] = []

    def dead_at_first(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/events*", dead_at_first)
    page.goto(f"/office/complaints/{record.partition(':')[2]}")
    page.wait_for_timeout(300)
    assert len(asked) == 1
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    page.clock.fast_forward(25_000)
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=SOON)
    asked[0].abort()


@pytest.mark.browser
def test_who_works_by_keyboard_stays_where_they_were(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    """What changes elsewhere in a list redraws it, and leaves the focus on the row it was on."""
    first = complains(cast, "先来的")
    opened(page, "/office/complaints")
    link = page.locator(f"tbody a[href$='{first.partition(':')[2]}']").first
    link.focus()
    clock.passes(minutes=1)
    complains(cast, "后来的")
    expect(page.locator("tbody")).to_contain_text("后来的", timeout=SOON)
    expect(link).to_be_focused()


@pytest.mark.browser
def test_what_somebody_opened_stays_open(
    page: Page,
    clock: Clock,
    cast: Cast,
) -> None:
    record = complains(cast, "要道歉")
    opened(page, f"/office/complaints/{record.partition(':')[2]}")
    missing = page.locator("#record details.quiet")
    missing.locator("summary").click()
    clock.passes(minutes=1)
    cast.lin.does("complaint.responded", record, response="已当面道歉")
    expect(page.locator(".story")).to_contain_text("已当面道歉", timeout=SOON)
    expect(missing).to_have_attribute("open", "")
