"""Statements: what the clock says for a rule, and what follows for the record they are about.

An act of the clock for a rule carries `for`: rule, scope and key, its number `n`, whether it is
`wanted`, when the server came to it (`said_at`), and how many rules led to it (`depth`). It stands
at the moment of its cause. Of all that was said for one rule, scope and key the newest counts
alone. What is derived from them stands in the record's `stated`, and nowhere else:

- `by`: the statements that count; one that `makes` the record has in `saw` what its beginner saw;
- `begun`: how many acts of people took effect on a made record; what its author saw stands then;
- `withdrawn`: made by rules, none wants it, nobody began;
- `held`: for a pair says/unsays, which causes (a rule and its scope) hold a field.

Twin: service_worker/rules/statements.js.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sync.act import FOR, STATEMENT, Act
from sync.check_act import Declarations, Record
from sync.guards import SYSTEM, put
from sync.selector import same

OTHERWISE = "meant_otherwise"  # why a question is open: the rule wants now what nobody saw
MARK = FOR[:3]


def is_said(act: Act) -> bool:
    """Say whether an act is a statement."""
    return "for" in act


def is_id(identifier: str) -> bool:
    """Say whether an id is that of a statement."""
    return identifier.startswith(STATEMENT)


def mark(said: dict[str, Any]) -> str:
    """Return what tells the statements of one rule, scope and key from all others."""
    return "\x1f".join(said[name] for name in MARK)


def is_withdrawn(record: Record) -> bool:
    """Say whether rules made a record, none of them wants it, and nobody began it."""
    return "stated" in record and "withdrawn" in record["stated"]


def last_moment(record: Record) -> int:
    """Return the moment (ms) of the newest act that is no statement; 0 where there is none.

    A duty of next week stands at its own moment: what is said of it today does not come after it.
    """
    said = [entry["at"] for entry in record["acts"]["recent"] if not is_id(entry["id"])]
    return said[-1] if said else 0


# Which acts count


def counting(acts: Iterable[Act]) -> list[Act]:
    """Return the acts of one record that count, in any order: the newest statement of each mark.

    Each carries `beside`, all statements by mark, the oldest first. A statement that is wanted no
    more has the data of the one before it, which is what there was.
    """
    listed = list(acts)
    beside: dict[str, list[Act]] = {}
    for act in listed:
        if is_said(act):
            beside.setdefault(mark(act["for"]), []).append(act)
    if not beside:
        return listed
    saw = {act["_id"]: act["saw"] for act in listed if "saw" in act}
    for said in beside.values():
        said.sort(key=lambda act: int(act["for"]["n"]))
    line = [_beside(act, beside, saw) for act in listed if not is_said(act)]
    return [*line, *({**_shown(said), "beside": beside} for said in beside.values())]


def _beside(act: Act, beside: dict[str, list[Act]], saw: dict[str, list[str]]) -> Act:
    """Return a person's act with what its author saw; a decision lets in what another one saw."""
    about = act["data"].get("about")
    seen = act.get("saw", saw.get(about, []) if isinstance(about, str) else [])
    return {**act, "beside": beside, "saw": seen}


def _shown(said: list[Act]) -> Act:
    newest = said[-1]
    if newest["for"]["wanted"]:
        return newest
    before = next((one for one in reversed(said) if one["for"]["wanted"]), newest)
    return {**before, "_id": newest["_id"], "for": newest["for"]}


def is_simple(record: Record | None, act: Act) -> bool:
    """Say whether an act may be added to a folded record; else all acts are folded again."""
    if is_said(act):
        by = record["stated"]["by"] if record is not None and "stated" in record else []
        known = any(mark(entry) == mark(act["for"]) for entry in by)
        return bool(act["for"]["n"] == 1) and not known
    made = making(record) if record is not None else []
    if record is None or not made or act["by"].startswith(SYSTEM):
        return True
    if act["act"].partition(".")[2] in ("undone", "decided"):
        return False
    return "begun" in record["stated"] or {entry["id"] for entry in made} <= {*act.get("saw", ())}


