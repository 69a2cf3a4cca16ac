"""Recipients of a notice: finds the people behind posts and places. Pure functions.

Told is who is here: active, in charge of the place, and able to open the record, which is hidden
from whom it is about. Where nobody is, the next of the post is told, then who stands above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.acts import access
from server.acts.access import HEAD
from server.acts.reference import HEADS, Reference
from sync.check_act import Declarations, Record
from sync.posts import ABOVE, TOP

OWNER = "owner"
TELLS = re.compile(r"(\w*)@?(?:\{(\w+)\})?")  # owner, a post, {field}, post@{field}, head@{field}
TOLD = "{told}"  # the channel of a kind that whoever is told may open


@dataclass(frozen=True)
class Telling:
    """What it takes to find out who is told of a record; `hides` are people it is hidden from."""

    declarations: Declarations
    reference: Reference
    record: Record
    hides: Iterable[str] = ()
    now: int = 0  # ms
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

    def able(self, people: Iterable[str | None]) -> list[str]:
        """Return those of some people who are here and may open the record."""
        known = (self.reference.records.get(one) for one in people if one)
        return [person["_id"] for person in known if person and self.may_open(person)]

    def heads(self, unit: str) -> list[str]:
        """Return who heads a unit and may be told: its head, else its deputy."""
        record = self.reference.records.get(unit, {})
        return next((able for name in HEADS if (able := self.able([record.get(name)]))), [])

    def holders_at(self, post: str, where: str) -> list[str]:
        """Return the ids of people who hold a post at a place or in a unit, or around it."""
        around = {where, *self.reference.ancestors(where)}
        people = (p for p in self.reference.people() if post in (p.get("posts") or ()))
        able = self.able(person["_id"] for person in people)
        rights = {one: self.reference.rights(one, self.now) for one in able}
        return [one for one in able if around & (rights[one].places | rights[one].units)]

    def holders(self, post: str, *, anywhere: bool = True) -> list[str]:
        """Return the ids of people in a post who may open the record.

        Those who look after its place; when none of them does, everybody in the post, if it may be
        `anywhere`: a rung must reach somebody.
        """
        people = self.reference.people()
        able = [p for p in people if post in (p.get("posts") or ()) and self.may_open(p)]
        near = [person for person in able if self.is_near(person)]
        return [person["_id"] for person in near or (able if anywhere else [])]


def find_recipients(telling: Telling, tell: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return ({person: the post they are told in}, what nobody here holds).

    `tell` are as `sync.declare.Rung` says. An owner who left, moved to another place or may not see
    the record is replaced by the others of their post there. In place of an empty post the one
    above it is told, and so on; in place of a head the deputy, and the heads of the units above.
    The empty one is reported as unfilled either way.
    """
    told: dict[str, str] = {}
    unfilled: list[str] = []
    for name in tell:
        ways = _ways(telling, name)
        post, people = next(ways)
        if not people:
            unfilled.append(name)
            post, people = next(((p, there) for p, there in ways if there), (name, []))
        for person in people:
            told.setdefault(person, post)
    return told, unfilled


def above(post: str) -> Iterator[str]:
    """Yield the posts above one, the nearest first; where there is none, those next to the top."""
    seen = {post}
    while (post := ABOVE.get(post, "")) and post not in seen:
        seen.add(post)
        yield post
    yield from (name for name in TOP if name not in seen)


def next_of(telling: Telling, posts: Iterable[str]) -> tuple[str, str] | None:
    """Return (person, post) of the first who is here in one of the posts or above, or None."""
    for first in posts:
        for post in (first, *above(first)):
            holders = telling.holders(post)
            if holders:
                return holders[0], post
    return None


def _ways(telling: Telling, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (the post they are told in, people): those meant, then those who stand in for them."""
    post, field = TELLS.fullmatch(name).groups()  # type: ignore[union-attr]  # declared: a test
    if not field:
        return _by_post(telling, post)
    if not post:
        return _named_people(telling, name, field)
    if post == HEAD:
        return _by_head(telling, name, field)
    return _by_place(telling, name, post, field)


def _by_post(telling: Telling, name: str) -> Iterator[tuple[str, list[str]]]:
    if name != OWNER:
        yield name, telling.holders(name)
        for post in above(name):
            yield name, telling.holders(post)
        return
    owner = telling.reference.records.get(telling.record.get("owner") or "", {})
    is_here = owner and telling.may_open(owner) and telling.is_near(owner)
    yield OWNER, [owner["_id"]] if is_here else []
    # Who stands in for an owner does what they would have done, on the spot.
    posts = [*(owner.get("posts") or ()), *_makers(telling)]
    for post in dict.fromkeys(post for first in posts for post in (first, *above(first))):
        yield post, telling.holders(post, anywhere=post not in posts)


def _named_people(telling: Telling, name: str, field: str) -> Iterator[tuple[str, list[str]]]:
    """Those whom the record names, then the next of their posts, then who stands above these."""
    people = telling.named(field)
    yield name, telling.able(people)
    records = [telling.reference.records.get(one, {}) for one in people]
    posts = [post for record in records for post in record.get("posts") or ()]
    for first in posts or _makers(telling):
        for post in (first, *above(first)):
            yield post, telling.holders(post)


def _by_head(telling: Telling, name: str, field: str) -> Iterator[tuple[str, list[str]]]:
    """The head of the unit, its deputy, the heads above, at last whoever is at the top."""
    units = telling.named(field)
    yield name, telling.able(telling.reference.records.get(one, {}).get(HEAD) for one in units)
    for unit in units:
        for around in (unit, *telling.reference.ancestors(unit)):
            yield name, telling.heads(around)
    for post in above(HEAD):
        yield post, telling.holders(post)


def _by_place(
    telling: Telling, name: str, post: str, field: str
) -> Iterator[tuple[str, list[str]]]:
    """Who holds the post there, then the posts above there, then the same anywhere."""
    places = telling.named(field)
    yield name, [one for where in places for one in telling.holders_at(post, where)]
    for one in above(post):
        yield one, [person for where in places for person in telling.holders_at(one, where)]
    for one in (post, *above(post)):
        yield one, telling.holders(one)


def _makers(telling: Telling) -> list[str]:
    """Return the posts that make records of the kind, the first ones of the floor first."""
    kind = telling.record["type"] + "."
    acts = telling.declarations["acts"].items()
    posts = [
        p for name, act in acts if name.startswith(kind) and act["creates"] for p in act["who"]
    ]
    return list(dict.fromkeys(posts))[:1]
