"""A kind of record is written once: one that a test alone declares is found everywhere.

`tests/invented_kind.py` declares what somebody left behind. No other file knows of it, and yet it
is searched, due, told, shown with its icons, masked, live, refused and linked on both ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Playwright
from starlette.requests import Request
from starlette.responses import Response

from server.acts.site import Site
from server.app import build
from server.database.tables import accounts
from server.http import passwords
from server.office.board import live_events
from tests import invented_kind
from tests.cast import PEOPLE, Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.features.house import House, key
from tests.server.clockwork import Clockwork
from tests.server.office.window import PASSWORD, Page, Window
from tests.server.served import Served, serving
from tests.service_worker.node import Node
from tests.tablet import Tablet, until

OWNER, PHONE = "欧阳若兰", "13955550416"
SAY = "您当时的岗位不能这样记。"

# ------------------------------------------------------------------------------------- the office


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_kind.declared():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    made = made_site(tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    return make_cast(site, clock)


@pytest.fixture
def window(site: Site) -> Callable[[str], Window]:
    """window("wu") is a window of the office, signed in as Wu."""
    kept = passwords.hashed(PASSWORD)
    rows = [
        {
            "person": person,
            "login": person.partition(":")[2],
            "password_hash": kept,
            "failures": 0,
            "locked_until": None,
            "created_at": site.now(),
        }
        for person in PEOPLE
    ]
    with site.writing() as connection:
        connection.execute(sa.insert(accounts), rows)
    app = build(site)

    def opened(login: str) -> Window:
        made = Window(app, "zh")
        made.signs_in(login)
        return made

    return opened


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    with serving(site) as running:
        yield running


def finds(cast: Cast, item: str = "蓝色雨伞") -> str:
    """Let Lin find something in lobby 1; return the record."""
    record = cast.lin.new("lost")
    said = {"item": item, "name": OWNER, "phone": PHONE, "place": "place:lobby-1"}
    verdict = cast.lin.does("lost.found", record, **said)
    assert verdict.good, verdict
    return record


def is_masked(page: Page) -> bool:
    return OWNER not in page.html and PHONE not in page.html


def test_the_menu_leads_to_a_table_that_is_searched(
    cast: Cast, window: Callable[[str], Window]
) -> None:
    record, _other = finds(cast), finds(cast, "黑色手套")
    wu = window("wu")
    menu = wu.opens("/office/menu").html
    assert 'href="/office/lost"' in menu and "icons.svg#package" in menu and "<b>2</b>" in menu
    assert "lost" in menu.partition('data-live="')[2].partition('"')[0].split()
    table = wu.opens("/office/lost?q=雨伞")
    assert table.links["蓝色雨伞"] == f"/office/lost/{key(record)}"
    assert "黑色手套" not in table.text and "保管中" in table.text and is_masked(table)
    assert 'aria-current="page"' in table.html, "its link in the menu is lit"


def test_the_directory_has_it_in_its_book(cast: Cast, window: Callable[[str], Window]) -> None:
    page = window("wu").opens("/office/records")
    places = [page.html.index(words) for words in ("大厅</h2>", ">失物<", "个案</h2>")]
    assert places == sorted(places)
    assert 'class="line" href="/office/lost"' in page.html


def test_its_page_shows_history_with_icons_and_hides_what_is_private(
    cast: Cast, window: Callable[[str], Window]
) -> None:
    record = finds(cast)
    wu = window("wu")
    page = wu.opens(f"/office/lost/{key(record)}")
    assert page.status == 200 and "蓝色雨伞" in page.text
    assert "icons.svg#hand-heart" in page.html and "139****0416" in page.text and is_masked(page)
    assert f'data-live="{record}"' in page.html
    shown = wu.sends(f"/office/lost/{key(record)}/reveal", field="phone")
    assert PHONE in shown.text and OWNER not in shown.text
    again = wu.opens(f"/office/lost/{key(record)}")
    assert "看过隐私" in again.text and "icons.svg#eye" in again.html
    assert wu.opens(f"/office/records/lost/{key(record)}").status == 200


def test_an_act_is_said_from_its_page_by_whoever_may(
    site: Site, cast: Cast, window: Callable[[str], Window]
) -> None:
    record = finds(cast)
    wu = window("wu")
    asked = wu.opens(f"/office/lost/{key(record)}?do=returned")
    done = wu.fills_in(asked, "/do/returned", reason="本人来取")
    assert done.address == f"/office/lost/{key(record)}" and "已归还" in done.text
    found = site.record(record)
    assert found is not None and found["state"] == "returned"
    assert found["room"] == "一号大厅", "copied from where it is"


def test_what_its_record_requires_is_asked_before_it_is_sent(
    site: Site, cast: Cast, window: Callable[[str], Window]
) -> None:
    record = finds(cast, "现金")
    wu = window("wu")
    asked = wu.opens(f"/office/lost/{key(record)}?do=returned")
    left = wu.fills_in(asked, "/do/returned", reason="")
    assert left.status == 422 and "请填写" in left.text, left.text
    found = site.record(record)
    assert found is not None and found["state"] == "kept" and not found["unsettled"]


def test_its_clock_runs_out_and_a_notice_leads_to_it(
    site: Site, cast: Cast, clock: Clock, window: Callable[[str], Window]
) -> None:
    record = finds(cast)
    clockwork = Clockwork(site, clock)
    clockwork.runs(12)
    assert [told for _rung, told in clockwork.rungs(record, "lost_claim")] == [["lin"], ["chen"]]
    page = window("chen").opens("/office/notices")
    assert "报告导医主管" in page.text and "蓝色雨伞" in page.text and is_masked(page)
    assert f'href="/office/lost/{key(record)}"' in page.html
    ahead = window("wu").opens(f"/office/lost/{key(record)}").html
    assert ahead.count("报告导医主管") and "icons.svg#ladder" in ahead


def test_the_stream_names_it_alone_and_in_a_burst(served: Served, site: Site, cast: Cast) -> None:
    def names_since(seq: int) -> list[str]:
        with served.client("wu").stream("GET", f"/events?since={seq}") as stream:
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            return next(lines).removeprefix("data: ").split()

    seq = site.hub.seq
    record = finds(cast)
    assert {record, "lost"} <= set(names_since(seq))
    for number in range(live_events.MOST_NAMED + 1):
        finds(cast, f"雨伞 {number}")
    burst = names_since(seq)
    assert "lost" in burst and record not in burst


def test_a_refused_act_is_shown_in_its_own_words_and_leads_to_it(
    site: Site, cast: Cast, window: Callable[[str], Window]
) -> None:
    record = finds(cast)
    verdict = cast.zhao.does("lost.returned", record)
    assert not verdict.good
    page = window("wu").opens("/office/reconcile")
    assert "归还失主" in page.text and f"/office/lost/{key(record)}" in page.html
    assert is_masked(page)


# ------------------------------------------------------------------------------------- the tablet


class LostHouse(House):
    """The house, whose worker was built with the kind; somebody left an umbrella."""

    def __init__(self, script: str) -> None:
        self.script = script
        super().__init__()

    async def _worker(self, request: Request) -> Response:
        return Response(self.script, media_type="text/javascript")

    def lost(self, item: str, ago: int, **said: str) -> str:
        """Lin found something, minutes ago."""
        data = {"item": item, "name": OWNER, "phone": PHONE, "place": "place:lobby-1", **said}
        return self._new("lost", "lost.found", ago, "lin", data)


@pytest.fixture
def house(generated: Path, tmp_path: Path) -> Iterator[LostHouse]:
    site = LostHouse(invented_kind.worker_script(tmp_path / "built"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def lin(house: LostHouse, playwright: Playwright, tmp_path: Path) -> Iterator[Tablet]:
    """Lin's tablet, held flat; she found an umbrella seven minutes ago."""
    tablet = Tablet(playwright, house.url, tmp_path / "lin")
    tablet.page.set_viewport_size({"width": 1280, "height": 800})
    tablet.open("/floor/more")
    tablet.wait_for_floor()
    yield tablet
    tablet.close()


