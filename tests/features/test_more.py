"""The page "More": how the tablet looks, in which language, and the way out of it."""

from __future__ import annotations

import json
import re

import pytest

from tests.browser import wait_for_address
from tests.features.conftest import Hand
from tests.features.house import House
from tests.service_worker.tablet.gestures import sat_down, water_given
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

CHINESE = re.compile(r"[\u3400-\u9fff]+")


def choose(tablet: Tablet, name: str, value: str, button: str) -> None:
    """Choose a chip on the page, and keep it."""
    tablet.page.locator(f'label:has(input[name="{name}"][value="{value}"])').tap()
    tablet.page.get_by_role("button", name=button).tap()


def test_how_a_tablet_looks_is_kept_on_it(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/more")
    choose(lin, "theme", "night", "保存到本机")
    until(
        lambda: (lin.stored("meta", "prefs person:lin") or {}).get("theme") == "night", "the choice"
    )
    lin.kill_worker()
    lin.open("/floor/sync")
    assert lin.page.evaluate("document.documentElement.dataset.theme") == "night"


def test_who_looks_after_another_floor_receives_people_there(tablet_of: Hand) -> None:
    """Found, 2, row 19: greeting ignored the place chosen under “I look after”."""
    lin = tablet_of("lin")
    lin.open("/floor/more")
    lin.page.select_option("select[name=place]", "place:floor-2")
    lin.page.get_by_role("button", name="保存地点和语言").tap()
    until(
        lambda: (lin.stored("meta", "prefs person:lin") or {}).get("place") == "place:floor-2",
        "the choice",
    )
    lin.open("/floor/lobby")
    lin.page.locator("#dock button", has_text="看见了").click()
    until(lambda: lin.stored("acts"), "the act")
    [act] = [row["act"] for row in lin.stored("acts")]
    assert (act["act"], act["data"]["place"]) == ("arrival.registered", "place:floor-2")


def test_who_reads_only_english_reads_all_of_it_in_english(house: House, tablet_of: Hand) -> None:
    wait = house.wait("Smith", 2)
    lin = tablet_of("lin")
    lin.open("/floor/more")
    choose(lin, "language", "en", "保存地点和语言")
    until(lambda: "What was sent" in lin.text(), "English")
    house.refuse["waiting.water_given"] = {"reason": "not_found", "say": ""}
    lin.sync()
    water_given(lin, wait)
    house.stop()
    sat_down(lin, name="Jones", place="place:guke-3")
    lin.sync()
    data = set(CHINESE.findall(json.dumps(lin.stored("view"), ensure_ascii=False))) | {"中文"}
    for path in ("more", "sync", "round", "sign-out", "lobby", "waiting", "todo", "notices"):
        lin.open(f"/floor/{path}")
        words = set(CHINESE.findall(lin.text("body")))
        assert words <= data, path
        assert lin.page.evaluate("document.documentElement.lang") == "en"


def test_a_language_is_fetched_when_it_is_chosen_and_kept(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/more")
    choose(lin, "language", "en", "保存地点和语言")
    until(lambda: "What was sent" in lin.text(), "English")
    house.stop()
    lin.kill_worker()
    lin.open("/floor/more")
    assert "What was sent" in lin.text(), "English is kept on the tablet"
    choose(lin, "language", "zh_Hans", "Keep place and language")
    until(lambda: "保存地点和语言" in lin.text(), "Chinese, which is always there")


def test_a_language_that_cannot_be_fetched_is_not_chosen(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    house.stop()
    lin.open("/floor/more")
    choose(lin, "language", "en", "保存地点和语言")
    until(lambda: "还没有这种语言的文字" in lin.text(), "why not")
    assert "language" not in (lin.stored("meta", "prefs person:lin") or {})
    lin.open("/floor/more")
    assert "保存地点和语言" in lin.text()


def test_the_language_of_a_person_is_there_with_the_first_screen(
    house: House, tablet_of: Hand
) -> None:
    house.say("person.changed", "person:lin", {"language": "en"})
    lin = tablet_of("lin")
    house.stop()
    lin.kill_worker()
    lin.open("/floor/more")
    assert "What was sent" in lin.text()


def test_a_new_version_brings_every_language_of_the_one_before(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/more")
    choose(lin, "language", "en", "保存地点和语言")
    until(lambda: "What was sent" in lin.text(), "English")
    house.version = "feedc0ffee12"
    lin.page.evaluate("navigator.serviceWorker.getRegistration().then(one => one.update())")
    waiting = "navigator.serviceWorker.getRegistration().then(one => Boolean(one.waiting))"
    until(lambda: lin.ask(waiting), "the new version to be installed")
    lin.page.locator("nav.tabs a[href='/floor/waiting']").click()
    until(lambda: lin.ask(waiting) is False, "the new version to take over")
    house.stop()
    lin.open("/floor/more")
    assert "feedc0ffee12" in lin.text()
    assert "What was sent" in lin.text()


def test_signing_out_with_nothing_unsent_leaves_nothing_of_patients(
    house: House, tablet_of: Hand
) -> None:
    house.visit("王小明", 5)
    lin = tablet_of("lin")
    assert any(row["_id"].startswith("arrival:") for row in lin.stored("view"))
    lin.open("/floor/sign-out")
    assert "已全部上传" in lin.text()
    lin.page.locator('form[action="/floor/sign-out"] button').tap()
    wait_for_address(lin.page, "/sign-in")
    assert lin.stored("view") == []
    assert lin.stored("acts") == []


def test_signing_out_keeps_what_is_unsent_until_somebody_says_otherwise(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    house.status = 503
    sat_down(lin, name="王小明", place="place:guke-3")
    lin.open("/floor/sign-out")
    assert "1 条没送达" in lin.text()
    lin.page.get_by_role("button", name="1 条留在本机").tap()
    wait_for_address(lin.page, "/sign-in")
    assert len(lin.unsent()) == 1

    house.status = None
    house.person = "person:lin"
    lin.post("/sign-in", {"login": "lin"}, htmx=False)
    lin.open("/floor/more")
    lin.wait_for_floor()
    lin.sync()
    until(lambda: not lin.unsent(), "what was kept to be sent")

    house.status = 503
    sat_down(lin, name="李大年", place="place:guke-3")
    lin.open("/floor/sign-out")
    lin.page.locator("details summary").tap()
    lin.page.locator('label:has(input[name="erase"])').tap()
    lin.page.get_by_role("button", name="全部清除").tap()
    wait_for_address(lin.page, "/sign-in")
    assert lin.stored("acts") == [] and lin.stored("view") == []
