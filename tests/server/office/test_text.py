"""The office reads and finds a text as it is meant, not as it was typed (found.md §1, §3.31–32)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.datastructures import FormData

from server.acts.site import Site
from server.office.page_parts import typed_days
from server.office.record import act_forms
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.test_tables import complains
from tests.server.office.window import Window

Opening = Callable[..., Window]
PHONES = ["13800138004", "+86 138 0013 8004", "１３８-0013-8004", "8613800138004"]


@pytest.mark.parametrize(
    "typed", ["zengguoqiang", "cengguoqiang", "zgq", "cgq", "ＺＧＱ", "曾国强"]
)
def test_zeng_guoqiang_is_found_by_every_reading_open_or_settled(
    cast: Cast, wu: Window, typed: str
) -> None:
    record = complains(cast, "要找的", name="曾\u200b国强")
    complains(cast, "别的事", name="赵明")
    found = wu.opens(f"/office/complaints?q={typed}").text
    assert "要找的" in found and "别的事" not in found
    cast.wu.does("complaint.settled", record, resolution="道歉", attended_by="吴建国")
    found = wu.opens(f"/office/complaints?view=settled&q={typed}").text
    assert "要找的" in found


@pytest.mark.parametrize("typed", PHONES)
@pytest.mark.parametrize("phone", ["138 0013 8004", "\u202d+8613800138004\u202c"])
def test_a_phone_is_found_however_it_was_typed(
    cast: Cast, wu: Window, phone: str, typed: str
) -> None:
    record = complains(cast, "要找的", phone=phone)
    complains(cast, "别的事", phone="13900139004")
    asked = typed.replace("+", "%2B").replace(" ", "+")
    found = wu.opens(f"/office/complaints?q={asked}").text
    assert "要找的" in found and "别的事" not in found
    cast.wu.does("complaint.settled", record, resolution="道歉", attended_by="吴建国")
    found = wu.opens(f"/office/complaints?view=settled&q={asked}").text
    assert "要找的" in found


def test_people_stand_in_the_order_of_pinyin(site: Site, clock: Clock, wu: Window) -> None:
    for n, name in enumerate(["曾国强", "伊力", "公孙策", "农丰"]):
        site.record_act("person.added", f"person:p{n}", {"name": name}, by="system:site")
        clock.passes(seconds=1)
    page = wu.opens("/office/people").html
    places = [page.index(name) for name in ("公孙策", "农丰", "伊力", "曾国强")]
    assert places == sorted(places)


def test_doctors_stand_by_department_rank_and_pinyin(site: Site, clock: Clock, wu: Window) -> None:
    ranks = [("曾国强", "chief"), ("伊力", "chief"), ("公孙策", "resident"), ("单雄信", "chief")]
    for n, (name, rank) in enumerate(ranks):
        said = {"name": name, "rank": rank, "department": "骨科"}
        site.record_act("doctor.added", f"doctor:d{n}", said, by="system:site")
        clock.passes(seconds=1)
    said = {"name": "农丰", "rank": "resident", "department": "儿科"}
    site.record_act("doctor.added", "doctor:d9", said, by="system:site")
    page = wu.opens("/office/records/doctor").html
    places = [page.index(name) for name in ("农丰", "单雄信", "伊力", "曾国强", "公孙策")]
    assert places == sorted(places)
    assert "曾国强" in wu.opens("/office/records/doctor?q=zgq").text


@pytest.mark.parametrize("typed", ["曾琦", "曾　琦", "曾 琦", "曾\u200b琦"])
def test_zeng_qi_signs_in_by_the_name_with_a_blank_in_it(
    site: Site, window: Opening, typed: str
) -> None:
    said = {"name": "曾　琦"}
    assert site.record_act("person.changed", "person:wu", said, by="system:site").good
    assert window().signs_in(typed).address == "/office/"


def test_a_login_with_invisible_letters_is_the_login(window: Opening) -> None:
    assert window().signs_in("\u202dＷu\u200b\u202c").address == "/office/"


@pytest.mark.parametrize(
    ("typed", "value"), [("５００", 500), ("500", 500), ("－５", -5), ("500元", 500), ("٣", None)]
)
def test_the_amount_500_is_taken_in_any_width(typed: str, value: int | None) -> None:
    field = {"name": "amount", "kind": "number"}
    number, code = act_forms.parse(field, FormData({"amount": typed}))
    assert (number, code) == (value, "" if value is not None else "not_a_number")


def test_a_field_of_letters_that_nobody_sees_is_empty() -> None:
    field = {"name": "words", "kind": "text"}
    assert act_forms.parse(field, FormData({"words": "\u200b\u3000"})) == ("", "")


def test_days_are_read_in_any_width() -> None:
    assert typed_days.read("２０２７－０１－０１，2027-01-02") == typed_days.read(
        "2027-01-01 – 2027-01-02"
    )
