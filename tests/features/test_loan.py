"""What was lent on a tablet without a network is not offered there once more."""

from __future__ import annotations

import pytest

from tests.features.conftest import Hand
from tests.features.house import House
from tests.tablet import until

pytestmark = pytest.mark.browser

ITEMS = {
    "equipment:01K0000000000000000000000A": {"name": "轮椅 3 号", "sort": "wheelchair"},
    "equipment:01K0000000000000000000000B": {"name": "轮椅 4 号", "sort": "wheelchair"},
    "equipment:01K0000000000000000000000C": {"name": "爱心伞", "sort": "umbrella", "many": True},
}
CHAIR, _OTHER, STAND = ITEMS


def test_e_02_a_chair_is_lent_once_and_of_a_stand_of_umbrellas_the_next_one(
    house: House, tablet_of: Hand
) -> None:
    for record, said in ITEMS.items():
        house.say("equipment.added", record, {**said, "place": "place:lobby-1"})
    lin = tablet_of("lin")
    until(lambda: lin.stored("view", STAND), "the items")
    lin.page.context.set_offline(True)
    for item in (CHAIR, STAND):
        lin.open("/floor/loan/new")
        until(lambda: lin.page.locator("[name=equipment]").count(), "the form")
        assert "轮椅 3 号" in lin.text("form#asking") or item != CHAIR
        lin.page.locator(f'label:has([name="equipment"][value="{item}"])').tap()
        lin.page.fill("[name=name]", "白露")
        lin.page.locator(".foot .act").last.tap()
        until(lambda: lin.page.locator("form#asking").count() == 0, "it to be kept")
    lin.open("/floor/loan/new")
    until(lambda: lin.page.locator("[name=equipment]").count(), "the form")
    offered = lin.text("form#asking")
    assert "轮椅 3 号" not in offered, "it is out, and the server does not know yet"
    assert "轮椅 4 号" in offered and "爱心伞" in offered