def icons(tablet: Tablet, selector: str) -> list[str]:
    """Return the names of the icons in what a selector finds."""
    uses = tablet.page.locator(f"{selector} svg.icon use")
    return [str(use.get_attribute("href")).partition("#")[2] for use in uses.all()]


@pytest.mark.browser
def test_a_tablet_finds_it_with_a_link_and_masks(house: LostHouse, lin: Tablet) -> None:
    record = house.lost("蓝色雨伞", 3)
    lin.sync()
    house.stop()
    for asked in ("雨伞", "0416", "lsys"):
        lin.open(f"/floor/search?q={asked}")
        found = lin.page.locator("#found .line")
        assert found.get_attribute("href") == f"/floor/lost/{key(record)}"
        words = lin.text("#found")
        assert "失物招领" in words and "蓝色雨伞" in words and "保管中" in words
        assert "欧阳**·139****0416·门诊大厅" in words and OWNER not in words


@pytest.mark.browser
def test_its_clock_is_a_task_that_a_tap_does(house: LostHouse, lin: Tablet) -> None:
    record = house.lost("蓝色雨伞", 7)
    lin.sync()
    house.stop()
    lin.open("/floor/todo")
    task = lin.page.locator("a.task", has_text="找失主：蓝色雨伞")
    assert task.count() == 1 and icons(lin, "a.task") == ["log-out"]
    assert lin.text("a[href='/floor/todo'] .count").endswith("1")
    words = lin.text()
    assert "139****0416" in words and PHONE not in words and "林晚舟" in words
    assert lin.page.locator(f"#main a[href='/floor/lost/{key(record)}']").count() == 1
    lin.page.locator(".foot button.act", has_text="归还失主").click()
    until(lambda: lin.page.locator("a.task").count() == 0, "the task to go")
    stored = lin.stored("view", record)["record"]
    assert (stored["state"], stored["room"]) == ("returned", "门诊大厅"), "copied from its place"


