"""The tablet when answers are incomplete or malicious: it stays whole."""

from __future__ import annotations

import pytest

from tests.network import Network
from tests.service_worker.tablet.gestures import sat_down
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

UPDATE = "navigator.serviceWorker.getRegistration().then(one => one.update().catch(() => null))"
SETTLED = """navigator.serviceWorker.getRegistration().then(one =>
  !one.installing && !one.waiting && Boolean(one.active))"""
NAMES = """caches.keys().then(names => names.filter(name => name.startsWith("floorwalk-")))"""
IS_RUN = "window.ran === undefined && !document.querySelector('#main img, #main script')"
MARKS = "\u0301" * 1_999  # accents on one letter: as long as a text may be
WORDS = (
    '<img src=x onerror="window.ran=1">',
    "<script>window.ran=1</script>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "\"'><svg onload=window.ran=1>",
    "\u202eevil\u2066",
)


def version(tablet: Tablet) -> str | None:
    """Return the version that answers; None while the page goes to another."""
    asked = """fetch("/floor/more", { signal: AbortSignal.timeout(10_000) })
      .then(one => one.headers.get("x-app-version"))"""
    found: str | None = tablet.ask(asked)
    return found


def test_a_version_that_does_not_arrive_whole_is_not_taken(
    tablet: Tablet, site: StubSite, network: Network
) -> None:
    tablet.open("/floor/waiting")
    before = version(tablet)
    site.version = "feedc0ffee12"
    site.missing = {"floorwalk.css"}  # a hotspot's page comes instead
    tablet.page.evaluate(UPDATE)
    until(lambda: tablet.ask(SETTLED), "the new version to give up")
    assert version(tablet) == before
    wait = sat_down(tablet, name="王小明")
    network.become("offline")
    tablet.kill_worker()
    tablet.open("/floor/waiting")
    assert "王" in tablet.text()
    assert tablet.page.evaluate("getComputedStyle(document.body).fontSize") != "16px", "its styles"
    network.become("perfect")
    tablet.sync()
    assert wait in site.records

    site.missing = set()
    tablet.page.evaluate(UPDATE)
    waiting = "navigator.serviceWorker.getRegistration().then(one => Boolean(one.waiting))"
    until(lambda: tablet.ask(waiting) or tablet.ask(SETTLED), "the whole version to arrive")
    for tab in ("/floor/more", "/floor/waiting"):
        tablet.page.locator(f"nav.tabs a[href='{tab}']").click()
        until(lambda tab=tab: tablet.is_at(tab), tab)  # type: ignore[misc]
    until(lambda: version(tablet) == site.version, "the whole version to take over")
    until(lambda: tablet.ask(NAMES) == [f"floorwalk-{site.version}"], "the old files to go")


def test_what_people_write_is_shown_as_text(tablet: Tablet, site: StubSite) -> None:
    for n, words in enumerate(WORDS):
        said = {"place": "place:room-3", "name": words, "phone": "javascript:window.ran=1"}
        site.say("waiting.started", f"waiting:hostile-{n}", said, by="person:chen")
        said = {"words": words, "name": words, "severity": "general", "number": words}
        site.say("complaint.taken", f"complaint:hostile-{n}", said, by="person:chen")
    tablet.sync()
    for path in ("/floor/waiting", "/floor/complaints?view=all", "/floor/find?q=img"):
        tablet.open(path)
        assert tablet.page.evaluate(IS_RUN), path
    tablet.open("/floor/complaint/hostile-0")
    assert WORDS[0] in tablet.text()
    assert tablet.page.locator('#main a[href^="javascript:"]').count() == 0
    assert tablet.page.evaluate(IS_RUN)
    assert "49" not in tablet.text()


def test_as_many_accents_as_fit_hold_up_no_list(tablet: Tablet, site: StubSite) -> None:
    said = {"words": f"a{MARKS}", "severity": "general", "number": "T-1"}
    site.say("complaint.taken", "complaint:accents", said, by="person:chen")
    tablet.sync()
    tablet.open("/floor/complaints?view=all")
    until(lambda: "T-1" in tablet.text(), "the list")
    tablet.open("/floor/waiting")
    sat_down(tablet, name="王小明")
    tablet.open("/floor/waiting")
    until(lambda: "王" in tablet.text(), "the tablet to go on working")
