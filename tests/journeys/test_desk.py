"""A morning at the guides' desk with no network: a report, a chair lent twice, a doctor away.

Lin and Chen each have a tablet and cannot hear each other; what the server finds once it hears both
is on their tablets afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from sync.act import key_id
from tests.clock import DAY, HOUR, MORNING
from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

TODAY = (MORNING + 8 * HOUR) // DAY
CLINIC = key_id("clinic", ["doctor:he", TODAY, "afternoon"])
CHAIR = "equipment:chair-3"
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.fixture(scope="module")
def desk(hospital: Hospital) -> Hospital:
    """The hospital, with a wheelchair at the desk and Doctor He there each afternoon."""
    chair = {"name": "轮椅 3 号", "sort": "wheelchair", "number": "LY-03", "should": 1}
    hospital.does("equipment.added", CHAIR, {**chair, "place": "place:lobby-1"}, by="person:chen")
    hospital.does("doctor.changed", "doctor:he", {"afternoons": EVERY_DAY}, by="person:wu")
    hospital.comes_to_have(CLINIC, state="planned")
    return hospital


@pytest.fixture(scope="module")
def lin(desk: Hospital, holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Lin at the desk, her tablet flat."""
    lin = holds_a_tablet("lin")
    lin.tablet.page.set_viewport_size({"width": 1024, "height": 768})
    return lin


@pytest.fixture(scope="module")
def chen(desk: Hospital, holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Chen, her supervisor, upright."""
    chen = holds_a_tablet("chen")
    chen.tablet.page.set_viewport_size({"width": 768, "height": 1024})
    return chen


def big(guide: Guide) -> Locator:
    """Return the one act of a page."""
    return guide.tablet.page.locator(".foot .act")


def says(guide: Guide, words: str) -> None:
    """Wait until the button of a page says something."""
    until(lambda: words in big(guide).inner_text(), words)


def shows(guide: Guide, words: str) -> None:
    """Wait until the head of a page says something."""
    until(lambda: words in guide.tablet.text(".who-head"), words)


def chooses(guide: Guide, field: str, value: str) -> None:
    guide.tap(f'label:has([name="{field}"][value="{value}"])')


def enters(guide: Guide, path: str, words: dict[str, str], chips: dict[str, str]) -> None:
    """Fill in the form that makes a record, and save it."""
    guide.tablet.open(f"/floor/{path}/new?anew=1")
    for name, text in words.items():
        guide.tablet.page.fill(f"[name={name}]", text)
    for name, value in chips.items():
        chooses(guide, name, value)
    until(lambda: big(guide).is_enabled(), "nothing to be missing")
    guide.tap(big(guide))


def made(guide: Guide, kind: str, before: set[str]) -> str:
    """Return the record that was just made, once its page is there."""
    return guide._new(kind, before)


def test_l_01_no_report_goes_out_before_three_ticks(desk: Hospital, lin: Guide) -> None:
    lin.goes_offline()
    before = set(lin._ids("lab_report"))
    words = {"name": "欧阳若兰", "item": "凝血四项"}
    enters(lin, "report", words, {"sex": "f"})
    report = made(lin, "lab_report", before)
    until(lambda: "待发出" in lin.tablet.text(".who-head"), "its page")
    assert "欧阳若兰" in lin.tablet.text(".who-head"), "whom the paper is compared with"
    for left, name in ((3, "name_ok"), (2, "sex_ok"), (1, "item_ok")):
        says(lin, f"还差 {left} 项")
        assert big(lin).is_disabled()
        chooses(lin, name, "yes")
    until(lambda: big(lin).is_enabled(), "the third tick")
    assert "发出" in big(lin).inner_text()
    lin.tap(big(lin))
    until(lambda: "已发出" in lin.tablet.text(".who-head"), "it to be handed out")
    assert lin.tablet.page.locator(".undo button").count() == 0, "nobody takes it back"
    lin.comes_back()
    given = desk.comes_to_have(report, state="issued", issued_by="person:lin")
    assert [given[name] for name in ("name_ok", "sex_ok", "item_ok")] == ["yes"] * 3


def test_e_02_a_chair_that_two_tablets_lend_is_noticed(
    desk: Hospital, lin: Guide, chen: Guide
) -> None:
    loans = {}
    for guide, name in ((lin, "白露"), (chen, "丁一")):
        guide.syncs()
        guide.goes_offline()
        before = set(guide._ids("loan"))
        enters(guide, "loan", {"name": name}, {"equipment": CHAIR})
        loans[guide.login] = made(guide, "loan", before)
        shows(guide, "轮椅 3 号")
        assert "两次" not in guide.tablet.text()
    lin.comes_back()
    chen.comes_back()
    for loan in loans.values():
        desk.comes_to_have(loan, state="lent", twice="yes")
    desk.comes_to_have(CHAIR, out="yes")
    lin.syncs()
    lin.sees("同一物品借出两次", f"/floor/loan/{key(loans['lin'])}")
    lin.sees("同一物品借出两次", "/floor/todo")
    chen.syncs()
    chen.sees("同一物品借出两次", f"/floor/loan/{key(loans['chen'])}")
    # Chen finds that hers is back already: one loan is left, and the chair is still out.
    chen.tap(".others summary")
    chen.tap('.others button:has-text("归还")')
    chen.syncs()
    until(lambda: "twice" not in (desk.record(loans["lin"]) or {}), "one loan to be left")
    assert (desk.record(CHAIR) or {})["out"] == "yes"


def test_ap_02_a_doctor_who_is_away_lists_the_bookings_it_touches(
    desk: Hospital, lin: Guide
) -> None:
    bookings = []
    for name, more in (("南宫瑶", {}), ("卓玛", {"needs_help": "elderly"})):
        before = set(lin._ids("appointment"))
        words = {"name": name, "phone": "13900000416"}
        chips = {"doctor": "doctor:he", "day": "2026-11-25", "session": "afternoon", **more}
        enters(lin, "appointment", words, chips)
        bookings.append(made(lin, "appointment", before))
    lin.syncs()
    lin.goes_offline()
    lin.tablet.open(f"/floor/clinic/{key(CLINIC)}")
    until(lambda: "未核对" in lin.tablet.text(".who-head"), "the hours of the afternoon")
    names = lin.tablet.page.locator(".line .name")
    lin.tap(".others summary")
    lin.tap('.others a:has-text("医生停诊")')
    lin.tablet.page.fill("[name=reason]", "急诊手术，今天停诊")
    until(lambda: big(lin).is_enabled(), "nothing to be missing")
    lin.tap(big(lin))
    until(lambda: "卓玛" in lin.tablet.text(), "the doctor to be away, and who is booked")
    assert "停诊" in lin.tablet.text(".who-head")
    there = [name for name in names.all_inner_texts() if name.strip() in ("南宫瑶", "卓玛")]
    assert [name.strip() for name in there] == ["卓玛", "南宫瑶"], "with no network, elderly first"
    lin.comes_back()
    for booking in bookings:
        desk.comes_to_have(booking, "affected_at", touched="yes", state="booked")
    lin.syncs()
    lin.sees("医生有变动，待通知病人", f"/floor/appointment/{key(bookings[0])}")
    desk.passes(minutes=31)
    lin.tablet.open("/floor/todo")
    task = lin.tablet.page.locator("a.task", has_text="南宫瑶")
    until(task.count, "the client to be told")
