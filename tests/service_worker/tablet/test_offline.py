"""The tablet without the site: cold start, killed worker, cut line; later everything arrives."""

from __future__ import annotations

import pytest

from tests.network import Network
from tests.service_worker.tablet.gestures import sat_down, water_given
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser


def test_a_first_sync_brings_my_shift_and_goes_on_to_the_page(tablet: Tablet) -> None:
    assert tablet.page.url.endswith("/floor/more")
    assert {row["_id"] for row in tablet.stored("view")} == {
        *("person:lin", "person:chen", "place:lobby-1", "place:room-3"),
    }
    assert tablet.get("/floor/more")["headers"]["x-app-version"]


def test_everything_the_worker_answers_is_guarded(tablet: Tablet) -> None:
    for path in ("/floor/more", "/floor/parts/truth", "/floor/nowhere", "/floor/rescue.json"):
        headers = tablet.get(path)["headers"]
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff", path


def test_a_tap_is_kept_and_arrives(tablet: Tablet, site: StubSite) -> None:
    wait = sat_down(tablet, name="王小明")
    assert tablet.stored("view", wait)["record"]["state"] == "waiting"
    until(lambda: wait in site.records, "the wait to reach the site")
    water_given(tablet, wait)
    until(lambda: "water_at" in site.records[wait], "the water to reach the site")
    assert site.records[wait]["water_by"] == "person:lin"
    until(lambda: not tablet.unsent(), "the acknowledgements")
    until(lambda: not tablet.stored("base"), "the record to be the server's own again")


def test_a_cold_start_without_site_or_network_knows_lin_and_her_work(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("offline")
    wait = sat_down(tablet, name="王小明")
    site.stop()
    tablet.kill_browser()
    tablet.start()
    tablet.open("/floor/waiting")
    assert "王" in tablet.text()
    assert "林晚舟" in tablet.text(".strip")
    water_given(tablet, wait)
    assert len(tablet.unsent()) == 2
    site.start()
    network.become("perfect")
    tablet.sync()
    assert "water_at" in site.records[wait]
    assert tablet.unsent() == []


def test_a_reload_offline_shows_the_same_page(tablet: Tablet, network: Network) -> None:
    network.become("offline")
    tablet.page.reload()
    assert tablet.on_floor()
    tablet.open("/")
    assert tablet.page.url.endswith("/floor/lobby")


def test_a_connection_that_never_answers_holds_up_nobody(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    network.become("lie-fi")
    wait = sat_down(tablet, name="王小明")
    assert tablet.stored("view", wait) is not None
    tablet.open("/floor/waiting")
    assert "王" in tablet.text()
    network.become("perfect")
    tablet.page.reload()
    until(lambda: wait in site.records, "what waited to be sent", 60)


def test_a_worker_stopped_between_tap_and_answer_keeps_the_act_once(
    tablet: Tablet, site: StubSite
) -> None:
    for n in range(6):
        form = {"act_id": f"act:01K9ZZZZZZ00000000000000{n:02d}", "place": "place:room-3"}
        # The tap; the worker is stopped at some moment of it, and the tap comes again.
        tablet.page.evaluate(
            "form => { window.tap = fetch('/floor/waiting', { method: 'POST',"
            " body: new URLSearchParams(form), headers: { 'HX-Request': 'true' },"
            # Stopped just then it never answers, and the screen would not wait either.
            " signal: AbortSignal.timeout(5000) })"
            ".then(answer => answer.status, () => 0) }",
            form,
        )
        tablet.page.wait_for_timeout(n * 3)
        tablet.kill_worker()
        tablet.page.evaluate("window.tap")
        assert tablet.post("/floor/waiting", form)["status"] == 200
    until(lambda: not tablet.unsent(), "everything to be sent")
    waits = [record for record in site.records.values() if record["type"] == "waiting"]
    assert len(waits) == 6
    assert all(record["acts"]["n"] == 1 for record in waits)
