"""Folding: `apply` adds one act to a record, `fold` adds all of them in their one order.

`apply` is pure and total: the same acts give the same record whatever order they arrived in,
because its callers keep to `order`. Twin: service_worker/rules/fold.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import selector
from sync.act import Act
from sync.check_act import RECENT, UNDOABLE, Declarations, Record
from sync.selector import same

Outcome = dict[str, Any]  # of an act: {"reason"}, {"repeat"}, {"was"}, or {}

OWN = ("_id", "_rev", "type", "rungs", "unsettled", "setters", "acts")  # set by no act


def order(declarations: Declarations, act: Act) -> tuple[int, int, str]:
    """Return the sort key of an act in its record: the creating act first, then by moment."""
    declared = declarations["acts"].get(act["act"])
    creates = declared is not None and declared["creates"] and not declared["again"]
    return (0 if creates else 1, act["at"], act["_id"])


def before(declarations: Declarations, one: Act, other: Act) -> bool:
    """Say whether one act comes before another of the same record."""
    return order(declarations, one) < order(declarations, other)


def fold(declarations: Declarations, acts: Iterable[Act]) -> Record | None:
    """Return the record that these acts of one record add up to; None when there are none."""
    record: Record | None = None
    for act in sorted(acts, key=lambda act: order(declarations, act)):
        record = apply(declarations, record, act)
    return record


def apply(declarations: Declarations, record: Record | None, act: Act) -> Record:
    """Return a new record with the act added; an act that does not fit becomes unsettled.

    The reasons are unknown_act, no_record, already_exists, not_now (the guard does not hold),
    changed_meanwhile (somebody else changed the field after `seen`), cannot_undo, not_yours.
    """
    kind, _, verb = act["act"].partition(".")
    new = _shell(kind, act) if record is None else _copy(record)
    outcome = ENGINES.get(verb, _declared)(declarations, new, act)
    if "reason" in outcome:
        new["unsettled"] = [*new["unsettled"], _open_question(act, outcome["reason"])]
    _remember(new, act, outcome)
    _entitle(declarations["records"].get(kind), new)
    return new


def _copy(record: Record) -> Record:
    new = {**record, "setters": dict(record["setters"]), "acts": dict(record["acts"])}
    new.pop("_rev", None)
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


def _remember(record: Record, act: Act, outcome: Outcome) -> None:
    entry: dict[str, Any] = {"id": act["_id"], "act": act["act"], "by": act["by"], "at": act["at"]}
    for name, member in (("was", "was"), ("repeat", "repeat"), ("reason", "unsettled")):
        if name in outcome:
            entry[member] = outcome[name]
    acts = record["acts"]
    recent = [*acts["recent"], entry][-RECENT:]
    acts["recent"] = [_without_was(old) for old in recent[:-UNDOABLE]] + recent[-UNDOABLE:]
    acts["n"] += 1
    acts["last"] = act["_id"]


def _without_was(entry: dict[str, Any]) -> dict[str, Any]:
    if "was" not in entry and "repeat" not in entry:
        return entry
    return {key: value for key, value in entry.items() if key not in ("was", "repeat")}


def _entitle(kind: dict[str, Any] | None, record: Record) -> None:
    names = kind["title"] if kind is not None else ()
    record["title"] = next((record[name] for name in names if record.get(name)), "")


# Acts that features declare


def _declared(declarations: Declarations, record: Record, act: Act) -> Outcome:
    declared = declarations["acts"].get(act["act"])
    if declared is None:
        return {"reason": "unknown_act"}
    exists = record["state"] != "unknown"
    if declared["creates"] and exists and not declared["again"]:
        return {"reason": "already_exists"}
    if not declared["creates"] and not exists:
        return {"reason": "no_record"}
    if exists:
        if _says_what_holds(declared, record, act):
            return {"repeat": _names_said(declarations, declared, record, act)}
        if declared["when"] is not None and not selector.declared(declared["when"])(record):
            return {"reason": "not_now"}
        if _changed_meanwhile(record, act):
            return {"reason": "changed_meanwhile"}
    return {"was": _take_effect(declarations, declared, record, act)}


def _says_what_holds(declared: dict[str, Any], record: Record, act: Act) -> bool:
    if declared["adds"] or (declared["takes_over"] and record.get("owner") != act["by"]):
        return False
    told = [*declared["sets"].items(), *act["data"].items()]
    if not told and not declared["stamps"]:
        return False
    return all(same(record.get(name), value) for name, value in told) and all(
        name in record for name in declared["stamps"]
    )


def _names_said(
    declarations: Declarations, declared: dict[str, Any], record: Record, act: Act
) -> list[str]:
    names = [*declared["sets"], *declared["stamps"], *declared["signs"], *act["data"]]
    if declared["creates"]:  # had it come first, it would have made the record
        names += {"state": 0, **declarations["records"][record["type"]]["starts_as"], "owner": 0}
    return names


def _changed_meanwhile(record: Record, act: Act) -> bool:
    recent = [entry["id"] for entry in record["acts"]["recent"]]
    for name, value in act["data"].items():
        setter = record["setters"].get(name)
        if setter is None or setter[1] == act["by"] or same(record.get(name), value):
            continue
        if _is_later(setter[0], act.get("seen"), recent):
            return True
    return False


def _is_later(setter: str, seen: str | None, recent: list[str]) -> bool:
    """Say whether a field was set after what the author had seen.

    The history's order decides where it reaches: an act's id is as old as the form it was entered
    in.
    """
    if seen is None:
        return True
    if seen in recent and setter in recent:
        return recent.index(setter) > recent.index(seen)
    return setter > seen


def _take_effect(
    declarations: Declarations,
    declared: dict[str, Any],
    record: Record,
    act: Act,
    *,
    decided: bool = False,
) -> dict[str, Any]:
    """Set what the act sets; return {field: previous value}, None for none.

    The first stamp stays, unless somebody decided that this act holds.
    """
    effect: dict[str, Any] = {}
    born = record["state"] == "unknown"
    if born:
        kind = declarations["records"][record["type"]]
        effect.update({"state": "open", **kind["starts_as"]})
        record["opened_at"] = act["at"]
        record["acts"]["first"] = act["_id"]
    effect.update(declared["sets"])
    for name in declared["stamps"]:
        if decided or name not in record:
            effect[name] = act["at"]
    for name in declared["signs"]:
        if decided or name not in record:
            effect[name] = act["by"]
    for name, count in declared["adds"].items():
        effect[name] = record.get(name, 0) + count
    effect.update(act["data"])
    if born or declared["takes_over"]:
        effect["owner"] = act["by"]
    # What created a record is taken back as a whole; what may be said again, field by field.
    was = {} if born and not declared["again"] else {name: record.get(name) for name in effect}
    for name, value in effect.items():
        _set(record, name, value, act["_id"], act["by"])
    return was


def _set(record: Record, name: str, value: Any, act: str, by: str) -> None:
    if name in OWN:
        return
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value
    record["setters"][name] = [act, by]


# Acts that every record knows


def _undone(declarations: Declarations, record: Record, act: Act) -> Outcome:
    return _take_back(declarations, record, act, decided=False)


def _take_back(declarations: Declarations, record: Record, act: Act, *, decided: bool) -> Outcome:
    """Withdraw an act that waits for a decision, or reverse one that took effect."""
    target = act["data"]["undoes"]
    question = next((q for q in record["unsettled"] if q["act"] == target), None)
    entry = next((e for e in record["acts"]["recent"] if e["id"] == target), None)
    theirs = question or entry
    if theirs is None:
        return {"reason": "cannot_undo"}
    if entry is not None and entry.get("undone"):
        return {"repeat": []}
    if theirs["by"] != act["by"] and not decided:
        return {"reason": "not_yours"}
    if question is not None:
        record["unsettled"] = [q for q in record["unsettled"] if q["act"] != target]
    elif entry is not None and "was" in entry:
        reason = _reverse(declarations, record, entry, act, decided=decided)
        if reason is not None:
            return {"reason": reason}
    elif entry is not None and "repeat" not in entry:
        return {"reason": "cannot_undo"}
    record["acts"]["recent"] = [
        {**past, "undone": True} if past["id"] == target else past
        for past in record["acts"]["recent"]
    ]
    return {}


def _reverse(
    declarations: Declarations, record: Record, entry: dict[str, Any], act: Act, *, decided: bool
) -> str | None:
    if not _undoable(declarations, entry):
        return "cannot_undo"
    recent = record["acts"]["recent"]
    if entry["id"] == record["acts"]["first"] and not entry["was"]:
        # It made the record: there is nothing to go back to, and nobody else's work to lose.
        others = (past for past in recent if past["by"] != act["by"] and not past.get("undone"))
        if not decided and any("was" in past and _undoable(declarations, past) for past in others):
            return "changed_meanwhile"
        _set(record, "state", "undone", act["_id"], act["by"])
        return None
    later = any(record["setters"].get(name, [None])[0] != entry["id"] for name in entry["was"])
    if later and not decided:
        return "changed_meanwhile"
    heirs: dict[str, dict[str, Any]] = {}
    for name, value in entry["was"].items():
        heir = None if later else _heir(recent, entry, name)
        if heir is None:
            _set(record, name, value, act["_id"], act["by"])
        else:
            _set(record, name, _held_by(declarations, record, heir, name), heir["id"], heir["by"])
            heirs.setdefault(heir["id"], {})[name] = value
    record["acts"]["recent"] = [
        {**past, "was": {**past.get("was", {}), **heirs[past["id"]]}}
        if past["id"] in heirs
        else past
        for past in recent
    ]
    return None


def _heir(recent: list[dict[str, Any]], entry: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return the first later act that set a field to the same value and is not undone."""
    since = [past["id"] for past in recent].index(entry["id"]) + 1
    for past in recent[since:]:
        if name in past.get("repeat", ()) and not past.get("undone"):
            return past
    return None


