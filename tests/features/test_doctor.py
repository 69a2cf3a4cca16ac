"""The screens of the doctors' directory, on a tablet without a network."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import House
from tests.tablet import until

pytestmark = pytest.mark.browser


def test_doctors_by_department_without_a_network(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.page.set_viewport_size({"width": 1280, "height": 800})
    house.stop()
    lin.open("/floor/doctors")
    assert lin.page.locator(".rows .line").count() == 2
    lin.page.locator("nav a.chip", has_text="骨科").click()
    until(lambda: lin.page.locator(".rows .line").count() == 1, "one department")
    lin.page.locator(".rows .line").click()
    until(lambda: "这位是副主任医师 贺连舟" in lin.text(), "the doctor")
    for words in ("膝关节、运动损伤", "骨科 3 诊室", "8:00–17:30", "苗苗"):
        assert words in lin.text()


def test_a_doctor_who_left_is_not_in_the_directory(house: House, tablet_of: Hand) -> None:
    house.say("doctor.changed", "doctor:bai-li", {"active": False})
    lin = tablet_of("lin")
    lin.open("/floor/doctors")
    assert "百里昭" not in lin.text()
    lin.open("/floor/doctor/bai-li")
    assert "已不在本院出诊" in lin.text()
    assert lin.get("/floor/doctor/nobody")["status"] == 404


def test_doctors_stand_by_department_rank_and_pinyin(house: House, tablet_of: Hand) -> None:
    """found.md §3.31: they stood by code point, 伊 before 公 before 农."""
    for n, (name, rank) in enumerate(
        [("曾国强", "chief"), ("伊力", "chief"), ("公孙策", "resident"), ("单雄信", "chief")]
    ):
        said = {"name": name, "rank": rank, "department": "骨科"}
        house.say("doctor.added", f"doctor:d{n}", said)
    lin = tablet_of("lin")
    house.stop()
    lin.open("/floor/doctors?department=骨科")
    names = lin.page.locator(".rows .line .name span:first-child").all_inner_texts()
    assert names == ["单雄信", "伊力", "曾国强", "贺连舟", "公孙策"]
