"""A new kind of record is one file of data: lost property, used by two tablets and a desk.

`tests/lost_property.py` declares it, and no other line anywhere names it. Lin and Chen work with it
where there is no network, Wu sees it in the office. engine.md §7: screens nobody has to write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator

from sync.display_format import text_hash
from tests import invented_kind, lost_property
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

OWNER = "欧阳若兰"


@pytest.fixture(scope="module")
def hospital(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The hospital, whose server and tablets were built with the declaration."""
    folder = tmp_path_factory.mktemp("hospital")
    kinds = (lost_property.LOST, lost_property.CLAIM)
    with invented_kind.declared(*kinds), pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOORWALK_KINDS", lost_property.__name__)
        made = Hospital(folder, generated)
        script = invented_kind.worker_script(folder / "built")
        (made.static / "worker.js").write_text(script, "utf-8")
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def lin(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Lin, in the lobby, her tablet held flat."""
    lin = holds_a_tablet("lin")
    lin.tablet.page.set_viewport_size({"width": 1280, "height": 800})
    return lin


@pytest.fixture(scope="module")
def chen(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Chen, her supervisor, upright."""
    return holds_a_tablet("chen")


@pytest.fixture(scope="module")
def wu(at_a_desk: Callable[[str], Desk]) -> Desk:
    """Wu, in the office."""
    return at_a_desk("wu")


def big(guide: Guide) -> Locator:
    """Return the one act of a page."""
    return guide.tablet.page.locator(".foot .act")


def finds(guide: Guide, item: str, photo: Path | None = None) -> str:
    """Enter what somebody left behind; return the record."""
    page = guide.tablet.page
    before = set(guide._ids("lost"))
    guide.tablet.open("/floor/lost/new?anew=1")
    page.fill("[name=item]", item)
    guide.tap('label:has([name="sort"][value="umbrella"])')
    if photo:
        page.set_input_files('fw-photo input[type="file"]', photo)
        until(lambda: page.locator('input[name="photos"]').count() == 1, "the photo")
    guide.tap(big(guide))
    return guide._new("lost", before)


def row(guide: Guide, record: str) -> Locator:
    return guide.tablet.page.locator(f'.line[href="/floor/lost/{key(record)}"]')


def test_lin_enters_what_was_found_takes_it_back_and_goes_on_writing(
    hospital: Hospital, lin: Guide, tmp_path: Path
) -> None:
    lin.goes_offline()
    page = lin.tablet.page
    assert "大厅" in lin.looks_at("/floor/more") and "没有未办结的" in lin.tablet.text()
    page.locator('a.task[href="/floor/lost"]').tap()
    until(lambda: "这里还没有记录" in lin.tablet.text(), "the empty list")
    lin.tablet.open("/floor/lost/new")
    assert "还差 1 项没填" in big(lin).inner_text() and big(lin).is_disabled()
    page.fill("[name=item]", "蓝色折叠雨伞")
    until(lambda: big(lin).is_enabled(), "nothing to be missing")
    until(lambda: page.locator("[data-kept]").is_visible(), "the draft")
    lin.tablet.open("/floor/lost")
    page.locator(".begun", has_text="接着写？登记拾到").tap()
    until(lambda: page.locator("[name=item]").count(), "the form")
    assert page.input_value("[name=item]") == "蓝色折叠雨伞" and "已存草稿" in lin.tablet.text()
    photo = tmp_path / "umbrella.jpg"
    Image.new("RGB", (640, 480), "navy").save(photo)
    page.set_input_files('fw-photo input[type="file"]', photo)
    until(lambda: page.locator('input[name="photos"]').count() == 1, "the photo")
    lin.tap(big(lin))
    until(lambda: "保管中" in lin.tablet.text(".who-head"), "the record's page")
    assert "待发" in lin.tablet.text(".who-head") and "还有" in lin.tablet.text(".call-time")
    assert page.locator(".photos img").count() == 1
    assert "登记拾到 · 蓝色折叠雨伞" in lin.tablet.text(".undo")
    lin.tap(".undo button")
    until(lambda: "已撤回" in lin.tablet.text(".who-head"), "it to be taken back")
    assert lin.looks_at("/floor/lost").count("蓝色折叠雨伞") == 0
    assert page.locator(".begun").count() == 0, "what was kept is no draft any more"


def test_both_give_it_back_unseen_and_wu_decides(
    hospital: Hospital, lin: Guide, chen: Guide, wu: Desk
) -> None:
    lin.comes_back()
    record = finds(lin, "黑色长柄雨伞")
    lin.syncs()
    chen.syncs()
    lin.goes_offline()
    chen.goes_offline()

    chen.tablet.open("/floor/lost")
    chen.tap(row(chen, record))
    until(lambda: "黑色长柄雨伞" in chen.tablet.text(".who-head"), "its page")
    chen.tap(".others summary")
    chen.tap('.others a:has-text("归还失主")')
    until(lambda: chen.tablet.page.locator("fw-sign").count(), "the form")
    chen.tablet.page.fill("[name=name]", OWNER)
    read = chen.tablet.page.locator("#said .readback")
    until(lambda: OWNER in read.inner_text(), "the read-back")
    chen.signs()
    chen.tap(big(chen))
    until(lambda: "已归还" in chen.tablet.text(".who-head"), "it to be given back")
    words = chen.tablet.text()
    assert "失主签名" in words and OWNER not in words and "欧阳**" in words

    lin.tablet.open(f"/floor/lost/{key(record)}/returned")
    lin.tablet.page.fill("[name=name]", "白露")
    lin.tap("label.cannot")
    lin.tap(big(lin))
    until(lambda: "请说明" in lin.tablet.text() or "problem" in lin.tablet.page.content(), "why")
    assert lin.tablet.page.input_value("[name=name]") == "白露"
    lin.tap('label:has([name="unsigned"]) >> nth=0')
    lin.tap(big(lin))
    until(lambda: "已归还" in lin.tablet.text(".who-head"), "it to be given back")

    chen.comes_back()
    lin.comes_back()
    [question] = until(lambda: (hospital.record(record) or {}).get("unsettled"), "the question")
    assert question["data"]["name"] == "白露"
    signed = hospital.acts(record, "lost.returned")[0]
    assert signed["text"] == f"归还失主：黑色长柄雨伞。失主：{OWNER}。"
    assert signed["data"]["signature"]["of"] == text_hash(signed["text"])
    lin.sees("有 1 条等办公室核对", f"/floor/lost/{key(record)}")
    assert "黑色长柄雨伞" in wu.opens("/office/lost?view=all&q=雨伞")
    wu.decides(question["act"], "keep", "看过签名，是欧阳女士的")
    hospital.comes_to_have(record, name=OWNER, unsettled=[])


def test_its_clock_is_a_task_without_a_network_and_its_gate_says_what_is_missing(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    record = finds(lin, "灰色围巾")
    lin.syncs()
    chen.syncs()
    for guide in (lin, chen):
        guide.goes_offline()
        guide.waits(minutes=6)
    lin.tablet.open("/floor/todo")
    task = lin.tablet.page.locator("a.task", has_text="联系失主：灰色围巾")
    assert task.count() == 1
    assert "1 件已超时" in lin.looks_at("/floor/more")
    lin.tablet.open("/floor/lost")
    assert "灰色围巾" in lin.tablet.page.locator(".line").first.inner_text(), "it is due first"
    lin.tablet.page.fill("[name=q]", "hswj")
    until(lambda: lin.tablet.page.locator(".line").count() == 1, "what was looked for")

    chen.tablet.open(f"/floor/lost/{key(record)}")
    gate = chen.tablet.page.locator(".gate")
    assert gate.locator("li.met").count() == 1, "another person than who found it"
    assert "联系过失主" in gate.locator('[aria-current="step"]').inner_text()
    assert chen.tablet.get(f"/floor/lost/{key(record)}/handed")["status"] == 200
    until(lambda: chen.tablet.is_at(f"/floor/lost/{key(record)}"), "no form of what is barred")
    refused = chen.tablet.post(f"/floor/lost/{key(record)}/handed", {}, htmx=False)
    assert refused["status"] == 422 and "已不能保存" in refused["text"]

    chen.tablet.page.fill("[name=words]", "打了三次，没有人接")
    assert "联系过失主" in big(chen).inner_text()
    chen.tap(big(chen))
    until(lambda: "归还失主" in big(chen).inner_text(), "what is next")
    assert chen.tablet.page.locator(".gate").count() == 0, "nothing is missing any more"
    chen.tap(".others summary")
    chen.tap('.others button:has-text("移交派出所")')
    until(lambda: "已移交" in chen.tablet.text(".who-head"), "it to be handed over")
    chen.comes_back()
    lin.comes_back()
    found = hospital.comes_to_have(record, state="handed", handed_by="person:chen")
    assert found["words"] == "打了三次，没有人接"
    lin.sees("已移交", f"/floor/lost/{key(record)}")
    assert json.dumps(lin.view(record), sort_keys=True) == json.dumps(found, sort_keys=True)