def making(record: Record) -> list[dict[str, Any]]:
    """Return the statements that made a record."""
    by = record["stated"]["by"] if "stated" in record else ()
    return [entry for entry in by if "makes" in entry]


# What a statement does


def stated(
    declarations: Declarations,
    record: Record,
    act: Act,
    take_effect: Callable[[Declarations, Record, Act], dict[str, Any]],
) -> dict[str, Any]:
    """Add a statement to a record, as `take_effect` adds an act; return what became of it."""
    declared = declarations["acts"].get(act["act"])
    if declared is None:
        return {"reason": "unknown_act"}
    makes, names = bool(declared["creates"]), pair(declarations, act)
    known = record["state"] != "unknown"
    if not makes and not act["for"]["wanted"]:
        outcome: dict[str, Any] = {}
    elif names is not None and known:
        outcome = {"was": hold(declarations, record, act, names)}
    else:
        outcome = take_effect(declarations, record, act)
    note(record, act, makes=makes)
    return outcome


def pair(declarations: Declarations, act: Act) -> tuple[str, str] | None:
    """Return (says, unsays) of the rule that an act is said for, where it is one of the two."""
    rule = declarations.get("rules", {}).get(act["for"]["rule"])
    if rule is None or not rule.get("unsays") or act["act"] not in (rule["says"], rule["unsays"]):
        return None
    return rule["says"], rule["unsays"]


def hold(
    declarations: Declarations, record: Record, act: Act, names: tuple[str, str]
) -> dict[str, Any]:
    """Let a cause hold the fields of a pair, or let go: whoever lets go last clears them.

    A cause is a rule and its scope. A stamp of what is said is the moment of the newest cause, and
    goes with the last one.
    """
    says, unsays = (declarations["acts"][name]["sets"] for name in names)
    held = {**record.get("stated", {}).get("held", {})}
    cause, holds, was = f"{act['for']['rule']} {act['for']['scope']}", act["act"] == names[0], {}
    effect: dict[str, Any] = {}
    for name, value in says.items():
        others = [other for other in held.get(name, []) if other != cause]
        held[name] = [*others, cause] if holds else others
        effect[name] = value if held[name] else unsays.get(name)
    if holds or not any(held.values()):
        stamps = declarations["acts"][names[0]]["stamps"]
        effect.update(dict.fromkeys(stamps, act["at"] if holds else None))
    for name, value in effect.items():
        was[name] = record.get(name)
        put(declarations, record, name, value, act["_id"], act["by"])
    state(record, held={name: causes for name, causes in held.items() if causes})
    return was


def note(record: Record, act: Act, *, makes: bool) -> None:
    """Write down in the record that a statement counts."""
    entry = {"id": act["_id"], **act["for"]}
    del entry["said_at"]
    if makes:
        entry["makes"] = True
    others = [one for one in record.get("stated", {}).get("by", []) if mark(one) != mark(entry)]
    state(record, by=[*others, entry])


def state(record: Record, **changes: Any) -> None:
    """Change what is stated of a record, and derive from it whether it is withdrawn."""
    stated = {"by": [], **record.get("stated", {}), **changes}
    made = [entry for entry in stated["by"] if "makes" in entry]
    wanted = any(entry["wanted"] for entry in made)
    stated["withdrawn"] = bool(made) and not wanted and not stated.get("begun")
    record["stated"] = {
        name: stated[name] for name in ("by", "begun", "withdrawn", "held") if stated.get(name)
    }


# Beginning


def begins(declarations: Declarations, record: Record, act: Act) -> bool:
    """Say whether an act would begin, or go on with, a record that rules made.

    What only counts, a look at something private for instance, begins nothing.
    """
    if act["by"].startswith(SYSTEM) or not making(record):
        return False
    name = act["act"]
    verb = name.partition(".")[2]
    if verb == "decided":
        about = (q for q in record["unsettled"] if q["act"] == act["data"]["about"])
        question = next(about, None)
        if question is None or act["data"]["choice"] == "keep" or is_id(question["act"]):
            return False
        name = question["name"]
        verb = name.partition(".")[2]
    if verb == "edited":
        return True
    declared = declarations["acts"].get(name)
    if declared is None:
        return False
    does = ("sets", "stamps", "signs", "asks", "takes_over", "gives_to")
    return not declared["adds"] or any(declared.get(part) for part in does)


