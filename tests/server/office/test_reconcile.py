"""Unsettled acts wait in the office, side by side, and are decided by an act with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.acts.access import Actor
from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.test_tables import complains, waits
from tests.server.office.window import Window

Opening = Callable[..., Window]


@pytest.fixture
def record(clock: Clock, cast: Cast) -> str:
    """Somebody who went in; Chen gave water without a network and says so too late."""
    waiting = waits(cast, "王小明")
    clock.passes(minutes=9)
    late = cast.chen.says("waiting.water_given", waiting, at=clock() + 90_000)
    cast.lin.does("waiting.ended", waiting, outcome="seen")
    clock.passes(minutes=6)
    cast.chen.hands_in(late)
    return waiting


def test_both_entries_stand_side_by_side(record: str, wu: Window) -> None:
    page = wu.opens("/office/reconcile")
    assert "1 to decide, nothing is lost" in page.text
    assert (
        page.row("What it says") == "What it says Waiting ended, How it ended Went in Water given"
    )
    assert page.row("Done at") == "Done at 09:09:00 09:10:30"
    assert "online" in page.row("Reached the server")
    assert "no network for 4 min" in page.row("Reached the server")
    assert "Water given 09:10" in page.row("If chosen")
    assert "林小美 noted" in page.text and "陈静 noted" in page.text
    assert "王小明" not in page.html


def test_the_menu_counts_what_is_to_be_decided(record: str, wu: Window) -> None:
    assert "Reconcile 1" in wu.opens("/office/").text


def test_a_decision_is_an_act_with_its_reason(site: Site, record: str, wu: Window) -> None:
    page = wu.opens("/office/reconcile")
    answer = wu.fills_in(page, "/office/reconcile", choice="accept", reason="问过两位")
    assert "Everything fits" in answer.text
    stored = site.record(record)
    assert stored is not None
    assert stored["unsettled"] == [] and stored["water_by"] == "person:chen"
    history = wu.opens(f"/office/waiting/{record.partition(':')[2]}").text
    assert "Accepted: Water given" in history and "问过两位" in history


def test_keeping_the_record_changes_nothing_but_the_question(
    site: Site, record: str, wu: Window
) -> None:
    page = wu.opens("/office/reconcile")
    wu.fills_in(page, "/office/reconcile", choice="keep", reason="已经进去了")
    stored = site.record(record)
    assert stored is not None and stored["unsettled"] == [] and "water_at" not in stored


def test_no_decision_without_a_reason(site: Site, record: str, wu: Window) -> None:
    page = wu.opens("/office/reconcile")
    answer = wu.fills_in(page, "/office/reconcile", choice="accept", reason="")
    assert answer.status == 422 and "Fill this in." in answer.text
    assert (site.record(record) or {})["unsettled"] != []


def test_the_question_is_marked_in_the_records_own_history(record: str, wu: Window) -> None:
    page = wu.opens(f"/office/waiting/{record.partition(':')[2]}")
    assert "The record had moved on when this was done." in page.text
    assert page.links["Decide"].startswith("/office/reconcile?about=act:")


def test_two_values_of_one_field_are_compared(clock: Clock, cast: Cast, wu: Window) -> None:
    record = complains(cast, "轻重说法不同")
    clock.passes(minutes=1)
    seen = (cast.lin.site.record(record) or {})["acts"]["last"]
    cause: dict[str, Any] = {"field": "cause", "seen": seen}
    cast.wu.does("complaint.edited", record, **cause, old=None, new="quality")
    clock.passes(minutes=1)
    cast.wu.person = "person:wu2"
    cast.wu.site.record_act("person.added", "person:wu2", {
        "name": "李四", "posts": ["cs_agent"], "places": ["place:site"],
    }, by="system:site", at=clock() - 90_000)  # fmt: skip
    cast.wu.does("complaint.edited", record, **cause, old=None, new="other")
    page = wu.opens("/office/reconcile")
    assert "Cause: Quality" in page.row("What it says")


def test_a_refused_act_is_shown_in_plain_words_and_admitted(
    site: Site, cast: Cast, wu: Window
) -> None:
    record = cast.zhao.new("complaint")
    verdict = cast.zhao.does("complaint.taken", record, place="place:lobby-1", words="没有岗位")
    assert not verdict.good
    page = wu.opens("/office/reconcile")
    assert "Not taken in: Complaint taken" in page.text
    assert "Your post did not allow this at that time." in page.text
    assert "没有岗位" in page.text and "In their own words" in page.text
    answer = wu.fills_in(page, "/office/reconcile", choice="keep", reason="不是她的岗位")
    assert "Everything fits" in answer.text
    refusal = site.record("refusal:" + verdict.id.partition(":")[2])
    assert refusal is not None and refusal["state"] == "dismissed"
    assert refusal["reason"] == "不是她的岗位"


def test_a_body_that_is_no_act_is_shown_as_it_came(site: Site, cast: Cast, wu: Window) -> None:
    cast.lin.hands_in({"_id": "act:" + "0" * 26, "act": "<script>alert(1)</script>"})
    page = wu.opens("/office/reconcile")
    assert page.status == 200 and "<script>alert" not in page.html


def test_what_has_neither_name_nor_tablet_is_called_something(
    site: Site, cast: Cast, wu: Window
) -> None:
    site.accept([{"_id": "note:1"}], Actor(site.person("person:lin"), "device:none"))
    page = wu.opens("/office/reconcile")
    assert "Not taken in: something that is no entry" in page.text
    assert "an unknown device" in page.text and "tablet none" not in page.text


def test_an_entry_about_nothing_yet_has_no_empty_words_before_its_tablet(
    cast: Cast, wu: Window
) -> None:
    cast.lin.does("complaint.responded", cast.lin.new("complaint"), response="马上去看")
    item = wu.opens("/office/reconcile").html.partition("First response given?")[2][:200]
    assert "tablet 000L" in item and ">, tablet" not in item


def test_only_deciders_reconcile(site: Site, record: str, window: Opening) -> None:
    assert window("chen").opens("/office/reconcile").status == 200
    said = {"posts": ["ops_dept"], "places": ["place:site"]}
    site.record_act("person.changed", "person:chen", said, by="system:site")
    ops = window("chen")
    assert ops.opens("/office/reconcile").status == 404
    assert "Reconcile" not in ops.opens("/office/").text


def test_the_outcome_is_on_the_button(clock: Clock, cast: Cast, wu: Window) -> None:
    """On the screens, 4: both buttons read “Waiting ended”, which is which was not on them."""
    waiting = waits(cast, "魏晚舟")
    clock.passes(minutes=9)
    late = cast.chen.says("waiting.ended", waiting, outcome="seen", at=clock() + 90_000)
    cast.lin.does("waiting.ended", waiting, outcome="moved_emergency")
    clock.passes(minutes=6)
    cast.chen.hands_in(late)
    page = wu.opens("/office/reconcile")
    assert "Keep: Moved to emergency" in page.text
    assert "Accept: Went in" in page.text
    assert "Waiting ended" not in page.html.partition("<tfoot>")[2].partition("</tfoot>")[0]


def test_an_emergency_is_decided_first(record: str, clock: Clock, cast: Cast, wu: Window) -> None:
    """On the screens, 6: an emergency's seat was refused, and stood last of six."""
    refused = cast.lin.new("waiting")
    place = {"place": "place:lobby-2", "name": "急诊的人", "priority": "emergency"}
    assert cast.lin.hands_in(cast.lin.says("waiting.started", refused, **place))[0].code
    clock.passes(minutes=3)
    complaint = cast.zhao.new("complaint")
    cast.zhao.does("complaint.taken", complaint, place="place:lobby-1", words="没有岗位")
    first = wu.opens("/office/reconcile").html.partition('class="unsettled"')[2]
    first = first[: first.index("</li>")]
    assert "Not taken in: Sat down" in first or "Waiting started" in first, first
