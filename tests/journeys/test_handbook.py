"""Lin looks it up in the handbook where there is no network, reads what she must, and a meeting's
problem becomes a task: the book of knowledge, by two tablets and a desk.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.act import key_id, ulid
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

DAY = 24 * 60 * 60_000
GROUP = "unit:lobby"
TEXTS = {
    "医保报销需要哪些材料": "门诊报销带医保卡、身份证和病历。\n材料交到 1 楼收费处 5 号窗。",
    "停车与接送": "地下车库从东门进，医保病人和自费病人一样免费两小时，材料放在车里请锁好。",
    "异地医保先垫付（旧）": "先垫付，回参保地用材料报销。",
}


def published(hospital: Hospital, number: int, title: str, words: str, **more: object) -> str:
    """Let Chen write it, Wu approve it, and Chen put it into force."""
    record = f"article:{ulid(hospital.now(), number)}"
    text = {"title": title, "words": words}
    hospital.does("article.drafted", record, {"kind": "policy", **text, **more}, by="person:chen")
    hospital.does("article.approved", record, text, by="person:wu")
    today = hospital.now() // DAY
    hospital.does("article.published", record, {"verified_on": today}, by="person:chen")
    return record


@pytest.fixture(scope="module")
def articles(hospital: Hospital) -> list[str]:
    """The handbook: one is withdrawn, and one is to be read by every guide."""
    unit = {"name": "大厅组", "kind": "group", "head": "person:chen"}
    hospital.does("unit.added", GROUP, unit, by="person:wu")
    for one in ("lin", "chen"):
        hospital.does("person.changed", f"person:{one}", {"units": [GROUP]}, by="person:wu")
    made = [published(hospital, n, title, words) for n, (title, words) in enumerate(TEXTS.items())]
    hospital.does("article.retired", made[2], {"reason": "已停用"}, by="person:chen")
    must = {"must_read": "read", "audience": ["guide"]}
    made.append(published(hospital, 9, "冬季义诊周", "周一到周五量血压。", **must))
    return made


def finds(guide: Guide, question: str) -> list[str]:
    """Look for something in the handbook; return the names of what is found, marked in 【】."""
    page = guide.tablet.page
    guide.tablet.open(f"/floor/article?q={question}")
    page.evaluate("for (const one of document.querySelectorAll('.hits mark')) one.prepend('【')")
    page.evaluate("for (const one of document.querySelectorAll('.hits mark')) one.append('】')")
    return page.locator(".hits .name").all_inner_texts()


def test_the_handbook_is_searched_where_there_is_no_network(
    hospital: Hospital, articles: list[str], holds_a_tablet: Callable[[str], Guide]
) -> None:
    lin = holds_a_tablet("lin")
    lin.syncs()
    until(lambda: lin.view(articles[3]), "the handbook to be on the tablet")
    lin.goes_offline()
    page = lin.tablet.page
    assert finds(lin, "报销")[0] == "医保【报销】需要哪些材料"
    assert "仅供查对" in lin.tablet.text() and "异地" in finds(lin, "报销")[-1]
    assert finds(lin, "ybbx") == ["【医保报销】需要哪些材料"]
    both = finds(lin, "医保 材料")
    assert both[0] == "【医保】报销需要哪些【材料】", "the title counts more than the text"
    assert (
        both[1] == "停车与接送" and "【医保】" in page.locator(".hits .about").nth(1).inner_text()
    )
    assert finds(lin, "不存在的事") == []

    finds(lin, "5号窗")
    lin.tap(page.locator(".hits .line").first)
    until(lambda: page.locator(".reading mark").count(), "the text with what was asked for")
    assert page.locator(".reading mark").inner_text() == "5 号窗"
    lin.tablet.open(f"/floor/article/{key(articles[2])}")
    assert "作废" in lin.tablet.text(".who-head")


def test_what_must_be_read_is_read_without_a_network_and_the_office_sees_by_whom(
    hospital: Hospital,
    articles: list[str],
    holds_a_tablet: Callable[[str], Guide],
    at_a_desk: Callable[[str], Desk],
) -> None:
    receipt = key_id("receipt", [articles[3], "person:lin"])
    hospital.comes_to_have(receipt, state="due", how="read")
    lin = holds_a_tablet("lin")
    lin.syncs()
    until(lambda: lin.view(receipt), "the receipt to be on the tablet")
    lin.goes_offline()
    lin.tablet.open(f"/floor/receipt/{key(receipt)}")
    assert "量血压" in lin.tablet.text(".reading"), "the text itself stands there"
    lin.tap(lin.tablet.page.locator(".foot .act"))
    until(lambda: "已读" in lin.tablet.text(".who-head"), "it to be read")
    lin.comes_back()
    hospital.comes_to_have(receipt, state="read")
    wu = at_a_desk("wu")
    assert "冬季义诊周" in wu.opens("/office/receipts?view=all&state=read")
    assert "医保报销需要哪些材料" in wu.opens("/office/articles?view=all&q=报销")
    wu.opens("/office/articles?view=all&q=病历")
    assert wu.page.locator(".found mark").all_inner_texts() == ["病历"]


def test_a_problem_in_the_minutes_is_a_task_of_its_own(
    hospital: Hospital, articles: list[str], holds_a_tablet: Callable[[str], Guide]
) -> None:
    chen = holds_a_tablet("chen")
    chen.syncs()
    chen.goes_offline()
    page = chen.tablet.page
    today = hospital.now() // DAY
    meeting = key_id("meeting", ["other", GROUP, today])
    hospital.does(
        "meeting.called",
        meeting,
        {"kind": "other", "unit": GROUP, "day": today},
        by="person:chen",
    )
    chen.comes_back()
    until(lambda: chen.view(meeting), "the meeting to be on the tablet")
    chen.goes_offline()
    chen.tablet.open(f"/floor/meeting/{key(meeting)}/held")
    chen.tap(page.locator('label:has([name="attended"])').first)
    page.fill("[name=plan]", "下午消防演练")
    chen.tap(page.locator(".foot .act"))
    until(lambda: "已开" in chen.tablet.text(".who-head"), "the meeting to be held")
    chen.tablet.open(f"/floor/meeting/{key(meeting)}/item")
    page.fill('[name="items.e1"]', "指示牌看不清")
    chen.tap(page.locator(".foot .act"))
    until(lambda: "指示牌看不清" in chen.tablet.text(), "the problem in the minutes")
    chen.comes_back()
    [task] = until(lambda: hospital.records("task"), "the task")
    assert (task["words"], task["meeting"], task["unit"]) == ("指示牌看不清", meeting, GROUP)
    until(lambda: chen.view(task["_id"]), "the task to be on the tablet", 60)
    chen.sees("指示牌看不清", "/floor/task")
