"""Folding: `apply` adds one act to a record, `fold` adds all of them in their one order.

`apply` is pure and total: the same acts give the same record whatever order they arrived in,
because its callers keep to `order`. Twin: service_worker/rules/fold.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import guards, maps, rungs, statements
from sync.act import Act
from sync.check_act import RECENT, UNDOABLE, Declarations, Record
from sync.copies import filled
from sync.guards import put
from sync.merging import may_be_merged, merge, merged
from sync.selector import same
from sync.undo import take_back

# Of an act: {"reason"}, {"void"}, {"repeat"}, {"was"}, or {}; what is in part has {"was", "reason",
# "data"}, the data being what did not fit.
Outcome = dict[str, Any]


KEPT = (
    *(("was", "was"), ("repeat", "repeat"), ("reason", "unsettled"), ("void", "void")),
    ("begun", "begun"),
)


def order(declarations: Declarations, act: Act) -> tuple[int, int, str]:
    """Return the sort key of an act in its record: the creating act first, then by moment.

    What the clock makes for a rule comes first as well: a duty may be done before its moment.
    """
    declared = declarations["acts"].get(act["act"])
    if declared is None or not declared["creates"]:
        return (1, act["at"], act["_id"])
    is_first = not declared["again"] or statements.is_id(act["_id"])
    return (0 if is_first else 1, act["at"], act["_id"])


def before(declarations: Declarations, one: Act, other: Act) -> bool:
    """Say whether one act comes before another of the same record."""
    return order(declarations, one) < order(declarations, other)


def fold(declarations: Declarations, acts: Iterable[Act]) -> Record | None:
    """Return the record that these acts of one record add up to; None when there are none."""
    record: Record | None = None
    for act in in_order(declarations, acts):
        record = apply(declarations, record, act)
    return record


def in_order(declarations: Declarations, acts: Iterable[Act]) -> list[Act]:
    """Return the acts of one record that count, in their one order, for `apply` one by one."""
    return sorted(statements.counting(acts), key=lambda act: order(declarations, act))


def apply(declarations: Declarations, record: Record | None, act: Act) -> Record:
    """Return a new record with the act added; an act that does not fit becomes unsettled.

    The reasons are unknown_act, no_record, already_exists, not_now (the guard does not hold),
    changed_meanwhile (somebody else changed the field unseen, or what it rests on),
    changed_in_part (so with some keys of maps: the rest stands), held (a gate rests on it),
    not_named (the record names who may say this, and who may not), incomplete (it lacks what the
    record requires), cannot_undo, not_yours. An act of the server's own that does not fit is void:
    it is in the history, and asked of nobody.
    """
    kind, _, verb = act["act"].partition(".")
    new = _shell(kind, act) if record is None else _copy(record)
    if "stated" in new and statements.begins(declarations, new, act):
        new, outcome = _begun(declarations, new, act, verb)
    else:
        outcome = _outcome(declarations, new, act, verb)
    if "reason" in outcome and act["by"].startswith(guards.SYSTEM):
        outcome["void"] = outcome.pop("reason")
    if "reason" in outcome:
        new["unsettled"] = [*new["unsettled"], _open_question(act, outcome)]
    if "erased" in act:  # what somebody told of themselves is gone from it: the record says so
        new["erased"] = True
    _remember(new, act, outcome)
    _entitle(declarations["records"].get(kind), new)
    return new


def _outcome(declarations: Declarations, record: Record, act: Act, verb: str) -> Outcome:
    if statements.is_said(act):
        return statements.stated(declarations, record, act, _declared)
    return ENGINES.get(verb, _declared)(declarations, record, act)


def _begun(
    declarations: Declarations, record: Record, act: Act, verb: str
) -> tuple[Record, Outcome]:
    """Add an act that begins what a rule made: it is judged by what its author saw of it."""
    seen = _copy(record)
    statements.see(declarations, seen, act)
    outcome = _outcome(declarations, seen, act, verb)
    if "reason" in outcome or "repeat" in outcome:
        return record, _outcome(declarations, record, act, verb)
    statements.begin(declarations, seen, act)
    return seen, {**outcome, "begun": True}


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


def _open_question(act: Act, outcome: Outcome) -> dict[str, Any]:
    return {
        "act": act["_id"],
        "name": act["act"],
        "by": act["by"],
        "at": act["at"],
        "device": act["device"],
        "reason": outcome["reason"],
        "data": outcome.get("data", act["data"]),
    }


def _remember(record: Record, act: Act, outcome: Outcome) -> None:
    entry: dict[str, Any] = {"id": act["_id"], "act": act["act"], "by": act["by"], "at": act["at"]}
    for name, member in KEPT:
        if name in outcome:
            entry[member] = outcome[name]
    acts = record["acts"]
    recent = [*acts["recent"], entry][-RECENT:]
    acts["recent"] = [_without_was(old) for old in recent[:-UNDOABLE]] + recent[-UNDOABLE:]
    acts["n"] += 1
    made = [] if "begun" in record.get("stated", {}) else statements.making(record)
    # Whoever acts on what nobody began says by it which statement was on the screen.
    acts["last"] = made[-1]["id"] if made else act["_id"]


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
    if (declared["only_by"] or declared["not_by"]) and not guards.may_say(
        declared, record if exists else act["data"], act["by"]
    ):
        return {"reason": "not_named"}
    said = guards.said(declarations["records"][record["type"]], declared, record, act["data"])
    if not exists:
        return {"was": _take_effect(declarations, declared, record, act, said)}
    if _says_what_holds(declared, record, act, said):
        guards.answer_keys(declarations, declared, record, act, said)
        return {"repeat": _names_said(declarations, declared, record, said)}
    reason = guards.refused(declarations, declared, record, act)
    if reason is not None:
        return {"reason": reason}
    late = guards.changed_meanwhile(record, act, _answers(declared, said))
    if not late:
        return {"was": _take_effect(declarations, declared, record, act, said)}
    if len(late) == len(said) or guards.is_whole(declared, late):
        return {"reason": "changed_meanwhile"}
    stands = {path: value for path, value in said.items() if path not in late}
    was = _take_effect(declarations, declared, record, act, stands)
    rest = maps.nested({path: said[path] for path in late})
    return {"was": was, "reason": "changed_in_part", "data": rest}


def _says_what_holds(
    declared: dict[str, Any], record: Record, act: Act, said: dict[str, Any]
) -> bool:
    if declared["adds"] or (declared["takes_over"] and record.get("owner") != act["by"]):
        return False
    told = [*guards.sets(declared, record, said).items(), *_answers(declared, said)]
    if not told and not declared["stamps"]:
        return False
    return (
        all(same(maps.read(record, path), value) for path, value in told)
        and all(name in record for name in declared["stamps"])
        and guards.stands(declared, record, act["data"])
    )


def _answers(declared: dict[str, Any], said: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Return what an act answers: what was entered, and who is to be the owner.

    What may have made the record answers with all that it sets: it may be the second to say so.
    """
    if declared["gives_to"]:
        return [*said.items(), ("owner", said.get(declared["gives_to"]))]
    if declared["creates"] and declared["sets"]:
        return [*declared["sets"].items(), *said.items()]
    return said.items()


