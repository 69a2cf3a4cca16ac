"""Guards of acts: who may say one, what it rests on, and whose answers it would replace.

Everything is asked of the record and the declarations alone. Twin: service_worker/rules/guards.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import selector
from sync.act import SYSTEM as SYSTEM
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.selector import same

OWN = ("_id", "_rev", "type", "rungs", "unsettled", "setters", "acts", "stated")  # set by no act


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


def stands(declared: dict[str, Any], record: Record, data: dict[str, Any]) -> bool:
    """Say whether what the act rests on is still as its author saw it."""
    return all(same(record.get(name), data.get(name)) for name in declared["rests_on"])


def refused(
    declarations: Declarations, declared: dict[str, Any], record: Record, act: Act
) -> str | None:
    """Return why an act may not take effect on a record, or None; asked anew of a gate's question.

    The reasons are not_now, changed_meanwhile (what it rests on), held.
    """
    if declared["when"] is not None and not selector.declared(declared["when"])(record):
        return "not_now"
    if declared["rests_on"] and not stands(declared, record, act["data"]):
        return "changed_meanwhile"
    if not declarations["records"][record["type"]]["holds"]:
        return None
    return "held" if touches_held(declarations, declared, record, act) else None


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
    effect = {**declared["sets"], **told(declared, act["data"])}
    if decided:
        effect.update(dict.fromkeys(declared["signs"], act["by"]))
    changed = [name for name, value in effect.items() if not same(record.get(name), value)]
    return not {*changed, *declared["adds"]}.isdisjoint(names)


def put(
    declarations: Declarations, record: Record, name: str, value: Any, act: str, by: str
) -> None:
    """Set a field by an act and its person; what rests on it falls when it changes."""
    if name in OWN:
        return
    falls = declarations["records"][record["type"]]["falls"]
    falling = falls[name] if name in falls and not same(record.get(name), value) else ()
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value
    record["setters"][name] = [act, by]
    for fallen in falling:
        if fallen in record:
            put(declarations, record, fallen, None, act, by)


# Answers of others


def changed_meanwhile(record: Record, act: Act, said: Iterable[tuple[str, Any]]) -> bool:
    """Say whether an act would replace what somebody else said and its author had not seen.

    Which answers the author replaces stands in `over`: `seen` names one act, and does not know what
    another tablet said earlier and sent later. Acts without `over` are from older tablets.
    """
    setters, over = record["setters"], act.get("over")
    for name, value in said:
        setter = setters.get(name)
        if setter is None or setter[1] == act["by"] or same(record.get(name), value):
            continue
        if over is None:
            unseen = is_later(record, setter[0], act.get("seen"))
        else:
            unseen = not same(record.get(name), over.get(name))
        if unseen:
            return True
    return False


def over(record: Record, data: dict[str, Any], seen: str | None) -> dict[str, Any]:
    """Return `over` for an act with this data: the values that its author saw and would replace.

    `seen` is the last act that was on the screen; what came after it was not seen.
    """
    replaced: dict[str, Any] = {}
    for name, value in data.items():
        current = record.get(name)
        if current is None or same(current, value) or name not in record["setters"]:
            continue
        if not is_later(record, record["setters"][name][0], seen):
            replaced[name] = current
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
