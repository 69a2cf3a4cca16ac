"""Guards of acts: who may say one, what it rests on, and whose answers it would replace.

Everything is asked of the record and the declarations alone. Twin: service_worker/rules/guards.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import maps, selector
from sync.act import SYSTEM as SYSTEM
from sync.act import Act
from sync.check_act import Declarations, Record, fields_of
from sync.selector import same

Answered = tuple[Any, list[Any] | None]  # of a key: its value and its setter

# Set by no act.
OWN = frozenset({"_id", "_rev", "type", "rungs", "unsettled", "setters", "acts", "stated"})


# Hands


def may_say(declared: dict[str, Any], known: Record, by: str) -> bool:
    """Say whether an act is this person's to say, by the people that the record names.

    `known` is the record, or the data of the act that makes it. The clock passes.
    """
    if by.startswith(SYSTEM):
        return True
    if by in _people(known, declared["not_by"]):
        return False
    return not declared["only_by"] or by in _people(known, declared["only_by"])


def _people(known: Record, names: list[str]) -> list[Any]:
    found: list[Any] = []
    for name in names:
        value = known.get(name)
        found += value if isinstance(value, list) else [value]
    return found


# What an act rests on


def told(declared: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Return what an act says, without the values that it rests on."""
    if not declared["rests_on"]:
        return data
    return {name: value for name, value in data.items() if name not in declared["rests_on"]}


def said(
    kind: dict[str, Any], declared: dict[str, Any], record: Record, data: dict[str, Any]
) -> dict[str, Any]:
    """Return what an act says, by paths: not what it rests on, nor what was copied at first.

    What a record took from a link is what it was then, whoever makes it or copies it as well, until
    an act names another link. Of a map that is copied twice, keys that are new come with it: what
    was answered there has its item.
    """
    meant = told(declared, data) if declared["rests_on"] else data
    if record["state"] == "unknown" or maps.copied(kind).isdisjoint(meant):
        return maps.answers(kind, meant)
    makes = declared["creates"] and declared["again"]
    kept: dict[str, Any] = {}
    for name, value in meant.items():
        was = record.get(name) if name in maps.copied(kind) else None
        if was is None or (not makes and fields_of(kind)[name]["takes"][0] in meant):
            kept[name] = value
        elif not makes and isinstance(value, dict):
            kept[name] = {key: item for key, item in value.items() if key not in was}
    return maps.answers(kind, kept)


def stands(declared: dict[str, Any], record: Record, data: dict[str, Any]) -> bool:
    """Say whether what the act rests on is still as its author saw it."""
    return all(same(record.get(name), data.get(name)) for name in declared["rests_on"])


def refused(
    declarations: Declarations, declared: dict[str, Any], record: Record, act: Act
) -> str | None:
    """Return why an act may not take effect on a record, or None; asked anew of a gate's question.

    The reasons are not_now, changed_meanwhile (what it rests on), held, incomplete (what the record
    requires, or not all of a map).
    """
    if declared["when"] is not None and not selector.declared(declared["when"])(record):
        return "not_now"
    if declared["rests_on"] and not stands(declared, record, act["data"]):
        return "changed_meanwhile"
    kind = declarations["records"][record["type"]]
    if kind["holds"] and touches_held(declarations, declared, record, act):
        return "held"
    return "incomplete" if maps.missing(kind, declared, record, act["data"]) else None


def held(declarations: Declarations, record: Record) -> list[str]:
    """Return the fields that gates hold: those whose stamps stand and that moved the state."""
    return [
        name
        for stamps, names in declarations["records"][record["type"]]["holds"]
        if all(stamp in record for stamp in stamps)
        for name in names
    ]


def touches_held(
    declarations: Declarations,
    declared: dict[str, Any],
    record: Record,
    act: Act,
    *,
    decided: bool = False,
) -> bool:
    """Say whether an act would change what a gate holds; a decision signs anew."""
    names = held(declarations, record)
    if not names:
        return False
    kind = declarations["records"][record["type"]]
    answered = maps.answers(kind, told(declared, act["data"]))
    effect = {**sets(declared, record, answered), **answered}
    if decided:
        effect.update(dict.fromkeys(declared["signs"], act["by"]))
    changed = [
        path.partition(".")[0]
        for path, value in effect.items()
        if not same(maps.read(record, path), value)
    ]
    return not {*changed, *declared["adds"]}.isdisjoint(names)


def sets(declared: dict[str, Any], record: Record, said: dict[str, Any]) -> dict[str, Any]:
    """Return what an act sets: by what it says itself, too, where it says what stands instead."""
    plain: dict[str, Any] = declared["sets"]
    if not declared.get("instead"):
        return plain
    fits, values = declared["instead"]
    return {**plain, **values} if selector.declared(fits)({**record, **said}) else plain


def put(
    declarations: Declarations, record: Record, name: str, value: Any, act: str, by: str
) -> None:
    """Set a field by an act and its person; what rests on it falls when it changes."""
    if name in OWN:
        return
    falls = name in declarations["records"][record["type"]]["falls"]
    changes = falls and not same(record.get(name), value)
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value
    record["setters"][name] = [act, by]
    if changes:
        _fall(declarations, record, name, act, by)


