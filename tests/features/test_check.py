"""A list's chips count what is to be done by today; what is planned ahead has one of its own."""

from __future__ import annotations

import pytest

from sync.act import key_id
from sync.worktime import local_day
from tests.features.conftest import Hand
from tests.features.house import HOUR, House
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

CALENDAR = {"offset": 480}
LISTS = {
    "checklist:early": {"name": "开诊检查", "purpose": "check"},
    "checklist:clean": {"name": "卫生值日", "purpose": "check", "review": True},
    "checklist:dress": {"name": "仪容仪表", "purpose": "appearance"},
    "checklist:old": {"name": "旧检查表", "purpose": "check"},
}


def lists(house: House) -> None:
    for record, said in LISTS.items():
        house.say("checklist.drafted", record, {**said, "items": {"e01_light": "灯亮"}})
        house.say("checklist.published", record, {})
    house.say("checklist.retired", "checklist:old", {"reason": "不用了"})


def due(house: House, template: str, day: int) -> str:
    """Let a check be due at noon of a day, as the server plans it a week ahead."""
    said = {"template": template, "place": "place:lobby-1", "day": day, "hour": 720}
    check = key_id("check", [*said.values()])
    at = (day * 24 + 12 - 8) * HOUR
    house.say("check.due", check, {**said, "by": "guides", "due_from": at}, at=at)
    return check


def chips(tablet: Tablet) -> dict[str, str]:
    """Return {what a chip says: its number} of the list that is open."""
    found = tablet.page.locator(".chips a").all()
    texts = [one.inner_text().split() for one in found]
    return {" ".join(words[:-1]): words[-1] for words in texts if len(words) > 1}


def test_the_chip_of_checks_counts_today_and_not_the_week_ahead(
    house: House, tablet_of: Hand
) -> None:
    lists(house)
    today = local_day(house.now(), CALENDAR)
    first = due(house, "checklist:early", today)
    for day in range(today + 1, today + 6):
        due(house, "checklist:early", day)
    done = due(house, "checklist:early", today - 1)
    walked = {"items": {"e01_light": "灯亮"}, "ticks": {"e01_light": "yes"}}
    house.say("check.completed", done, walked, by="person:lin")
    lin = tablet_of("lin")
    until(lambda: lin.stored("view", first), "the check")
    lin.open("/floor/check")
    until(lambda: lin.page.locator("#register-rows a").count(), "the list")
    assert chips(lin)["待检查"] == "1" and chips(lin)["以后"] == "5"
    assert rows(lin) == [first]
    lin.open("/floor/check?state=days-ahead")
    until(lambda: len(rows(lin)) == 5, "the days ahead")
    assert first not in rows(lin)


def rows(tablet: Tablet) -> list[str]:
    links = tablet.page.locator("#register-rows a[href^='/floor/check/']").all()
    return ["check:" + str(one.get_attribute("href")).rpartition("/")[2] for one in links]


def test_a_check_offers_the_lists_of_checks_that_are_in_force(
    house: House, tablet_of: Hand
) -> None:
    lists(house)
    lin = tablet_of("lin")
    lin.open("/floor/check/new")
    until(lambda: lin.page.locator("[name=template]").count(), "the form")
    words = lin.text("form#asking")
    assert "开诊检查" in words and "卫生值日" in words
    assert "仪容仪表" not in words and "旧检查表" not in words
