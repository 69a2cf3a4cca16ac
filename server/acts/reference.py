"""What rights and clocks are read from: people and their grants, places, settings, calendars."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from server.acts.access import Rights
from sync import fold, settings
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.worktime import UNITS

KINDS = ("person", "place", "setting", "calendar")
# The parts of a calendar that no record of a year says: Chinese time, Monday to Friday, 18:00.
WEEK = {"offset": 480, "closes": 18 * 60, "week": [1, 1, 1, 1, 1, 0, 0]}
FAR_ABOVE = 20  # places inside places; more is a circle


@dataclass(frozen=True, order=True)
class Grant:
    """What a person held from a moment on."""

    at: int
    posts: tuple[str, ...]
    places: tuple[str, ...]
    units: tuple[str, ...]
    active: bool

    def says(self) -> tuple[object, ...]:
        """Everything but the moment."""
        return (self.posts, self.places, self.units, self.active)


def grants_of(declarations: Declarations, acts: Iterable[Act]) -> list[Grant]:
    """Return what a person held over time, from all acts of their record."""
    found: list[Grant] = []
    record: Record | None = None
    for act in sorted(acts, key=lambda act: fold.order(declarations, act)):
        record = fold.apply(declarations, record, act)
        grant = Grant(
            act["at"],
            tuple(record.get("posts") or ()),
            tuple(_prefixed("place:", record.get("places"))),
            tuple(_prefixed("unit:", record.get("units"))),
            bool(record.get("active")),
        )
        if found and found[-1].at == grant.at:
            found.pop()
        if not found or found[-1].says() != grant.says():
            found.append(grant)
    return found


def _prefixed(prefix: str, names: list[str] | None) -> list[str]:
    return [name if name.startswith(prefix) else prefix + name for name in names or ()]


@dataclass(frozen=True)
class Reference:
    """One consistent reading of the reference data; a change makes a new one."""

    seq: int
    records: dict[str, Record]
    grants: dict[str, list[Grant]]
    settings: dict[str, Any]
    calendar: dict[str, Any]
    _above: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    _rights: dict[tuple[str, Grant], Rights] = field(default_factory=dict, compare=False)

    def rights(self, person: str, at: int, tolerance: int = 0) -> Rights:
        """Return what a person held at `at`; `tolerance` ms helps the clock of their first day."""
        grants = self.grants.get(person, [])
        index = bisect_right([grant.at for grant in grants], at)
        if index == 0 and grants and grants[0].at <= at + tolerance:
            index = 1
        if index == 0:
            return Rights(person)
        grant = grants[index - 1]
        known = self._rights.get((person, grant))
        if known is None:
            posts, places, units = map(frozenset, (grant.posts, grant.places, grant.units))
            known = Rights(person, posts, places, units, grant.active, grant.at)
            self._rights[person, grant] = known
        return known

    def ancestors(self, place: str) -> tuple[str, ...]:
        """Return the places around a place, the nearest first."""
        known = self._above.get(place)
        if known is None:
            chain: list[str] = []
            around = self.records.get(place, {}).get("inside")
            while around and around not in chain and around != place and len(chain) < FAR_ABOVE:
                chain.append(around)
                around = self.records.get(around, {}).get("inside")
            known = self._above[place] = tuple(chain)
        return known

    def people(self) -> list[Record]:
        """Return every person, by id."""
        return sorted(
            (record for record in self.records.values() if record["type"] == "person"),
            key=lambda record: str(record["_id"]),
        )

    def length(self, key: str) -> int:
        """Return a setting in milliseconds; 0 when the site has not set it."""
        setting = self.settings[key]
        return (setting["value"] or 0) * UNITS[setting["unit"]]


def reference(
    declarations: Declarations,
    seq: int,
    records: Iterable[Record],
    grants: dict[str, list[Grant]],
) -> Reference:
    """Return a reading made of records of KINDS and the grants of people."""
    by_id = {record["_id"]: record for record in records}
    changed = [record for record in by_id.values() if record["type"] == "setting"]
    years = [record for record in by_id.values() if record["type"] == "calendar"]
    calendar = {
        **WEEK,
        "off": sorted({day for year in years for day in year.get("off") or ()}),
        "work": sorted({day for year in years for day in year.get("work") or ()}),
    }
    current = settings.with_changes(declarations["settings"], changed)
    return Reference(seq, by_id, grants, current, calendar)
