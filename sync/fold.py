"""Acts become a record: `apply` adds one act, `fold` adds them all in their one order.

`apply` is pure and total: the same acts give the same record whatever order they came in,
because whoever calls it keeps to `order`. Twin: the second half of service_worker/record.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.act import Act
from sync.record import ENGINE, RECENT, UNDOABLE, Declarations, Record
from sync.selector import matches, same

OWN = ("_id", "_rev", "type", "rungs", "unsettled", "setters", "acts")


def order(declarations: Declarations, act: Act) -> tuple[int, int, str]:
    """Return the place of an act in its record's history: what creates it comes first."""
    declared = declarations["acts"].get(act["act"])
    creates = declared is not None and declared["creates"]
    return (0 if creates else 1, act["at"], act["_id"])


def fold(declarations: Declarations, acts: Iterable[Act]) -> Record | None:
    """Return the record that these acts of one record add up to; None when there are none."""
    record: Record | None = None
    for act in sorted(acts, key=lambda act: order(declarations, act)):
        record = apply(declarations, record, act)
    return record


def apply(declarations: Declarations, record: Record | None, act: Act) -> Record:
    """Return a new record with the act added; an act that does not fit becomes unsettled.

    The reasons are no_record, already_exists, not_now (the guard does not hold),
    changed_meanwhile (somebody else changed the field after `seen`), cannot_undo, not_yours.
    """
    kind, _, verb = act["act"].partition(".")
    new = _copy(record) if record is not None else _shell(kind, act)
    if verb in ENGINE:
        reason, was = ENGINES[verb](declarations, new, act)
    else:
        reason, was = _declared(declarations, new, act)
    if reason == "repeat":
        reason, was = None, None
    if reason is not None:
        new["unsettled"] = [*new["unsettled"], _open_question(act, reason)]
    _remember(new, act, was, reason)
    _name(declarations["records"].get(kind), new)
    return new


def _copy(record: Record) -> Record:
    new = dict(record)
    new.pop("_rev", None)
    new["setters"] = dict(record["setters"])
    new["acts"] = dict(record["acts"])
    return new


def _shell(kind: str, act: Act) -> Record:
    return {
        "_id": act["record"],
        "type": kind,
        "state": "unknown",
        "opened_at": act["at"],
        "title": "",
        "rungs": {},
        "unsettled": [],
        "setters": {},
        "acts": {"n": 0, "first": None, "last": None, "recent": []},
    }


def _open_question(act: Act, reason: str) -> dict[str, Any]:
    return {
        "act": act["_id"],
        "name": act["act"],
        "by": act["by"],
        "at": act["at"],
        "device": act["device"],
        "reason": reason,
        "data": act["data"],
    }


def _remember(record: Record, act: Act, was: dict[str, Any] | None, reason: str | None) -> None:
    entry: dict[str, Any] = {"id": act["_id"], "act": act["act"], "by": act["by"], "at": act["at"]}
    if was is not None:
        entry["was"] = was
    if reason is not None:
        entry["unsettled"] = reason
    acts = record["acts"]
    recent = [*acts["recent"], entry][-RECENT:]
    for old in range(len(recent) - UNDOABLE):
        if "was" in recent[old]:
            recent[old] = {key: value for key, value in recent[old].items() if key != "was"}
    acts["recent"] = recent
    acts["n"] += 1
    acts["last"] = act["_id"]


def _name(declared: dict[str, Any] | None, record: Record) -> None:
    for name in declared["title"] if declared else ():
        if record.get(name):
            record["title"] = record[name]
            return


# Acts that features declare


