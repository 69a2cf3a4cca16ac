"""The screens of a kind that is shown by its declaration alone, on a tablet without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from starlette.requests import Request
from starlette.responses import Response

import sync
from sync.act import key_id
from tests import invented_kind, lost_property
from tests.features.house import House, key
from tests.features.register_kinds import KINDS
from tests.gallery import AXE
from tests.sources import files
from tests.tablet import Tablet, until

OWNER, PHONE = "欧阳若兰", "13955550416"


class Lobby(House):
    """The house, whose tablets were built with declared kinds; somebody left an umbrella."""

    def __init__(self, script: str) -> None:
        self.script = script
        super().__init__()

    async def _worker(self, request: Request) -> Response:
        return Response(self.script, media_type="text/javascript")

    def slip(self, how: str, to: str) -> str:
        """Lin wrote to somebody, and to two whose names have a dot within or not."""
        said = {"words": f"加一台血压计 {how}", "how": how, "to": to, "people": [to, "person:lin"]}
        return self._new("slip", "slip.made", 2, "lin", said)

    def umbrella(self, ago: int = 2) -> str:
        """Lin found it, two minutes ago."""
        said = {"item": "蓝色雨伞", "name": OWNER, "phone": PHONE, "place": "place:lobby-1"}
        return self._new("lost", "lost.found", ago, "lin", said)


@pytest.fixture(scope="module")
def script(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    kinds = (lost_property.LOST, lost_property.CLAIM, *KINDS)
    named = {one.name: one for one in kinds}
    with invented_kind.declared(*named.values()):
        yield invented_kind.worker_script(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def house(script: str) -> Iterator[Lobby]:
    site = Lobby(script)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def lin(
    house: Lobby, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tablet]:
    """Lin's tablet, held flat, for all that follows."""
    tablet = Tablet(playwright, house.url, tmp_path_factory.mktemp("lin"))
    tablet.page.set_viewport_size({"width": 1280, "height": 800})
    tablet.open("/floor/more")
    tablet.wait_for_floor()
    yield tablet
    tablet.close()


def big(tablet: Tablet) -> str:
    return str(tablet.page.locator(".foot .act").inner_text())


@pytest.mark.browser
def test_what_is_private_is_shown_by_an_act_and_what_was_wrong_is_corrected(
    house: Lobby, lin: Tablet
) -> None:
    record = house.umbrella()
    lin.sync()
    lin.open(f"/floor/lost/{key(record)}")
    assert OWNER not in lin.text() and "欧阳** 139****0416" in lin.text()
    lin.page.locator("button.masked").click()
    until(lambda: PHONE in lin.text(), "the number")
    assert lin.stored("acts")[-1]["act"]["act"] == "lost.revealed"
    lin.open(f"/floor/lost/{key(record)}/edited")
    assert lin.page.input_value("[name=item]") == "蓝色雨伞"
    assert OWNER not in lin.page.content(), "a form shows nothing that nobody asked to see"
    assert lin.page.get_attribute("[name=name]", "placeholder") == "欧阳**"
    lin.page.fill("[name=item]", "蓝色折叠雨伞")
    lin.page.locator(".foot .act").click()
    until(lambda: "蓝色折叠雨伞" in lin.text(".who-head"), "the correction")
    said = lin.stored("acts")[-1]["act"]["data"]
    assert said == {"field": "item", "old": "蓝色雨伞", "new": "蓝色折叠雨伞"}
    assert OWNER not in lin.text(), "looked at once is not seen for ever"


@pytest.mark.browser
def test_a_refused_act_is_marked_and_a_form_with_a_mistake_keeps_what_was_typed(
    house: Lobby, lin: Tablet
) -> None:
    record = house.umbrella()
    say = "您当时的岗位不能这样记。"
    house.refuse["lost.called"] = {"reason": "not_your_post", "say": say}
    lin.sync()
    lin.open(f"/floor/lost/{key(record)}")
    assert "联系过失主" in big(lin)
    lin.page.locator(".foot .act").click()
    until(lambda: "refused" in {row["state"] for row in lin.stored("acts")}, "the refusal")
    lin.open(f"/floor/lost/{key(record)}")
    assert "退回" in lin.page.locator(".line[aria-current]").inner_text()
    assert "看原因" in lin.text(".who-head ~ .note")
    phone = {"item": "帽子", "place": "place:lobby-1", "phone": "打不通"}
    answer = lin.post("/floor/lost/new", phone, htmx=False)
    assert answer["status"] == 422 and 'value="帽子"' in answer["text"]
    assert "problem-phone" in answer["text"]
    assert lin.get("/floor/lost/nothing")["status"] == 404
    assert lin.get(f"/floor/lost/{key(record)}/stolen")["status"] == 404


