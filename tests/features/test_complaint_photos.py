"""Photos of a complaint: on whose tablet they are, when they are uploaded, a full server."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import House, key
from tests.features.test_complaint import WORDS, taken_acts
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser


def test_a_photo_on_another_tablet_is_said_to_be_there_until_it_arrived(
    house: House, tablet_of: Hand
) -> None:
    name = "ab" * 32
    complaint = house.complaint(WORDS, 20, photos=[name], recordings=[name])
    qiao = tablet_of("qiao")
    qiao.open(f"/floor/complaint/{key(complaint)}")
    assert qiao.text().count("还在林晚舟的平板上") == 2
    assert qiao.page.locator(".photos img, .recordings audio").count() == 0
    house.attached[complaint] = {f"{name}.jpg": {"stub": True}}
    house.say("complaint.noted", complaint, {}, by="person:lin")
    until(lambda: qiao.sync() and "_attachments" in qiao.stored("view", complaint)["record"], "it")
    qiao.open(f"/floor/complaint/{key(complaint)}")
    assert qiao.page.locator(".photos img").get_attribute("src") == f"/floor/blobs/{name}"
    assert "还在" not in qiao.text()


def test_photos_wait_for_wifi_where_the_tablet_can_tell(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/more")
    assert "不说自己连的是不是 Wi-Fi" in lin.text(), "a desktop's browser does not tell"
    worker = lin.context.service_workers[0]
    worker.evaluate("navigator.connection.__defineGetter__('type', () => self.kind)")
    worker.evaluate("self.kind = 'cellular'")
    lin.open("/floor/more")
    lin.page.locator("label", has_text="只用 Wi-Fi 发").click()
    lin.page.locator("button.act", has_text="就这样发送").click()
    until(lambda: lin.stored("meta", "prefs person:lin")["photos"] == "wifi", "the choice")
    name = complains_with_a_photo(lin)
    lin.sync()
    assert name not in house.blobs and len(taken_acts(lin)) == 1
    lin.open("/floor/sync")
    assert "等到有 Wi-Fi 再发" in lin.text()
    worker.evaluate("self.kind = 'wifi'")
    until(lambda: lin.sync() and name in house.blobs, "the photo")


def test_a_full_server_gets_the_words_and_the_photos_when_it_has_room(
    house: House, tablet_of: Hand
) -> None:
    lin = tablet_of("lin")
    house.no_room_for = 2  # s
    name = complains_with_a_photo(lin)
    until(lambda: lin.sync()["state"] == "ok" and not lin.unsent(), "the words")
    assert name not in house.blobs
    lin.open("/floor/sync")
    assert "暂时放不下照片和录音" in lin.text()
    house.no_room_for = None
    until(lambda: lin.sync() and name in house.blobs, "the photo")

    # The server is put back to a day on which it had neither.
    words = list(house.acts)
    house.blobs.clear()
    house.parts.clear()
    house.restore([act for act in words if act != taken_acts(lin)[0]["_id"]], "e2")
    until(lambda: lin.sync() and name in house.blobs, "the photo once more")
    assert set(house.acts) == set(words)


def complains_with_a_photo(tablet: Tablet) -> str:
    """Take a complaint that names a photo; return the photo's hash."""
    name = tablet.page.evaluate(KEEP, {"type": "image/jpeg", "text": "a photo"})
    tablet.open("/floor/complaint/new")
    act_id = tablet.page.locator('input[name="act_id"]').first.input_value()
    said = {"act_id": act_id, "words": WORDS, "photos": name}
    tablet.post("/floor/complaint", {**said, "signature_cannot": "yes", "unsigned": "不会写字"})
    return str(name)


SLOW_ANSWERS = """wait => {
  const { fetch } = window
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked)
    await new Promise(done => setTimeout(done, wait))
    return answer
  }
}"""
KEEP = """async ({ type, text }) => {
  const headers = { "Content-Type": type }
  const body = new Blob([new Uint8Array([0xff, 0xd8, 0xff]), text])
  const answer = await fetch("/floor/blobs", { method: "POST", headers, body })
  return (await answer.json()).sha256
}"""


def test_what_is_chosen_while_the_text_is_drawn_anew_stays_chosen(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    page = lin.page
    lin.open("/floor/complaint/new")
    page.evaluate(SLOW_ANSWERS, 700)
    page.fill("#field-words", WORDS)
    page.wait_for_timeout(400)  # the drawing is on its way
    page.locator("label.cannot").tap()
    why_not = page.locator('input[name="unsigned"]').first
    page.locator('label:has(input[name="unsigned"])').first.tap()
    page.locator("#said", has_text=WORDS[:4]).wait_for()
    assert why_not.is_checked() and page.locator("label.cannot input").is_checked()


@pytest.mark.parametrize("stopped", [True, False])
def test_a_recording_nobody_kept_goes_along_with_the_complaint(
    tablet_of: Hand, stopped: bool
) -> None:
    lin = tablet_of("lin")
    page = lin.page
    lin.open("/floor/complaint/new")
    page.fill("#field-words", WORDS)
    page.locator("label.cannot").tap()
    page.locator('label:has(input[name="unsigned"])').first.tap()
    page.locator("fw-voice [data-record]").tap()
    page.wait_for_selector("fw-voice [data-running]")
    page.wait_for_timeout(300)
    if stopped:
        page.locator("fw-voice [data-stop]").tap()
        page.wait_for_selector("fw-voice [data-heard]")
    page.locator(".foot button.act").tap()
    until(lambda: taken_acts(lin), "the complaint")
    assert len(taken_acts(lin)[0]["data"].get("recordings", [])) == 1
