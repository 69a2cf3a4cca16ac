"""Units: who heads one, who holds a post there, and what is offered to them by that and no more.

What is tried on a licence (tests/invented_clocks.py): offered to whoever heads its unit or one
around it, to agents of that unit, to supervisors of its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from server.acts.recipients import Telling, find_recipients
from server.acts.site import Site
from tests import invented_clocks
from tests.cast import Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.feed import moved
from tests.server.in_process import Inside, inside
from tests.sync.telling import day

DB = "/sync/demo"
UNITS = {"unit:house": None, "unit:clinic": "unit:house", "unit:er": "unit:clinic"}
POSTS = ("cs_agent", "gm", "guide_supervisor")
MORE = {"gao": "gm", "he": "cs_agent", "yu": "guide", "mei": "cs_supervisor"}


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_clocks.declared():
        yield


@pytest.fixture
def site(tmp_path: Path, clock: Clock, database: str) -> Iterator[Site]:
    made = made_site(tmp_path, clock, database=database)
    for name, post in MORE.items():
        data = {"name": name, "posts": [post], "places": []}
        assert made.record_act("person.added", f"person:{name}", data, by="system:site").good
    for name, around in UNITS.items():
        data = {"name": name, "kind": "department", **({"inside": around} if around else {})}
        assert made.record_act("unit.added", name, data, by="person:wu").good
    clock.passes(minutes=1)
    yield made
    made.close()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    return make_cast(site, clock)


def headed(site: Site, unit: str, **said: Any) -> None:
    seen = database_rows.one(site, unit)["acts"]["last"]
    assert site.record_act("unit.changed", unit, said, by="person:wu", seen=seen).good


def licence(cast: Cast, **more: Any) -> str:
    record = cast.lin.new("licence")
    data = {"ends_on": day("2026-12-09"), "unit": "unit:er", "place": "place:lobby-1", **more}
    assert cast.lin.does("licence.given", record, **data).good
    return record


def who_sees(site: Site, record: str) -> set[str]:
    row = next(row for row in database_rows.rows(site, "records") if row["id"] == record)
    channels = set(orjson.loads(row["channels"]))
    people = [person["_id"] for person in site.people()]
    return {one.partition(":")[2] for one in people if channels & set(site.rights(one).channels)}


def test_the_head_of_a_unit_sees_what_is_about_it_and_whoever_works_there_does_not(
    site: Site, cast: Cast, clock: Clock
) -> None:
    moved(site, "person:yu", units=["unit:er"])
    moved(site, "person:he", units=["unit:house"])
    headed(site, "unit:er", head="person:mei")
    clock.passes(minutes=1)
    assert who_sees(site, licence(cast)) == {"lin", "wu", "chen", "mei", "he"}
    assert who_sees(site, licence(cast, unit="unit:house")) == {"lin", "wu", "chen", "he"}
    assert who_sees(site, licence(cast, place="place:area-2")) == {"lin", "wu", "mei", "he"}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_who_headed_it_yesterday_sees_it_no_more_and_acted_by_right_then(
    site: Site, cast: Cast, clock: Clock
) -> None:
    headed(site, "unit:er", head="person:mei")
    record, then = licence(cast), clock.passes(minutes=5)
    clock.passes(hours=1)
    headed(site, "unit:er", head="person:gao", deputy="person:yu")
    assert who_sees(site, record) == {"lin", "wu", "chen", "gao", "yu"}
    assert "head@unit:er" in site.rights("person:mei", then).channels
    assert "head@unit:er" not in site.rights("person:mei").channels
    grants = [grant.units for grant in site.reference().grants["person:mei"]]
    assert grants == [(), ("head@unit:er",), ()]
    assert site.refold()[1] == 0
    again = Site(site.config, clock)
    assert again.reference().grants == site.reference().grants
    again.close()


def test_a_unit_that_moves_takes_what_is_about_it_along(
    site: Site, cast: Cast, clock: Clock
) -> None:
    headed(site, "unit:clinic", head="person:gao")
    record = licence(cast)
    clock.passes(minutes=1)
    assert "gao" in who_sees(site, record)
    headed(site, "unit:er", inside="unit:house")
    assert "gao" not in who_sees(site, record)


@pytest.mark.parametrize("inside", ["unit:house", "unit:er", "unit:clinic"])
def test_a_unit_cannot_be_inside_itself(site: Site, inside: str) -> None:
    """Neither straight nor around: who would be above whom?"""
    for unit in UNITS if inside == "unit:er" else ["unit:house"]:
        verdict = site.record_act("unit.changed", unit, {"inside": inside}, by="person:wu")
        assert not verdict.good, (unit, inside)
        told = verdict.code == "inside_itself" or "inside_itself" in str(verdict)
        assert told, verdict


# ------------------------------------------------------------------------------------ who is told


def told_of(site: Site, tell: str, **more: Any) -> tuple[list[str], list[str]]:
    record = {"_id": "licence:x", "type": "licence", "state": "valid", "rungs": {}, "unsettled": []}
    record |= {"unit": "unit:er", "place": "place:lobby-1", "owner": "person:lin", **more}
    telling = Telling(site.declarations, site.reference(), record, (), site.now())
    told, unfilled = find_recipients(telling, [tell])
    return [one.partition(":")[2] for one in told], unfilled


def test_the_head_is_told_else_the_deputy_else_the_unit_above_else_the_top(
    site: Site, clock: Clock
) -> None:
    tell = "head@{unit}"
    headed(site, "unit:er", head="person:mei", deputy="person:yu")
    headed(site, "unit:house", head="person:gao")
    clock.passes(minutes=1)
    assert told_of(site, tell) == (["mei"], [])
    moved(site, "person:mei", active=False)
    assert told_of(site, tell) == (["yu"], [tell])
    moved(site, "person:yu", posts=[])
    assert told_of(site, tell) == (["gao"], [tell])
    moved(site, "person:gao", active=False)
    assert told_of(site, tell) == (["wu"], [tell])


def test_who_holds_a_post_there_is_told_and_nobody_who_holds_it_elsewhere(
    site: Site, clock: Clock
) -> None:
    moved(site, "person:he", units=["unit:clinic"])
    clock.passes(minutes=1)
    assert told_of(site, "cs_agent@{unit}") == (["he"], [])
    assert told_of(site, "cs_agent@{unit}", unit="unit:house")[1] == ["cs_agent@{unit}"]
    assert told_of(site, "guide_supervisor@{place}") == (["chen"], [])
    assert told_of(site, "guide_supervisor@{place}", place="place:area-2") == (
        ["wu"],
        ["guide_supervisor@{place}"],
    )


def test_whom_the_record_names_is_told_else_the_next_of_their_post(
    site: Site, clock: Clock
) -> None:
    assert told_of(site, "{person}", person="person:yu") == (["yu"], [])
    moved(site, "person:yu", active=False)
    assert told_of(site, "{person}", person="person:yu")[1] == ["{person}"]
    assert told_of(site, "{person}", person="person:yu")[0] != []


# --------------------------------------------------------------------------------------- by chance


class World:
    """What one person's tablet holds, that pulls after every step."""

    def __init__(self, inner: Inside, person: str) -> None:
        self.inner, self.person = inner, person
        self.held: set[str] = set()
        self.since = "0"

    def pulls(self) -> None:
        path = f"{DB}/_changes?include_docs=true&removed=true&limit=1000&since={self.since}"
        answer = orjson.loads(self.inner.ask(self.person, "GET", path).text)
        self.held = set() if answer.get("reset") else self.held
        for row in answer["results"]:
            (self.held.discard if row.get("removed") else self.held.add)(row["id"])
        self.since = answer["last_seq"]


