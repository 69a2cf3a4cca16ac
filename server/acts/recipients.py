"""Recipients of a notice: finds the people behind posts and places. Pure functions.

Told is who is here: active, in charge of the place, and able to open the record, which is hidden
from whom it is about. Where nobody is, the next of the post is told, then who stands above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.acts import access
from server.acts.reference import Reference
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

    `tell` are posts, or "owner" for the record's owner. An owner who left, moved to another place
    or may not see the record is replaced by the others of their post there. In place of an empty
    post the one above it is told, and so on; the empty one is reported as unfilled either way.
    """
    told: dict[str, str] = {}
    unfilled: list[str] = []
    for name in tell:
        recipients, posts = _direct(telling, name)
        if not recipients:
            unfilled.append(name)
            chain = dict.fromkeys(post for first in posts for post in (first, *above(first)))
            # Who stands in for an owner does what they would have done, on the spot.
            spot = posts if name == OWNER else []
            found = ((post, telling.holders(post, anywhere=post not in spot)) for post in chain)
            post, recipients = next(((p, there) for p, there in found if there), (name, []))
            name = post if name == OWNER else name
        for person in recipients:
            told.setdefault(person, name)
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


def _direct(telling: Telling, name: str) -> tuple[list[str], list[str]]:
    """Return the people meant, and the posts to look in when there are none."""
    if name != OWNER:
        return telling.holders(name), [name]
    owner = telling.reference.records.get(telling.record.get("owner") or "", {})
    if owner and telling.may_open(owner) and telling.is_near(owner):
        return [owner["_id"]], []
    return [], [*(owner.get("posts") or ()), *_makers(telling)]


def _makers(telling: Telling) -> list[str]:
    """Return the posts that make records of the kind, the first ones of the floor first."""
    kind = telling.record["type"] + "."
    acts = telling.declarations["acts"].items()
    posts = [
        p for name, act in acts if name.startswith(kind) and act["creates"] for p in act["who"]
    ]
    return list(dict.fromkeys(posts))[:1]
