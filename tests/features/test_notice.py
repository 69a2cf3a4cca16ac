"""Notices: what was not seen comes first, and a tap says that it was seen."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import MINUTE, House
from tests.tablet import until

pytestmark = pytest.mark.browser


def test_a_tap_sees_the_notice_and_opens_what_it_is_about(house: House, tablet_of: Hand) -> None:
    wait = house.wait("林晓雨", 20)
    due = {"due_at": house.now() - 5 * MINUTE, "late_by": 2 * MINUTE, "name": "林晓雨"}
    first = house.notice("lin", wait, 5, what="waiting_enquiry", rung=1, post="guide", **due)
    house.notice("qiao", wait, 4, what="waiting_enquiry", rung=2)
    lin = tablet_of("lin")
    lin.open("/floor/notices")
    assert lin.page.locator(".notices li").count() == 1
    assert "晚 2 分告诉" in lin.text() and "导医" in lin.text()
    lin.page.locator("button.task").click()
    until(lambda: "/floor/waiting/" in lin.page.evaluate("location.pathname"), "the wait")
    assert lin.stored("view", first)["record"]["seen_at"]
    lin.open("/floor/notices")
    assert "还没看" not in lin.text() and "林晓雨" in lin.text()


def test_a_notice_of_what_was_done_meanwhile_is_no_task_any_more(
    house: House, tablet_of: Hand
) -> None:
    wait = house.wait("林晓雨", 20)
    told = {"what": "waiting_water", "rung": 1, "post": "owner", "name": "林晓雨"}
    house.notice("lin", wait, 15, **told, due_at=house.now() - 15 * MINUTE)
    house.say("waiting.ended", wait, {"outcome": "seen"}, by="person:lin")
    lin = tablet_of("lin")
    lin.open("/floor/todo")
    assert "没有要做的事" in lin.text() and "新通知" not in lin.text()
    lin.open("/floor/notices")
    assert "还没看" not in lin.text() and "已经办了" in lin.text()
    lin.page.locator("button.act", has_text="都看过了").click()
    until(lambda: "已经办了" not in lin.text(), "it to be seen")


def test_all_can_be_seen_at_once(house: House, tablet_of: Hand) -> None:
    complaint = house.complaint("没人理", 60)
    for ago in (3, 2):
        moved = {"what": "deadline_moved", "reason": "complaint_response"}
        house.notice("lin", complaint, ago, **moved, name=f"{ago}")
    lin = tablet_of("lin")
    lin.open("/floor/notices")
    assert lin.text().count("时限提前了") == 2
    lin.page.locator("button.act", has_text="都看过了").click()
    until(lambda: "还没看" not in lin.text(), "all to be seen")
    lin.open("/floor/todo")
    assert "新通知" not in lin.text()


def test_no_notice_says_what_will_come(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/notices")
    assert "还没有通知" in lin.text()
