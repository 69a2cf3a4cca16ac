"""To do: every clock by time, the most urgent first, and what a tap does about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sync
from sync import worktime
from tests.esbuild import run_in_node
from tests.features.conftest import Hand
from tests.features.house import MINUTE, House
from tests.tablet import Tablet, until

NOW = 1_791_532_800_000  # Friday 9 October 2026, 16:00 in China
CALENDAR = {"offset": 480, "closes": 18 * 60, "week": [1, 1, 1, 1, 1, 0, 0], "off": [], "work": []}
SCRIPT = """
import fs from "node:fs"
import { deadlinesToDo, grouped, todoCount } from "./models/todo_model.js"
const { records, person, declarations, calendar, now } = JSON.parse(fs.readFileSync(0, "utf8"))
const world = { now, declarations, calendar, settings: declarations.settings }
const tasks = deadlinesToDo(records, world, person)
const groups = grouped(tasks, world).map(([name, some]) => [name, some.map(one => one.key)])
const mine = tasks.filter(one => one.mine).map(one => one.key)
const states = Object.fromEntries(tasks.map(one => [one.key, one.state]))
const due = Object.fromEntries(tasks.map(one => [one.key, one.due_at]))
console.log(JSON.stringify({ groups, mine, states, due, count: todoCount(records, world, person) }))
"""
LIN = {"_id": "person:lin", "posts": ["guide"]}


def waiting(name: str, ago: int, owner: str = "person:lin", **said: Any) -> dict[str, Any]:
    """Return somebody who sat down minutes ago."""
    return {
        "_id": f"waiting:{name}", "type": "waiting", "state": "waiting", "owner": owner,
        "started_at": NOW - ago * MINUTE, "rungs": {}, **said,
    }  # fmt: skip


def complaint(name: str, ago: int, **said: Any) -> dict[str, Any]:
    """Return a complaint that was taken minutes ago."""
    return {
        "_id": f"complaint:{name}", "type": "complaint", "state": "open", "severity": "general",
        "owner": "person:lin", "taken_at": NOW - ago * MINUTE, "rungs": {}, **said,
    }  # fmt: skip


def todo(*records: dict[str, Any], person: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the model makes of records: {groups, mine, states, count}."""
    given = {"records": records, "person": person or LIN, "now": NOW, "calendar": CALENDAR}
    given["declarations"] = sync.declarations()
    found: dict[str, Any] = json.loads(run_in_node(SCRIPT, json.dumps(given)))
    return found


@pytest.fixture(autouse=True)
def _built(generated: Path) -> None:
    """The model reads the catalogue that the build wrote."""


# The model


def test_tasks_are_grouped_by_time_the_most_urgent_first() -> None:
    found = todo(
        waiting("calm", 2), waiting("late", 7), complaint("today", 18 * 60), complaint("later", 5)
    )
    assert found["groups"] == [
        ["overdue", ["waiting:late.waiting_water"]],
        ["soon", ["waiting:calm.waiting_water"]],
        ["today", ["complaint:today.complaint_response"]],
        ["later", ["complaint:later.complaint_response"]],
    ]


def test_every_clock_that_ran_out_is_a_task_and_what_comes_later_waits() -> None:
    found = todo(waiting("long", 16), waiting("short", 1))
    assert [key for _, keys in found["groups"] for key in keys] == [
        "waiting:long.waiting_water",
        "waiting:long.waiting_enquiry",
        "waiting:short.waiting_water",
    ]
    assert found["states"]["waiting:long.waiting_water"] == "over"
    assert found["states"]["waiting:long.waiting_enquiry"] == "due"


def test_a_warning_before_a_day_is_near_and_not_late_until_the_day_is_over() -> None:
    """The guide is told two hours before her task's day ends; until then nothing is late."""
    closes = NOW + 120 * MINUTE
    task = {
        "_id": "task:x", "type": "task", "state": "assigned", "kind": "do", "owner": "person:lin",
        "person": "person:lin", "raised_at": NOW - 600 * MINUTE, "rungs": {},
        "limit_day": worktime.local_day(NOW, CALENDAR),
    }  # fmt: skip
    found = todo(task)
    assert found["due"] == {"task:x.task_due": closes}
    assert found["states"] == {"task:x.task_due": "due"} and found["count"]["todo"] == 0
    assert found["groups"] == [["today", ["task:x.task_due"]]]
    over = todo({**task, "limit_day": task["limit_day"] - 1})
    assert over["states"] == {"task:x.task_due": "over"} and over["count"]["todo"] == 1


def test_what_was_done_is_no_task() -> None:
    found = todo(waiting("watered", 7, water_at=NOW - MINUTE))
    assert found["groups"] == [["soon", ["waiting:watered.waiting_enquiry"]]]
    assert todo(waiting("in", 7, state="ended"))["groups"] == []


