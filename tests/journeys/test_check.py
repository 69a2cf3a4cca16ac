"""Two people walk one checklist on two tablets without a network; its template changes meanwhile.

Forty items, three of which they see differently: these three are asked key by key, the other
thirty-seven stand, and an item that the list lost is still there (O-09, A-12, I-03).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.act import key_id
from sync.worktime import local_day
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

FORTY = "checklist:forty"
ITEMS = {f"i{n}": f"第 {n} 处" for n in range(1, 41)}
OTHERS = {"i3": "地面有水", "i14": "灯不亮", "i39": "堆了纸箱"}


@pytest.fixture(scope="module")
def lin(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Lin, in the lobby, her tablet held flat."""
    lin = holds_a_tablet("lin")
    lin.tablet.page.set_viewport_size({"width": 1024, "height": 768})
    return lin


@pytest.fixture(scope="module")
def chen(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Chen, her supervisor, upright."""
    return holds_a_tablet("chen")


@pytest.fixture(scope="module")
def wu(at_a_desk: Callable[[str], Desk]) -> Desk:
    """Wu, in the office."""
    return at_a_desk("wu")


def test_forty_ticks_from_two_tablets_three_of_them_different(
    hospital: Hospital, lin: Guide, chen: Guide, wu: Desk
) -> None:
    check = a_check(hospital)
    for guide in (lin, chen):
        until(lambda one=guide: one.syncs() or one.view(check), "the check")  # type: ignore[misc]
        guide.goes_offline()
    hospital.does("checklist.changed", FORTY, {"items": {"i40": None}}, by="person:wu")

    opens_the_sheet(lin, check)
    assert "40 项，已填 0 项" in lin.tablet.text(".sheet-of")
    answers_all(lin)
    until(lambda: "已填 40 项" in lin.tablet.text(".sheet-of"), "all of them")
    saves_so_far(lin, check)
    assert "第 14 处" in lin.tablet.text() and "合格" in lin.tablet.text()

    opens_the_sheet(chen, check)
    answers_all(chen)
    for item, words in OTHERS.items():
        chen.tap(f'label:has([name="ticks.{item}"][value="no"])')
        chen.tablet.page.fill(f'[name="notes.{item}"]', words)
    saves_so_far(chen, check)

    lin.comes_back()
    hospital.comes_to_have(check, "ticks")
    chen.comes_back()
    asked = until(lambda: (hospital.record(check) or {}).get("unsettled"), "the question")
    assert [sorted(one["data"]["ticks"]) for one in asked] == [sorted(OTHERS)]
    found = hospital.comes_to_have(check, "notes")
    assert len(found["ticks"]) == 40 and set(found["ticks"].values()) == {"yes"}
    assert found["notes"] == OTHERS, "nothing is lost"
    assert found["version"] == 1 and found["items"] == ITEMS

    wu.decides(asked[0]["act"], "accept", "陈静看得更细")
    decided = hospital.comes_to_have(check, unsettled=[])
    assert {item for item, said in decided["ticks"].items() if said == "no"} == set(OTHERS)
    for guide in (lin, chen):
        guide.syncs()
        assert guide.view(check) == hospital.record(check)
    lin.sees("检查表已更新", f"/floor/check/{key(check)}")
    assert "第 40 处" in lin.tablet.text(), "what the list lost is said, and still there"


def test_what_was_not_in_order_is_a_notice_and_the_check_is_completed(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    [check] = [one["_id"] for one in hospital.records("check") if one["template"] == FORTY]
    notices = until(lambda: three(hospital), "a notice for each")
    assert sorted(one["words"] for one in notices) == sorted(OTHERS.values())
    opens_the_sheet(chen, check)
    chen.tap(".foot .act:not([name])")
    until(lambda: "已查完" in chen.tablet.text(".who-head"), "it to be complete")
    chen.syncs()
    notice = next(one for one in notices if one["words"] == "堆了纸箱")
    chen.sees("堆了纸箱", f"/floor/rectification/{key(notice['_id'])}")
    assert "待签发" in chen.tablet.text(".who-head")
    assert hospital.comes_to_have(check, state="complete")["completed_by"] == "person:chen"


def a_check(hospital: Hospital) -> str:
    """Let there be a list of forty items, and a check by it in lobby 1; return the check."""
    data = {"name": "四十处", "purpose": "check", "items": ITEMS, "findings": True}
    hospital.does("checklist.drafted", FORTY, data, by="person:wu")
    hospital.does("checklist.published", FORTY, {}, by="person:wu")
    day = local_day(hospital.now(), {"offset": 480})
    said = {"template": FORTY, "place": "place:lobby-1", "day": day, "hour": 500}
    check = key_id("check", [*said.values()])
    hospital.does("check.begun", check, said, by="person:chen")
    return check


def opens_the_sheet(guide: Guide, check: str) -> None:
    guide.tablet.open(f"/floor/check/{key(check)}/completed")
    until(lambda: guide.tablet.page.locator(".sheet-of").count(), "the sheet")


def answers_all(guide: Guide) -> None:
    """Say that everything is in order, as a finger would, item by item."""
    guide.tablet.page.evaluate(
        """() => {
          for (const one of document.querySelectorAll('[name^="ticks."][value="yes"]')) one.click()
        }"""
    )


def saves_so_far(guide: Guide, check: str) -> None:
    guide.tap('.foot [name="so_far"]')
    until(lambda: guide.tablet.is_at(f"/floor/check/{key(check)}"), "the record's page")


def three(hospital: Hospital) -> list[dict[str, object]]:
    found = [one for one in hospital.records("rectification") if one.get("words")]
    return found if len(found) == 3 else []
