"""The tablet when the site refuses, is busy or silent: nothing is lost, everything is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response

from tests.network import Network
from tests.service_worker.tablet.gestures import act_id, sat_down, water_given
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser


def sync_state(tablet: Tablet) -> dict[str, object]:
    """Return how the last turn went, as the tablet remembers it."""
    state: dict[str, object] = tablet.stored("meta", "sync")
    return state


def test_a_refused_act_is_taken_back_and_shown_with_its_reason(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    wait = sat_down(tablet, name="王小明")
    water_given(tablet, wait)
    site.refuse["waiting.water_given"] = {"reason": "not_now", "say": "已经进诊室了"}
    network.become("perfect")
    tablet.sync()
    rows = {row["act"]["act"]: row for row in tablet.stored("acts")}
    assert rows["waiting.started"]["state"] == "sent"
    assert rows["waiting.water_given"]["state"] == "refused"
    assert rows["waiting.water_given"]["code"] == "not_now"
    assert "water_at" not in tablet.stored("view", wait)["record"]
    tablet.open("/floor/sync")
    assert "已经进诊室了" in tablet.text()
    assert "refused" in (tablet.page.locator("#truth .truth").get_attribute("class") or "")


# Holds up the answers to forms, so that what was asked after them comes first.
HOLD_FORMS = """() => {
  const fetched = window.fetch
  window.fetch = async (...asked) => {
    const answer = await fetched(...asked)
    if (asked[1]?.method === "POST") await new Promise(later => setTimeout(later, 500))
    return answer
  }
}"""


def test_a_page_that_looks_again_while_a_tap_is_on_its_way_does_not_lose_the_tap(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    water_given(tablet, sat_down(tablet))
    site.refuse["waiting.water_given"] = {"reason": "not_now", "say": "no"}
    network.become("perfect")
    tablet.sync()
    tablet.open("/floor/sync")
    tablet.page.evaluate(HOLD_FORMS)
    tablet.page.locator('form[action="/floor/sync/seen"] button').tap()
    tablet.page.evaluate("document.body.dispatchEvent(new CustomEvent('fw:changed'))")
    until(lambda: "退回" not in tablet.text("#truth"), "the strip to be calm again", 8)


def test_one_refused_act_does_not_hold_up_the_others(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    waits = [sat_down(tablet) for _ in range(3)]
    water_given(tablet, waits[1])
    site.refuse["waiting.water_given"] = {"reason": "not_now", "say": "no"}
    network.become("perfect")
    tablet.sync()
    assert set(waits) <= set(site.records)
    assert tablet.unsent() == []


def test_a_sign_in_that_ran_out_keeps_everything_and_lin_goes_on_working(
    tablet: Tablet, site: StubSite
) -> None:
    site.person = None
    wait = sat_down(tablet, name="王小明")
    assert tablet.sync()["state"] == "signed_out"
    tablet.open("/floor/waiting")
    assert "王" in tablet.text()
    assert "请登录，有 1 条待发" in tablet.text("#truth")
    assert len(tablet.unsent()) == 1
    site.person = "person:lin"
    tablet.sync()
    assert wait in site.records


def test_what_lin_did_waits_for_lin_when_chen_signs_in(tablet: Tablet, site: StubSite) -> None:
    site.person = None
    wait = sat_down(tablet)
    tablet.sync()
    sign_in_as(tablet, "chen")
    assert "陈主管" in tablet.text(".strip")
    tablet.sync()
    assert wait not in site.records
    assert len(tablet.unsent()) == 1
    sign_in_as(tablet, "lin")
    tablet.sync()
    assert wait in site.records
    assert site.records[wait]["owner"] == "person:lin"


def sign_in_as(tablet: Tablet, login: str) -> None:
    """Post the sign-in form, as the page of the server does."""
    tablet.open("/sign-in")
    tablet.page.evaluate(
        """login => { const form = document.createElement("form"); form.method = "post"
        form.action = "/sign-in"; const input = document.createElement("input")
        input.name = "login"; input.value = login; form.append(input); document.body.append(form)
        form.submit() }""",
        login,
    )
    until(tablet.on_floor, "the floor")


def test_signing_out_erases_what_was_delivered(tablet: Tablet, site: StubSite) -> None:
    wait = sat_down(tablet, name="王小明")
    tablet.sync()
    assert wait in site.records
    sign_out(tablet)
    until(lambda: tablet.is_at("/sign-in"), "the server's page")
    assert tablet.stored("view") == []
    assert tablet.stored("acts") == []


def test_signing_out_keeps_what_is_unsent_unless_somebody_says_erase(
    tablet: Tablet, network: Network
) -> None:
    network.become("offline")
    sat_down(tablet)
    sign_out(tablet)
    assert len(tablet.unsent()) == 1
    network.become("perfect")
    tablet.open("/floor/waiting")
    assert not tablet.on_floor(), "the site is told before anybody sees anything"


def sign_out(tablet: Tablet) -> None:
    """Go to the page and press the button."""
    tablet.open("/floor/sign-out")
    tablet.page.locator("form[action='/floor/sign-out'] button").first.click()
    until(lambda: not tablet.on_floor(), "the floor to be gone")


def test_a_batch_that_is_too_big_is_halved(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    waits = [sat_down(tablet) for _ in range(7)]
    site.most_docs = 2
    network.become("perfect")
    tablet.sync()
    assert set(waits) <= set(site.records)
    assert max(map(len, site.pushes)) <= 2


def test_an_act_that_is_too_big_alone_is_refused_here(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    sat_down(tablet)
    site.most_docs = 0
    network.become("perfect")
    tablet.sync()
    assert [row["code"] for row in tablet.stored("acts")] == ["too_big"]


def test_a_busy_site_is_left_alone_for_as_long_as_it_says(tablet: Tablet, site: StubSite) -> None:
    site.status, site.retry_after = 503, 7
    sat_down(tablet)
    went = tablet.sync()
    assert went["state"] == "busy"
    assert went["retryIn"] == 7000
    asked = len(site.seen_devices)
    assert tablet.tell({"type": "sync"})["state"] == "busy"
    assert len(site.seen_devices) == asked, "it asked although it was told to wait"


def test_a_request_that_is_not_understood_stops_and_says_so(tablet: Tablet, site: StubSite) -> None:
    site.status = 400
    sat_down(tablet)
    assert tablet.sync()["state"] == "stopped"
    assert len(tablet.unsent()) == 1
    assert sync_state(tablet)["code"] == "told_to_fail"


def test_a_hotspots_page_is_not_taken_for_the_site(tablet: Tablet, site: StubSite) -> None:
    site.portal = True
    sat_down(tablet)
    assert tablet.sync()["state"] == "portal"
    assert len(tablet.unsent()) == 1


def test_what_lin_may_not_see_any_more_vanishes(tablet: Tablet, site: StubSite) -> None:
    site.say(
        "waiting.started",
        "waiting:other",
        {"place": "place:room-3", "name": "赵"},
        by="person:qiao",
    )
    tablet.sync()
    assert tablet.stored("view", "waiting:other")
    site.remove("waiting:other")
    tablet.sync()
    assert tablet.stored("view", "waiting:other") is None
    assert all("waiting:other" not in text for text in tablet.stored("find"))


def test_a_restored_site_is_offered_what_it_lost(tablet: Tablet, site: StubSite) -> None:
    before = list(site.acts)
    wait = sat_down(tablet, name="王小明")
    site.say("waiting.started", "waiting:other", {"place": "place:room-3"}, by="person:qiao")
    tablet.sync()
    assert wait in site.records
    site.restore(before, "e2")
    tablet.sync()
    tablet.sync()
    assert wait in site.records, "the site has it again"
    assert tablet.stored("view", wait)
    assert tablet.stored("view", "waiting:other") is None, "what the site forgot is forgotten"
    assert tablet.stored("base") == []


def test_a_site_restored_while_a_tablet_begins_again_is_offered_what_it_lost(
    tablet: Tablet, site: StubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(site.acts)
    wait = sat_down(tablet, name="王小明")
    tablet.sync()
    assert wait in site.records
    real = site._answer

    def answer(body: Any, status: int = 200) -> Response:
        if "results" not in body:
            return real(body, status)
        site.status = 503  # whatever it asks after this
        return real({"results": [], "last_seq": "0", "pending": 0, "reset": True})

    monkeypatch.setattr(site, "_answer", answer)
    tablet.sync()
    assert site.status == 503, "it was told to begin again"
    monkeypatch.undo()
    site.status = None
    site.restore(before, "e2")
    tablet.sync()
    tablet.sync()
    assert wait in site.records, "it is offered again"


def test_a_lost_answer_is_no_second_act(tablet: Tablet, site: StubSite, network: Network) -> None:
    site.delay = 1.0
    wait = sat_down(tablet)
    until(lambda: wait in site.records, "the push")
    network.become("offline")
    site.delay = 0
    until(lambda: not tablet.tell({"type": "state"})["turning"], "the turn to fail")
    network.become("perfect")
    tablet.sync()
    assert site.records[wait]["acts"]["n"] == 1
    assert tablet.unsent() == []


def test_the_moments_of_acts_are_the_sites_however_wrong_the_tablets_clock_is(
    new_tablet: Callable[[], Tablet], site: StubSite
) -> None:
    site.clock_ahead = 5 * 365 * 24 * 3600 * 1000
    tablet = new_tablet()
    tablet.open("/floor/more")
    tablet.wait_for_floor()
    wait = sat_down(tablet)
    tablet.sync()
    assert abs(site.records[wait]["started_at"] - site.now()) < 5000
    assert abs(site.seen_devices[-1]["offset"] - site.clock_ahead) < 1000


def test_the_site_hears_how_much_waits(tablet: Tablet, site: StubSite, network: Network) -> None:
    network.become("offline")
    sat_down(tablet)
    tablet.sync()
    network.become("perfect")
    tablet.sync()
    assert max(device["waiting"] for device in site.seen_devices) == 1
    assert site.seen_devices[-1]["version"]


def test_a_gesture_of_two_acts_is_undone_as_one(tablet: Tablet, network: Network) -> None:
    network.become("offline")
    form_id = act_id()
    visit = form_id.replace("act:", "arrival:")
    form = {"act_id": form_id, "to": "triage", "first": "first"}
    assert tablet.post("/floor/lobby/greet", form)["status"] == 200
    wait = sat_down(tablet)
    tablet.post(
        f"/floor/lobby/{visit.partition(':')[2]}/stage", {"act_id": act_id(), "stage": "waiting"}
    )
    last = max(tablet.stored("acts"), key=lambda row: row["act"]["at"])
    assert tablet.post("/floor/undo", {"act_id": act_id(), "undoes": last["_id"]})["status"] == 200
    assert tablet.stored("view", visit)["record"]["stage"] == "arrived"
    assert tablet.stored("view", wait)["record"]["state"] == "waiting"


def test_a_form_sent_twice_is_one_act(tablet: Tablet) -> None:
    form_id = act_id()
    assert sat_down(tablet, form_id=form_id) == sat_down(tablet, form_id=form_id)
    assert len(tablet.stored("acts")) == 1
