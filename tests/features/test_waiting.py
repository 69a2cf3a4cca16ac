"""The screens of the waiting room: what is due stands out, a tap does it (W-01 … W-10, G-16)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sync
from tests.esbuild import run_in_node
from tests.features.conftest import Hand
from tests.features.house import MINUTE, House, key
from tests.tablet import Tablet, until

NOW = 1_791_532_800_000
CALENDAR = {"offset": 480, "closes": 18 * 60, "week": [1, 1, 1, 1, 1, 0, 0], "off": [], "work": []}
SCRIPT = """
import fs from "node:fs"
import { card, order } from "./features/waiting_model.js"
const { records, declarations, calendar, now } = JSON.parse(fs.readFileSync(0, "utf8"))
const world = {
  now, declarations, calendar, settings: declarations.settings,
  reference: () => null, mark: () => "sent", actId: () => "act:x",
}
console.log(JSON.stringify(order(records.map(record => card(record, world)))))
"""


def waiting(name: str, ago: float, **said: Any) -> dict[str, Any]:
    """Return somebody who sat down minutes ago; moments are said in minutes after sitting down."""
    started = NOW - round(ago * MINUTE)
    moments = {k: started + v * MINUTE for k, v in said.items() if k.endswith("_at")}
    return {
        "_id": f"waiting:{name}", "type": "waiting", "state": "waiting", "name": name,
        "owner": "person:lin", "started_at": started, "rungs": {}, "unsettled": [],
        "acts": {"n": 1, "first": "act:0", "last": "act:0", "recent": []}, **said, **moments,
    }  # fmt: skip


def cards(*records: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cards of these records as the tablet orders them."""
    given = {"records": records, "now": NOW, "calendar": CALENDAR}
    found: list[dict[str, Any]] = json.loads(
        run_in_node(SCRIPT, json.dumps({**given, "declarations": sync.declarations()}))
    )
    return found


@pytest.fixture(autouse=True)
def _built(generated: Path) -> None:
    """The model reads the declarations that the build wrote."""


def test_before_five_minutes_a_card_is_calm_and_offers_water() -> None:
    [one] = cards(waiting("calm", 3))
    assert (one["state"], one["step"], one["left"]) == ("calm", "water", 2 * MINUTE)


def test_water_is_due_at_five_minutes_and_overdue_when_the_supervisor_is_told_at_eight() -> None:
    at = {minutes: cards(waiting("w", minutes))[0]["state"] for minutes in (4.99, 5, 7.99, 8)}
    assert at == {4.99: "calm", 5: "due", 7.99: "due", 8: "over"}


def test_the_enquiry_is_due_at_fifteen_even_if_water_was_never_given() -> None:
    [one] = cards(waiting("dry", 15))
    assert one["step"] == "enquire"
    assert [stamp["state"] for stamp in one["stamps"]] == ["next", "ahead", "ahead"]


def test_three_stamps_end_the_enquiry_and_the_way_in_is_offered() -> None:
    done = {"water_at": 4, "asked_at": 15, "told_at": 16, "explained_at": 17}
    [one] = cards(waiting("told", 20, **done))
    assert (one["step"], one["state"], one["missing"]) == ("go_in", "calm", 0)


def test_what_is_overdue_comes_first_the_longest_wait_before_it_emergencies_before_all() -> None:
    names = [
        one["name"]
        for one in cards(
            waiting("calm", 2),
            waiting("due", 6),
            waiting("long", 40),
            waiting("longer", 55),
            waiting("emergency", 21, priority="emergency"),
            waiting("limited", 22, priority="limited"),
        )
    ]
    assert names == ["emergency", "longer", "long", "limited", "due", "calm"]


@pytest.mark.browser
def test_lin_gives_water_without_a_network_and_takes_it_back(house: House, tablet_of: Hand) -> None:
    wait = house.wait("司徒燚", 6, salutation="mr")
    lin = tablet_of("lin")
    house.stop()
    lin.open("/floor/waiting")
    assert "该送水了" in lin.text("#waits")
    lin.page.locator("#waits button", has_text="送水").click()
    until(lambda: "问医生前还有" in lin.text("#waits"), "the card to be calm")
    assert lin.stored("view", wait)["record"]["water_by"] == "person:lin"
    lin.page.locator(".undo button").click()
    until(lambda: "该送水了" in lin.text("#waits"), "the water to be due again")
    assert "water_at" not in lin.stored("view", wait)["record"]