def _declared(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    declared = declarations["acts"].get(act["act"])
    if declared is None:
        return "unknown_act", None
    exists = record["state"] != "unknown"
    if declared["creates"] and exists and not declared["again"]:
        return "already_exists", None
    if not declared["creates"] and not exists:
        return "no_record", None
    if exists:
        if _says_what_holds(declared, record, act):
            return "repeat", None
        if declared["when"] is not None and not matches(declared["when"], record):
            return "not_now", None
        if _changed_meanwhile(record, act):
            return "changed_meanwhile", None
    return None, _take_effect(declarations, declared, record, act)


def _says_what_holds(declared: dict[str, Any], record: Record, act: Act) -> bool:
    if declared["adds"] or not (declared["sets"] or declared["stamps"] or act["data"]):
        return False
    told = [*declared["sets"].items(), *act["data"].items()]
    return all(same(record.get(name), value) for name, value in told) and all(
        name in record for name in declared["stamps"]
    )


def _changed_meanwhile(record: Record, act: Act) -> bool:
    for name, value in act["data"].items():
        setter = record["setters"].get(name)
        if setter is None or setter[1] == act["by"] or same(record.get(name), value):
            continue
        if setter[0] > (act["seen"] or ""):
            return True
    return False


def _take_effect(
    declarations: Declarations, declared: dict[str, Any], record: Record, act: Act
) -> dict[str, Any]:
    """Set what the act sets; return what was there before, None for nothing."""
    effect: dict[str, Any] = {}
    born = record["state"] == "unknown"
    if born:
        kind = declarations["records"][record["type"]]
        effect.update({"state": "open", **kind["starts_as"]})
        record["opened_at"] = act["at"]
        record["acts"]["first"] = act["_id"]
    effect.update(declared["sets"])
    for name in declared["stamps"]:
        if name not in record:
            effect[name] = act["at"]
    for name in declared["signs"]:
        if name not in record:
            effect[name] = act["by"]
    for name, count in declared["adds"].items():
        effect[name] = record.get(name, 0) + count
    effect.update(act["data"])
    if born or declared["takes_over"]:
        effect["owner"] = act["by"]
    was = {} if born else {name: record.get(name) for name in effect}
    for name, value in effect.items():
        _set(record, name, value, act)
    return was


def _set(record: Record, name: str, value: Any, act: Act) -> None:
    if name in OWN:
        return
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value
    record["setters"][name] = [act["_id"], act["by"]]


# Acts that every record knows


def _undone(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    target = act["data"]["undoes"]
    if any(question["act"] == target for question in record["unsettled"]):
        record["unsettled"] = [q for q in record["unsettled"] if q["act"] != target]
        return None, None
    entry = next((e for e in record["acts"]["recent"] if e["id"] == target), None)
    if entry is None or "was" not in entry:
        return "cannot_undo", None
    if entry.get("undone"):
        return "repeat", None
    if entry["by"] != act["by"]:
        return "not_yours", None
    if target == record["acts"]["first"]:  # it made the record: there is nothing to go back to
        _set(record, "state", "undone", act)
    else:
        if any(record["setters"].get(name, [None])[0] != target for name in entry["was"]):
            return "changed_meanwhile", None
        for name, value in entry["was"].items():
            _set(record, name, value, act)
    record["acts"]["recent"] = [
        {**e, "undone": True} if e["id"] == target else e for e in record["acts"]["recent"]
    ]
    return None, None


def _decided(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    about = act["data"]["about"]
    question = next((q for q in record["unsettled"] if q["act"] == about), None)
    if question is None:
        return "repeat", None
    record["unsettled"] = [q for q in record["unsettled"] if q["act"] != about]
    if act["data"]["choice"] == "keep":
        return None, None
    meant = {**act, "at": question["at"], "by": question["by"], "data": question["data"]}
    _, _, verb = question["name"].partition(".")
    if verb == "edited":
        old = record.get(question["data"]["field"])
        _set(record, question["data"]["field"], question["data"]["new"], meant)
        return None, {question["data"]["field"]: old}
    declared = declarations["acts"].get(question["name"])
    if declared is None:
        return None, None
    for name in declared["stamps"]:
        record.pop(name, None)
    return None, _take_effect(declarations, declared, record, meant)


def _edited(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    if record["state"] == "unknown":
        return "no_record", None
    name, new = act["data"]["field"], act["data"]["new"]
    current = record.get(name)
    if same(current, new):
        return "repeat", None
    if not same(current, act["data"].get("old")):
        setter = record["setters"].get(name)
        if setter is None or setter[1] != act["by"]:
            return "changed_meanwhile", None
    _set(record, name, new, act)
    return None, {name: current}


def _rung_reached(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    if any(step["rung"] == data["rung"] and step["due_at"] == data["due_at"] for step in climbed):
        return "repeat", None
    step = {"at": act["at"], **{key: data[key] for key in sorted(data) if key != "ladder"}}
    record["rungs"] = {**record["rungs"], data["ladder"]: [*climbed, step]}
    return None, None


def _rung_annulled(
    declarations: Declarations, record: Record, act: Act
) -> tuple[str | None, dict[str, Any] | None]:
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    mended = [
        {**step, "annulled_at": act["at"], "annulled_by": data.get("act")}
        if step["rung"] == data["rung"] and "annulled_at" not in step
        else step
        for step in climbed
    ]
    record["rungs"] = {**record["rungs"], data["ladder"]: mended}
    return None, None


ENGINES = {
    "undone": _undone,
    "decided": _decided,
    "edited": _edited,
    "rung_reached": _rung_reached,
    "rung_annulled": _rung_annulled,
}
