"""The lobby: three taps greet, each stop names the next, the way out is complete (G, J)."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import House, key
from tests.tablet import Tablet, until


def visits(lin: Tablet) -> list[dict[str, object]]:
    """Return the visits on the tablet, the latest last."""
    records = [row["record"] for row in lin.stored("view")]
    return sorted((r for r in records if r["type"] == "arrival"), key=lambda r: r["opened_at"])


@pytest.mark.browser
def test_three_taps_keep_somebody_without_a_name_and_without_a_network(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    house.stop()
    lin.open("/floor/lobby")
    lin.page.locator("#dock a.act", has_text="迎接").click()
    lin.page.locator("label.chip", has_text="初诊").click()
    lin.page.locator(".tiles button", has_text="分诊台").click()
    until(lambda: "还没问姓名" in lin.text("#visits"), "the visit in the list")
    [visit] = visits(lin)
    assert (visit["first_visit"], visit["next_stage"], visit["stage"]) == (
        True,
        "triaged",
        "arrived",
    )
    assert "去分诊" in lin.text("#visits")


@pytest.mark.browser
def test_who_was_noticed_while_lin_was_busy_is_one_visit_when_greeted(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/lobby")
    lin.page.locator("#dock button", has_text="看见了").click()
    until(lambda: "看见了，还没迎接" in lin.text("#visits"), "the noticed one")
    lin.page.locator("#visits a.line").first.click()
    lin.page.locator(".tiles button", has_text="急诊").click()
    until(lambda: "看见了，还没迎接" not in lin.text("#visits"), "the greeting")
    [visit] = visits(lin)
    assert (visit["priority"], visit.get("noticed")) == ("emergency", None)


@pytest.mark.browser
def test_a_full_registration_asks_again_for_what_is_wrong_and_keeps_what_was_typed(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/lobby/register")
    lin.page.fill("input[name=name]", "阿卜杜热西提·麦麦提吐尔逊")
    lin.page.fill("input[name=phone]", "一三八")
    lin.page.locator(".foot button.act").click()
    until(lambda: lin.page.locator(".problem").count() > 0, "the problem beside the field")
    assert lin.page.input_value("input[name=name]") == "阿卜杜热西提·麦麦提吐尔逊"
    assert visits(lin) == []
    lin.page.fill("input[name=phone]", "138 0000 2207")
    lin.page.locator(".foot button.act").click()
    until(lambda: len(visits(lin)) == 1, "the visit")
    assert visits(lin)[0]["phone"] == "138 0000 2207"


@pytest.mark.browser
def test_a_stop_that_is_reached_names_the_next_and_the_doctor_is_introduced(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("欧阳㛃珺", 5)
    lin = tablet_of("lin")
    lin.open(f"/floor/lobby/{key(visit)}")
    lin.page.locator("button[name=stage][value=registered]").click()
    until(lambda: lin.stored("view", visit)["record"]["stage"] == "registered", "the stop")
    until(lambda: "分诊" in lin.text(".next-stop"), "the next stop")
    lin.page.locator("a.chip", has_text="介绍医生").click()
    lin.page.locator(".pick", has_text="贺连舟").click()
    lin.page.fill("input[name=receiver]", "医助 段㵘")
    lin.page.locator(".foot button.act").click()
    until(lambda: "introduced_at" in lin.stored("view", visit)["record"], "the introduction")
    record = lin.stored("view", visit)["record"]
    assert (record["doctor"], record["receiver"]) == ("doctor:he-lianzhou", "医助 段㵘")
    assert record["next_place"] == "place:guke-3"


@pytest.mark.browser
def test_a_phone_number_is_masked_until_it_is_touched_and_the_touch_is_an_act(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("司徒燚", 5, phone="13800002207")
    lin = tablet_of("lin")
    lin.open(f"/floor/lobby/{key(visit)}")
    assert "138****2207" in lin.text() and "13800002207" not in lin.text()
    lin.page.locator("button.masked").click()
    until(lambda: "13800002207" in lin.text(), "the number")
    acts = lin.stored("view", visit)["record"]["acts"]["recent"]
    assert acts[-1]["act"] == "arrival.revealed"


@pytest.mark.browser
def test_who_leaves_is_seen_off_with_guidance_and_six_opinions(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("甯小满", 50)
    lin = tablet_of("lin")
    lin.open(f"/floor/lobby/{key(visit)}/send_off")
    lin.page.locator("input[name=done][value=guidance]").check()
    for opinion in ("environment", "attitude"):
        lin.page.locator(f"label.chip:has(input[value={opinion}])").click()
    lin.page.locator(".foot button.act").click()
    until(lambda: lin.stored("view", visit)["record"]["state"] == "sent_off", "the send-off")
    record = lin.stored("view", visit)["record"]
    assert record["guidance"] is True
    assert record["opinions"] == ["environment", "attitude"]


@pytest.mark.browser
def test_a_finger_on_a_row_hits_it_although_the_list_is_brought_up_to_date(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("欧阳㛃珺", 5)
    lin = tablet_of("lin")
    lin.open("/floor/lobby")
    lin.page.evaluate("window.held = document.querySelector('#visits a.line')")
    # Somebody else comes in: the list is fetched again while the finger is down.
    house.visit("司徒燚", 1)
    lin.sync()
    until(lambda: "司徒燚" in lin.text("#visits"), "the new row")
    assert lin.page.evaluate("window.held.isConnected && window.held.getAttribute('href')") == (
        f"/floor/lobby/{key(visit)}"
    )


@pytest.mark.browser
def test_the_address_is_that_of_the_page_a_form_went_on_to(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/lobby/register")
    lin.page.fill("input[name=name]", "丌官先生")
    lin.page.locator(".foot button.act").click()
    until(lambda: len(visits(lin)) == 1, "the visit")
    there = f"/floor/lobby/{key(str(visits(lin)[0]['_id']))}"
    until(lambda: lin.is_at(there), "the visit's own address")
    lin.page.reload()
    lin.wait_for_floor()
    assert "丌官先生" in lin.text()


@pytest.mark.browser
def test_what_is_emptied_in_a_file_is_said(house: House, tablet_of: Hand) -> None:
    """Found, 1: phone, address, question and the last “needs help” were “kept”, all as before."""
    said = {
        "phone": "13800138000", "address": "江北", "booklet_no": "B7", "question": "问路",
        "needs_help": ["wheelchair"], "precautions": "青霉素过敏", "sex": "female",
    }  # fmt: skip
    visit = house.visit("欧阳㛃珺", 4, **said)
    lin = tablet_of("lin")
    lin.open(f"/floor/lobby/{key(visit)}/file")
    lin.page.locator(f'form[action="/floor/lobby/{key(visit)}/reveal"] button').tap()  # PR-01
    lin.page.wait_for_selector("#field-phone")
    for name in ("phone", "address", "booklet_no", "question"):
        lin.page.fill(f"#field-{name}", "")
    lin.page.locator('label:has(input[name="needs_help"][value="wheelchair"])').tap()
    until(lambda: lin.stored("drafts"), "the draft")
    lin.page.wait_for_timeout(600)
    # The draft remembers what was unticked, too.
    lin.open(f"/floor/lobby/{key(visit)}/file")
    assert lin.page.locator('input[name="needs_help"]:checked').count() == 0
    assert lin.page.input_value("#field-phone") == ""
    lin.page.locator(".foot button.act").tap()
    until(lambda: len(lin.stored("acts")) == 2, "the act, after the one of looking")
    [row] = [one for one in lin.stored("acts") if one["act"]["act"] == "arrival.filed"]
    emptied = ("phone", "address", "booklet_no", "question", "needs_help")
    assert {name: row["act"]["data"].get(name, "unsaid") for name in emptied} == dict.fromkeys(
        emptied
    )
    assert "name" not in row["act"]["data"] and "sex" not in row["act"]["data"]
    record = lin.stored("view", visit)["record"]
    assert not any(record.get(name) for name in emptied), record
    assert (record["name"], record["sex"]) == ("欧阳㛃珺", "female")


@pytest.mark.browser
def test_a_precaution_that_does_not_hold_can_be_taken_away(house: House, tablet_of: Hand) -> None:
    """Found, 1: 青霉素过敏 could not be removed."""
    visit = house.visit("欧阳㛃珺", 4, precautions="青霉素过敏")
    lin = tablet_of("lin")
    lin.open(f"/floor/lobby/{key(visit)}/introduce")
    lin.page.fill("#field-precautions", "")
    lin.page.locator('label:has(input[name="doctor"])').first.tap()
    lin.page.locator(".foot button.act").tap()
    until(lambda: lin.stored("acts"), "the act")
    assert not lin.stored("view", visit)["record"].get("precautions")
