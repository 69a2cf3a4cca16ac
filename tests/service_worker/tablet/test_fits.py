"""Layout: on every screen nothing is wider than the device, and nothing is out of reach."""

from __future__ import annotations

import pytest

from tests.service_worker.tablet.gestures import act_id, sat_down
from tests.stub_site import StubSite
from tests.tablet import Tablet

pytestmark = pytest.mark.browser

SIZES = {"landscape": (1280, 800), "portrait": (800, 1280), "phone": (390, 844)}
SCREENS = ("waiting", "waiting/new", "lobby", "lobby/register", "lobby/greet", "complaint/new")
ROOMS = 24
# What a thumb would move sideways, but for the rows of chips that are made for it; and a screen
# that moves beside its panes.
LOOSE = """() => {
  const sideways = [...document.querySelectorAll("main, main *")].filter(one =>
    one.scrollWidth > one.clientWidth + 1 && !one.classList.contains("scroll") &&
    ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  const main = document.querySelector("main")
  const double = innerWidth >= 1000 && main.querySelector(".split") &&
    main.scrollHeight > main.clientHeight + 1
  return [...sideways.map(one => `${one.localName}.${one.className}`), ...(double ? ["main"] : [])]
}"""
# Things to touch that lie on top of each other, side by side in the same place.
OVERLAPPING = """() => {
  const touched = [...document.querySelectorAll("main :is(a, button, label)")]
  const boxes = new Map(touched.map(one => [one, one.getBoundingClientRect()]))
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 &&
    a.top < b.bottom - 1 && b.top < a.bottom - 1
  return touched.filter(one => touched.some(other => one !== other &&
    one.parentElement === other.parentElement && over(boxes.get(one), boxes.get(other))))
    .map(one => one.textContent.trim().slice(0, 20))
}"""
# How far the head of a sheet is above the screen that it belongs to.
CUT_OFF = """() => {
  const head = document.querySelector(".sheet > header"), main = document.querySelector("main")
  return head ? main.getBoundingClientRect().top - head.getBoundingClientRect().top : 0
}"""


def busy(tablet: Tablet, site: StubSite) -> list[str]:
    """Make many rooms, visits and waits; return the pages of one visit and one wait."""
    for n in range(ROOMS):
        room = {"name": f"内分泌 {n} 诊室", "kind": "room", "inside": "place:lobby-1"}
        site.say("place.added", f"place:room-{n + 10}", room)
        doctor = {"name": f"米娜瓦尔·吐尔逊 {n}", "department": f"科 {n}", "active": True}
        site.say("doctor.added", f"doctor:{n}", doctor)
        site.say("arrival.registered", f"arrival:{n}", {"place": "place:lobby-1"}, by="person:lin")
    late = {"place": "place:room-3", "name": "古丽米热·阿不都克里木"}
    at = site.now() - 25 * 60_000
    site.say("waiting.started", "waiting:late", late, by="person:lin", at=at)
    tablet.sync()
    wait = sat_down(tablet, name="王小明").partition(":")[2]
    form = {"act_id": act_id(), "words": "等了一个小时", "place": "place:room-3"}
    unsigned = {"severity": "general", "signature_cannot": "yes", "unsigned": "不会写字"}
    tablet.post("/floor/complaint", {**form, **unsigned})
    complaint = "complaint/" + form["act_id"].partition(":")[2]
    of_visit = ["lobby/0", "lobby/0/introduce", "lobby/0/send_off"]
    return [*of_visit, "waiting/late", f"waiting/{wait}", complaint, f"{complaint}/respond"]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_out_of_reach(tablet: Tablet, site: StubSite, size: str) -> None:
    pages = [*SCREENS, *busy(tablet, site)]
    width, height = SIZES[size]
    tablet.page.set_viewport_size({"width": width, "height": height})
    wrong = {}
    for page in pages:
        tablet.open(f"/floor/{page}")
        assert tablet.on_floor(), page
        loose, cut = tablet.page.evaluate(LOOSE), tablet.page.evaluate(CUT_OFF)
        over = tablet.page.evaluate(OVERLAPPING)
        if loose or over or cut > 0:
            wrong[page] = (loose, over, cut)
    assert wrong == {}
