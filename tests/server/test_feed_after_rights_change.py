"""Property test: whatever rights people gain and lose, a tablet holds what its person may see.

A device and its site are played by lot: records made and moved, people sent to other places and
posts, places put elsewhere, pages of the feed taken one at a time. After each whole pull what the
device holds is compared with what the database says its person sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from server.acts.access import may_see
from server.acts.site import Site
from server.database import tables
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.feed import FEED, moved, sits_down
from tests.server.in_process import Inside, inside

LOTS = 12
STEPS = 80
PLACES = ["place:lobby-1", "place:lobby-2", "place:area-2"]
POSTS: list[list[str]] = [["guide"], ["guide"], ["guide_supervisor"], ["cs_agent", "guide"], []]


@dataclass
class Holder:
    """A tablet as far as the feed is concerned; it asks for pages of `most` rows."""

    person: str
    inside: Inside
    most: int
    since: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # what a pull from the beginning has brought
    beginning: bool = True
    resets: int = 0

    def page(self) -> bool:
        """Take one page; return whether there are no more."""
        query = {"include_docs": "true", "removed": "true", "limit": str(self.most)}
        query["since"] = self.since or "0"
        if self.since is None:
            query["slice"] = "now"
        answer = self.inside.ask(self.person, "GET", FEED, params=query)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        if said.get("reset"):
            self.since, self.beginning, self.kept = None, True, set()
            self.resets += 1
            return False
        seen = visible(self.inside.site, f"person:{self.person}")
        for row in said["results"]:
            if row.get("removed"):
                assert "doc" not in row
                self.held.pop(row["id"], None)
                self.kept.discard(row["id"])
            else:
                assert row["id"] in seen, "a body outside the channels"
                self.held[row["id"]] = row["doc"]["_rev"]
                self.kept.add(row["id"])
        self.since = said["last_seq"]
        if said["pending"]:
            return False
        if self.beginning:
            self.held = {name: rev for name, rev in self.held.items() if name in self.kept}
            self.beginning = False
        return True

    def pulls(self) -> None:
        """Take pages until there are no more."""
        for _ in range(1_000):
            if self.page():
                return
        raise AssertionError("a thousand pages, and there are more")


def visible(site: Site, person: str) -> dict[str, str]:
    """Return {id: rev} of what a person sees, by looking at every record there is."""
    rights, columns = site.rights(person), tables.records.c
    with site.reading() as connection:
        rows = connection.execute(
            sa.select(columns.id, columns.rev, columns.channels, columns.hides)
        ).all()
    return {
        row.id: row.rev
        for row in rows
        if may_see(rights, orjson.loads(row.channels), hides=row.hides)
    }


class Day:
    """What may happen, one thing at a time."""

    def __init__(self, site: Site, cast: Cast, clock: Clock, lot: Random) -> None:
        self.site, self.cast, self.clock, self.lot = site, cast, clock, lot
        self.visits: list[str] = []

    def step(self) -> None:
        """Let something happen."""
        self.clock.passes(seconds=1)
        things = [self.arrives, self.arrives, self.goes_on, self.goes_on]
        self.lot.choice([*things, self.sent, self.sent, self.put_elsewhere, self.told_late])()

    def arrives(self) -> None:
        visit = self.cast.wu.new("arrival")
        owner = self.cast.lin if self.lot.random() < 0.2 else self.cast.wu
        place = "place:lobby-1" if owner is self.cast.lin else self.lot.choice(PLACES)
        if owner.does("arrival.registered", visit, place=place).good:
            self.visits.append(visit)

    def goes_on(self) -> None:
        if self.visits:
            stage = self.lot.choice(["triaged", "in_room", "out"])
            place = self.lot.choice(PLACES)
            visit = self.lot.choice(self.visits)
            self.cast.wu.does("arrival.stage_reached", visit, stage=stage, place=place)

    def sent(self) -> None:
        data: dict[str, Any] = {"places": self.lot.sample(PLACES, self.lot.randint(0, 2))}
        if self.lot.random() < 0.4:
            data["posts"] = self.lot.choice(POSTS)
        moved(self.site, "person:lin", **data)

    def told_late(self) -> None:
        """Lin was somewhere else an hour ago already: her history is written anew."""
        seen = database_rows.one(self.site, "person:lin")["acts"]["last"]
        at = self.clock() - self.lot.randint(1, 3_600) * 1_000
        data = {"places": [self.lot.choice(PLACES)]}
        self.site.record_act("person.changed", "person:lin", data, by="person:wu", at=at, seen=seen)

    def put_elsewhere(self) -> None:
        place = self.lot.choice(PLACES)
        seen = database_rows.one(self.site, place)["acts"]["last"]
        inside_ = self.lot.choice(["place:floor-1", "place:floor-2", "place:lobby-2"])
        if inside_ != place:
            data = {"inside": inside_}
            self.site.record_act("place.changed", place, data, by="person:wu", seen=seen)


def played(site: Site, cast: Cast, clock: Clock, number: int) -> int:
    """Play a day by lot and hold the device to what its person sees; return how often it began."""
    lot = Random(number)
    with inside(site) as application:
        day = Day(site, cast, clock, lot)
        lin = Holder("lin", application, lot.choice([2, 5, 1_000]))
        for _ in range(STEPS):
            day.step()
            chance = lot.random()
            if chance < 0.25:
                lin.page()
            elif chance < 0.4:
                lin.pulls()
                assert lin.held == visible(site, "person:lin")
        lin.pulls()
        assert lin.held == visible(site, "person:lin")
    return lin.resets


@pytest.mark.parametrize("number", range(LOTS))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whatever_happens_to_rights_a_tablet_holds_what_its_person_sees(
    site: Site, cast: Cast, clock: Clock, number: int
) -> None:
    played(site, cast, clock, number)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_the_other_database_too(site: Site, cast: Cast, clock: Clock) -> None:
    played(site, cast, clock, LOTS)


def test_rights_that_never_were_make_a_tablet_begin_again(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Lin's history is written anew: the rights that her tablet pulled with are in no book."""
    sits_down(cast.chen, "place:lobby-2")
    at = clock.passes(minutes=1)
    with inside(site) as application:
        lin = Holder("lin", application, 1_000)
        moved(site, "person:lin", places=["place:lobby-2"])
        lin.pulls()
        clock.passes(minutes=1)
        seen = database_rows.one(site, "person:lin")["acts"]["last"]
        last, data = "act:" + "7Y" + "Z" * 24, {"places": ["place:area-2"]}
        to = {"by": "person:wu", "at": at, "seen": seen, "identifier": last}
        assert site.record_act("person.changed", "person:lin", data, **to).good
        lin.pulls()
        assert lin.resets == 1
        assert lin.held == visible(site, "person:lin")
        assert not any(name.startswith("waiting:") for name in lin.held)


def test_a_lost_lobbys_records_go_although_they_changed_meanwhile(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """One was given water, one moved on, then Lin was sent away: she keeps neither."""
    watered, visit = sits_down(cast.chen), cast.chen.new("arrival")
    cast.chen.does("arrival.registered", visit, place="place:lobby-1")
    with inside(site) as application:
        lin = Holder("lin", application, 1_000)
        lin.pulls()
        assert {watered, visit} <= lin.held.keys()
        clock.passes(minutes=1)
        cast.chen.does("waiting.water_given", watered)
        cast.chen.does("arrival.stage_reached", visit, stage="triaged", place="place:lobby-2")
        clock.passes(minutes=1)
        moved(site, "person:lin", places=["place:area-2"])
        lin.pulls()
        assert lin.held == visible(site, "person:lin")
        assert not {watered, visit} & lin.held.keys()
