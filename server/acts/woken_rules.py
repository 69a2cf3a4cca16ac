"""What a transaction leaves to the rules: what was said, what they find, which scopes are woken.

A scope is woken in the transaction that folds, with the earliest moment that it touches;
server/rules settles it afterwards. Folding records again wakes nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import orjson

from server.acts.reached_rungs import ABOUT
from server.acts.record_in_progress import RecordInProgress
from server.database.statements import Row
from sync import rules, statements
from sync.act import LAST, SYSTEM, Act, derived_id
from sync.check_act import Declarations, Record
from sync.memoize import memoize
from sync.selector import same
from sync.worktime import HOURS

if TYPE_CHECKING:
    from server.acts.unit_of_work import UnitOfWork

MERGED = "merged_into"  # the field by which what was merged is found, of every kind
Woken = dict[tuple[str, str], int]  # (rule, scope): the earliest moment (ms) that is touched
GONE = ("unknown", "undone", "merged")  # of what nobody made, was taken back, or is another


def statement_id(secret: str, rule: str, scope: str, key: str, n: int) -> str:
    """Return the id of a rule's statement number `n`: whoever says it says it under this one."""
    return derived_id(secret, LAST, "statement", rule, scope, key, str(n))


def says_the_same(one: Act, other: Act) -> bool:
    """Say whether two statements of one id say the same."""
    return all(same(one[name], other[name]) for name in ("act", "record", "at", "data")) and (
        bool(one["for"]["wanted"]) is bool(other["for"]["wanted"])
    )


def with_what_was_seen(unit: UnitOfWork, act: Act) -> Act:
    """Return a person's act on a record that rules made, with the statements that they saw.

    `seen` names one, where nobody had begun; else it is what is there now.
    """
    if act["by"].startswith(SYSTEM) or "saw" in act:
        return act
    if act["record"].partition(":")[0] not in _made(unit.declarations):
        return act
    record = unit.in_progress(act["record"]).record
    made = statements.making(record) if record is not None else []
    if not made:
        return act
    looked = act["seen"] is not None and statements.is_id(act["seen"])
    seen = unit.act(act["seen"]) if looked else None
    said = seen["for"] if seen is not None else None
    saw = [
        seen["_id"]
        if seen is not None and said is not None and statements.mark(said) == statements.mark(entry)
        else entry["id"]
        for entry in made
    ]
    return {**act, "saw": saw}


@memoize
def _made(declarations: Declarations) -> frozenset[str]:
    """Return the kinds that rules make."""
    made = (rule.get("makes") or "" for rule in declarations["rules"].values())
    return frozenset(act.partition(".")[0] for act in made)


# What a transaction writes


def write(unit: UnitOfWork, touched: list[RecordInProgress]) -> None:
    """Write what was said, what records are found by, and which scopes are to be settled."""
    if not unit.declarations["rules"]:
        return
    unit.store.put_statements([row for work in touched for row in _said(work)])
    woken: Woken = {}
    for work in touched:
        if _concerns_rules(unit.declarations, work):
            since = min((_touches(unit, act) for act in work.new), default=0)
            _find(unit, work, since, woken)
            if work.new:
                names = _reading(unit.declarations).get(work.id.partition(":")[0], ())
                _wake(woken, names, [work.id], since)
    received = [at for _, at in unit.new.values()]
    if woken:
        now = max(received, default=0)
        unit.store.wake(((*mark, now, since) for mark, since in woken.items()))
    unit.store.add_jobs([*_pages(unit, touched)])


def _concerns_rules(declarations: Declarations, work: RecordInProgress) -> bool:
    """Say whether a record is a scope of rules, or found by something: most are neither."""
    if work.id.partition(":")[0] in _found_or_read(declarations):
        return True
    return any((one or {}).get("state") == "merged" for one in (work.before, work.record))


@memoize
def _found_or_read(declarations: Declarations) -> frozenset[str]:
    kinds = declarations["records"].items()
    return frozenset({kind for kind, declared in kinds if declared["indexed"]}).union(
        _reading(declarations), _finding(declarations)
    )


def _said(work: RecordInProgress) -> Iterator[Row]:
    for act in work.new:
        if statements.is_said(act):
            said = act["for"]
            mark = [said[name] for name in statements.MARK]
            yield (*mark, said["n"], int(said["wanted"]), act["_id"], act["record"])


def _wake(woken: Woken, names: Iterable[str], scopes: Iterable[str], since: int) -> None:
    for scope in scopes:
        for name in names:
            woken[name, scope] = min(since, woken.get((name, scope), since))


def _touches(unit: UnitOfWork, act: Act) -> int:
    """Return the earliest moment (ms) at which something is different because of an act."""
    at: int = act["at"]
    verb = act["act"].partition(".")[2]
    earlier = act["data"].get(ABOUT[verb]) if verb in ABOUT else None
    if statements.is_said(act) and act["for"]["n"] > 1:
        said = act["for"]
        mark = said["rule"], said["scope"], said["key"]
        earlier = statement_id(unit.secret, *mark, said["n"] - 1)
    target = unit.act(earlier) if earlier else None
    return min(at, target["at"]) if target is not None else at


