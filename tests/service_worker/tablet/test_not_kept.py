"""What could not be kept is said; what the server would refuse is asked before (W-01)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.features import house as houses
from tests.features.conftest import Hand, tablet_of
from tests.features.house import House, key
from tests.service_worker.tablet.gestures import act_id
from tests.sources import ROOT
from tests.tablet import until

pytestmark = pytest.mark.browser
__all__ = ["tablet_of"]  # a fixture of the screens' tests, used here too


@pytest.fixture
def house(generated: Path) -> Iterator[House]:
    """The small hospital of the screens' tests."""
    site = House().start()
    yield site
    site.stop()


class Bare(House):
    """A hospital in which nobody has entered a place yet."""

    def seed(self) -> None:
        for login, name, posts, _places in houses.PEOPLE:
            self.say("person.added", f"person:{login}", {"name": name, "posts": posts})


class TestWithoutPlaces:
    """On the screens, 5: the sheet closed, today 0 people, no word; the greeting was gone."""

    @pytest.fixture
    def house(self, generated: Path) -> Iterator[House]:
        site = Bare().start()
        yield site
        site.stop()

    def test_a_greeting_that_cannot_be_kept_stays_and_says_who_can_help(
        self, tablet_of: Hand
    ) -> None:
        lin = tablet_of("lin")
        lin.open("/floor/lobby/greet")
        lin.page.locator('label:has(input[name="needs_help"])').first.tap()
        lin.page.locator('button[name="to"][value="triage"]').tap()
        until(lambda: "没有保存" in lin.text(), "the word")
        assert "管理员" in lin.text() and "地点" in lin.text()
        assert lin.page.locator('button[name="to"]').count() > 3, "the sheet is still there"
        assert lin.page.locator('input[name="needs_help"]:checked').count() == 1
        assert lin.stored("acts") == []

    def test_so_does_a_nod(self, tablet_of: Hand) -> None:
        lin = tablet_of("lin")
        lin.open("/floor/lobby")
        lin.page.locator("#dock form button").tap()
        until(lambda: "没有保存" in lin.text(), "the word")
        assert lin.stored("acts") == []


def test_a_wait_outside_ones_places_is_not_kept_and_the_words_say_why(
    house: House, tablet_of: Hand
) -> None:
    """Found, §2.10: it rang on the tablet, was refused by the server and never climbed."""
    qiao = tablet_of("qiao")
    qiao.open("/floor/waiting/new")
    assert "骨科 3 诊室" not in qiao.text(), "rooms of others are not offered"
    form = {"act_id": act_id(), "name": "王小明", "place": "place:guke-3"}
    answer = qiao.post("/floor/waiting", form)
    assert answer["status"] == 422
    assert "骨科 3 诊室 不归您负责" in answer["text"] and "没有保存" in answer["text"]
    assert qiao.stored("acts") == []


def test_the_place_on_duty_is_one_of_ones_own(house: House, tablet_of: Hand) -> None:
    qiao = tablet_of("qiao")
    qiao.post("/floor/more", {"place": "place:floor-2"}, htmx=False)
    qiao.open("/floor/more")
    assert "门诊 2 楼" not in qiao.text("#field-place")
    assert "门诊大厅" in qiao.text(".strip")


def test_a_tap_that_could_not_be_kept_is_said(house: House, tablet_of: Hand) -> None:
    visit = house.visit("王小明", 5)
    lin = tablet_of("lin")
    form = {"act_id": act_id(), "stage": "nowhere"}
    answer = lin.post(f"/floor/lobby/{key(visit)}/stage", form)
    assert answer["status"] == 422 and "没有保存" in answer["text"]
    assert lin.stored("acts") == []


def test_no_screen_forgets_to_ask_whether_a_gesture_was_kept() -> None:
    """`perform` says {kept, problems}; whoever does not look takes `performTap`, which throws."""
    for path in sorted((ROOT / "service_worker" / "features").glob("*.js")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not line.strip().startswith("await perform("), f"{path.name}:{number}"
