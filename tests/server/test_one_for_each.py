"""Rules that make one for each that is found, and finds that read through what was merged.

Groups patrol the halls they look after; a buyer is known by deals, under two names at first.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import sync
from server.acts.site import Site
from server.database.store import Store
from server.rules import settle, waking
from sync import features
from sync.declare import Act, Field, Record
from sync.posts import SYSTEM
from sync.rules import Each, Find, Follow, Judge, Of, Period, Plan
from tests.clock import Clock

ALL, ANYBODY, OPEN = ("all",), ("anybody",), {"state": "open"}
STATES = (("open", "Open"), ("closed", "Closed"))


def kind(name: str, fields: tuple[Field, ...], *acts: Act, **said: Any) -> Record:
    more = {"book": "floor", "icon": "bed", "starts_as": OPEN, "states": STATES, **said}
    return Record(name, name, fields, acts, ALL, **more)


def made(*asks: str, **said: Any) -> Act:
    return Act("made", "Made", said.pop("who", ANYBODY), creates=True, asks=asks, **said)


SORT, GROUP = Field("sort", "text", "Sort"), Field("group", "link", "Group")
CLOSED = Act("closed", "Closed", ANYBODY, sets={"state": "closed"})
HALL = kind("hall", (SORT,), made("sort"), CLOSED, indexed=("sort", "state"))
CREW = kind(
    "crew",
    (SORT, Field("members", "people", "Members")),
    made("sort", "members"),
    Act("met", "Met", ANYBODY, asks=("members",)),
    indexed=("sort",),
)
KEY = ("crew", "hall", "day")
PATROL = kind(
    "patrol",
    (Field("crew", "link", "Crew"), Field("hall", "link", "Hall"), Field("day", "day", "Day")),
    made(*KEY, who=SYSTEM, again=True, needs=KEY),
    key=KEY,
)
LETTER_KEY = ("crew", "to")
LETTER = kind(
    "jotting",
    (Field("crew", "link", "Crew"), Field("to", "link", "To", of=("person",))),
    made(*LETTER_KEY, who=SYSTEM, again=True, needs=LETTER_KEY),
    key=LETTER_KEY,
)
BUYER = kind(
    "buyer",
    (),
    made(),
    Act("bought", "Bought", SYSTEM, sets={"has": "yes"}),
    Act("none", "None", SYSTEM, sets={"has": "no"}),
)
DEAL = kind("sale", (Field("buyer", "link", "Buyer"),), made("buyer"), indexed=("buyer",))
RULES = (
    Plan(
        "patrols",
        of="crew",
        for_each=Find("hall", sort=Of("sort"), state="open"),
        makes="patrol.made",
        every="day",
        at="calendar.opens",
        key=KEY,
        gives={"crew": Of("_id"), "hall": Each("_id"), "day": Period},
        rule="G-01",
    ),
    Follow(
        "jottings",
        on="crew.made",
        makes="jotting.made",
        for_each="members",
        key=LETTER_KEY,
        gives={"crew": Of("_id"), "to": Each("_id")},
        rule="G-01",
    ),
    Judge(
        "buys",
        of="buyer",
        on=("made",),
        finds=Find("sale", buyer=Of("_id")),
        says="buyer.bought",
        clears="buyer.none",
        rule="G-01",
    ),
)
KINDS = (HALL, CREW, PATROL, LETTER, BUYER, DEAL)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@contextlib.contextmanager
def declared() -> Iterator[None]:
    module = ModuleType("sync.features.crews")
    vars(module).update({one.name: one for one in KINDS}, RULES=RULES)
    before = features.FEATURES
    features.FEATURES = (*before, module)
    sync.declarations.cache_clear()
    try:
        yield
    finally:
        features.FEATURES = before
        sync.declarations.cache_clear()


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with declared():
        yield


@pytest.fixture
def says(site: Site, clock: Clock) -> Any:
    waking.start(site)

    def say(act: str, record: str, **data: Any) -> None:
        clock.passes(seconds=1)
        assert site.record_act(act, record, data, by="person:wu").good
        settle.work(site)

    return say


def there(site: Site, one: str) -> list[dict[str, Any]]:
    from sync.statements import is_withdrawn

    with site.reading() as connection:
        ids = Store(connection).ids_of(one, "", 500)
    found = [record for each in ids if (record := site.record(each))]
    return [record for record in found if not is_withdrawn(record)]


def test_a_plan_makes_one_for_each_that_is_found_of_each(site: Site, says: Any) -> None:
    for hall, sort in (("a", "x"), ("b", "x"), ("c", "y")):
        says("hall.made", f"hall:{hall}", sort=sort)
    says("crew.made", "crew:one", sort="x")
    pairs = {(one["crew"], one["hall"]) for one in there(site, "patrol")}
    assert pairs == {("crew:one", "hall:a"), ("crew:one", "hall:b")}
    ahead = len(there(site, "patrol"))
    assert ahead in (14, 16), "each hall on each of the days that are planned ahead"


def test_the_duties_of_a_place_that_closed_are_taken_back(site: Site, says: Any) -> None:
    for hall in ("a", "b"):
        says("hall.made", f"hall:{hall}", sort="x")
    says("crew.made", "crew:one", sort="x")
    says("hall.closed", "hall:a")
    assert {one["hall"] for one in there(site, "patrol")} == {"hall:b"}
    says("hall.made", "hall:d", sort="x")
    assert {one["hall"] for one in there(site, "patrol")} == {"hall:b", "hall:d"}


def test_a_follow_makes_one_for_each_that_a_field_lists(site: Site, says: Any) -> None:
    says("crew.made", "crew:one", sort="x", members=["person:lin", "person:chen", "person:lin"])
    assert {one["to"] for one in there(site, "jotting")} == {"person:lin", "person:chen"}
    says("crew.met", "crew:one", members=["person:chen"])
    assert {one["to"] for one in there(site, "jotting")} == {"person:chen"}, "none for who left"


def test_a_find_reads_through_what_was_merged(site: Site, says: Any, clock: Clock) -> None:
    for buyer in ("old", "new"):
        says("buyer.made", f"buyer:{buyer}")
    says("sale.made", "sale:one", buyer="buyer:old")
    assert (site.record("buyer:old") or {})["has"] == "yes"
    assert (site.record("buyer:new") or {})["has"] == "no"
    says("buyer.merged", "buyer:old", into="buyer:new")
    assert (site.record("buyer:new") or {})["has"] == "yes", "the sale is theirs"


@pytest.mark.parametrize(
    "rule",
    [
        lambda: Plan(**{**vars(RULES[0]), "key": ("crew", "day")}),
        lambda: Follow(**{**vars(RULES[1]), "key": ("crew",)}),
    ],
)
def test_a_rule_that_would_make_the_same_for_each_is_refused(site: Site, rule: Any) -> None:
    with pytest.raises(ValueError, match="its key does not say"):
        rule()
