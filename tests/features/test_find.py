"""Search: any part of a name, initials, digits, over every kind of record, without a network."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import House, key
from tests.service_worker.tablet.gestures import act_id
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser


def ask(tablet: Tablet, words: str) -> None:
    """Type into the box and wait for the answer to it."""
    tablet.page.locator("#field-q").fill("")
    tablet.page.locator("#field-q").press_sequentially(words, delay=20)
    until(
        lambda: tablet.page.locator(f"#found[data-q='{words}']").count(), f"the answer to {words}"
    )


def names(tablet: Tablet) -> list[str]:
    """Return the names of what was found, in their order."""
    return tablet.page.locator("#found .line .name span:first-child").all_inner_texts()


def test_chen_finds_somebody_by_initials_without_a_network(house: House, tablet_of: Hand) -> None:
    house.wait("欧阳㛃珺", 7, salutation="ms")
    house.wait("司徒燚", 2)
    chen = tablet_of("chen")
    house.stop()
    chen.open("/floor/search")
    ask(chen, "oyjj")
    assert names(chen) == ["欧阳㛃珺 女士"]
    assert chen.page.evaluate("document.activeElement.id") == "field-q"
    ask(chen, "阳㛃")
    assert names(chen) == ["欧阳㛃珺 女士"]
    chen.page.keyboard.press("ArrowDown")
    chen.page.keyboard.press("Enter")
    until(lambda: "/floor/waiting/" in chen.page.evaluate("location.pathname"), "the wait")


def test_digits_find_phone_and_receipt_and_the_phone_stays_hidden(
    house: House, tablet_of: Hand
) -> None:
    house.visit("帕提古丽·买买提依明", 98, phone="13955550416")
    house.complaint("没人理", 60, number="T-1125-000387", name="赵小燕", phone="13612345678")
    lin = tablet_of("lin")
    lin.open("/floor/search")
    ask(lin, "0416")
    assert names(lin) == ["帕提古丽·买买提依明"]
    assert "139****0416" in lin.text("#found") and "5555" not in lin.text("#found")
    ask(lin, "000387")
    assert names(lin) == ["T-1125-000387"] and "赵**" in lin.text("#found")


def test_doctors_rooms_and_colleagues_are_found_too(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/search?q=guke")
    assert names(lin) == ["贺连舟", "骨科 3 诊室"]
    ask(lin, "cr")
    assert "陈若岚" in names(lin)


def test_what_was_kept_a_moment_ago_is_found(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    house.stop()
    lin.open("/floor/search?q=" + "新来的")
    assert "没查到" in lin.text()
    answer = lin.post("/floor/waiting", {"name": "新来的人", "place": "place:guke-3"}, htmx=False)
    assert answer["status"] == 200
    ask(lin, "来的")
    assert names(lin) == ["新来的人"]


def test_what_was_taken_back_is_not_found(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.post("/floor/waiting", {"name": "新来的人", "place": "place:guke-3"}, htmx=False)
    (act,) = lin.unsent() or [row["_id"] for row in lin.stored("acts")]
    lin.post("/floor/undo", {"undoes": act}, htmx=False)
    lin.open("/floor/search?q=" + "来的")
    assert names(lin) == []


def test_the_empty_box_says_what_can_be_asked(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/search")
    assert "拼音首字母" in lin.text() and lin.page.locator("a[href='/floor/doctors']").count() == 1


def test_zeng_guoqiang_is_found_by_every_reading_where_he_was_registered_offline(
    house: House, tablet_of: Hand
) -> None:
    """found.md §1, §3.32: pinyin was made on the server alone, and one reading of a character."""
    lin = tablet_of("lin")
    house.stop()
    place = "place:guke-3"
    for name in ("曾国强", "单雄信", "郝\u200b丽华"):
        answer = lin.post("/floor/waiting", {"name": name, "place": place}, htmx=False)
        assert answer["status"] == 200
    lin.open("/floor/search")
    for typed in ("zengguoqiang", "cengguoqiang", "zgq", "cgq", "ＺＧＱ"):
        ask(lin, typed)
        assert names(lin) == ["曾国强"], typed
    for typed in ("sxx", "danxiongxin", "chan"):
        ask(lin, typed)
        assert names(lin) == ["单雄信"], typed
    ask(lin, "郝丽华")
    assert names(lin) == ["郝\u200b丽华"]
    lin.kill_worker()
    ask(lin, "haolih")
    assert names(lin) == ["郝\u200b丽华"], (
        "a worker that starts anew loads the table from its own files"
    )


def test_whoever_is_renamed_offline_is_found_by_the_new_name(house: House, tablet_of: Hand) -> None:
    visit = house.visit("仇英", 30)
    lin = tablet_of("lin")
    house.stop()
    form = {"act_id": act_id(), "name": "查良镛", "phone": "１３８ 0013 8004"}
    assert lin.post(f"/floor/lobby/{key(visit)}/file", form)["status"] == 200
    lin.open("/floor/search")
    for typed in ("zhaliangyong", "cly", "13800138004", "+8613800138004"):
        ask(lin, typed)
        assert names(lin) == ["查良镛"], typed
    ask(lin, "qiuying")
    assert names(lin) == []


def test_lines_that_another_version_wrote_are_written_anew(house: House, tablet_of: Hand) -> None:
    """A tablet that is updated holds lines with one reading; its first search finds all."""
    house.wait("曾国强", 7)
    house.wait("王小明", 3)
    lin = tablet_of("lin")
    house.stop()
    lin.ask(OLD_LINES)
    lin.kill_worker()
    lin.open("/floor/search")
    ask(lin, "zgq")
    assert names(lin) == ["曾国强"]
    ask(lin, "wxm")
    assert names(lin) == ["王小明"]
    kept = lin.stored("find")
    assert sum(line.count("\n") for line in kept) == 2 * len(
        [row for row in lin.stored("view") if "segment" in row]
    ), "a line of each sort"


OLD_LINES = """new Promise((resolve, reject) => {
  const opening = indexedDB.open("floorwalk")
  opening.onerror = reject
  opening.onsuccess = () => {
    const tx = opening.result.transaction(["find", "meta"], "readwrite")
    tx.objectStore("find").put("\\nwaiting:old\\u0001cgq cengguoqiang", 0)
    tx.objectStore("meta").delete("search_lines")
    tx.oncomplete = () => { opening.result.close(); resolve(true) }
  }
})"""