def see(declarations: Declarations, record: Record, act: Act) -> None:
    """Let a record be as the first author of an act on it saw it."""
    if "begun" in record["stated"]:
        return
    for entry in making(record):
        said = act.get("beside", {}).get(mark(entry), [])
        seen = next((one for one in reversed(said) if one["_id"] in act.get("saw", ())), None)
        if seen is not None and seen["_id"] != entry["id"]:
            upto = said[: said.index(seen) + 1]
            _turn(declarations, record, _shown(said), _shown(upto), entry["id"])
        entry_now = {**entry, "saw": entry["n"] if seen is None else seen["for"]["n"]}
        _replace(record, entry_now)


def begin(declarations: Declarations, record: Record, act: Act) -> None:
    """Count an act that took effect on a made record; ask what its first author did not see.

    Of a kind whose records stand nothing is asked: what somebody did is done.
    """
    is_first = "begun" not in record["stated"]
    state(record, begun=record["stated"].get("begun", 0) + 1)
    if not is_first or declarations["records"][record["type"]].get("stands"):
        return
    for entry in making(record):
        said = act.get("beside", {}).get(mark(entry), [])
        seen = next((n for n, one in enumerate(said) if one["for"]["n"] == entry["saw"]), None)
        if seen is None or _means(said) == _means(said[: seen + 1]):
            continue
        newest = said[-1]
        question = {name: newest[name] for name in ("by", "at", "device", "data")}
        record["unsettled"] = [
            *record["unsettled"],
            {"act": newest["_id"], "name": newest["act"], **question, "reason": OTHERWISE},
        ]


def _means(said: list[Act]) -> Any:
    return said[-1]["data"] if said[-1]["for"]["wanted"] else None


def give_back(declarations: Declarations, record: Record, act: Act) -> None:
    """Count no more an act that was taken back: what nobody began is as its rule wants it."""
    undone = [entry for entry in record["acts"]["recent"] if entry["id"] == act["data"]["undoes"]]
    if not any("begun" in entry for entry in undone):
        return
    begun = record["stated"]["begun"] - 1
    state(record, begun=begun)
    if begun:
        return
    record["unsettled"] = [q for q in record["unsettled"] if not is_id(q["act"])]
    for one in making(record):
        said = act.get("beside", {}).get(mark(one), [])
        seen = next((n for n, other in enumerate(said) if other["for"]["n"] == one["saw"]), None)
        if seen is not None and seen + 1 < len(said):
            _turn(declarations, record, _shown(said[: seen + 1]), _shown(said), said[-1]["_id"])
        _replace(record, {name: one[name] for name in one if name != "saw"})


def answer(
    declarations: Declarations, record: Record, act: Act, question: dict[str, Any]
) -> dict[str, Any]:
    """Let a record that somebody began be as its rule wants it; return what it was.

    What the rule does not want any more is taken back as a whole.
    """
    wanted = any(one["id"] == question["act"] and one["wanted"] for one in making(record))
    effect = question["data"] if wanted else {"state": "undone"}
    was = {name: record.get(name) for name in effect}
    for name, value in effect.items():
        put(declarations, record, name, value, act["_id"], act["by"])
    return was


def _turn(declarations: Declarations, record: Record, old: Act, new: Act, by: str) -> None:
    """Put what one statement says in the place of what another one said, where that still holds."""
    before, after = _told(declarations, old), _told(declarations, new)
    for name in [*before, *(name for name in after if name not in before)]:
        if same(record.get(name), before.get(name)):
            put(declarations, record, name, after.get(name), by, new["by"])


def _told(declarations: Declarations, said: Act) -> dict[str, Any]:
    declared = declarations["acts"][said["act"]]
    return {**dict.fromkeys(declared["stamps"], said["at"]), **said["data"]}


def _replace(record: Record, entry: dict[str, Any]) -> None:
    by = [entry if mark(one) == mark(entry) else one for one in record["stated"]["by"]]
    state(record, by=by)