def _held_by(declarations: Declarations, record: Record, heir: dict[str, Any], name: str) -> Any:
    """Return a field's value by the heir's act: a stamp has the heir's moment or person."""
    declared = declarations["acts"].get(heir["act"], {"stamps": (), "signs": ()})
    if name in declared["stamps"]:
        return heir["at"]
    return heir["by"] if name in declared["signs"] else record.get(name)


def _undoable(declarations: Declarations, entry: dict[str, Any]) -> bool:
    declared = declarations["acts"].get(entry["act"])
    return declared is None or bool(declared["undo"])


def _decided(declarations: Declarations, record: Record, act: Act) -> Outcome:
    about = act["data"]["about"]
    question = next((q for q in record["unsettled"] if q["act"] == about), None)
    if question is None:
        return {"repeat": []}
    keep = act["data"]["choice"] == "keep"
    if not keep and question["reason"] == "no_record" and record["state"] == "unknown":
        return {"repeat": []}  # a decision makes no record: the question waits for what does
    record["unsettled"] = [q for q in record["unsettled"] if q["act"] != about]
    if keep:
        return {}
    meant = {**act, "at": question["at"], "by": question["by"], "data": question["data"]}
    verb = question["name"].partition(".")[2]
    if verb == "edited":
        field = question["data"]["field"]
        was = {field: record.get(field)}
        _set(record, field, question["data"]["new"], act["_id"], question["by"])
        return {"was": was}
    if verb == "undone":  # what is too old to be undone stays as it is
        _take_back(declarations, record, meant, decided=True)
        return {}
    declared = declarations["acts"].get(question["name"])
    if declared is None:
        return {}
    return {"was": _take_effect(declarations, declared, record, meant, decided=True)}