@pytest.mark.browser
def test_three_taps_stamp_the_enquiry_and_the_patient_goes_in(
    house: House, tablet_of: Hand
) -> None:
    wait = house.wait("上官翀", 16, salutation="ms")
    house.say("waiting.water_given", wait, {}, at=house.now() - 11 * MINUTE)
    lin = tablet_of("lin")
    lin.open("/floor/waiting")
    for label in ("已问医生", "告诉医助", "向病人解释"):
        lin.page.locator(".stamps button.go", has_text=label).click()
        until(lambda label=label: not go(lin, label), f"{label} to be stamped")
    lin.page.locator("#waits button", has_text="进诊室").click()
    until(lambda: "上官翀" not in lin.text("#waits"), "the card to leave")
    record = lin.stored("view", wait)["record"]
    assert (record["state"], record["outcome"]) == ("ended", "seen")
    assert all(record[stem + "_by"] == "person:lin" for stem in ("asked", "told", "explained"))


def go(lin: Tablet, label: str) -> bool:
    """Say whether the next stamp is this one."""
    return lin.page.locator(".stamps button.go", has_text=label).count() > 0


@pytest.mark.browser
def test_who_sits_down_outside_a_room_of_one_doctor_waits_for_that_doctor(
    house: House, tablet_of: Hand
) -> None:
    visit = house.visit("欧阳㛃珺", 4)
    lin = tablet_of("lin")
    lin.open(f"/floor/waiting/new?visit={key(visit)}")
    lin.page.locator("label.chip", has_text="骨科 3 诊室").click()
    lin.page.locator("button.act", has_text="开始计时").click()
    until(lambda: "欧阳㛃珺" in lin.text("#waits"), "the card")
    [wait] = [row["record"] for row in lin.stored("view") if row["record"]["type"] == "waiting"]
    assert (wait["doctor"], wait["subject"]) == ("doctor:he-lianzhou", visit)
    assert lin.stored("view", visit)["record"]["stage"] == "waiting"


@pytest.mark.browser
def test_another_doctor_needs_a_reason_and_the_clock_goes_on(house: House, tablet_of: Hand) -> None:
    wait = house.wait("尉迟恭", 16, department="骨科")
    lin = tablet_of("lin")
    before = lin.stored("view", wait)["record"]["started_at"]
    lin.open(f"/floor/waiting/{key(wait)}")
    form = lin.page.locator("form[action$='doctor_changed']")
    form.locator("label.chip").first.click()
    form.locator("input[name=reason]").fill("前面有急诊")
    form.locator("button.act").click()
    until(
        lambda: lin.stored("view", wait)["record"].get("reason") == "前面有急诊",
        "the doctor to be changed",
    )
    record = lin.stored("view", wait)["record"]
    assert record["doctor"] != "doctor:he-lianzhou"
    assert (record["changed_from"], record["started_at"]) == ("doctor:he-lianzhou", before)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("minutes", "watered", "words"), [(6, None, "送水"), (24, 15, "已问医生"), (3, 1, "进诊室")]
)
def test_the_page_of_a_wait_has_what_is_due_first_in_its_foot(
    house: House, tablet_of: Hand, minutes: int, watered: int | None, words: str
) -> None:
    """On the screens, 1: alarm, notice and search lead here, and there was no button for it."""
    wait = house.wait("钱骉", minutes)
    if watered is not None:
        house.say("waiting.water_given", wait, {}, at=house.now() - watered * MINUTE)
    lin = tablet_of("lin")
    lin.open(f"/floor/waiting/{key(wait)}")
    first = lin.page.locator(".foot button").first
    assert first.inner_text().strip() == words
    assert first.evaluate("one => one.className.trim()") == "act", "it is the loudest"
    assert lin.page.locator(".foot button.act:not(.can)").count() == 1
    box = first.bounding_box()
    assert box is not None and box["y"] > 1280 * 2 / 3, "in reach of a thumb"
    first.tap()
    until(lambda: len(lin.stored("acts")) == 1, "the act")
