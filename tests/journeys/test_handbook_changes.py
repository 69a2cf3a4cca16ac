"""The handbook changes while people work: a next version, a text that is withdrawn while Lin
reads it where there is no network, a document whose task was erased.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from server.acts import erasure
from sync.act import key_id, ulid
from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide, key
from tests.journeys.test_handbook import DAY, GROUP, articles, published
from tests.tablet import until

__all__ = ["articles"]  # the fixture: the handbook, and the group that Chen heads

pytestmark = pytest.mark.browser


def test_KB_11_KB_06_a_text_says_as_of_when_it_is_and_its_next_version_begins_with_it(
    hospital: Hospital,
    articles: list[str],
    holds_a_tablet: Callable[[str], Guide],
    tmp_path: Path,
) -> None:
    chen = holds_a_tablet("chen")
    chen.syncs()
    chen.goes_offline()
    page = chen.tablet.page
    chen.tablet.open(f"/floor/article/{key(articles[1])}")
    assert "本机这一份是" in chen.tablet.text(".in-force"), "also where no day is set"
    page.set_viewport_size({"width": 1024, "height": 768})
    page.screenshot(path=str(tmp_path / "article.png"))
    chen.tap(".others summary")
    chen.tap('.others a[href*="replaces"]')
    until(lambda: page.locator("[name=words]").count(), "the form")
    assert page.input_value("[name=title]") == "停车与接送"
    assert "地下车库" in page.input_value("[name=words]")
    assert page.input_value("[name=version]") == "", "its number is its own"
    page.screenshot(path=str(tmp_path / "version.png"))
    page.fill("[name=words]", "地下车库从西门进。")
    before = set(chen._ids("article"))
    chen.tap(page.locator(".foot .act").last)
    draft = chen._new("article", before)
    assert (chen.view(draft) or {})["replaces"] == articles[1]
    chen.tablet.open(f"/floor/article/{key(articles[1])}")
    assert "停车与接送" in page.locator(".rows .line").last.inner_text(), "and stands with it"
    chen.comes_back()


def test_what_was_read_of_a_text_that_was_withdrawn_meanwhile_stays_read(
    hospital: Hospital, articles: list[str], holds_a_tablet: Callable[[str], Guide]
) -> None:
    must = {"must_read": "read", "audience": ["guide"]}
    text = published(hospital, 21, "夏季义诊周", "测血糖。", **must)
    receipt = key_id("receipt", [text, "person:lin"])
    hospital.comes_to_have(receipt, state="due")
    lin = holds_a_tablet("lin")
    lin.syncs()
    until(lambda: lin.view(receipt), "the receipt to be on the tablet")
    lin.goes_offline()
    lin.tablet.open(f"/floor/receipt/{key(receipt)}")
    hospital.does("article.retired", text, {"reason": "改期"}, by="person:chen")
    until(lambda: "withdrawn" in (hospital.record(receipt) or {})["stated"], "nobody to owe it")
    lin.tap(lin.tablet.page.locator(".foot .act"))
    until(lambda: "已读" in lin.tablet.text(".who-head"), "it to be read")
    lin.comes_back()
    found = hospital.comes_to_have(receipt, state="read")
    assert not found["unsettled"], "it is nothing that the office has to decide"


def test_a_link_to_what_was_erased_says_so_on_the_tablet(
    hospital: Hospital,
    articles: list[str],
    holds_a_tablet: Callable[[str], Guide],
    tmp_path: Path,
) -> None:
    now = hospital.now()
    task, paper = f"task:{ulid(now, 31)}", f"document:{ulid(now, 32)}"
    hospital.does("task.raised", task, {"words": "欧阳的片子", "unit": GROUP}, by="person:chen")
    about = {"title": "片子", "kind": "client", "folder": "7", "about": task, "unit": GROUP}
    hospital.does("document.filed", paper, about, by="person:wu")
    with hospital._site(now + DAY // 24) as site:
        erasure.erase(site, task, by="person:wu", reason="本人要求")
    chen = holds_a_tablet("chen")
    chen.syncs()
    until(lambda: (chen.view(task) or {}).get("erased"), "the erasure on the tablet")
    chen.goes_offline()
    page = chen.tablet.page
    chen.tablet.open(f"/floor/document/{key(paper)}")
    link = page.locator(f'.facts a[href="/floor/task/{key(task)}"]')
    assert "已抹除" in link.inner_text() and "欧阳" not in chen.tablet.text()
    page.screenshot(path=str(tmp_path / "erased.png"))
    chen.tap(link)
    until(lambda: "已抹除" in chen.tablet.text(".who-head"), "what is left of it")
    chen.tablet.open("/floor/task")
    assert "已抹除" in page.locator(f'a[href="/floor/task/{key(task)}"]').inner_text()