def allowed(site: Site, record: str, person: str) -> bool:
    """Say whether a licence is a person's to see, from the declaration read by hand."""
    records = site.reference().records
    who, what = records[f"person:{person}"], database_rows.one(site, record)
    if not who.get("active") or what["owner"] == who["_id"]:
        return bool(who.get("active"))
    posts, where = set(who.get("posts") or ()), {*who.get("places", ()), *who.get("units", ())}
    units = [what["unit"], *site.reference().ancestors(what["unit"])]
    places = [what["place"], *site.reference().ancestors(what["place"])]
    heads = {records[one].get(name) for one in units for name in ("head", "deputy")}
    return bool(posts) and (
        "cs_manager" in posts
        or who["_id"] in heads
        or ("cs_agent" in posts and not where.isdisjoint(units))
        or ("guide_supervisor" in posts and not where.isdisjoint(places))
    )


@pytest.mark.parametrize("seed", range(2))
def test_each_tablet_holds_what_is_its_person_s_whatever_moves(
    site: Site, cast: Cast, clock: Clock, seed: int
) -> None:
    """Heads, posts, units and their tree change by lot; every tablet follows, on every path."""
    lot, people = Random(seed), ["mei", "gao", "he", "chen"]
    licences: list[str] = []
    with inside(site) as inner:
        for person in people:
            inner.sign_in(person)
        worlds = [World(inner, person) for person in people]
        for _ in range(12):
            clock.passes(minutes=1)
            unit, who = lot.choice([*UNITS]), lot.choice(people)
            said: list[Any] = [
                lambda unit=unit: licences.append(licence(cast, unit=unit)),
                lambda unit=unit, who=who: headed(site, unit, head=f"person:{who}"),
                lambda unit=unit, who=who: headed(site, unit, deputy=f"person:{who}"),
                lambda unit=unit, who=who: moved(site, f"person:{who}", units=[unit]),
                lambda who=who: moved(site, f"person:{who}", posts=[lot.choice(POSTS)]),
                lambda: headed(site, "unit:er", inside=lot.choice(["unit:house", "unit:clinic"])),
            ]
            lot.choice(said)()
            clock.passes(ms=1)
            for world in worlds:
                world.pulls()
                right = {one for one in licences if allowed(site, one, world.person)}
                held = {one for one in world.held if one.startswith("licence:")}
                assert held == right, (world.person, held ^ right)
                for one in licences:
                    found = inner.ask(world.person, "GET", f"{DB}/{one}").status_code
                    assert found == (200 if one in right else 404)
    assert licences, "nothing was tried"
