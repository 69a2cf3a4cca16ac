"""Recipients of a notice: finds the people behind posts and places. Pure functions.

Told is who is on duty: active, in charge of the place, not away, and able to open the record, which
is hidden from whom it is about. Where nobody is, the next of the post is told, then who stands
above it. Whom a record names is told wherever they are: nobody else can do it for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from server.acts import access
from server.acts.access import HEAD
from server.acts.reference import HEADS, Reference
from sync.check_act import Declarations, Record
from sync.posts import ranks_above

OWNER = "owner"
TELLS = re.compile(r"(\w*)@?(?:\{(\w+)\})?")  # owner, a post, {field}, post@{field}, head@{field}
TOLD = "{told}"  # the channel of a kind that whoever is told may open
Duties = Callable[[Iterable[str]], Mapping[str, bool | None]]  # None: nothing is known


def nothing_known(people: Iterable[str]) -> dict[str, bool | None]:
    """Return that nothing is known of whether people are on duty; see duty.RollCall."""
    return dict.fromkeys(people, None)


@dataclass(frozen=True)
class Way:
    """Some who may be told, in a post; `meant` says whether the rung means them."""

    post: str
    people: list[str]
    meant: bool = False
    anywhere: bool = False  # wherever they are: they are named


@dataclass(frozen=True)
class Telling:
    """What it takes to find out who is told of a record; `hides` are people it is hidden from."""

    declarations: Declarations
    reference: Reference
    record: Record
    hides: Iterable[str] = ()
    now: int = 0  # ms
    duties: Duties = nothing_known
    _channels: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        ancestors = self.reference.ancestors
        names = access.channels_of(self.declarations, self.record, ancestors)
        object.__setattr__(self, "_channels", frozenset(names))

    def may_open(self, person: Record) -> bool:
        """Say whether a person is active, holds a post, and may open the record once told."""
        rights = self.reference.rights(person["_id"], self.now)
        if not rights.active or not rights.posts or access.is_hidden(self.hides, person["_id"]):
            return False
        declared = self.declarations["records"][self.record["type"]]
        return TOLD in declared["channels"] or not rights.channels.isdisjoint(self._channels)

    def is_near(self, person: Record) -> bool:
        """Say whether a person looks after the record's place; yes for a record without one."""
        place = self.record.get("place")
        if not place:
            return True
        around = {place, *self.reference.ancestors(place)}
        return not around.isdisjoint(person.get("places") or ())

    def named(self, field: str) -> list[str]:
        """Return the ids in a field: of people, of a place or of units."""
        value = self.record.get(field)
        return [one for one in (value if isinstance(value, list) else [value]) if one]

    def concerned(self) -> set[str]:
        """Return the ids of the people whom the record is about: no superiors of theirs."""
        fields = self.declarations["records"][self.record["type"]]["concerns"]
        return {one for field in fields for one in self.named(field)}

    def sure(self, people: list[str]) -> list[str]:
        """Return those of some people who are known to be on duty."""
        known = self.duties(people)
        return [one for one in people if known[one]]

    def able(self, people: Iterable[str | None]) -> list[str]:
        """Return those of some people who are here and may open the record."""
        known = (self.reference.records.get(one) for one in people if one)
        return [person["_id"] for person in known if person and self.may_open(person)]

    def heading(self, units: Iterable[str], name: str) -> list[str]:
        """Return the heads, or the deputies, of some units who may be told of others."""
        named = (self.reference.records.get(unit, {}).get(name) for unit in units)
        concerned = self.concerned()
        return [one for one in self.able(named) if one not in concerned]

    def holders_at(self, post: str, where: str) -> list[str]:
        """Return the ids of people who hold a post at a place or in a unit, or around it."""
        around = {where, *self.reference.ancestors(where)}
        able = [person["_id"] for person in self._superiors(post)]
        rights = {one: self.reference.rights(one, self.now) for one in able}
        return [one for one in able if around & (rights[one].places | rights[one].units)]

    def holders(self, post: str) -> list[str]:
        """Return the ids of people in a post who may open the record."""
        return [person["_id"] for person in self._superiors(post)]

    def near(self, people: Iterable[str]) -> list[str]:
        """Return those of some people who look after the record's place."""
        return [one for one in people if self.is_near(self.reference.records[one])]

    def beside(self, post: str) -> list[str]:
        """Return who holds a post, is known to be on duty and may open the record.

        Those who look after its place, else the nearest around it; nobody for one without a place.
        """
        place = self.record.get("place")
        people = self.reference.holding(post)
        for where in (place, *self.reference.ancestors(place)) if place else ():
            there = [one["_id"] for one in people if where in (one.get("places") or ())]
            if able := self.able(self.sure(there)):
                return able
        return []

    def _superiors(self, post: str) -> list[Record]:
        """Return who holds a post and may open the record, but for those it is about."""
        concerned = self.concerned()
        people = self.reference.holding(post)
        return [p for p in people if p["_id"] not in concerned and self.may_open(p)]