def _edited(declarations: Declarations, record: Record, act: Act) -> Outcome:
    if record["state"] == "unknown":
        return {"reason": "no_record"}
    field, new = act["data"]["field"], act["data"]["new"]
    current = record.get(field)
    if same(current, new):
        return {"repeat": [field]}
    if not same(current, act["data"].get("old")):
        setter = record["setters"].get(field)
        if setter is None or setter[1] != act["by"]:
            return {"reason": "changed_meanwhile"}
    _set(record, field, new, act["_id"], act["by"])
    return {"was": {field: current}}


def _rung_reached(declarations: Declarations, record: Record, act: Act) -> Outcome:
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    stands = (step for step in climbed if "annulled_at" not in step)
    if any(step["rung"] == data["rung"] and step["due_at"] == data["due_at"] for step in stands):
        return {"repeat": []}
    step = {"at": act["at"], **{key: data[key] for key in sorted(data) if key != "ladder"}}
    record["rungs"] = {**record["rungs"], data["ladder"]: [*climbed, step]}
    return {}


def _rung_annulled(declarations: Declarations, record: Record, act: Act) -> Outcome:
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    stands = [step["rung"] == data["rung"] and "annulled_at" not in step for step in climbed]
    if not any(stands):
        return {"repeat": []}
    proof = data.get("act")
    mended = [
        {**step, "annulled_at": act["at"], "annulled_by": proof} if standing else step
        for step, standing in zip(climbed, stands, strict=True)
    ]
    record["rungs"] = {**record["rungs"], data["ladder"]: mended}
    return {}


ENGINES = {
    "undone": _undone,
    "decided": _decided,
    "edited": _edited,
    "rung_reached": _rung_reached,
    "rung_annulled": _rung_annulled,
}
