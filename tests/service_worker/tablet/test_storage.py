"""The tablet's store when IndexedDB misbehaves: what was kept stays kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Worker

from tests.network import Network
from tests.service_worker.tablet.gestures import sat_down, water_given
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

# The next transactions fail as they do when the browser closed the database under the worker.
DEAD = """many => {
  const real = IDBDatabase.prototype.transaction
  let left = many
  IDBDatabase.prototype.transaction = function (...given) {
    if (left-- > 0) throw new DOMException("It is closing.", "InvalidStateError")
    return real.apply(this, given)
  }
}"""

WATCHED = """() => {
  const real = IDBDatabase.prototype.transaction
  self.durabilities = []
  IDBDatabase.prototype.transaction = function (...given) {
    const transaction = real.apply(this, given)
    if (transaction.mode === "readwrite") self.durabilities.push(transaction.durability)
    return transaction
  }
}"""


def worker(tablet: Tablet) -> Worker:
    """Return the tablet's worker."""
    found: Worker = until(lambda: tablet.context.service_workers, "the worker")[-1]
    return found


def test_a_dead_handle_is_opened_again_and_the_act_is_kept(tablet: Tablet) -> None:
    worker(tablet).evaluate(DEAD, 1)
    wait = sat_down(tablet)
    assert tablet.stored("view", wait)


def test_a_database_that_stays_dead_is_said_and_nothing_is_pretended(tablet: Tablet) -> None:
    worker(tablet).evaluate(DEAD, 1_000)
    answer = tablet.post("/floor/waiting", {"place": "place:room-3"})
    assert answer["status"] == 500
    tablet.kill_worker()
    assert tablet.stored("acts") == []
    assert tablet.stored("view", sat_down(tablet))


def test_every_write_waits_for_the_disk(tablet: Tablet, site: StubSite) -> None:
    worker(tablet).evaluate(WATCHED)
    wait = sat_down(tablet)
    water_given(tablet, wait)
    tablet.post("/floor/drafts/x", {"name": "王"})
    tablet.sync()
    durabilities = worker(tablet).evaluate("self.durabilities")
    assert len(durabilities) > 4
    assert set(durabilities) == {"strict"}


HIDDEN = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""

COUNTED = """() => {
  const real = IDBDatabase.prototype.transaction
  self.transactions = []
  IDBDatabase.prototype.transaction = function (...given) {
    const transaction = real.apply(this, given)
    self.transactions.push(transaction.mode)
    return transaction
  }
}"""


def test_a_tap_on_a_card_is_one_transaction(tablet: Tablet, network: Network) -> None:
    network.become("offline")
    until(lambda: tablet.sync()["state"] == "offline", "the network to be gone")
    wait = sat_down(tablet)
    # Nothing of replication comes between: no page leads, and no background sync is asked for.
    tablet.page.evaluate(HIDDEN)
    worker(tablet).evaluate("() => { SyncManager.prototype.register = () => Promise.resolve() }")
    until(lambda: not tablet.tell({"type": "state"})["turning"], "the last turn to end")
    worker(tablet).evaluate(COUNTED)
    water_given(tablet, wait)
    assert worker(tablet).evaluate("self.transactions") == ["readwrite"]


# The worker hears late that its database was closed: meanwhile it answers from what it remembers.
HEARS_LATE = """late => {
  const real = IDBDatabase.prototype.addEventListener
  IDBDatabase.prototype.addEventListener = function (name, listener, ...more) {
    const mine = name === "close" ? event => setTimeout(listener, late, event) : listener
    return real.call(this, name, mine, ...more)
  }
}"""


@pytest.mark.parametrize("late", [0, 2_000])  # ms
def test_a_tablet_whose_data_were_cleared_begins_again_by_itself(
    late: int, tablet: Tablet, network: Network
) -> None:
    worker(tablet).evaluate(HEARS_LATE, late)
    worker(tablet).evaluate(DEAD, 1)  # so that it opens one that hears late
    sat_down(tablet)
    network.become("offline")
    sat_down(tablet)
    cdp = tablet.context.new_cdp_session(tablet.page)
    origin = {"origin": tablet.url, "storageTypes": "indexeddb"}
    cdp.send("Storage.clearDataForOrigin", origin)
    network.become("perfect")
    tablet.open("/floor/waiting")
    until(lambda: begun_again(tablet), "the tablet to have begun again")
    until(lambda: tablet.is_at("/floor/waiting"), "the screen that was asked for")
    assert tablet.stored("acts") == []


def begun_again(tablet: Tablet) -> bool:
    """Say whether the floor is shown, and what the server has is in the store."""
    shown = tablet.on_floor() and "林晚舟" in tablet.text("body")
    return shown and "person:lin" in {row["_id"] for row in tablet.stored("view")}


# The page is put away and looked at again.
LOOKED_AT_AGAIN = """() => {
  for (const hidden of [true, false]) {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden })
    document.dispatchEvent(new Event("visibilitychange"))
  }
}"""


def test_a_worker_that_answers_nothing_makes_way(tablet: Tablet) -> None:
    worker(tablet).evaluate("() => { MessagePort.prototype.postMessage = () => {} }")
    tablet.page.evaluate("window.marked = true")
    tablet.page.evaluate(LOOKED_AT_AGAIN)
    until(lambda: tablet.ask("window.marked ?? false") is False, "the page to load again")