@pytest.mark.browser
def test_records_that_name_each_other_lead_to_each_other(house: Lobby, lin: Tablet) -> None:
    record = house.umbrella()
    lin.sync()
    lin.open(f"/floor/claim/new?lost={record}")
    assert lin.page.locator(f'[name="lost"][value="{record}"]').is_checked()
    words = lin.page.locator('[name="words"]')
    assert not words.is_visible(), "it is asked of a call alone"
    lin.page.locator('label:has([name="kind"][value="call"])').click()
    until(words.is_visible, "what was said on the phone")
    words.fill("伞柄上有白漆")
    lin.page.locator(".foot .act").click()
    until(lambda: "伞柄上有白漆" in lin.text(".who-head"), "the claim")
    lin.open("/floor/lost?q=伞")
    before = lin.page.locator(".line").count()
    house.umbrella()
    lin.sync()
    until(lambda: lin.page.locator(".line").count() == before + 1, "what arrived, in the open list")
    lin.open("/floor/claim")
    lin.page.locator(".facts a", has_text="蓝色雨伞").click()
    until(lambda: "蓝色雨伞" in lin.text(".who-head"), "what is claimed")
    assert "伞柄上有白漆" in lin.page.locator(".stack .line").inner_text()


@pytest.mark.browser
def test_a_list_nobody_searches_comes_anew_when_something_arrives(
    house: Lobby, lin: Tablet
) -> None:
    lin.open("/floor/lost")
    again = str(lin.page.get_attribute("#register-rows", "hx-get"))
    assert lin.get(again)["status"] == 200
    before = lin.page.locator("#register-rows .line").count()
    house.umbrella()
    lin.sync()
    rows = lin.page.locator("#register-rows .line")
    until(lambda: rows.count() == before + 1, "what arrived, in the open list")


@pytest.mark.browser
def test_what_has_a_key_is_opened_once_and_counts_from_the_end_of_its_day(lin: Tablet) -> None:
    said = {"place": "place:lobby-1", "day": "2026-03-02", "ticks.floor": "yes"}
    first = lin.post("/floor/sheet/new", said, htmx=False)
    again = lin.post("/floor/sheet/new", {**said, "ticks.chairs": "no"}, htmx=False)
    record = key_id("tour", ["place:lobby-1", 20_514])
    assert first["status"] == again["status"] == 200
    assert first["url"] == again["url"] and first["url"].endswith(f"/sheet/{key(record)}")
    kept = lin.stored("view", record)["record"]
    assert kept["ticks"] == {"floor": "yes", "chairs": "no"} and not kept["unsettled"]
    assert kept["where"] == "门诊大厅" and "门诊大厅" in again["text"]
    assert "3月2日" in again["text"] and "1970" not in again["text"]


@pytest.mark.browser
def test_what_somebody_else_has_to_do_names_them_and_nothing_that_cannot_come(
    house: Lobby, lin: Tablet
) -> None:
    """No gate of one step, and none of an act that this record will never have."""
    theirs = house.slip("sign", "person:chen")
    lin.sync()
    lin.open(f"/floor/slip/{key(theirs)}")
    assert lin.page.locator(".foot .act").is_disabled() and not lin.page.locator(".gate").count()
    assert big(lin) == "答复便条：由 陈若岚 办理"
    assert "陈若岚、林晚舟" in lin.text(".facts"), "a dot may be within a name"
    mine = house.slip("read", "person:lin")
    lin.sync()
    lin.open(f"/floor/slip/{key(mine)}")
    assert big(lin) == "结束便条" and not lin.page.locator(".gate").count()


@pytest.mark.browser
def test_what_is_in_force_is_not_offered_to_be_withdrawn_as_if_that_were_next(
    house: Lobby, lin: Tablet
) -> None:
    record = house.slip("read", "person:lin")
    lin.sync()
    lin.open(f"/floor/slip/{key(record)}")
    lin.page.locator(".foot .act").click()
    until(lambda: "有效" in lin.text(".who-head"), "the slip in force")
    assert not lin.page.locator(".foot .act").count()
    lin.page.locator(".others summary").click()
    assert "撤回便条" in lin.text(".others")
    lin.open("/floor/slip?state=gone")
    assert "其他状态的记录" in lin.text("#register-rows"), "there are some, in other states"
    house.slip("sign", "person:chen")
    lin.sync()
    lin.open("/floor/more")
    assert "待答复" in lin.page.locator('a[href="/floor/slip"]').inner_text()


@pytest.mark.browser
def test_a_form_tells_records_of_one_name_apart_and_asks_for_nothing_without_a_choice(
    house: Lobby, lin: Tablet
) -> None:
    house.umbrella()
    house.umbrella()
    lin.sync()
    lin.open("/floor/slip/new?anew=1")
    assert "关于" not in lin.text("#asking"), "nothing can be chosen there"
    offered = lin.page.locator('label:has([name="which"])').all_inner_texts()
    assert any(one.startswith("蓝色雨伞·") and "门诊大厅" in one for one in offered), offered
    legend = lin.page.locator('fieldset:has([name="which"]) legend').inner_text()
    assert "可不填" in legend
    chip = lin.page.locator('label:has([name="which"])').first
    chip.tap()
    assert lin.page.locator('[name="which"]:checked').count() == 1
    chip.tap()
    assert not lin.page.locator('[name="which"]:checked').count(), "it was the wrong one"