def find_recipients(telling: Telling, tell: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return ({person: the post they are told in}, who was meant and is not on duty here).

    `tell` are as `sync.declare.Rung` says. An owner who left, is off duty, moved to another place
    or may not see the record is replaced by the others of their post there. In place of a post that
    is empty, or of which everybody is away, the one above it is told, and so on; in place of a head
    the deputy, and the heads of the units above. If everybody is away, the first of them are told.
    """
    told: dict[str, str] = {}
    unfilled: list[str] = []
    for name in tell:
        way = _first(telling, _ways(telling, name))
        if way is None or not way.meant:
            unfilled.append(name)
        for person in way.people if way is not None else ():
            told.setdefault(person, way.post if way is not None else name)
    return told, unfilled


def _first(telling: Telling, ways: Iterable[Way]) -> Way | None:
    """Return the first way on which somebody is not away, with those alone who are on duty.

    Where nothing is known of any of them, all are told. None: there is nobody at all.
    """
    away: Way | None = None
    for way in ways:
        known = telling.duties(way.people) if not way.anywhere else {}
        here = [one for one in way.people if known.get(one) is not False]
        if here:
            return replace(way, people=[one for one in here if known.get(one)] or here)
        away = away or (replace(way, meant=False) if way.people else None)
    return away


def above(declarations: Declarations, post: str) -> Iterator[str]:
    """Yield the posts above one, the nearest first; where there is none, those of last resort."""
    higher = [*ranks_above(declarations["ranks"], post)]
    yield from higher
    yield from (one for one in declarations["last_resort"] if one not in (post, *higher))


def next_of(telling: Telling, posts: Iterable[str]) -> tuple[str, str] | None:
    """Return (person, post) of the first who is on duty in one of the posts or above, or None."""
    chain = (post for first in posts for post in (first, *above(telling.declarations, first)))
    way = _first(telling, (way for post in chain for way in _of_post(telling, post)))
    return (way.people[0], way.post) if way is not None else None


def _ways(telling: Telling, name: str) -> Iterator[Way]:
    """Yield those who are meant, then those who stand in for them."""
    post, field = TELLS.fullmatch(name).groups()  # type: ignore[union-attr]  # declared: a test
    if not field:
        return _by_owner(telling) if name == OWNER else _by_post(telling, name)
    if not post:
        return _named_people(telling, name, field)
    if post == HEAD:
        return _by_head(telling, name, field)
    return _by_place(telling, name, post, field)


def _of_post(telling: Telling, post: str, called: str = "", meant: bool = False) -> Iterator[Way]:
    """Yield who holds a post near the record's place, then whoever holds it: a rung must reach one.

    They are told in it, or in the post that they are `called` by.
    """
    able = telling.holders(post)
    near = telling.near(able)
    yield Way(called or post, near, meant)
    if len(near) < len(able):
        yield Way(called or post, able, meant and not near)


def _by_post(telling: Telling, name: str) -> Iterator[Way]:
    yield from _of_post(telling, name, meant=True)
    for post in above(telling.declarations, name):
        yield from _of_post(telling, post, name)


def _by_owner(telling: Telling) -> Iterator[Way]:
    owner = telling.reference.records.get(telling.record.get("owner") or "", {})
    is_here = owner and telling.may_open(owner) and telling.is_near(owner)
    meant = [owner["_id"]] if is_here else []
    held = owner.get("posts") or ()
    # A colleague on the spot who is signed in comes before an owner of whom nothing is known.
    if meant and telling.duties(meant)[meant[0]] is None:
        yield from (Way(post, telling.beside(post)) for post in held)
    yield Way(OWNER, meant, meant=True)
    # Who stands in for an owner does what they would have done, on the spot.
    posts = [*held, *_makers(telling)]
    chain = [post for first in posts for post in (first, *above(telling.declarations, first))]
    for post in dict.fromkeys(chain):
        if post in posts:
            yield Way(post, telling.near(telling.holders(post)))
        else:
            yield from _of_post(telling, post)
    for post in posts:
        yield Way(post, telling.holders(post))
    yield Way(OWNER, telling.able([owner.get("_id")]))  # moved elsewhere, and nobody else is here


def _named_people(telling: Telling, name: str, field: str) -> Iterator[Way]:
    """Those whom the record names, then the next of their posts, then who stands above these."""
    people = telling.named(field)
    yield Way(name, telling.able(people), meant=True, anywhere=True)
    records = [telling.reference.records.get(one, {}) for one in people]
    posts = [post for record in records for post in record.get("posts") or ()]
    for first in posts or _makers(telling):
        for post in (first, *above(telling.declarations, first)):
            yield from _of_post(telling, post)


def _by_head(telling: Telling, name: str, field: str) -> Iterator[Way]:
    """The head of the unit, its deputy, the heads above, at last whoever is at the top."""
    units = telling.named(field)
    heads, deputies = (telling.heading(units, one) for one in HEADS)
    # A deputy who is signed in comes before a head of whom nothing is known.
    if heads and not any(one is not None for one in telling.duties(heads).values()):
        yield Way(name, telling.sure(deputies))
    yield Way(name, heads, meant=True)
    for unit in units:
        for around in (unit, *telling.reference.ancestors(unit)):
            yield from (Way(name, telling.heading([around], one)) for one in HEADS)
    for post in above(telling.declarations, HEAD):
        yield from _of_post(telling, post)


def _by_place(telling: Telling, name: str, post: str, field: str) -> Iterator[Way]:
    """Who holds the post there, then the posts above there, then the same anywhere."""
    places = telling.named(field)
    yield Way(name, [one for where in places for one in telling.holders_at(post, where)], True)
    for one in above(telling.declarations, post):
        yield Way(one, [person for where in places for person in telling.holders_at(one, where)])
    for one in (post, *above(telling.declarations, post)):
        yield from _of_post(telling, one)


def _makers(telling: Telling) -> list[str]:
    """Return the posts that make records of the kind, the first ones of the floor first."""
    kind = telling.record["type"] + "."
    acts = telling.declarations["acts"].items()
    posts = [
        p for name, act in acts if name.startswith(kind) and act["creates"] for p in act["who"]
    ]
    return list(dict.fromkeys(posts))[:1]
