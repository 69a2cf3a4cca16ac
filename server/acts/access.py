"""Access rights at a moment: who may record which act, and who is offered which record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson
import sqlalchemy as sa

from server.database.tables import records
from sync import selector
from sync.act import Act
from sync.check_act import ENGINE, Declarations, Record, fields_of
from sync.memoize import memoize
from sync.posts import ADMINS, DECIDERS, SECURITY, SYSTEM

ANYBODY = "anybody"
NOBODY = "[]"  # what stands in a row that is hidden from nobody
SHARED = ("place:", "person:", "unit:")  # prefixes of ids that are channels when a field holds one
KNOWN = ("place", "person")  # kinds of these that are records, and so must exist
HEAD = "head"  # of a unit, where a post could stand
SCOPED = re.compile(r"(\w+)@\{(\w+)\}")  # a post, or HEAD, and the field that says where
ABSENT = "absent:"  # before an id: the channel of nobody, until that record comes into being

Ancestors = Callable[[str], tuple[str, ...]]
Knows = Callable[[str], bool]


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
    units: frozenset[str] = frozenset()  # those they head as well, as `head@<unit>`
    active: bool = False
    since: int = 0
    scoped: frozenset[str] = frozenset()  # posts to which something is offered by where they work
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
        if self.posts <= set(SECURITY):
            return  # whoever looks after accounts sees no patients, wherever they look after them
        yield from self.places
        yield from self.units
        own = [one for one in (*self.places, *self.units) if not one.startswith(HEAD)]
        for post in self.posts & self.scoped:
            yield from (scoped_channel(post, where) for where in own)

    def hold(self, *posts: str) -> bool:
        """Say whether the person is active and holds one of the posts."""
        return self.active and not self.posts.isdisjoint(posts)


def scoped_channel(post: str, where: str) -> str:
    """Return the channel of those who hold a post at a place or in a unit, or who head the unit."""
    return f"{HEAD}@{where}" if post == HEAD else f"post:{post}@{where}"


@memoize
def scoped_posts(declarations: Declarations) -> frozenset[str]:
    """Return the posts to which some kind is offered by the place or unit they are held in."""
    channels = (one for kind in declarations["records"].values() for one in kind["channels"])
    named = (SCOPED.fullmatch(one if isinstance(one, str) else one[0]) for one in channels)
    return frozenset(found[1] for found in named if found) - {HEAD}


def _prefixes(declared: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return what an id must begin with to make a channel of a field."""
    if name == "owner":
        return ("person:",)
    field_ = fields_of(declared).get(name)
    kinds = field_["of"] if field_ is not None else ()
    return tuple(f"{kind}:" for kind in kinds) or SHARED


def may_make(declarations: Declarations, kind: str, rights: Rights) -> bool:
    """Say whether the person may make records of a kind at all."""
    return any(
        ANYBODY in act["who"] or rights.hold(*act["who"])
        for name, act in declarations["acts"].items()
        if act["creates"] and name.partition(".")[0] == kind
    )


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
            "filled": SYSTEM,
            "merged": ADMINS if record["reference"] else deciders(record),
        }[verb]
    else:
        who = declarations["acts"][act["act"]]["who"]
    if ANYBODY in who or rights.hold(*who):
        return None
    return "system_only" if tuple(who) == SYSTEM else "not_your_post"


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
    """Return why the person may not make a record here, or None.

    Its place must be in one of theirs; its units, where the kind says so, must be theirs, headed by
    them, or inside such a one.
    """
    declared = declarations["records"][act["act"].partition(".")[0]]
    for unit in map(act["data"].get, declared["made_within"]):
        around = (unit, *ancestors(unit)) if unit is not None else ()
        theirs = {*around, *(scoped_channel(HEAD, one) for one in around)}
        if theirs and rights.units.isdisjoint(theirs):
            return "not_your_unit"
    if "{place}" not in declared["channels"]:
        return None
    place = act["data"].get("place")
    if place is None:
        return None  # whether a place is needed is the declaration's affair
    within = rights.places.intersection((place, *ancestors(place)))
    return None if within else "not_your_place"


