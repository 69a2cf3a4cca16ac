"""What all screens share: drafts, search, alarms, several pages, updates, a full device."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.network import Network
from tests.service_worker.tablet.gestures import act_id, sat_down, water_given
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

MINUTE = 60_000


def alarms(tablet: Tablet, *, heard: bool = False) -> dict[str, Any]:
    """Ask for the alarms as a page does that may make a sound, or may not."""
    form = {"heard": "yes"} if heard else {}
    answer: dict[str, Any] = json.loads(tablet.post("/floor/alarms", form)["text"])
    return answer


def test_a_draft_comes_back_after_the_browser_was_killed_and_goes_with_its_act(
    tablet: Tablet,
) -> None:
    form = {"act_id": act_id(), "name": "戴国强", "place": "place:room-3"}
    tablet.post("/floor/drafts/waiting-new", form, htmx=False)
    tablet.kill_browser()
    tablet.start()
    tablet.open("/floor/waiting/new")
    assert tablet.page.locator("input[name=name]").input_value() == "戴国强"
    assert "act_id" not in tablet.stored("drafts", "person:lin waiting-new")["fields"]
    sat_down(tablet, name="戴国强")
    assert tablet.stored("drafts") == []


def test_search_finds_any_part_of_a_name_initials_and_digits(
    tablet: Tablet, site: StubSite
) -> None:
    people = {"古丽米热·阿不都克里木": "13912345678", "欧阳㛃珺": "13700000416", "王小明": "0571-1"}
    for n, (name, phone) in enumerate(people.items()):
        data = {"name": name, "phone": phone, "place": "place:lobby-1"}
        site.say("arrival.registered", f"arrival:{n}", data, by="person:qiao")
    tablet.sync()
    assert found(tablet, "阿不都") == {"arrival-0"}
    assert found(tablet, "oyj") == {"arrival-1"}
    assert found(tablet, "0416") == {"arrival-1"}
    assert found(tablet, "小明 0571") == {"arrival-2"}
    assert found(tablet, "没有") == set()
    assert found(tablet, "1") >= {"arrival-0", "arrival-1", "arrival-2"}
    form = {"act_id": act_id(), "name": "王大明", "first": "again"}
    assert tablet.post("/floor/lobby/2/file", form)["status"] == 200
    assert found(tablet, "小明") == set()
    assert found(tablet, "大明") == {"arrival-2"}


def found(tablet: Tablet, words: str) -> set[str]:
    """Return which visits the search page shows."""
    answer = tablet.get(f"/floor/search?q={quote(words)}")
    return set(re.findall(r'id="found-(arrival-\d+)"', answer["text"]))


# What a page that may make a sound would play, instead of a loudspeaker.
LISTEN = """() => { window.beeps = 0
  const real = AudioContext.prototype.createOscillator
  AudioContext.prototype.createOscillator = function () {
    window.beeps += 1
    return real.call(this)
  } }"""
EARLIER = """length => new Promise(resolve => {
  const opening = indexedDB.open("floorwalk")
  opening.onsuccess = () => {
    const store = opening.result.transaction("meta", "readwrite").objectStore("meta")
    const asking = store.get("rung")
    asking.onsuccess = () => {
      const rung = Object.fromEntries(
        Object.entries(asking.result).map(([key, at]) => [key, at - length]))
      store.put(rung, "rung").onsuccess = () => { opening.result.close(); resolve() }
    }
  }
})"""


def late_wait(tablet: Tablet, site: StubSite) -> None:
    """Somebody has been sitting for six minutes without water."""
    wait = {"place": "place:room-3", "name": "王小明"}
    site.say("waiting.started", "waiting:late", wait, by="person:lin", at=site.now() - 6 * MINUTE)
    tablet.sync()
    until(lambda: tablet.page.locator("#alarm").count(), "the bar")


def test_a_clock_that_ran_out_rings_until_it_is_done_and_a_restart_rings_nothing_twice(
    tablet: Tablet, site: StubSite
) -> None:
    """On the screens, 2: it rang once, and the bar went although nothing was done."""
    late_wait(tablet, site)
    assert "王小明" in tablet.text("#alarm")
    assert tablet.page.get_by_role("button", name="关上", exact=True).is_visible()
    assert [one["record"] for one in alarms(tablet, heard=True)["ring"]] == ["waiting:late"]
    answer = alarms(tablet, heard=True)
    assert answer["ring"] == [] and answer["next_at"] - answer["now"] <= 120_000
    assert [one["record"] for one in answer["bar"]] == ["waiting:late"]
    tablet.kill_browser()
    tablet.start()
    tablet.open("/floor/more")
    assert alarms(tablet, heard=True)["ring"] == []
    tablet.page.evaluate(EARLIER, 121_000)
    tablet.kill_worker()
    until(lambda: tablet.page.locator("#alarm").count(), "the bar, which stays")
    assert [one["record"] for one in alarms(tablet, heard=True)["ring"]] == ["waiting:late"]
    water_given(tablet, "waiting:late")
    assert alarms(tablet, heard=True)["bar"] == []
    until(lambda: not tablet.page.locator("#alarm").count(), "the bar to go")


def test_who_waits_for_water_stands_before_a_complaint_of_days(
    tablet: Tablet, site: StubSite
) -> None:
    """On the screens, 47: the bar named a complaint that was passed up, and not who waits."""
    said = {"place": "place:room-3", "words": "轮椅的刹车是坏的", "severity": "general"}
    long_ago = site.now() - 30 * 24 * 60 * MINUTE
    site.say("complaint.taken", "complaint:old", said, by="person:lin", at=long_ago)
    late_wait(tablet, site)
    bar = alarms(tablet)["bar"]
    assert bar[0]["record"] == "waiting:late"
    assert "complaint:old" in [one["record"] for one in bar]


def test_what_could_not_be_heard_rings_at_the_first_touch(tablet: Tablet, site: StubSite) -> None:
    """On the screens, 2: the ring was used up while the sound was locked."""
    tablet.open("/floor/more")
    tablet.page.evaluate(LISTEN)
    late_wait(tablet, site)
    assert tablet.page.evaluate("window.beeps") == 0
    assert alarms(tablet)["ring"] != [], "it was not heard yet"
    tablet.page.touchscreen.tap(400, 640)
    until(lambda: tablet.page.evaluate("window.beeps"), "the sound")
    assert alarms(tablet, heard=True)["ring"] == []


@pytest.mark.parametrize("size", [(800, 1280), (1280, 800), (390, 844)])
@pytest.mark.parametrize("path", ["complaint/new", "lobby/register", "waiting/new", "lobby"])
def test_the_bar_covers_nothing(
    tablet: Tablet, site: StubSite, size: tuple[int, int], path: str
) -> None:
    """On the screens, 3: it lay over “accept and give a receipt”."""
    tablet.page.set_viewport_size({"width": size[0], "height": size[1]})
    late_wait(tablet, site)
    tablet.open(f"/floor/{path}")
    until(lambda: tablet.page.locator("#alarm").count(), "the bar")
    covered = tablet.page.evaluate(COVERED)
    assert covered == [], covered


COVERED = """() => {
  const bar = document.getElementById("alarm").getBoundingClientRect()
  const touches = box => box.width && box.bottom > bar.top + 1 && box.top < bar.bottom - 1
  return [...document.querySelectorAll(".foot .act, .dock .act, .sheet .act, .tabs a, .strip a")]
    .filter(one => {
      const box = one.getBoundingClientRect()
      const at = [box.x + box.width / 2, box.y + box.height / 2]
      const on = document.elementFromPoint(...at)
      const seen = at[1] > 0 && at[1] < innerHeight && on?.closest("#alarm")
      return seen || touches(box)
    })
    .map(one => one.textContent.trim())
}"""


def test_another_persons_clock_does_not_ring_here(tablet: Tablet, site: StubSite) -> None:
    late = site.now() - 6 * MINUTE
    site.say("waiting.started", "waiting:x", {"place": "place:room-3"}, by="person:qiao", at=late)
    tablet.sync()
    assert alarms(tablet)["bar"] == []


def test_of_two_pages_one_leads_and_both_see_what_changed(tablet: Tablet, site: StubSite) -> None:
    other = tablet.context.new_page()
    other.goto(tablet.url + "/floor/waiting")
    tablet.open("/floor/waiting")
    wait = {"place": "place:room-3", "name": "赵一一"}
    site.say("waiting.started", "waiting:new", wait, by="person:qiao")
    until(lambda: "赵" in tablet.text(), "the page in front to show it")
    other.bring_to_front()
    until(lambda: "赵" in other.locator("#main").inner_text(), "the other page to show it")


def test_when_the_page_that_leads_is_closed_another_takes_over(
    tablet: Tablet, site: StubSite
) -> None:
    tablet.open("/floor/waiting")
    for n in range(3):
        leading, tablet.page = tablet.page, tablet.context.new_page()
        tablet.open("/floor/waiting")
        leading.close()
        wait = {"place": "place:room-3", "name": f"赵{'一二三'[n]}"}
        site.say("waiting.started", f"waiting:new-{n}", wait, by="person:qiao")
        until(lambda n=n: tablet.text().count("赵") == n + 1, "the new page to lead")  # type: ignore[misc]
        kept = sat_down(tablet)
        until(lambda kept=kept: kept in site.records, "the act to be sent")  # type: ignore[misc]
    sent = [identifier for push in site.pushes for identifier in push]
    assert len(sent) == len(set(sent)), "an act was sent twice"


def test_a_new_version_waits_for_a_half_written_form_and_then_comes_in(
    tablet: Tablet, site: StubSite
) -> None:
    tablet.open("/floor/waiting/new")
    tablet.page.fill("input[name=name]", "戴国强")
    until(lambda: tablet.stored("drafts"), "the draft")
    site.worker_suffix = "\n// another version"
    tablet.page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update())")
    waiting = "navigator.serviceWorker.getRegistration().then(r => Boolean(r.waiting))"
    until(lambda: tablet.ask(waiting), "the new version to be installed")
    tablet.page.locator("nav.tabs a[href='/floor/more']").click()
    until(lambda: tablet.is_at("/floor/more"), "the other page")
    tablet.page.locator("nav.tabs a[href='/floor/waiting']").click()
    until(lambda: tablet.ask(waiting) is False, "the new version to take over")
    until(lambda: tablet.is_at("/floor/waiting") and tablet.on_floor(), "the page")
    tablet.open("/floor/waiting/new")
    assert tablet.page.locator("input[name=name]").input_value() == "戴国强"


# Posts pictures of a size until one is refused.
FILL = """async size => {
  for (let n = 0; ; n++) {
    const body = new Uint8Array(size).fill(n)
    body.set([0xff, 0xd8, 0xff])
    const headers = { "Content-Type": "image/jpeg" }
    const answer = await fetch("/floor/blobs", { method: "POST", headers, body })
    if (answer.status !== 201) return answer.status
  }
}"""


def test_a_full_device_keeps_words_and_refuses_pictures(
    new_tablet: Callable[[], Tablet], network: Network
) -> None:
    tablet = new_tablet()
    cdp = tablet.context.new_cdp_session(tablet.page)
    quota = {"origin": tablet.url, "quotaSize": 6_000_000}
    cdp.send("Storage.overrideQuotaForOrigin", quota)
    tablet.open("/floor/more")
    tablet.wait_for_floor()
    until(lambda: tablet.page.evaluate("caches.has('ballast')"), "room put aside")
    network.become("offline")
    assert tablet.page.evaluate(FILL, 1_500_000) == 507
    used = cdp.send("Storage.getUsageAndQuota", {"origin": tablet.url})["usage"]
    cdp.send("Storage.overrideQuotaForOrigin", {**quota, "quotaSize": int(used) + 10_000})
    wait = sat_down(tablet, name="王小明")
    words = {"words": "等" * 100_000}
    assert tablet.post("/floor/drafts/complaint", words)["status"] == 204
    assert tablet.page.evaluate("caches.match('/ballast').then(found => !found)")
    assert tablet.stored("drafts", "person:lin complaint")["fields"]["words"] == [words["words"]]
    assert tablet.stored("view", wait)
    network.become("perfect")
    tablet.sync()
    assert tablet.unsent() == []


def test_a_picture_follows_its_complaint(tablet: Tablet, site: StubSite, network: Network) -> None:
    network.become("offline")
    sha256 = tablet.page.evaluate(
        """() => { const body = new Uint8Array(5000)
        body.set([0xff, 0xd8, 0xff])
        const headers = { "Content-Type": "image/jpeg" }
        return fetch("/floor/blobs", { method: "POST", headers, body })
          .then(answer => answer.json()).then(said => said.sha256) }"""
    )
    assert tablet.get(f"/floor/blobs/{sha256}")["status"] == 200
    network.become("perfect")
    tablet.sync()
    assert site.blobs == {}, "no act names it yet"
    form_id = act_id()
    form = {"act_id": form_id, "words": "等了一个小时", "place": "place:room-3", "photos": sha256}
    unsigned = {"severity": "general", "signature_cannot": "yes", "unsigned": "不会写字"}
    assert tablet.post("/floor/complaint", {**form, **unsigned})["status"] == 200
    tablet.sync()
    until(lambda: list(site.blobs) == [sha256], "the picture")


def test_a_form_from_another_site_is_refused(tablet: Tablet, site: StubSite) -> None:
    tablet.page.goto(site.url + "/sign-in")  # another port is another site
    tablet.page.evaluate(
        """url => { document.body.innerHTML = `<form method="post" action="${url}/floor/more">
        <input name="theme" value="dark"></form>`; document.forms[0].submit() }""",
        tablet.url,
    )
    until(lambda: tablet.is_at("/floor/more"), "the answer")
    assert tablet.stored("meta", "prefs person:lin") is None
