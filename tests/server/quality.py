"""What tests of the book of quality share: a site on a Wednesday at six, and looking at it."""

from __future__ import annotations

from typing import Any

from server.acts import shipped
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.clocks import escalation
from server.database.store import Store
from server.rules import settle, waking
from sync import guards
from sync.shipped.checklists import CHECKLISTS, keyed
from tests.cast import Tablet
from tests.clock import Clock
from tests.server.staff import one_of_each_post
from tests.sync.telling import moment, shown

UNIT = "unit:guides"
LIGHTS, LAMPS, AIR, WATER = keyed("opening", dict.fromkeys(("lights", "lamps", "air", "water")))
(PAPERS,) = keyed("lobby_patrol", {"papers": None})
TAKEN = ("items", "goods", "review", "findings")


def opened(site: Site, clock: Clock) -> Site:
    """Return the site with what is shipped, a unit, people in all posts; a Wednesday at six."""
    clock.at = moment("2026-11-25 06:00")
    one_of_each_post(site)
    data = {"name": "导医部", "kind": "department", "head": "person:chen"}
    site.record_act("unit.added", UNIT, data, by="system:site")
    shipped.ship(site, clock.at)
    waking.start(site)
    waking.midnight(site)
    settle.work(site)
    return site


def knowing(site: Site, tablet: Tablet, act: str, record: str, **data: Any) -> Verdict:
    """Let somebody say an act who has the record on the screen, as it is now."""
    now = record_of(site, record)
    made = tablet.says(act, record, seen=now["acts"]["last"], **data)
    tablet.kept.remove(made)
    made["over"] = guards.over(now, data, made["seen"])
    return tablet.hands_in(made)[0]


def of_kind(site: Site, kind: str, **said: Any) -> list[dict[str, Any]]:
    with site.reading() as connection:
        ids = Store(connection).ids_of(kind, "", 1_000)
    records = [record for one in ids if (record := site.record(one))]
    return [one for one in records if all(one.get(name) == want for name, want in said.items())]


def at_on(site: Site, template: str, place: str = "place:lobby-1") -> list[tuple[str, str]]:
    """Return (from, until) of the checks that are planned by a template in a place."""
    checks = of_kind(site, "check", template=f"checklist:{template}", place=place)
    return sorted((shown(one["due_from"]), shown(one["due_until"])) for one in checks)


def the(site: Site, template: str, place: str = "place:lobby-1", n: int = 0) -> str:
    """Return the id of today's check by a template, or of one of several."""
    found = of_kind(site, "check", template=f"checklist:{template}", place=place, day=20_782)
    return str(sorted(found, key=lambda one: one["hour"])[n]["_id"])


def record_of(site: Site, identifier: str) -> dict[str, Any]:
    found = site.record(identifier)
    assert found is not None
    return found


def taken(template: str) -> dict[str, Any]:
    said = {name: one for name, one in CHECKLISTS[template].items() if name in TAKEN}
    return {**said, "version": 1}


def ticks(template: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(CHECKLISTS[template]["items"], "yes") | keyed(template, others)


def beats(site: Site, clock: Clock, at: str) -> None:
    clock.at = moment(at)
    escalation.tick(site)
    settle.work(site)


def told(site: Site, record: str, ladder: str) -> list[tuple[str, str]]:
    steps = record_of(site, record)["rungs"].get(ladder, [])
    return [(shown(one["at"]), person) for one in steps for person in one["told"]]


def walked(template: str, **others: str) -> dict[str, Any]:
    """Return what completes a sheet: every item answered, all goods counted, what was copied."""
    counts = dict.fromkeys(CHECKLISTS[template].get("goods", ()), 2)
    said = {"ticks": ticks(template, **others), **taken(template)}
    return said | ({"counts": counts} if counts else {})
