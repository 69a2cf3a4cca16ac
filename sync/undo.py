"""Taking back: an act that waits for a decision is withdrawn, one that took effect is reversed.

Twin: service_worker/rules/undo.js.
"""

from __future__ import annotations

from typing import Any

from sync import maps
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.guards import held, put, put_keys
from sync.selector import same

Outcome = dict[str, Any]  # of an act: {"reason"}, {"repeat"}, or {}


def take_back(declarations: Declarations, record: Record, act: Act, *, decided: bool) -> Outcome:
    """Withdraw an act that waits for a decision, reverse one that took effect; both, if in part.

    Keys of maps remember for themselves what was there: they go back whatever the act's age.
    """
    target = act["data"]["undoes"]
    question = next((q for q in record["unsettled"] if q["act"] == target), None)
    entry = next((e for e in record["acts"]["recent"] if e["id"] == target), None)
    if entry is not None and entry.get("undone"):
        return {"repeat": []}
    kind = declarations["records"].get(record["type"])
    keys = maps.answered_by(record, target) if kind and maps.maps_of(kind) else {}
    theirs = (question or entry or {}).get("by") or next(iter(keys.values()), None)
    if theirs is None:
        return {"reason": "cannot_undo"}
    if theirs != act["by"] and not decided:
        return {"reason": "not_yours"}
    reason = _stays(declarations, record, target, keys)
    if reason is None and entry is not None and "was" in entry:
        reason = _reverse(declarations, record, entry, act, decided=decided)
    elif entry is None or "repeat" not in entry:
        reason = reason or _forgotten(record, target, known=bool(keys) or question is not None)
    if reason is not None:
        return {"reason": reason}
    if question is not None:
        record["unsettled"] = [q for q in record["unsettled"] if q["act"] != target]
    if record["state"] != "undone":
        back = {path: maps.taken_back(record, path, target) for path in keys}
        put_keys(declarations, record, back, act["_id"], act["by"])
    record["acts"]["recent"] = [
        {**past, "undone": True} if past["id"] == target else past
        for past in record["acts"]["recent"]
    ]
    return {}


def _stays(
    declarations: Declarations, record: Record, target: str, keys: dict[str, str]
) -> str | None:
    """Return why the keys that an act answered may not be taken back."""
    if not all(maps.may_be_taken_back(record, path, target) for path in keys):
        return "cannot_undo"
    names = held(declarations, record) if keys else ()
    for path in keys:
        value, _ = maps.taken_back(record, path, target)
        if path.partition(".")[0] in names and not same(value, maps.read(record, path)):
            return "held"
    return None


def _forgotten(record: Record, target: str, *, known: bool) -> str | None:
    """Return why an act is too old to be taken back: it said a field, of which nobody knows what
    was there before; `known` says that it answered keys, or is a question.
    """
    said_more = any(
        setter[0] == target for path, setter in record["setters"].items() if "." not in path
    )
    return "cannot_undo" if said_more or not known else None


def _reverse(
    declarations: Declarations, record: Record, entry: dict[str, Any], act: Act, *, decided: bool
) -> str | None:
    if not _undoable(declarations, entry):
        return "cannot_undo"
    recent = record["acts"]["recent"]
    if _made_it(declarations, record, entry):
        reason = _work_lost(declarations, record, act["by"], decided=decided)
        if reason is not None:
            return reason
        if not entry["was"]:  # there is nothing to go back to
            put(declarations, record, "state", "undone", act["_id"], act["by"])
            return None
    reason = _stands_firm(declarations, record, entry)
    if reason is not None:
        return reason
    later = any(record["setters"].get(name, [None])[0] != entry["id"] for name in entry["was"])
    if later and not decided:
        return "changed_meanwhile"
    heirs: dict[str, dict[str, Any]] = {}
    for name, value in entry["was"].items():
        heir = None if later else _heir(recent, entry, name)
        if heir is None:
            put(declarations, record, name, value, act["_id"], act["by"])
        else:
            by_heir = _held_by(declarations, record, heir, name)
            put(declarations, record, name, by_heir, heir["id"], heir["by"])
            heirs.setdefault(heir["id"], {})[name] = value
    record["acts"]["recent"] = [
        {**past, "was": {**past.get("was", {}), **heirs[past["id"]]}}
        if past["id"] in heirs
        else past
        for past in recent
    ]
    return None


def _made_it(declarations: Declarations, record: Record, entry: dict[str, Any]) -> bool:
    """Say whether the record would be gone without this act: nobody else made it as well."""
    if entry["id"] != record["acts"]["first"] or record["state"] == "unknown":
        return False
    heir = _heir(record["acts"]["recent"], entry, "state")
    declared = None if heir is None else declarations["acts"].get(heir["act"])
    return declared is None or not declared["creates"]


def _work_lost(declarations: Declarations, record: Record, by: str, *, decided: bool) -> str | None:
    """Return why a record may not be taken back as a whole: others' work would go with it."""
    others = [
        past
        for past in record["acts"]["recent"]
        if past["by"] != by and not past.get("undone") and "was" in past
    ]
    if held(declarations, record) or any(_is_gate(declarations, past) for past in others):
        return "cannot_undo"
    if decided:
        return None
    if any(_is_firm(declarations, past) for past in others):
        return "cannot_undo"
    loose = any(_undoable(declarations, past) for past in others)
    return "changed_meanwhile" if loose else None


def _stands_firm(declarations: Declarations, record: Record, entry: dict[str, Any]) -> str | None:
    """Return why an act's values may not be put back: a gate holds them, or said them itself."""
    kind = declarations["records"][record["type"]]
    if not kind["opened"]:
        return None
    back = [name for name, old in entry["was"].items() if not same(record.get(name), old)]
    if not set(held(declarations, record)).isdisjoint(back):
        return "held"
    if any(name in kind["opened"] and entry["was"][name] is not None for name in back):
        return "cannot_undo"  # what it rested on may have changed: it is said again
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


def _is_firm(declarations: Declarations, entry: dict[str, Any]) -> bool:
    """Say whether an act has no undo and did more than count, as a look at something private."""
    declared = declarations["acts"].get(entry["act"])
    if declared is None or declared["undo"]:
        return False
    return not entry["was"].keys() <= declared["adds"].keys()


def _is_gate(declarations: Declarations, entry: dict[str, Any]) -> bool:
    declared = declarations["acts"].get(entry["act"])
    return declared is not None and bool(declared["gate"])