def test_a_clock_is_mine_when_i_own_it_or_when_it_has_climbed_to_my_post() -> None:
    others = waiting("fresh", 6, "person:qiao"), waiting("climbed", 9, "person:qiao")
    assert todo(*others)["mine"] == []
    chen = {"_id": "person:chen", "posts": ["guide_supervisor"]}
    assert todo(*others, person=chen)["mine"] == ["waiting:climbed.waiting_water"]


def test_the_tab_counts_what_ran_out_and_is_mine() -> None:
    found = todo(waiting("long", 16), waiting("calm", 1), waiting("hers", 16, "person:qiao"))
    assert {name: n for name, n in found["count"].items() if n} == {"todo": 2, "waiting": 1}


# On the tablet


def tasks(tablet: Tablet) -> list[str]:
    """Return the names of the tasks in their order."""
    return tablet.page.locator("a.task b").all_inner_texts()


def flat(tablet: Tablet) -> Tablet:
    """Hold the tablet flat: list and task stand side by side."""
    tablet.page.set_viewport_size({"width": 1280, "height": 800})
    return tablet


@pytest.mark.browser
def test_the_big_button_does_what_is_due_and_the_next_task_follows(
    house: House, tablet_of: Hand
) -> None:
    late = house.wait("欧阳㛃珺", 7, salutation="ms")
    house.wait("司徒燚", 2, salutation="mr")
    lin = flat(tablet_of("lin"))
    house.stop()
    lin.open("/floor/todo")
    assert tasks(lin) == ["送水：欧阳㛃珺 女士", "送水：司徒燚 先生"]
    assert "超" in lin.text(".call-time")
    lin.page.locator(".foot button.act", has_text="送水").click()
    until(lambda: tasks(lin) == ["送水：司徒燚 先生", "问医生：欧阳㛃珺 女士"], "the next task")
    assert lin.stored("view", late)["record"]["water_by"] == "person:lin"
    assert lin.page.locator(".undo").is_visible()


@pytest.mark.browser
def test_my_post_sees_the_tasks_of_others_and_the_tab_says_what_the_list_says(
    house: House, tablet_of: Hand
) -> None:
    house.wait("林晓雨", 7)
    house.wait("张伟", 7, by="qiao")
    lin = flat(tablet_of("lin"))
    lin.open("/floor/todo")
    assert tasks(lin) == ["送水：林晓雨"]
    assert lin.text("a[href='/floor/todo'] .count").endswith("1")
    lin.page.locator("nav a.chip", has_text="本岗").click()
    until(lambda: len(tasks(lin)) == 2, "the tasks of my post")


@pytest.mark.browser
def test_a_notice_of_a_clock_in_the_list_is_no_second_task_and_is_seen_with_it(
    house: House, tablet_of: Hand
) -> None:
    wait = house.wait("林晓雨", 7)
    due = house.now() - 2 * MINUTE
    told = {"what": "waiting_water", "rung": 1, "due_at": due, "name": "林晓雨", "post": "owner"}
    notice = house.notice("lin", wait, 2, **told)
    lin = flat(tablet_of("lin"))
    lin.open("/floor/todo")
    assert tasks(lin) == ["送水：林晓雨"] and "1 条新通知" in lin.text()
    lin.page.locator(".foot button.act", has_text="送水").click()
    until(lambda: lin.stored("view", notice)["record"].get("seen_at"), "the notice to be seen")


@pytest.mark.browser
def test_who_was_asked_to_wait_a_moment_is_greeted_from_here(house: House, tablet_of: Hand) -> None:
    visit = house.visit("", 3, noticed=True)
    lin = flat(tablet_of("lin"))
    lin.open("/floor/todo")
    assert tasks(lin) == ["去迎接请稍等的人"]
    href = lin.page.locator(".foot a.act").get_attribute("href")
    assert href == f"/floor/lobby/greet?visit={visit.partition(':')[2]}"


@pytest.mark.browser
def test_on_a_narrow_screen_the_list_or_the_task_is_shown(house: House, tablet_of: Hand) -> None:
    house.wait("林晓雨", 7)
    lin = tablet_of("lin")
    lin.page.set_viewport_size({"width": 390, "height": 844})
    lin.open("/floor/todo")
    assert not lin.page.locator(".call-time").is_visible()
    lin.page.locator("a.task").click()
    until(lambda: lin.page.locator(".call-time").is_visible(), "the task")
    assert not lin.page.locator("a.task").first.is_visible()


@pytest.mark.browser
def test_nothing_to_do_says_so(tablet_of: Hand) -> None:
    lin = tablet_of("lin")
    lin.open("/floor/todo")
    assert "没有要做的事" in lin.text()
    answer = lin.post("/floor/todo/done", {"act": "complaint.settled", "record": "complaint:x"})
    assert answer["status"] == 400
