"""Access rights at a moment: who may record which act, and who is offered which record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sync.act import Act
from sync.check_act import ENGINE, Declarations, Record
from sync.posts import DECIDERS, SYSTEM

ANYBODY = "anybody"
SHARED = ("place:", "person:", "unit:")  # prefixes of ids that are channels when a field holds one

Ancestors = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class Actor:
    """The sender of acts: a person on a device, or the server itself."""

    person: dict[str, Any] | None
    device: str
    system: bool = False

    @property
    def id(self) -> str | None:
        """The person's id."""
        return self.person["_id"] if self.person else None


SYSTEM_ACTOR = Actor(None, "device:server", system=True)


@dataclass(frozen=True)
class Rights:
    """What a person held at a moment (ms): `since` is when they came to hold exactly this."""

    person: str
    posts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    active: bool = False
    since: int = 0
    channels: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", frozenset(self._channels()))

    def _channels(self) -> Iterable[str]:
        """Yield the channels; a person without a post gets only what is addressed to them."""
        if not self.active:
            return
        yield self.person
        if not self.posts:
            return
        yield "all"
        yield from (f"post:{post}" for post in self.posts)
        yield from self.places
        yield from self.units

    def hold(self, *posts: str) -> bool:
        """Say whether the person is active and holds one of the posts."""
        return self.active and not self.posts.isdisjoint(posts)


def may_say(declarations: Declarations, act: Act, rights: Rights) -> str | None:
    """Return the code of why the person may not record a well-formed act at all, or None."""
    if not rights.active:
        return "not_here"
    kind, _, verb = act["act"].partition(".")
    record = declarations["records"][kind]
    if verb in ENGINE:
        who = {
            "undone": (ANYBODY,),
            "decided": deciders(record),
            "edited": tuple(record["editors"]),
            "rung_reached": SYSTEM,
            "rung_annulled": SYSTEM,
        }[verb]
    else:
        who = tuple(declarations["acts"][act["act"]]["who"])
    if ANYBODY in who or rights.hold(*who):
        return None
    return "system_only" if who == SYSTEM else "not_your_post"


def deciders(record: dict[str, Any]) -> tuple[str, ...]:
    """Return the posts that decide the open questions of a declared kind."""
    return tuple(record["deciders"]) or DECIDERS


def too_late_to_undo(
    declarations: Declarations, act: Act, target: Act, rights: Rights, limit: int | None
) -> bool:
    """Say whether an undo comes later than undo is offered (ms), from somebody who decides nothing.

    The moments are those that the devices said: both may have been drawn in alike.
    """
    kind = act["act"].partition(".")[0]
    if limit is None or rights.hold(*deciders(declarations["records"][kind])):
        return False
    at, then = (one["said_at" if "said_at" in one else "at"] for one in (act, target))
    return bool(at - then > limit)


def may_make_in(
    declarations: Declarations, act: Act, rights: Rights, ancestors: Ancestors
) -> str | None:
    """Return why the person may not make a record at its place, or None: it must be in one of
    theirs.
    """
    declared = declarations["records"][act["act"].partition(".")[0]]
    if "{place}" not in declared["channels"]:
        return None
    place = act["data"].get("place")
    if place is None:
        return None  # whether a place is needed is the declaration's affair
    within = rights.places.intersection((place, *ancestors(place)))
    return None if within else "not_your_place"


def may_see(rights: Rights, *channels: Iterable[str]) -> bool:
    """Say whether the person holds one of a record's channels."""
    return any(not rights.channels.isdisjoint(each) for each in channels)


def channels_of(declarations: Declarations, record: Record, ancestors: Ancestors) -> list[str]:
    """Return the channels that a record is offered in, sorted.

    `ancestors` gives the places around a place: whoever looks after one of those is offered it too.
    """
    declared = declarations["records"][record["type"]]
    channels: dict[str, None] = {}
    for name in declared["channels"]:
        if not name.startswith("{"):
            channels[name] = None
            continue
        value = record.get(name[1:-1])
        if isinstance(value, str) and value.startswith(SHARED):
            channels[value] = None
            if value.startswith("place:"):
                channels.update(dict.fromkeys(ancestors(value)))
    # An act came before the one that creates its record: its author alone may see that.
    if record["state"] == "unknown":
        authors = (entry["by"] for entry in (*record["acts"]["recent"], *record["unsettled"]))
        channels.update({by: None for by in authors if by.startswith(SHARED)})
    return sorted(channels)