@pytest.mark.browser
def test_what_was_begun_anew_is_there_after_the_page_was_loaded_again(lin: Tablet) -> None:
    lin.open("/floor/lost/new?place=place:lobby-1&anew=1")
    lin.page.fill("[name=item]", "半截的名字")
    until(lambda: lin.page.locator("[data-kept]").is_visible(), "the draft")
    until(lambda: "anew" not in lin.page.evaluate("location.search"), "the address")
    lin.page.reload()
    lin.wait_for_floor()
    assert lin.page.input_value("[name=item]") == "半截的名字"
    assert lin.page.locator('[name="place"][value="place:lobby-1"]').is_checked()
    lin.page.locator(".note a", has_text="重新填写").click()
    until(lambda: lin.page.input_value("[name=item]") == "", "an empty form")


@pytest.mark.browser
def test_a_long_name_lies_over_no_neighbour(lin: Tablet) -> None:
    lin.open("/floor/lost/new?anew=1")
    lin.page.fill("[name=item]", "阿卜杜热西提·麦麦提吐尔逊·" * 4)
    wide = """one => [one, one.closest(".control")].map(
        each => each.getBoundingClientRect().right)"""
    own, room = lin.page.locator("[name=item]").evaluate(wide)
    assert own <= room + 1


@pytest.mark.browser
def test_nobody_is_shut_out_of_a_register_held_upright(house: Lobby, lin: Tablet) -> None:
    """Axe finds nothing at all, in a list, a form and a record."""
    record = house.umbrella(ago=10)
    lin.sync()
    lin.page.set_viewport_size({"width": 768, "height": 1024})
    for path in ("/floor/lost", "/floor/lost/new?anew=1", f"/floor/lost/{key(record)}"):
        lin.open(path)
        until(lambda: lin.page.locator("#alarm").count(), "the bar of what is due")
        lin.page.evaluate(AXE.read_text("utf-8"))
        each = "all => all.violations.map(one => [one.id, one.nodes[0].html.slice(0, 200)])"
        found = lin.page.evaluate(f"axe.run().then({each})")
        assert found == [], path
    lin.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.browser
def test_what_was_merged_is_in_no_list_and_leads_to_what_it_is(house: Lobby, lin: Tablet) -> None:
    twice, whole = house.umbrella(), house.umbrella()
    said = {"into": whole, "reason": "同一把"}
    house.say("lost.merged", twice, said, by="person:wu")
    lin.sync()
    found = lin.get("/floor/lost/part?q=伞")["text"]
    assert key(whole) in found and key(twice) not in found
    lin.open(f"/floor/lost/{key(twice)}")
    assert "已并入另一条" in lin.text(".who-head") and not lin.page.locator(".foot .act").count()
    lin.page.locator(".facts a", has_text="蓝色雨伞").click()
    address = f"/floor/lost/{key(whole)}"
    until(lambda: lin.page.evaluate("location.pathname") == address, "what it is")


@pytest.mark.browser
def test_a_kind_that_is_nothing_to_somebody_is_not_in_their_way(lin: Tablet) -> None:
    lin.open("/floor/more")
    assert "失物招领" in lin.text() and "收据" not in lin.text()
    assert lin.get("/floor/receipt/new")["status"] == 403


def test_no_kind_has_screens_twice_or_a_word_that_the_floor_has() -> None:
    """A path is a kind's own, or the routes by hand would hide its screens.

    A list and a page may be drawn by hand, both of them, where the forms come by themselves.
    """
    routes = files("service_worker/routes.js")["service_worker/routes.js"]
    by_hand = {
        line.split("/")[2].split('"')[0] for line in routes.splitlines() if '"/floor/' in line
    }
    for kind, record in sync.declarations()["records"].items():
        path = record["path"]
        if path and path in by_hand and not record["own_screens"]:
            both = (f'["GET", "/floor/{path}", {path}.', f'["GET", "/floor/{path}/:id", {path}.')
            assert all(one in routes for one in both), kind
        elif path:
            assert record["own_screens"] is (path in by_hand), kind


@pytest.mark.browser
def test_of_very_many_choices_the_first_are_chips_and_the_others_in_a_list(lin: Tablet) -> None:
    """A task for one of all posts of the hospital: most are for the first of them."""
    lin.open("/floor/task/new")
    chips = lin.page.locator('[name="post"][type="radio"]:not([value="elsewhere"])')
    assert [one.get_attribute("value") for one in chips.all()][:2] == ["guide", "guide_supervisor"]
    assert chips.count() < 10
    others = lin.page.locator('select[name="post"]')
    assert not others.is_visible()
    lin.page.locator('label:has([name="post"][value="elsewhere"])').click()
    until(others.is_visible, "the other posts")
    others.select_option("finance")
    lin.page.fill('[name="words"]', "退费单请财务部核对")
    lin.page.locator(".foot .act").click()
    until(lambda: "退费单请财务部核对" in lin.text(".who-head"), "the task")
    assert lin.stored("acts")[-1]["act"]["data"]["post"] == "finance"