def put_all(
    declarations: Declarations, record: Record, effect: dict[str, Any], act: str, by: str
) -> None:
    """Set fields by an act and its person, as `put` does each."""
    if declarations["records"][record["type"]]["falls"]:
        for name, value in effect.items():
            put(declarations, record, name, value, act, by)
        return
    setters = record["setters"]
    for name, value in effect.items():
        if name in OWN:
            continue
        if value is None:
            record.pop(name, None)
        else:
            record[name] = value
        setters[name] = [act, by]


def answer_keys(
    declarations: Declarations,
    declared: dict[str, Any],
    record: Record,
    act: Act,
    said: dict[str, Any],
) -> None:
    """Write down what an act says of keys of maps, and that it said what stands there already."""
    if not maps.maps_of(declarations["records"][record["type"]]):
        return
    answered: dict[str, Answered] = {}
    for path, value in said.items():
        if "." in path:
            setter = maps.answered(record, path, value, act, undo=bool(declared["undo"]))
            if setter is not None:
                answered[path] = (value, setter)
    if answered:
        put_keys(declarations, record, answered, act["_id"], act["by"])


def put_keys(
    declarations: Declarations, record: Record, answered: dict[str, Answered], act: str, by: str
) -> None:
    """Set keys of maps, {path: (value, setter)}: each map is written once, whatever rests on it.

    A key without a setter is forgotten. `act` and `by` take what falls.
    """
    written: dict[str, dict[str, Any]] = {}
    for path, (value, setter) in answered.items():
        name, _, key = path.partition(".")
        if not same(maps.read(record, path), value):
            kept = written.get(name)
            if kept is None:
                kept = written[name] = dict(record.get(name, ()))
            if value is None:
                del kept[key]
            else:
                kept[key] = value
        if setter is None:
            record["setters"].pop(path, None)
        else:
            record["setters"][path] = setter
    for name, kept in written.items():
        if kept:
            record[name] = kept
        else:
            del record[name]
        _fall(declarations, record, name, act, by)


def _fall(declarations: Declarations, record: Record, name: str, act: str, by: str) -> None:
    for fallen in declarations["records"][record["type"]]["falls"].get(name, ()):
        if fallen in record:
            put(declarations, record, fallen, None, act, by)


# Answers of others


def changed_meanwhile(record: Record, act: Act, said: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the paths where an act would replace what somebody else said, unseen by its author.

    Which answers the author replaces stands in `over`: `seen` names one act, and does not know what
    another tablet said earlier and sent later. Acts without `over` are from older tablets.
    """
    setters, over, late = record["setters"], act.get("over"), list[str]()
    for path, value in said:
        setter = setters.get(path)
        if setter is None or _is_own(setter, act["by"]):
            continue
        current = maps.read(record, path)
        if same(current, value):
            continue
        if over is None:
            unseen = is_later(record, setter[0], act.get("seen"))
        else:
            unseen = not same(current, over.get(path))
        if unseen:
            late.append(path)
    return late


def is_whole(declared: dict[str, Any], late: list[str]) -> bool:
    """Say whether an act stands or falls as one: whatever does more than answer keys of maps."""
    more = ("sets", "adds", "signs", "takes_over", "gives_to", "gate", "needs_all")
    return (
        any(declared[one] for one in more)
        or not declared["undo"]
        or any("." not in path for path in late)
    )


def _is_own(setter: list[Any], by: str) -> bool:
    """Say whether an answer is this person's alone; others may have said the same of a key."""
    return bool(setter[1] == by) and (len(setter) < 4 or all(one[1] == by for one in setter[3]))


def over(record: Record, data: dict[str, Any], seen: str | None) -> dict[str, Any]:
    """Return `over` for an act with this data: the values that its author saw and would replace.

    `seen` is the last act that was on the screen; what came after it was not seen. An answer of a
    map stands under its path. What makes a record answers with what it sets, too: give it as data.
    """
    replaced: dict[str, Any] = {}
    for name, value in data.items():
        keys = value.items() if isinstance(value, dict) else ()
        for path, item in ((name, value), *((f"{name}.{key}", one) for key, one in keys)):
            current = maps.read(record, path)
            if current is None or same(current, item) or path not in record["setters"]:
                continue
            if not is_later(record, record["setters"][path][0], seen):
                replaced[path] = current
    return replaced


def is_later(record: Record, setter: str, seen: str | None) -> bool:
    """Say whether a field was set after what the author had seen.

    The history's order decides where it reaches: an act's id is as old as the form it was entered
    in, or lies in the future of a clock that is wrong. What the history has forgotten is older
    than what it knows.
    """
    if seen is None:
        return True
    recent = [entry["id"] for entry in record["acts"]["recent"]]
    if seen in recent:
        return setter in recent and recent.index(setter) > recent.index(seen)
    return setter > seen
