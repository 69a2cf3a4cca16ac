"""A tablet with damaged rows, and a server restored from a backup: both find their way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from server.acts import epoch
from tests.cast import made_site
from tests.clock import Clock
from tests.databases import copy_database
from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide
from tests.tablet import until

pytestmark = pytest.mark.browser

GiveTablet = Callable[[str], Guide]

# Loses a row, makes one older, and lets one stay that is not Lin's to see.
SPOIL = """([lost, old, odd]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("floorwalk")
  opening.onsuccess = () => {
    const tx = opening.result.transaction("view", "readwrite")
    const view = tx.objectStore("view")
    view.delete(lost)
    const asking = view.get(old)
    asking.onsuccess = () => {
      const row = asking.result
      view.put({ ...row, record: { ...row.record, _rev: "1-" + "a".repeat(32), name: "X" } })
      view.put({ ...row, _id: odd, record: { ...row.record, _id: odd } })
    }
    tx.oncomplete = () => { opening.result.close(); resolve() }
    tx.onabort = () => reject(tx.error)
  }
})"""


@pytest.fixture(scope="module")
def lin(holds_a_tablet: GiveTablet) -> Guide:
    """Lin, in the lobby."""
    return holds_a_tablet("lin")


def compares(guide: Guide) -> None:
    """Have the tablet verify its checksums against the server."""
    until(lambda: not guide.tablet.tell({"type": "state"})["turning"], "the last turn to end", 40)
    went = guide.tablet.tell({"type": "sync", "force": True, "check": True})
    assert went["state"] == "ok", went


def revisions(guide: Guide) -> dict[str, str]:
    """Return {id: rev} of what the tablet shows."""
    return {row["_id"]: row["record"]["_rev"] for row in guide.tablet.stored("view")}


def test_rows_that_a_browser_spoiled_are_mended_within_a_cycle(
    hospital: Hospital, lin: Guide
) -> None:
    waits = [lin.seats(name) for name in ("李大年", "王二丫", "赵三")]
    lin.syncs()
    before = revisions(lin)
    odd = "waiting:" + "0" * 26
    lin.tablet.page.evaluate(SPOIL, [waits[0], waits[1], odd])
    lin.tablet.kill_worker()  # what it has at hand is gone with it
    compares(lin)
    until(lambda: revisions(lin) == before, "the rows to be what they were")
    record = lin.view(waits[1])
    assert record is not None and record["name"] == "王二丫"
    compares(lin)
    assert lin.tablet.stored("meta", "agreed")["tries"] == 0
    lin.sees("李大年", "/floor/waiting")


def test_a_tablet_with_a_thousand_wrong_rows_pulls_afresh(hospital: Hospital, lin: Guide) -> None:
    before, round_ = revisions(lin), lin.tablet.stored("meta", "round") or 0
    spoil = """() => new Promise(resolve => {
      const opening = indexedDB.open("floorwalk")
      opening.onsuccess = () => {
        const tx = opening.result.transaction("view", "readwrite")
        const view = tx.objectStore("view")
        for (let n = 0; n < 1000; n += 1) {
          const id = "waiting:" + String(n * 7919).padStart(26, "0")
          view.put({ _id: id, lists: [], round: 0, record: { _id: id, type: "waiting",
            _rev: "1-" + (n + 16).toString(16).padEnd(32, "0"), unsettled: [], acts: {} } })
        }
        tx.oncomplete = () => { opening.result.close(); resolve() }
      }
    })"""
    lin.tablet.page.evaluate(spoil)
    lin.tablet.kill_worker()
    compares(lin)
    until(lambda: revisions(lin) == before, "the rows to be what they were")
    assert lin.tablet.stored("meta", "round") == round_ + 1


def test_a_server_that_was_put_back_gets_again_what_it_lost_and_tells_nobody_twice(
    hospital: Hospital, lin: Guide, holds_a_tablet: GiveTablet
) -> None:
    chen = holds_a_tablet("chen")
    early = lin.seats("孙四")
    lin.syncs()
    hospital.comes_to_have(early, state="waiting")
    hospital.stop()
    copied = hospital.folder.parent / "copy"
    copy_database(hospital.folder, copied)
    hospital.start()

    late = lin.seats("周五")
    lin.gives_water(early)
    lin.syncs()
    hospital.comes_to_have(late, state="waiting")
    hospital.passes(minutes=40)
    until(lambda: told(hospital, late), "the ladders to be looked at")
    chen.syncs()
    acts = {name: hospital.acts(name) for name in (early, late)}
    before = (told(hospital, early), told(hospital, late))
    assert all(count == 1 for one in before for count in one.values())

    hospital.stop()
    copy_database(copied, hospital.folder)
    hospital._engine.dispose()  # it looked into the database that is no more
    made = made_site(hospital.folder, Clock(hospital.now()), database=hospital.database)
    with closing(made) as site:
        epoch.begin(site, hospital.now())
    assert hospital.record(late) is None
    hospital.start()

    lin.syncs()
    chen.syncs()
    hospital.comes_to_have(late, state="waiting")
    for name in (early, late):
        said = [act for act in acts[name] if act["by"] == "person:lin"]
        now = [act for act in hospital.acts(name) if act["by"] == "person:lin"]
        assert now == said, "nothing lost, nothing doubled, nothing changed"
    until(lambda: told(hospital, late), "the ladders to be looked at")
    hospital.passes(minutes=5)
    lin.syncs()
    chen.syncs()
    after = (told(hospital, early), told(hospital, late))
    assert all(count == 1 for one in after for count in one.values()), "nobody hears it twice"
    shown = [row["record"] for row in chen.tablet.stored("view") if row["_id"][:7] == "notice:"]
    keys = Counter((one["about"], one["what"], one["rung"]) for one in shown)
    assert all(count == 1 for count in keys.values())
    for guide in (lin, chen):
        compares(guide)
        assert guide.tablet.stored("meta", "agreed")["tries"] == 0


def told(hospital: Hospital, record: str) -> Counter[tuple[str, str, int]]:
    """Count the notices about a record by whom they are for and what they say."""
    notices = [one for one in hospital.records("notice") if one["about"] == record]
    return Counter((one["to"], one["what"], one["rung"]) for one in notices)
