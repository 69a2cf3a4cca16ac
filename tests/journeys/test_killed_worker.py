"""A worker killed between a tap and its answer: the tap counts once or not yet, never twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide, key

pytestmark = pytest.mark.browser

KILLS = 12
TAP = """([path, form]) => {
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial" }
  const signal = AbortSignal.timeout(5000) // who is stopped just then may never answer
  const body = new URLSearchParams(form)
  window.answered = fetch(path, { method: "POST", body, headers, signal })
    .then(answer => answer.status, () => 0)
}"""


def test_a_tap_whose_worker_dies_counts_once_when_it_is_tapped_again(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide]
) -> None:
    lin = holds_a_tablet("lin")
    page = lin.tablet.page
    waits = {}
    for n in range(KILLS):
        lin.tablet.open("/floor/waiting/new")
        act_id = page.locator('form.sheet input[name="act_id"]').input_value()
        form = {"act_id": act_id, "name": f"第{n}位", "place": "place:room-3"}
        page.evaluate(TAP, ["/floor/waiting", form])
        page.wait_for_timeout(n * 2)
        lin.tablet.kill_worker()
        page.evaluate("window.answered")
        # Nobody knows what came of it, so Lin taps once more: it is the same form.
        again = lin.tablet.post("/floor/waiting", form)
        assert again["status"] == 200, again["text"]
        waits[act_id] = f"waiting:{key(act_id)}"
    lin.syncs()
    assert lin.tablet.unsent() == []

    found = {record["_id"] for record in hospital.records("waiting")}
    assert found == set(waits.values())
    for wait in waits.values():
        assert [act["act"] for act in hospital.acts(wait)] == ["waiting.started"]
    assert "已全部上传" in lin.looks_at("/floor/sync")


def test_a_worker_that_dies_while_it_sends_sends_again_and_it_counts_once(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide]
) -> None:
    lin = holds_a_tablet("lin")
    wait = lin.seats("王小明")
    lin.syncs()
    lin.network.become("lie-fi")
    lin.gives_water(wait)
    lin.tablet.kill_worker()
    lin.comes_back()
    assert lin.tablet.unsent() == []
    assert len(hospital.acts(wait, "waiting.water_given")) == 1