@pytest.mark.browser
def test_a_tablet_asks_for_what_the_record_requires(house: LostHouse, lin: Tablet) -> None:
    record = house.lost("现金", 7)
    lin.sync()
    said = {"act": "lost.returned", "record": record, "act_id": "act:" + "0" * 26}
    answer = lin.post("/floor/todo/done", said, htmx=False)
    assert answer["status"] == 422 and "这一项还没填" in answer["text"], answer
    assert lin.stored("view", record)["record"]["state"] == "kept" and not lin.unsent()


@pytest.mark.browser
def test_a_notice_about_it_says_the_rung_and_leads_to_it(house: LostHouse, lin: Tablet) -> None:
    record = house.lost("蓝色雨伞", 7)
    told = {"what": "lost_claim", "rung": 1, "name": "蓝色雨伞", "due_at": house.now()}
    house.notice("lin", record, 2, **told)
    lin.sync()
    lin.open("/floor/notices")
    assert "联系失主·蓝色雨伞" in lin.text()
    lin.page.get_by_text("联系失主·蓝色雨伞").click()
    until(lambda: lin.is_at(f"/floor/lost/{key(record)}"), "the page that the notice is about")


@pytest.mark.browser
def test_a_refused_act_shows_both_sides_with_icons_and_a_link(
    house: LostHouse, lin: Tablet
) -> None:
    record = house.lost("蓝色雨伞", 7)
    house.refuse["lost.returned"] = {"reason": "not_your_post", "say": SAY}
    lin.sync()
    said = {"act": "lost.returned", "record": record, "act_id": "act:" + "0" * 26}
    assert lin.post("/floor/todo/done", said, htmx=False)["status"] == 200
    until(lambda: not lin.unsent(), "the server's answer")
    lin.open("/floor/sync")
    words = lin.text()
    assert "归还失主 · 蓝色雨伞" in words and SAY in words and OWNER not in words
    lin.page.get_by_text("看两边怎么记的").click()
    until(lambda: "捡到" in lin.text(), "both sides")
    assert "hand-heart" in icons(lin, ".story")
    assert lin.page.locator(f"#main a[href='/floor/lost/{key(record)}']").count() == 1


def test_a_kind_without_a_page_has_no_link() -> None:
    with Node() as worker:
        module = "service_worker/models/reference.js"
        assert worker.call(module, "hrefOf", [{"_id": "letter:01K"}]) == ""
        assert worker.call(module, "hrefOf", [{"_id": "nobody:01K"}]) == ""
