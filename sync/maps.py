"""Maps: fields that are kept key by key, each key with a setter of its own in `setters`.

A path is a field's name, or a map's and a key's (`ticks.floor`). The setter of a key is `[act, by,
was, also]`, what says nothing at its end left out: `was` is `[value, by, act]`, what the answer
replaced, null for nothing, false where it may not be taken back; `also` are the `[act, by]` of
others who said the same. So a key may be taken back at any age, and costs little until somebody
answers over an answer. Twin: service_worker/rules/maps.js.
"""

from __future__ import annotations

from typing import Any

from sync.act import Act
from sync.check_act import fields_of, is_empty
from sync.field_kinds import MAPS
from sync.memoize import memoize
from sync.selector import declared as fitting
from sync.selector import same

Kind = dict[str, Any]  # a declared kind of record, as JSON
Record = dict[str, Any]
Setter = list[Any]


@memoize
def maps_of(kind: Kind) -> frozenset[str]:
    """Return the fields of a kind that are kept key by key."""
    return frozenset(field["name"] for field in kind["fields"] if field["kind"] in MAPS)


@memoize
def copied(kind: Kind) -> frozenset[str]:
    """Return the fields of a kind that are copied from a link when a record is made."""
    return frozenset(field["name"] for field in kind["fields"] if field["takes"])


def read(record: Record, path: str) -> Any:
    """Return the value at a path, None for none."""
    if "." not in path:
        return record.get(path)
    name, _, key = path.partition(".")
    return (record.get(name) or {}).get(key)


def answers(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    """Return what data says by paths, each key of its maps for itself."""
    maps = maps_of(kind)
    if maps.isdisjoint(data):
        return data
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name in maps:
            found.update((f"{name}.{key}", item) for key, item in (value or {}).items())
        else:
            found[name] = value
    return found


def nested(said: dict[str, Any]) -> dict[str, Any]:
    """Return data that says what stands by paths: the way back of `answers`."""
    data: dict[str, Any] = {}
    for path, value in said.items():
        name, dot, key = path.partition(".")
        if dot:
            data.setdefault(name, {})[key] = value
        else:
            data[name] = value
    return data


# Setters of keys


def answered(record: Record, path: str, value: Any, act: Act, *, undo: bool) -> Setter | None:
    """Return the setter of a key once an act says a value there; None to leave it as it is.

    Whoever says what stands there already is written down with who said it first, once.
    """
    old, setter = read(record, path), record["setters"].get(path)
    if not same(old, value):
        was = None if old is None or setter is None else [old, setter[1], setter[0]]
        return _setter(act["_id"], act["by"], was if undo else False, [])
    if setter is None:
        return None
    first, by, was, also = _parts(setter)
    if act["by"] in (by, *(other[1] for other in also)):
        return None
    return _setter(first, by, was, [*also, [act["_id"], act["by"]]])


def answered_by(record: Record, act: str) -> dict[str, str]:
    """Return {path: who said it} of the keys that an act answered, alone or among others.

    An act of any age is looked for, so all setters are; only an undo asks.
    """
    found = {}
    for path, setter in record["setters"].items():
        if "." in path:
            first, by, was, also = _parts(setter)
            for one, person in ([first, by], *also, [was[2], was[1]] if was else [None, None]):
                if one == act:
                    found[path] = person
    return found


def taken_back(record: Record, path: str, act: str) -> tuple[Any, Setter | None]:
    """Return (value, setter) of a key without an act; None for a key that nobody answered.

    It goes to whoever said the same, else back to what was there before.
    """
    value, (first, by, was, also) = read(record, path), _parts(record["setters"][path])
    if first != act:
        if was and was[2] == act:
            was = None
        return value, _setter(first, by, was, [other for other in also if other[0] != act])
    if also:
        return value, _setter(also[0][0], also[0][1], was, also[1:])
    return (was[0], [was[2], was[1]]) if was else (None, None)


def may_be_taken_back(record: Record, path: str, act: str) -> bool:
    """Say whether the act's answer at a path is not one for good."""
    first, _, was, _ = _parts(record["setters"][path])
    return first != act or was is not False


def _parts(setter: Setter) -> Setter:
    return [*setter, *(None, [])[len(setter) - 2 :]]


def _setter(act: Any, by: Any, was: Any, also: list[Any]) -> Setter:
    if also:
        return [act, by, was, also]
    return [act, by] if was is None else [act, by, was]


# What a form still lacks


def missing(
    kind: Kind, declared: dict[str, Any], record: Record, data: dict[str, Any]
) -> list[str]:
    """Return the paths that an act must still answer, seen over its record.

    Forms and the fold ask alike: a field may be required by what the record says, and an act may
    need every item of a map, where that is shown. A map whose items are not known yet lacks as a
    whole.
    """
    some, needs_all = _required_by_some(kind), declared["needs_all"]
    asked = [name for name in declared["asks"] if name in some] if some else []
    if not asked and not needs_all:
        return []
    laid, fields = beneath(kind, record, data), fields_of(kind)
    found = []
    for name in asked:
        field = fields[name]
        shown = field["shown_when"] is None or fitting(field["shown_when"])(laid)
        if shown and is_empty(laid.get(name)) and fitting(field["required"])(laid):
            found.append(name)
    for name in needs_all:
        when = fields[name]["shown_when"]
        if when is not None and not fitting(when)(laid):
            continue
        items, said = items_of(fields[name], laid), laid.get(name, {})
        found += [f"{name}.{item}" for item in items if item not in said] if items else [name]
        found += _unexplained(kind, name, laid)
    return found


def _unexplained(kind: Kind, name: str, laid: Record) -> list[str]:
    """Return the paths of reasons that lack: of items that are answered so that one is asked."""
    return [
        f"{field['name']}.{item}"
        for field in kind["fields"]
        if field["explains"] and field["explains"][0] == name
        for item, answer in laid.get(name, {}).items()
        if answer == field["explains"][1] and not laid.get(field["name"], {}).get(item)
    ]


def items_of(field: dict[str, Any], record: Record) -> list[str]:
    """Return the keys of a map that are to be answered: as declared, or as the record has them."""
    return [row[0] for row in field["rows"]] or list(record.get(field["items"]) or ())


def beneath(kind: Kind, record: Record, data: dict[str, Any]) -> Record:
    """Return the record with the data of a form or act laid over it, maps key by key."""
    laid = dict(record)
    for name, value in data.items():
        if name in maps_of(kind):
            value = {**record.get(name, {}), **(value or {})}
            laid[name] = {key: item for key, item in value.items() if item is not None}
        else:
            laid[name] = value
    return {name: value for name, value in laid.items() if not is_empty(value)}


@memoize
def _required_by_some(kind: Kind) -> frozenset[str]:
    """Return the fields that only some records require."""
    return frozenset(one["name"] for one in kind["fields"] if isinstance(one["required"], dict))