def _names_said(
    declarations: Declarations, declared: dict[str, Any], record: Record, said: dict[str, Any]
) -> list[str]:
    kind = declarations["records"][record["type"]]
    names = [*declared["sets"], *declared["stamps"], *declared["signs"], *_fields(kind, said)]
    if declared["creates"]:  # had it come first, it would have made the record
        names += {"state": 0, **kind["starts_as"], "owner": 0}
    return names


def _fields(kind: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of fields; keys of maps are kept for themselves."""
    if not maps.maps_of(kind):
        return said
    return {path: value for path, value in said.items() if "." not in path}


def _take_effect(
    declarations: Declarations,
    declared: dict[str, Any],
    record: Record,
    act: Act,
    said: dict[str, Any],
    *,
    decided: bool = False,
) -> dict[str, Any]:
    """Set what the act sets; return {field: previous value}, None for none.

    The first stamp stays, unless somebody decided that this act holds. Keys of maps remember for
    themselves what was there.
    """
    effect: dict[str, Any] = {}
    born = record["state"] == "unknown"
    kind = declarations["records"][record["type"]]
    if born:
        effect.update({"state": "open", **kind["starts_as"]})
        record["opened_at"] = act["at"]
        record["acts"]["first"] = act["_id"]
    effect.update(guards.sets(declared, record, said))
    if declared["stamps"] or declared["signs"]:
        effect.update(_marks(declared, record, act, decided=decided))
    for name, count in declared["adds"].items():
        effect[name] = record.get(name, 0) + count
    effect.update(_fields(kind, said))
    if declared["takes_over"] or (born and (not kind["names_owner"] or _is_owner(act))):
        effect["owner"] = act["by"]
    if declared["gives_to"]:
        effect["owner"] = said.get(declared["gives_to"])
    # What created a record is taken back as a whole; what may be said again, field by field.
    was = {} if born and not declared["again"] else {name: record.get(name) for name in effect}
    guards.put_all(declarations, record, effect, act["_id"], act["by"])
    guards.answer_keys(declarations, declared, record, act, said)
    return was


def _marks(declared: dict[str, Any], record: Record, act: Act, *, decided: bool) -> dict[str, Any]:
    """Return the stamps and signs of an act, as far as there are none yet."""
    said = [*((name, act["at"]) for name in declared["stamps"])]
    said += [(name, act["by"]) for name in declared["signs"]]
    return {name: value for name, value in said if decided or name not in record}


def _is_owner(act: Act) -> bool:
    """Say whether whoever makes a record is its owner, where the data may name one, which wins.

    What the server makes for nobody is nobody's.
    """
    return act["data"].get("owner") is None and not act["by"].startswith(guards.SYSTEM)


# Acts that every record knows


def _undone(declarations: Declarations, record: Record, act: Act) -> Outcome:
    outcome = take_back(declarations, record, act, decided=False)
    if not outcome:
        statements.give_back(declarations, record, act)
    return outcome


def _decided(declarations: Declarations, record: Record, act: Act) -> Outcome:
    about = act["data"]["about"]
    question = next((q for q in record["unsettled"] if q["act"] == about), None)
    if question is None:
        return {"repeat": []}
    keep = act["data"]["choice"] == "keep"
    if not keep and not _may_be_accepted(declarations, record, question):
        return {"repeat": []}
    record["unsettled"] = [q for q in record["unsettled"] if q["act"] != about]
    if keep:
        return {}
    if statements.is_id(question["act"]) and statements.making(record):
        return {"was": statements.answer(declarations, record, act, question)}
    meant = {**act, "at": question["at"], "by": question["by"], "data": question["data"]}
    verb = question["name"].partition(".")[2]
    if verb == "edited":
        return {"was": _edit(declarations, record, meant)}
    if verb == "merged":
        return {"was": merge(declarations, record, meant)}
    if verb == "undone":  # what is too old to be undone stays as it is
        take_back(declarations, record, meant, decided=True)
        return {}
    declared = declarations["acts"].get(question["name"])
    if declared is None:
        return {}
    said = guards.said(declarations["records"][record["type"]], declared, record, question["data"])
    if question["reason"] == "changed_in_part":  # the rest of it stands already
        guards.answer_keys(declarations, declared, record, meant, said)
        return {"was": {}}
    was = _take_effect(declarations, declared, record, meant, said, decided=True)
    # To undo the decision would be to undo the act.
    return {"was": was} if declared["undo"] else {}


def _may_be_accepted(declarations: Declarations, record: Record, question: dict[str, Any]) -> bool:
    """Say whether a decision may let an act through; else its question waits.

    A decision makes no record, opens no gate, and changes nothing that a gate holds.
    """
    exists, verb = record["state"] != "unknown", question["name"].partition(".")[2]
    if verb == "edited":
        name = question["data"]["field"].partition(".")[0]
        return exists and name not in guards.held(declarations, record)
    if verb == "merged":
        return may_be_merged(declarations, record)
    declared = declarations["acts"].get(question["name"])
    if declared is None:
        return True
    if not exists:
        return bool(declared["creates"])
    if declared["gate"]:
        its_own = guards.may_say(declared, record, question["by"])
        return its_own and guards.refused(declarations, declared, record, question) is None
    return not guards.touches_held(declarations, declared, record, question, decided=True)


def _edited(declarations: Declarations, record: Record, act: Act) -> Outcome:
    if record["state"] == "unknown":
        return {"reason": "no_record"}
    field, new = act["data"]["field"], act["data"]["new"]
    current = maps.read(record, field)
    if same(current, new):
        return {"repeat": [field]}
    if field.partition(".")[0] in guards.held(declarations, record):
        return {"reason": "held"}
    if not same(current, act["data"].get("old")):
        setter = record["setters"].get(field)
        if setter is None or setter[1] != act["by"]:
            return {"reason": "changed_meanwhile"}
    return {"was": _edit(declarations, record, act)}


def _edit(declarations: Declarations, record: Record, act: Act) -> dict[str, Any]:
    """Correct a field or a key of a map; return what was there, of a key nothing: it remembers."""
    path, new = act["data"]["field"], act["data"]["new"]
    if "." in path:
        guards.answer_keys(declarations, {"undo": True}, record, act, {path: new})
        return {}
    was = {path: record.get(path)}
    put(declarations, record, path, new, act["_id"], act["by"])
    return was


ENGINES = {
    "undone": _undone,
    "decided": _decided,
    "edited": _edited,
    "rung_reached": rungs.reached,
    "rung_annulled": rungs.annulled,
    "filled": filled,
    "merged": merged,
}
