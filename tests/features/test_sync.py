"""The sync page: the state of every act of this tablet, why replication stops, what to do then."""

from __future__ import annotations

import json

import pytest

from tests.features.conftest import Hand
from tests.features.house import House, key
from tests.gallery import AXE
from tests.service_worker.tablet.gestures import sat_down, water_given
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

SAY = {
    "zh": "当时您的岗位不能做这件事。记录已保存；请问主管。",
    "en": "Your post did not allow this at that time. The entry is kept; ask your supervisor.",
}


def page(tablet: Tablet, path: str = "/floor/sync") -> str:
    tablet.open(path)
    return tablet.text()


def speaks_english(tablet: Tablet) -> None:
    answer = tablet.post("/floor/more", {"language": "en"}, htmx=False)
    assert answer["status"] == 200


def test_a_refused_act_says_why_and_shows_both_sides(house: House, tablet_of: Hand) -> None:
    wait = house.wait("王小明", 2)
    lin = tablet_of("lin")
    house.refuse["waiting.water_given"] = {"reason": "not_your_post", "say": SAY["zh"]}
    lin.sync()
    water_given(lin, wait)
    until(lambda: not lin.unsent(), "the server's answer")

    shown = page(lin)
    assert "1 条退回" in shown and SAY["zh"] in shown and "王小明" not in shown
    lin.page.get_by_text("看两边怎么记的").tap()
    until(lambda: "这台平板记的" in lin.text(), "both sides")
    assert "送水 · 王**" in lin.text() and "坐下候诊" in lin.text()
    lin.page.get_by_text("交给办公室核对").tap()
    until(lambda: "1 条等核对" in lin.text(), "the page to be calm")
    assert SAY["zh"] in lin.text(), "it stays to be read"
    # Found on the screens, 6: until the office decided, no page says that all was delivered.
    lin.open("/floor/lobby")
    assert "1 条等核对" in lin.text("#truth") and "送达" not in lin.text("#truth")

    speaks_english(lin)
    assert SAY["en"] in page(lin)


def test_what_the_office_decided_of_a_refused_act_is_shown(house: House, tablet_of: Hand) -> None:
    wait = house.wait("王小明", 2)
    lin = tablet_of("lin")
    house.refuse["waiting.water_given"] = {"reason": "not_your_post", "say": SAY["zh"]}
    lin.sync()
    water_given(lin, wait)
    until(lambda: not lin.unsent(), "the server's answer")
    [act] = [row["act"] for row in lin.stored("acts")]
    refusal = f"refusal:{key(act['_id'])}"
    house.say("refusal.noted", refusal, {"act": act["act"], "who": "person:lin"})
    lin.sync()
    assert "1 条退回" in page(lin)

    house.take(act)
    house.say("refusal.admitted", refusal, {"reason": "换岗没通知"}, by="person:wu")
    lin.sync()
    assert lin.stored("acts", act["_id"])["state"] == "sent"
    assert "办公室核对后收下了" in page(lin) and "已全部上传" in lin.text()
    assert "等核对" not in lin.text("#truth")


def test_why_nothing_goes_out_is_said_in_words(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    house.portal = True
    sat_down(lin, name="王小明", place="place:guke-3")
    lin.sync()
    assert "这个 Wi-Fi" in page(lin) or "Wi-Fi" in lin.text()
    house.portal = False
    house.person = None
    lin.sync()
    assert "重新登录" in page(lin)
    house.stop()
    lin.sync()
    shown = page(lin)
    assert "1 条还在这台平板上" in shown and "试过" in shown and "次" in shown

    house.person = "person:lin"
    house.start()
    lin.page.get_by_text("现在就试").tap()
    until(lambda: "已全部上传" in lin.text(), "what waited to be sent")


def test_what_is_unsent_can_be_carried_away_in_a_file(house: House, tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    house.stop()
    wait = sat_down(lin, name="王小明", place="place:guke-3")
    page(lin)
    with lin.page.expect_download() as saving:
        lin.page.get_by_text("导出救援文件").tap()
    saved = json.loads(saving.value.path().read_text("utf-8"))
    assert [act["record"] for act in saved["acts"]] == [wait]
    assert saving.value.suggested_filename.startswith("floorwalk-demo-")


def test_nobody_is_kept_out_of_these_pages(house: House, tablet_of: Hand) -> None:
    wait = house.wait("王小明", 2)
    lin = tablet_of("lin")
    house.refuse["waiting.water_given"] = {"reason": "not_your_post", "say": SAY["zh"]}
    lin.sync()
    water_given(lin, wait)
    until(lambda: not lin.unsent(), "the server's answer")
    [act] = lin.stored("acts")
    axe = AXE.read_text("utf-8")
    paths = ("more", "sync", f"sync/{key(act['_id'])}", "round", "sign-out")
    for theme in ("light", "night"):
        lin.post("/floor/more", {"theme": theme}, htmx=False)
        for path in paths:
            lin.open(f"/floor/{path}")
            lin.page.evaluate(axe + ";0")
            found = lin.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
            assert grave == [], (path, theme)
