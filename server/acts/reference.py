"""Reference data that rights and ladders are read from: people, places, settings, calendars."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import access
from server.acts.access import HEAD, Rights
from server.database import tables
from sync import fold, settings, worktime
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.worktime import UNITS

KINDS = ("person", "place", "unit", "setting", "calendar")
HEADS = ("head", "deputy")  # fields of a unit that name who heads it
OFFSET = 480  # minutes east of UTC: all of China has one time
NO_LIMIT = 1 << 60
FAR_ABOVE = 20  # places inside places, units in units; a longer chain is a cycle


@dataclass(frozen=True, order=True)
class Grant:
    """What a person holds from the moment `at` (ms) on, until their next grant."""

    at: int
    posts: tuple[str, ...]
    places: tuple[str, ...]
    units: tuple[str, ...]  # those that they head as well, as `head@<unit>`
    active: bool

    def says(self) -> tuple[object, ...]:
        """Return everything but the moment."""
        return (self.posts, self.places, self.units, self.active)


def grants_of(
    declarations: Declarations,
    acts: Iterable[Act],
    units: Iterable[Iterable[Act]] = (),
) -> list[Grant]:
    """Return what a person held over time, ordered, from all acts of their record.

    `units` are the acts of each unit that ever named them as its head or deputy: whose unit it was
    is judged by the moment of the act too.
    """
    grants = _granted(declarations, acts)
    headed = [one for some in units for one in heads_of(declarations, some)]
    if not headed or not grants:
        return grants
    person = next(iter(acts))["record"]
    moments = {grant.at for grant in grants} | {at for at, *_ in headed if at > grants[0].at}
    merged: list[Grant] = []
    for at in sorted(moments):
        base = next(grant for grant in reversed(grants) if grant.at <= at)
        then = {unit: heads for since, unit, heads in headed if since <= at}  # the last word counts
        own = sorted(access.scoped_channel(HEAD, unit) for unit in then if person in then[unit])
        grant = replace(base, at=at, units=(*base.units, *own))
        if not merged or merged[-1].says() != grant.says():
            merged.append(grant)
    return merged


def heads_of(
    declarations: Declarations, acts: Iterable[Act]
) -> list[tuple[int, str, frozenset[str]]]:
    """Return (ms, unit, people who head it from then on) over time, from all acts of a unit."""
    heads: list[tuple[int, str, frozenset[str]]] = []
    record: Record | None = None
    for act in sorted(acts, key=lambda act: fold.order(declarations, act)):
        record = fold.apply(declarations, record, act)
        is_made = record["state"] not in ("unknown", "undone")
        named = [record.get(name) for name in HEADS if is_made]
        heads.append((act["at"], act["record"], frozenset(one for one in named if one)))
    return heads


def _granted(declarations: Declarations, acts: Iterable[Act]) -> list[Grant]:
    grants: list[Grant] = []
    record: Record | None = None
    for act in fold.in_order(declarations, acts):
        record = fold.apply(declarations, record, act)
        grant = Grant(
            act["at"],
            tuple(record.get("posts") or ()),
            tuple(_prefixed("place:", record.get("places"))),
            tuple(_prefixed("unit:", record.get("units"))),
            bool(record.get("active")),
        )
        if grants and grants[-1].at == grant.at:
            grants.pop()
        if not grants or grants[-1].says() != grant.says():
            grants.append(grant)
    return grants


def _prefixed(prefix: str, names: list[str] | None) -> list[str]:
    return [name if name.startswith(prefix) else prefix + name for name in names or ()]


@dataclass(frozen=True)
class Reference:
    """A consistent snapshot of the reference data at `seq`; a change makes a new one."""

    seq: int
    records: dict[str, Record]
    grants: dict[str, list[Grant]]
    settings: dict[str, Any]
    calendar: dict[str, Any]
    scoped: frozenset[str] = frozenset()  # of access.Rights
    _above: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    _holding: dict[str, list[Record]] = field(default_factory=dict, compare=False)
    _rights: dict[tuple[str, int], Rights] = field(default_factory=dict, compare=False)
    _lengths: dict[str, int] = field(default_factory=dict, compare=False)

    def rights(self, person: str, at: int, tolerance: int = 0) -> Rights:
        """Return the rights of a person at `at` (ms).

        An act may be up to `tolerance` ms older than the first grant: a tablet's clock may be
        behind on a new colleague's first day.
        """
        grants = self.grants.get(person, [])
        index = len(grants)
        if grants and grants[-1].at > at:
            index = bisect_right(grants, at, key=attrgetter("at"))
        if index == 0 and grants and grants[0].at <= at + tolerance:
            index = 1
        if index == 0:
            return Rights(person)
        rights = self._rights.get((person, index))
        if rights is None:
            grant = grants[index - 1]
            posts, places, units = map(frozenset, (grant.posts, grant.places, grant.units))
            scoped = self.scoped
            rights = Rights(person, posts, places, units, grant.active, grant.at, scoped)
            self._rights[person, index] = rights
        return rights

    def knows(self, identifier: str) -> bool:
        """Say whether there is such a person or place."""
        return identifier in self.records

    def ever_held(self, person: str) -> frozenset[str]:
        """Return every channel that a person held at any time."""
        grants = self.grants.get(person, [])
        return frozenset().union(*(self.rights(person, grant.at).channels for grant in grants))

    def ancestors(self, place: str) -> tuple[str, ...]:
        """Return the ids of the places around a place, or units around one; the nearest first."""
        cached = self._above.get(place)
        if cached is None:
            chain: list[str] = []
            around = self.records.get(place, {}).get("inside")
            while around and around not in chain and around != place and len(chain) < FAR_ABOVE:
                chain.append(around)
                around = self.records.get(around, {}).get("inside")
            cached = self._above[place] = tuple(chain)
        return cached

    def people(self) -> list[Record]:
        """Return every person's record, by id."""
        return sorted(
            (record for record in self.records.values() if record["type"] == "person"),
            key=lambda record: str(record["_id"]),
        )

    def holding(self, post: str) -> list[Record]:
        """Return the record of everybody who holds a post, by id."""
        if not self._holding:
            for person in self.people():
                for held in person.get("posts") or ():
                    self._holding.setdefault(held, []).append(person)
        return self._holding.get(post, [])

    def number(self, key: str) -> int:
        """Return a setting as it is; one that the site has not set limits nothing."""
        value = self.settings[key]["value"]
        return NO_LIMIT if value is None else int(value)

    def undo_limit(self) -> int | None:
        """Return how long (ms) an act may be taken back by whoever made it; None for no limit.

        A tablet offers it as long as the setting says; clocks of two devices differ a little.
        """
        if self.settings["undo.offered_for"]["value"] is None:
            return None
        return self.length("undo.offered_for") + self.length("acts.ahead_at_most")

    def length(self, key: str) -> int:
        """Return a setting in ms; 0 when the site has not set it."""
        known = self._lengths.get(key)
        if known is None:
            setting = self.settings[key]
            known = self._lengths[key] = (setting["value"] or 0) * UNITS[setting["unit"]]
        return known


