"""Does the tablet go on when the browser, the disk or the worker never answers?"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.service_worker.tablet.gestures import sat_down
from tests.service_worker.tablet.test_hostile_answers import UPDATE, version
from tests.service_worker.tablet.test_storage import HIDDEN, LOOKED_AT_AGAIN, worker
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

NEWER = "feedc0ffee12"
IS_WAITING = "navigator.serviceWorker.getRegistration().then(one => Boolean(one.waiting))"

# The worker never answers the next request that matches; `asked` counts them.
SWALLOW = """part => {
  const answer = FetchEvent.prototype.respondWith
  self.asked = 0
  FetchEvent.prototype.respondWith = function (answered) {
    const isNext = this.request.url.includes(part) && ++self.asked === 1
    return answer.call(this, isNext ? new Promise(() => {}) : answered)
  }
}"""

# The page has the database "held" open in its first version and gives it to nobody.
HOLD = """new Promise(resolve => {
  const opening = indexedDB.open("held", 1)
  opening.onsuccess = () => { window.held = opening.result; resolve() }
})"""

# The next opening waits for somebody who does not let go.
BLOCKED = """() => {
  const open = IDBFactory.prototype.open
  let left = 1
  IDBFactory.prototype.open = function (...given) {
    return left-- > 0 ? open.call(this, "held", 2) : open.apply(this, given)
  }
}"""

# The next writing transaction is never said to be committed.
UNCOMMITTED = """() => {
  const listen = IDBTransaction.prototype.addEventListener
  let deaf = null
  IDBTransaction.prototype.addEventListener = function (type, ...given) {
    if (this.mode === "readwrite") deaf ??= this
    if (this === deaf && type === "complete") return
    return listen.call(this, type, ...given)
  }
}"""

NEVER = "() => { %s = () => new Promise(() => {}) }"


def is_updated(tablet: Tablet, site: StubSite, suffix: str = "") -> None:
    """A newer version arrives and waits until somebody goes to another page."""
    site.version, site.worker_suffix = NEWER, suffix
    tablet.page.evaluate(UPDATE)
    until(lambda: tablet.ask(IS_WAITING), "the new version to arrive")


def walks_on(tablet: Tablet) -> None:
    """Lin goes from one tab to another."""
    tablet.page.evaluate("document.querySelector(`nav.tabs a[href='/floor/waiting']`).click()")


def test_a_page_is_left_for_a_new_version_when_that_is_active_and_not_before(
    tablet: Tablet, site: StubSite
) -> None:
    # Chromium may lose a request made while the worker activates: then the page never comes.
    slow = (
        'self.addEventListener("activate", e => e.waitUntil(new Promise(r => setTimeout(r, 900))))'
    )
    is_updated(tablet, site, slow)
    tablet.page.evaluate("""navigation.addEventListener("navigate", () =>
      sessionStorage.setItem("left", navigator.serviceWorker.controller.state))""")
    walks_on(tablet)
    until(lambda: tablet.is_at("/floor/waiting"), "the waiting room")
    assert tablet.page.evaluate("sessionStorage.getItem('left')") == "activated"
    assert version(tablet) == NEWER


def test_a_page_whose_request_was_lost_is_asked_for_once_more(
    tablet: Tablet, site: StubSite
) -> None:
    is_updated(tablet, site, f";({SWALLOW})('/floor/waiting')")
    walks_on(tablet)
    until(lambda: tablet.context.service_workers[-1].evaluate("self.asked") > 1, "another try")
    until(lambda: tablet.is_at("/floor/waiting"), "the waiting room")
    assert version(tablet) == NEWER


def test_a_version_that_cannot_tidy_up_works_all_the_same(tablet: Tablet, site: StubSite) -> None:
    is_updated(tablet, site, ";CacheStorage.prototype.keys = () => new Promise(() => {})")
    walks_on(tablet)
    until(lambda: version(tablet) == NEWER, "the new version to answer")


def test_a_tap_that_is_never_answered_is_said_until_the_next_one_is(
    tablet: Tablet, site: StubSite
) -> None:
    wait = sat_down(tablet, name="王小明")
    tablet.open("/floor/waiting")
    worker(tablet).evaluate(SWALLOW, "/water_given")
    words = tablet.page.locator("#unanswered")
    tablet.page.locator('form[action$="/water_given"] button').first.tap()
    words.wait_for(state="visible")
    assert "再点一次" in words.inner_text()
    tablet.page.locator("nav.tabs a[href='/floor/more']").tap()
    words.wait_for(state="hidden")
    until(lambda: not tablet.unsent(), "everything to be sent")
    assert site.records[wait]["acts"]["n"] == 2, "it came to its end, and counts once"


def test_a_question_for_alarms_that_is_never_answered_is_asked_again(tablet: Tablet) -> None:
    worker(tablet).evaluate(SWALLOW, "/floor/alarms")

    def asked() -> int:
        return int(worker(tablet).evaluate("self.asked"))

    until(lambda: tablet.page.evaluate(LOOKED_AT_AGAIN) or asked(), "a question")
    until(lambda: asked() > 1, "another question", 30)


def test_a_database_that_others_hold_is_said_and_opened_later(tablet: Tablet) -> None:
    wait = sat_down(tablet)
    other = tablet.context.new_page()
    other.goto(tablet.url + "/static/app.svg")
    other.evaluate(HOLD)
    tablet.page.evaluate(HIDDEN)
    tablet.kill_worker()
    tablet.get("/static/floorwalk.css")  # wakes the worker and asks nothing of its database
    worker(tablet).evaluate(BLOCKED)
    began = time.monotonic()
    tablet.open("/")
    assert time.monotonic() - began < 8
    assert "太久" in tablet.page.inner_text("body")
    until(lambda: tablet.get("/floor/waiting")["status"] == 200, "the database", 30)
    assert tablet.stored("view", wait)


def test_a_write_that_is_never_said_to_be_there_does_not_end_all_sending(
    tablet: Tablet, site: StubSite
) -> None:
    tablet.page.evaluate(HIDDEN)
    wait = sat_down(tablet)

    def is_turning() -> bool:
        return bool(tablet.tell({"type": "state"})["turning"])

    until(lambda: not is_turning(), "the last turn to end")
    worker(tablet).evaluate(UNCOMMITTED)
    assert tablet.tell({"type": "sync", "force": True}, patience=1.0) is None
    until(lambda: not is_turning(), "the turn to end", 40)
    assert tablet.sync()["state"] == "ok"
    assert site.records[wait]["acts"]["n"] == 1


def test_a_cache_that_never_answers_costs_no_page_its_looks(tablet: Tablet) -> None:
    worker(tablet).evaluate(NEVER % "CacheStorage.prototype.open")
    assert tablet.get("/static/floorwalk.css")["status"] == 200


def test_room_that_is_never_counted_holds_up_no_page(tablet: Tablet) -> None:
    worker(tablet).evaluate(NEVER % "StorageManager.prototype.estimate")
    worker(tablet).evaluate(NEVER % "StorageManager.prototype.persisted")
    assert tablet.get("/floor/sync")["status"] == 200


def test_a_file_that_never_comes_is_said_on_the_page_that_sets_up(
    site: StubSite, new_tablet: Callable[[], Tablet]
) -> None:
    site.silent = {"icons.svg"}
    # A minute of the worker is two seconds here.
    site.worker_suffix = """;{ const timeout = AbortSignal.timeout
      AbortSignal.timeout = length => timeout.call(AbortSignal, length / 30) }"""
    tablet = new_tablet()
    tablet.open("/floor/more")
    until(lambda: tablet.page.is_visible("[data-when=failed]"), "what stands in the way")