@memoize
def _reading(declarations: Declarations) -> dict[str, list[str]]:
    """Return {kind: the rules whose scopes are its records}."""
    reading: dict[str, list[str]] = {}
    for name, rule in declarations["rules"].items():
        reading.setdefault(rule["of"], []).append(name)
    return reading


@memoize
def _finding(declarations: Declarations) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Return {kind: the rules that find its records, each with what it finds}."""
    finding: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for rule in declarations["rules"].values():
        for find in rules.finds_of(rule):
            finding.setdefault(find["of"], []).append((rule, find))
    return finding


# Numbers and calendars


def _pages(unit: UnitOfWork, touched: list[RecordInProgress]) -> Iterator[Row]:
    """Yield a job for each rule whose every scope a number, or the calendar, may move."""
    for work in touched:
        kind, _, key = work.id.partition(":")
        if not work.new or kind not in ("setting", "calendar"):
            continue
        newest = max(work.new, key=lambda act: act["_id"])
        since = min(_touches(unit, act) for act in work.new)
        for name, rule in unit.declarations["rules"].items():
            if _is_moved(rule, kind, key):
                yield page(name, unit.new[newest["_id"]][1], since, newest["_id"])


def _is_moved(rule: dict[str, Any], kind: str, key: str) -> bool:
    if kind == "calendar" or key in HOURS:
        return bool(rule["form"] == "plan" or rule.get("within"))
    return key in rules.reads_settings(rule)


def page(rule: str, now: int, since: int, because: str, after: str = "") -> Row:
    """Return the job that wakes the scopes of a rule, from one id on; `now` and `since` in ms."""
    payload = {"rule": rule, "since": since, "because": because, "after": after}
    text = orjson.dumps(payload).decode()
    return (f"wake|{rule}|{because}|{after}", "wake", text, now, 0, None, None, None)


# What records are found by


def value_of(value: Any) -> str:
    """Return a value as text that sorts as it does: a letter for what it is goes first."""
    if isinstance(value, bool):
        return f"b{int(value)}"
    return f"n{value + (1 << 53):017d}" if isinstance(value, int) else f"s{value}"


def found_by(declarations: Declarations, record: Record | None) -> set[tuple[str, str]]:
    """Return (field, value as text) of what a record is found by."""
    if record is None or record.get("state") in GONE or statements.is_withdrawn(record):
        into = (record or {}).get("merged_into")
        is_merged = into is not None and (record or {})["state"] == "merged"
        return {(MERGED, value_of(into))} if is_merged else set()
    names = declarations["records"].get(record["type"], {}).get("indexed", ())
    found = set()
    for name in names:
        value = record.get(name)
        listed = value if isinstance(value, list) else [value]
        found |= {(name, value_of(one)) for one in listed if isinstance(one, str | int)}
    return found


def _find(unit: UnitOfWork, work: RecordInProgress, since: int, woken: Woken) -> None:
    """Write what a record is found by, and wake the scopes that find it now or found it before.

    `since` is the earliest moment (ms) that its new acts touch.
    """
    kind = work.id.partition(":")[0]
    if kind not in unit.declarations["records"]:
        return
    before = found_by(unit.declarations, work.before)
    now = found_by(unit.declarations, work.record)
    if work.new:
        _wake_what_it_is(unit, before ^ now, since, woken)
    if not (before or now):
        return
    if now != before or not work.new:
        rows: list[Row] = [(kind, name, value, work.id) for name, value in now]
        unit.store.replace_found([work.id], rows)
    for rule, find in _finding(unit.declarations).get(kind, ()) if work.new else ():
        _wake(woken, [rule["name"]], _finding_back(unit, rule, find, before | now), since)


def _wake_what_it_is(
    unit: UnitOfWork, changed: set[tuple[str, str]], since: int, woken: Woken
) -> None:
    """Wake the record that another was merged into, or no longer is: its finds are others now."""
    for name, value in changed:
        if name == MERGED:
            kind = value[1:].partition(":")[0]
            _wake(woken, _reading(unit.declarations).get(kind, ()), [value[1:]], since)


def _finding_back(
    unit: UnitOfWork, rule: dict[str, Any], find: dict[str, Any], values: set[tuple[str, str]]
) -> set[str]:
    """Return the scopes that find a record with these values, by the first field that is equal.

    What a find equates is how it is found back.
    """
    for name, want in find["where"].items():
        if not isinstance(want, dict) or "$of" not in want:
            continue
        here, theirs = want["$of"], [value for field, value in values if field == name]
        if here == "_id":
            return {value[1:] for value in theirs}
        return set().union(*(unit.store.find(rule["of"], here, one, one) for one in theirs))
    return set(unit.store.in_states([rule["of"]], _states(unit.declarations, rule["of"])))


def _states(declarations: Declarations, kind: str) -> list[str]:
    return [value for value, _ in declarations["records"][kind]["states"]]
