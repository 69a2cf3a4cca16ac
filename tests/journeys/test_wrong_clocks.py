"""A tablet whose clock is wrong learns its offset from the server, and shows the right deadlines.

The browser's clock is the machine's; it is the hospital that lives at another time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.base.clock import real_now
from tests.clock import DAY, HOUR, MINUTE, SECOND
from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide
from tests.tablet import until

pytestmark = pytest.mark.browser

GiveTablet = Callable[[str], Guide]
WRONG = {"two hours fast": 2 * HOUR, "two hours slow": -2 * HOUR, "in 2031": 1_900 * DAY}
WORDS = {
    "two hours fast": "快 2 小时",
    "two hours slow": "慢 2 小时",
    "in 2031": "快 1,900 天",
}


@pytest.fixture(scope="module", params=WRONG)
def wrong(request: pytest.FixtureRequest) -> str:
    """How the tablet's clock is wrong."""
    return str(request.param)


@pytest.fixture(scope="module")
def hospital(
    wrong: str, generated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hospital]:
    """A hospital where it is another time than on the tablet."""
    made = Hospital(
        tmp_path_factory.mktemp("hospital"), generated, start_at=real_now() - WRONG[wrong]
    ).start()
    yield made
    made.stop()


def test_lin_works_by_the_hospitals_clock_whatever_her_tablet_shows(
    wrong: str, hospital: Hospital, holds_a_tablet: GiveTablet
) -> None:
    lin = holds_a_tablet("lin")
    assert abs(lin.now() - hospital.now()) < SECOND
    assert WORDS[wrong] in lin.looks_at("/floor/sync")

    lin.goes_offline()
    before = hospital.now()
    wait = lin.seats("王小明")
    [act] = [row["act"] for row in lin.tablet.stored("acts") if row["record"] == wait]
    assert before - SECOND < act["at"] < hospital.now() + SECOND
    lin.waits(minutes=4)
    assert "送水" not in lin.looks_at("/floor/waiting").partition("还早")[0]
    lin.waits(minutes=2)
    lin.sees("现在要做", "/floor/waiting")
    lin.gives_water(wait)

    hospital.passes(minutes=7)
    lin.comes_back()
    record = hospital.comes_to_have(wait, "water_at")
    assert record["started_at"] == act["at"] and record["unsettled"] == []
    assert abs(record["water_at"] - act["at"] - 6 * MINUTE) < 30 * SECOND
    assert all("said_at" not in one for one in hospital.acts(wait))
    # The server heard of it when it was over: water was late by its first rung and no other.
    until(lambda: (hospital.record(wait) or {})["rungs"].get("waiting_water"), "the rung")
    steps = (hospital.record(wait) or {})["rungs"]["waiting_water"]
    assert [(step["rung"], step["due_at"]) for step in steps] == [(1, act["at"] + 5 * MINUTE)]