def leads_back(act: Act, ancestors: Ancestors) -> bool:
    """Say whether an act would put a place or unit inside something that lies within it."""
    inside = act["data"].get("inside")
    return isinstance(inside, str) and act["record"] in (inside, *ancestors(inside))


def may_grant(act: Act, rights: Rights, before: Record | None) -> bool:
    """Say whether the person may do this to a person's record, which is `before` now.

    The post of those who look after security is given, taken and touched by them alone: else a
    manager could make themselves an administrator.
    """
    if not act["act"].startswith("person.") or rights.hold(*SECURITY):
        return True
    posts = act["data"].get("posts")
    held = {*((before or {}).get("posts") or ()), *(posts if isinstance(posts, list) else ())}
    return held.isdisjoint(SECURITY)


def may_set(declarations: Declarations, act: Act, rights: Rights) -> bool:
    """Say whether the person may change this setting: some are for SECURITY alone."""
    if not act["act"].startswith("setting."):
        return True
    setting = declarations["settings"].get(act["record"].removeprefix("setting:"))
    return not (setting or {}).get("security") or rights.hold(*SECURITY)


def may_see(rights: Rights, *channels: Iterable[str], hides: str | Iterable[str]) -> bool:
    """Say whether the person holds one of a record's channels, and it is not hidden from them.

    Every way to a record asks this, or the two conditions below in SQL. `hides` as `is_hidden`.
    """
    if is_hidden(hides, rights.person):
        return False
    return any(not rights.channels.isdisjoint(each) for each in channels)


# Whom a record is hidden from: a complaint never reaches whom it is about, nor what came of it


def is_hidden(hides: str | Iterable[str], person: str) -> bool:
    """Say whether a record is hidden from a person; `hides` are ids, or a row's JSON list."""
    if isinstance(hides, str):
        return hides != NOBODY and person in orjson.loads(hides)
    return person in hides


def hidden_from(person: str) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a row of `records` is hidden from a person."""
    named = records.c.hides.contains(orjson.dumps(person).decode(), autoescape=True)
    return sa.and_(records.c.hides != NOBODY, named)


def hiding_channel(person: str) -> str:
    """Return the name under which the hub tells what changed that is hidden from a person."""
    return f"hidden:{person}"


def hides_of(
    declarations: Declarations, record: Record, of_others: Callable[[str], Iterable[str]]
) -> list[str]:
    """Return the ids of the people that a record is hidden from, sorted.

    A field of people, or a link to one, names them. Any other link leads to another record: whom
    that one is hidden from, `of_others(id)` says, and what is about it is hidden from them as well.
    """
    hides: set[str] = set()
    for name, people in hiding_fields(declarations, record["type"]).items():
        if not _hides_now(declarations["records"][record["type"]], name, record):
            continue
        value = record.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                hides |= {each} if people else set(of_others(each))
    return sorted(hides)


def linked_by_hiding(declarations: Declarations, some: Iterable[Record | None]) -> Iterable[str]:
    """Yield the ids of records that hide some records, as far as these lead to others."""
    for record in some:
        for name, people in hiding_fields(declarations, (record or {}).get("type", "")).items():
            value = (record or {}).get(name)
            if not people and isinstance(value, str):
                yield value


def hiding_fields(declarations: Declarations, kind: str) -> dict[str, bool]:
    """Return {field: whether it names people, not records} of those that hide a kind's records."""
    declared = declarations["records"].get(kind)
    return _hiding_fields(declared) if declared is not None else {}


@memoize
def _hiding_fields(declared: dict[str, Any]) -> dict[str, bool]:
    fields = fields_of(declared)
    return {name: _names_people(fields[name]) for name, _when in _hiding(declared)}


def _names_people(field_: dict[str, Any]) -> bool:
    return bool(field_["kind"] == "people" or field_["of"] == ["person"])