def reference(
    declarations: Declarations,
    seq: int,
    records: Iterable[Record],
    grants: dict[str, list[Grant]],
) -> Reference:
    """Return a snapshot made of records of KINDS and the grants of people.

    What was spoken of and never made is nobody and nowhere.
    """
    by_id = {record["_id"]: record for record in records if record["state"] != "unknown"}
    changed = [record for record in by_id.values() if record["type"] == "setting"]
    years = [record for record in by_id.values() if record["type"] == "calendar"]
    current = settings.with_changes(declarations["settings"], changed)
    calendar = {
        "offset": OFFSET,
        **worktime.hours(current),
        "off": sorted({day for year in years for day in year.get("off") or ()}),
        "work": sorted({day for year in years for day in year.get("work") or ()}),
    }
    return Reference(seq, by_id, grants, current, calendar, access.scoped_posts(declarations))


def stored(connection: sa.Connection, declarations: Declarations, seq: int) -> Reference:
    """Return the snapshot that the database has, as of a seq of reference data."""
    records, columns = tables.records.c, tables.grants.c
    bodies = connection.execute(sa.select(records.body).where(records.type.in_(KINDS))).scalars()
    grants: dict[str, list[Grant]] = {}
    for row in connection.execute(tables.grants.select().order_by(columns.person, columns.at)):
        posts, places, units = map(orjson.loads, (row.posts, row.places, row.units))
        grant = Grant(row.at, tuple(posts), tuple(places), tuple(units), bool(row.active))
        grants.setdefault(row.person, []).append(grant)
    return reference(declarations, seq, map(orjson.loads, bodies), grants)
