"""The screens of complaints: Lin takes one without a network, has it signed, and follows it up."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.features.conftest import Hand
from tests.features.house import HOUR, House, key
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

WORDS = "我九点二十就坐在三诊室门口了，一直没人理我。"
STROKES = (((120, 50), (190, 42)), ((150, 30), (130, 112)), ((150, 66), (184, 96)))
MINUTES = 60


def choose(tablet: Tablet, *labels: str) -> None:
    """Tap chips."""
    for label in labels:
        tablet.page.locator("label.chip", has_text=label).first.click()


def hear(tablet: Tablet, words: str = WORDS) -> None:
    """Take down what somebody says, and have it ready to be read back."""
    choose(tablet, "等太久", "收费处", "道歉")
    tablet.page.fill("#field-words", words)
    wait_for_readback(tablet, words)


def wait_for_readback(tablet: Tablet, words: str) -> None:
    until(lambda: words in tablet.text("#said"), "the words to be read back")


def sign(tablet: Tablet) -> None:
    """Let the person sign with a finger."""
    mouse, pad = tablet.page.mouse, tablet.page.locator("fw-sign .sign > svg")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for stroke in STROKES:
        for n, (x, y) in enumerate(stroke):
            mouse.move(box["x"] + x, box["y"] + y * box["height"] / 160, steps=3)
            if n == 0:
                mouse.down()
        mouse.up()


def accept(tablet: Tablet) -> None:
    tablet.page.locator("button.act", has_text="受理").click()


def path_of(tablet: Tablet) -> str:
    return str(tablet.page.evaluate("location.pathname"))


def receipt_number(tablet: Tablet) -> str:
    """Wait for the receipt and return its number."""
    until(lambda: path_of(tablet).endswith("/receipt"), "the receipt")
    return tablet.text(".slip .no")


def taken_acts(tablet: Tablet) -> list[dict[str, Any]]:
    """Return the complaints that this tablet took."""
    rows = tablet.stored("acts")
    return [row["act"] for row in rows if row["act"]["act"] == "complaint.taken"]


def test_lin_takes_a_complaint_with_a_signature_without_a_network(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("帕提古丽·买买提依明", 98, salutation="ms", phone="13955550416")
    lin = tablet_of("lin")
    house.stop()
    lin.open(f"/floor/lobby/{key(visit)}")
    lin.page.locator("a.chip", has_text="投诉").click()
    lin.page.wait_for_selector("#heard")
    assert "139****0416" in lin.text("#heard")
    assert "13955550416" not in lin.page.content()  # PR-01: it goes along, and nobody looked at it
    hear(lin)
    sign(lin)
    accept(lin)
    number = receipt_number(lin)
    (act,) = taken_acts(lin)
    assert act["record"].startswith("complaint:") and act["data"]["number"] == number
    assert act["data"]["subject"] == visit and act["data"]["phone"] == "13955550416"
    assert act["data"]["reasons"] == ["waiting"] and act["data"]["wanted"] == ["apology"]
    assert act["data"]["about_place"] == "place:cashier"
    assert act["data"]["place"] == "place:lobby-1"

    # The network comes back: the number stays, and the server has what was signed.
    house.start()
    until(lambda: lin.sync() and not lin.unsent(), "the act to be sent")
    record = house.records[act["record"]]
    assert record["number"] == number and record["words"] == WORDS
    assert record["signature"]["of"] == hashlib.sha256(record["readback"].encode()).hexdigest()
    lin.sync()
    lin.open(f"/floor/complaint/{key(act['record'])}/receipt")
    assert lin.text(".slip .no") == number


def test_a_signature_is_bound_to_exactly_the_text_that_was_read(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    sign(lin)
    accept(lin)
    receipt_number(lin)
    (act,) = taken_acts(lin)
    signature = act["data"]["signature"]
    assert signature["of"] == hashlib.sha256(act["text"].encode()).hexdigest()
    assert act["data"]["readback"] == act["text"] and WORDS in act["text"]
    assert len(signature["strokes"]) == len(STROKES)
    for stroke in signature["strokes"]:
        assert len(stroke) % 2 == 0 and all(isinstance(point, int) for point in stroke)


def test_words_that_change_after_signing_have_to_be_signed_again(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    sign(lin)
    lin.page.fill("#field-words", WORDS + "还有")
    wait_for_readback(lin, "还有")
    assert "签名以后内容改过了" in lin.text("#said")
    assert lin.page.locator("[name=signature]").input_value() == ""
    accept(lin)
    until(lambda: "未保存" in lin.text(), "the form to come back")
    assert not taken_acts(lin)
    sign(lin)
    accept(lin)
    receipt_number(lin)
    assert len(taken_acts(lin)) == 1


def test_a_signature_under_another_text_is_not_taken(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    form = {
        "words": WORDS,
        "signature": "[[[1,2],[30,40]]]",
        "signature_text_hash": hashlib.sha256(b"another text").hexdigest(),
    }
    answer = lin.post("/floor/complaint", form)
    assert answer["status"] == 422 and "签名以后内容改过了" in answer["text"]
    assert not taken_acts(lin)


def test_who_cannot_sign_has_a_reason(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    lin.page.locator("label.cannot").click()
    accept(lin)
    until(lambda: "请选一下为什么没有签名" in lin.text(), "the question why")
    choose(lin, "不会写字")
    accept(lin)
    receipt_number(lin)
    (act,) = taken_acts(lin)
    assert act["data"]["unsigned"] == "不会写字" and "signature" not in act["data"]


def test_what_was_typed_is_there_again_after_a_crash(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    sign(lin)
    until(lambda: "signature" in str(lin.stored("drafts")), "the draft")
    until(lambda: lin.stored("drafts")[0]["fields"].get("signature", [""])[0], "the strokes")
    lin.kill_browser()
    lin.start()
    lin.open("/floor/complaint/new")
    assert lin.page.locator("#field-words").input_value() == WORDS
    assert lin.page.locator("[name=reasons]:checked").count() == 1
    accept(lin)
    receipt_number(lin)
    lin.open("/floor/complaint/new")
    assert lin.page.locator("#field-words").input_value() == ""


def test_a_photo_goes_after_the_words_and_one_that_is_no_photo_is_refused(
    house: House, tablet_of: Hand, tmp_path: Path
) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    (tmp_path / "bill.jpg").write_text("this is no picture")
    lin.page.set_input_files("fw-photo input[type=file]", tmp_path / "bill.jpg")
    until(lambda: lin.page.locator("[data-problem]").is_visible(), "the sentence")
    assert "换一张" in lin.text("[data-problem]") or lin.text("[data-problem]")
    assert lin.page.locator(".photos li").count() == 0

    Image.new("RGB", (2400, 1200), "white").save(tmp_path / "bill.png")
    lin.page.set_input_files("fw-photo input[type=file]", tmp_path / "bill.png")
    until(lambda: lin.page.locator(".photos li").count() == 1, "the picture")
    until(lambda: "1 张照片" in lin.text("#said"), "the picture to be read back")
    lin.page.locator("label.cannot").click()
    choose(lin, "不会写字")
    accept(lin)
    receipt_number(lin)
    (act,) = taken_acts(lin)
    (hash_of,) = act["data"]["photos"]
    until(lambda: lin.sync() and hash_of in house.blobs, "the picture to arrive")
    assert hashlib.sha256(house.blobs[hash_of]).hexdigest() == hash_of
    assert act["_id"] in house.acts


def test_a_complaint_can_be_taken_with_the_keyboard_alone(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    tab_to(lin, "reasons")
    lin.page.keyboard.press("Space")
    tab_to(lin, "words")
    lin.page.keyboard.insert_text(WORDS)
    wait_for_readback(lin, WORDS)
    tab_to(lin, "signature_cannot")
    lin.page.keyboard.press("Space")
    tab_to(lin, "unsigned")
    lin.page.keyboard.press("Space")
    until(lambda: tab(lin) == "受理，给回执", "the button")
    lin.page.keyboard.press("Enter")
    receipt_number(lin)
    (act,) = taken_acts(lin)
    assert act["data"]["reasons"] == ["waiting"] and act["data"]["unsigned"]


def tab(tablet: Tablet) -> str:
    """Press Tab and return the name, or the words, of what has the focus."""
    tablet.page.keyboard.press("Tab")
    here = "document.activeElement.name || document.activeElement.innerText.trim()"
    return str(tablet.page.evaluate(here))


def tab_to(tablet: Tablet, name: str) -> None:
    until(lambda: tab(tablet) == name, f"the focus on {name}")


def test_the_first_answer_ends_the_first_clock_and_the_second_goes_on(
    house: House, tablet_of: Hand
) -> None:
    complaint = house.complaint("收费处排了四十分钟", 23 * MINUTES, number="T-1124-000388")
    lin = tablet_of("lin")
    lin.open(f"/floor/complaint/{key(complaint)}")
    assert "首次答复" in lin.text(".call-time") and "还没答复" in lin.text(".who-head")
    lin.page.locator("a.act", has_text="已第一次答复").click()
    lin.page.locator("#field-response").fill("当面道歉，解释了原因。")
    choose(lin, "当面")
    lin.page.locator("button.act", has_text="记下答复").click()
    until(lambda: "已答复，还没办结" in lin.text(), "the answer to be kept")
    assert "办完" in lin.text(".call-time")
    record = lin.stored("view", complaint)["record"]
    assert record["state"] == "responded" and record["attempts"] == 1


def test_an_answer_without_words_is_asked_for_again(house: House, tablet_of: Hand) -> None:
    complaint = house.complaint("没人理", 60)
    lin = tablet_of("lin")
    answer = lin.post(f"/floor/complaint/{key(complaint)}/responded", {"means": "phone"})
    assert answer["status"] == 422 and "problem-response" in answer["text"]
    passed = lin.post(f"/floor/complaint/{key(complaint)}/escalated", {"reason": "要退费"})
    assert passed["status"] == 200
    assert lin.stored("view", complaint)["record"]["level"] == 2


def test_only_the_desk_may_correct_the_words(house: House, tablet_of: Hand) -> None:
    strokes = {"strokes": [[1, 2, 130, 40]], "of": "0" * 64}
    complaint = house.complaint("没人里", 60, signature=strokes, readback="您说：「没人里」")
    lin = tablet_of("lin")
    assert lin.get(f"/floor/complaint/{key(complaint)}/edit")["status"] == 403
    wu = tablet_of("wu")
    wu.open(f"/floor/complaint/{key(complaint)}/edit")
    wu.page.fill("#field-words", "没人理")
    wu.page.locator("button.act", has_text="记下更正").click()
    until(lambda: "「没人理」" in wu.text(".quote") or "没人理" in wu.text(".quote"), "the words")
    assert "签名以后原话更正过" in wu.text()
    assert wu.stored("view", complaint)["record"]["readback"] == "您说：「没人里」"


def test_name_and_phone_show_themselves_when_touched_and_the_touch_is_an_act(
    house: House, tablet_of: Hand
) -> None:
    complaint = house.complaint("没人理", 60, name="林晓雨", phone="13912340416")
    lin = tablet_of("lin")
    lin.open(f"/floor/complaint/{key(complaint)}")
    assert "林** 139****0416" in lin.text() and "13912340416" not in lin.page.content()
    lin.page.locator("button.masked").click()
    until(lambda: "13912340416" in lin.text(), "the number")
    assert lin.stored("view", complaint)["record"]["reveals"] == 1


def test_the_list_is_ordered_by_what_is_due_and_filtered(house: House, tablet_of: Hand) -> None:
    house.complaint("第一件", 2 * MINUTES, number="T-1")
    house.complaint("第二件", 23 * MINUTES, number="T-2", by="qiao")
    settled = house.complaint("第三件", 40 * MINUTES, number="T-3")
    at = house.now() - HOUR
    house.say("complaint.settled", settled, {"resolution": "已道歉"}, by="person:wu", at=at)
    lin = tablet_of("lin")
    lin.open("/floor/complaints")
    assert numbers(lin) == ["T-2", "T-1"]
    lin.open("/floor/complaints?view=mine")
    assert numbers(lin) == ["T-1"]
    lin.open("/floor/complaints?view=all")
    assert sorted(numbers(lin)) == ["T-1", "T-2", "T-3"]


def numbers(tablet: Tablet) -> list[str]:
    """Return the numbers of the complaints that are listed."""
    return tablet.page.locator(".line .name span + span").all_inner_texts()


def test_a_receipt_that_was_taken_back_is_none(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/complaint/new")
    hear(lin)
    sign(lin)
    accept(lin)
    receipt_number(lin)
    lin.page.locator(".undo button").click()
    until(lambda: "已撤回" in lin.text(), "the receipt to be gone")
    assert lin.page.locator(".slip").count() == 0


def test_the_internal_form_is_not_printed_from_the_floor(house: House, tablet_of: Hand) -> None:
    complaint = house.complaint("没人理", 60, number="T-1124-000388")
    lin = tablet_of("lin")
    lin.page.emulate_media(media="print")
    lin.open(f"/floor/complaint/{key(complaint)}")
    assert not lin.page.locator(".quote").is_visible()
    lin.open(f"/floor/complaint/{key(complaint)}/receipt")
    assert lin.page.locator(".slip").is_visible()
    assert not lin.page.locator(".tabs").is_visible()