def _hiding(declared: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return (field, while what fits) of those that hide a kind's records."""
    return [(one, {}) if isinstance(one, str) else (one[0], one[1]) for one in declared["hides"]]


def _hides_now(declared: dict[str, Any], name: str, record: Record) -> bool:
    return any(name == one and selector.declared(when)(record) for one, when in _hiding(declared))


def named_in(declarations: Declarations, document: Any) -> list[str]:
    """Return the people whom a document, an act or not, would hide a record from."""
    if not isinstance(document, dict) or not isinstance(document.get("data"), dict):
        return []
    data, kind = document["data"], str(document.get("act", "")).partition(".")[0]
    named: set[str] = set()
    for name, people in hiding_fields(declarations, kind).items():
        edits = (data.get("new"), data.get("old")) if data.get("field") == name else ()
        for value in (data.get(name), *edits) if people else ():
            listed = value if isinstance(value, list) else [value]
            named |= {one for one in listed if isinstance(one, str) and one.startswith("person:")}
    return sorted(named)


def channels_of(
    declarations: Declarations,
    record: Record,
    ancestors: Ancestors,
    knows: Knows = lambda identifier: True,
) -> list[str]:
    """Return the channels that a record is offered in, sorted.

    `ancestors` gives the places around a place: whoever looks after one of those is offered it too.
    A field makes a channel of an id of its own kinds alone, and of a place or person only when the
    site `knows` it.
    """
    return sorted({*chain.from_iterable(each_channel(declarations, record, ancestors, knows))})


def each_channel(
    declarations: Declarations, record: Record, ancestors: Ancestors, knows: Knows
) -> Iterator[list[str]]:
    """Yield the channels of `channels_of`, as they come: whoever holds one needs no other."""
    for channel in _declared_channels(declarations["records"][record["type"]]):
        if channel.fits is None or channel.fits(record):
            yield _channels(channel, record, ancestors, knows)
    # An act came before the one that creates its record: its author alone may see that.
    if record["state"] == "unknown":
        authors = (entry["by"] for entry in (*record["acts"]["recent"], *record["unsettled"]))
        yield [by for by in authors if by.startswith(SHARED)]


@dataclass(frozen=True)
class _Channel:
    """A channel as a kind declares it: a name, or the ids of a field, for `post` at these."""

    name: str
    field: str | None
    post: str | None
    prefixes: tuple[str, ...]
    fits: Callable[[Record], bool] | None  # its condition


@memoize
def _declared_channels(declared: dict[str, Any]) -> list[_Channel]:
    channels = []
    for one in declared["channels"]:
        name, condition = (one, None) if isinstance(one, str) else one
        scoped = SCOPED.fullmatch(name)
        field_ = scoped[2] if scoped else name[1:-1] if name.startswith("{") else None
        channels.append(
            _Channel(
                name,
                field_,
                scoped[1] if scoped else None,
                _prefixes(declared, field_) if field_ else (),
                selector.declared(condition) if condition is not None else None,
            )
        )
    return channels


def _channels(channel: _Channel, record: Record, ancestors: Ancestors, knows: Knows) -> list[str]:
    """Return the channels that one declared channel stands for on a record."""
    if channel.field is None:
        return [channel.name]
    found: list[str] = []
    for value in _values(channel.field, record):
        if not value.startswith(channel.prefixes):
            continue
        if channel.post is not None:
            around = (value, *ancestors(value))
            found += [scoped_channel(channel.post, where) for where in around]
        elif value.startswith(KNOWN) and not knows(value):
            found.append(ABSENT + value)
        else:
            found.append(value)
            if value.startswith("place:"):
                found += ancestors(value)
    return found


def _values(name: str, record: Record) -> list[str]:
    """Return the ids in a field, or the people who were told of rungs that stand."""
    if name == "told":
        steps = (step for climbed in record["rungs"].values() for step in climbed)
        return [one for step in steps if "annulled_at" not in step for one in step.get("told", ())]
    value = record.get(name)
    if isinstance(value, str):
        return [value] if value.startswith(SHARED) else []
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, str) and one.startswith(SHARED)]
