"""What rules work with: what is asked and wanted, causes, and the values that come of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from server.rules.reading import Reading
from sync import worktime
from sync.act import LAST, derived_id, key_id
from sync.check_act import Record
from sync.rules import is_word

Rule = dict[str, Any]

DAYS = {"week": 7}  # of a plan that does not take turns day by day


@dataclass(frozen=True)
class Due:
    """Something that should be said: an act on a record at a moment (ms), with its data."""

    record: str
    act: str
    at: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Wants:
    """What a rule wants for a scope between two moments (ms), by key."""

    since: int
    until: int
    wanted: dict[str, Due]


@dataclass(frozen=True)
class Question:
    """What is asked of a rule. `first` is the moment (ms) with which its first day here began."""

    rule: Rule
    scope: str
    first: int
    now: int  # ms; the latest midnight or moment that woke it, or later
    since: int  # ms: the earliest moment at which something is different
    secret: str


@dataclass(frozen=True)
class Cause:
    """What values are worked out from: a record, a moment (ms), and which one it is."""

    record: Record
    at: int
    nth: int = 0
    period: int = 0
    until: int | None = None
    each: Record | None = None
    judged: Any = None


def data_of(reading: Reading, rule: Rule, cause: Cause, act: str) -> dict[str, Any]:
    """Return the data of an act that a rule says: what it asks for, where that is known."""
    asks = reading.declarations["acts"][act]["asks"]
    values = {
        name: _in_turn(reading, rule, value["$turn"], cause)
        if is_word(value, "$turn")
        else _value(reading, value, cause)
        for name, value in rule["gives"].items()
        if name in asks
    }
    return {name: value for name, value in values.items() if value is not None}


def _value(reading: Reading, value: Any, cause: Cause) -> Any:
    if not isinstance(value, dict):
        return value
    word, name = next(iter(value.items()))
    if word == "$of":
        return cause.record.get(name)
    if word == "$each":
        return (cause.each or cause.record).get(name)
    if word == "$number":
        return reading.setting(name, cause.at)["value"]
    if word == "$day":
        return _day(reading, name, cause.at)
    words = {
        "$period": cause.period,
        "$nth": cause.nth,
        "$moment": cause.at,
        "$until": cause.until,
        "$judged": cause.judged,
    }
    return words[word]


def _in_turn(reading: Reading, rule: Rule, name: str, cause: Cause) -> list[str] | None:
    """Return whose turn it is of those who are still there, None where nobody is listed."""
    listed = cause.record.get(name) or []
    reading.look_up(listed)
    here = [one for one in listed if (reading.record(one) or {}).get("active", True)]
    if not here:
        return None
    return [here[cause.period // DAYS.get(rule.get("every", ""), 1) % len(here)]]


def later(reading: Reading, key: str, at: int) -> int | None:
    """Return the moment (ms) so long after another as a setting says; None where it is not set."""
    setting = reading.setting(key, at)
    if setting["value"] is None:
        return None
    return worktime.add(at, setting["value"], setting["unit"], reading.calendar(at))


def _day(reading: Reading, key: str, at: int) -> int | None:
    """Return the day so long after a moment (ms) as a setting says."""
    moment = later(reading, key, at)
    return None if moment is None else worktime.local_day(moment, reading.calendar(at))


def _key(rule: Rule, data: dict[str, Any], otherwise: int | str) -> str:
    if not rule["key"]:
        return str(otherwise)
    return "|".join(str(data.get(name, "")) for name in rule["key"])


def make(
    reading: Reading, asked: Question, cause: Cause, otherwise: int | str, found: dict[str, Due]
) -> None:
    """Add what a rule makes, for each it is for, by key; its id comes of its key, or of them."""
    act = asked.rule["makes"]
    whole = [cause.each] if cause.each else _each_of(reading, asked.rule, cause.record)
    for each in whole:
        data = data_of(reading, asked.rule, replace(cause, each=each), act)
        key = _key(asked.rule, data, otherwise)
        record = _record_id(reading, asked, act, data, key)
        found.setdefault(key, Due(record, act, cause.at, data))


def _each_of(reading: Reading, rule: Rule, record: Record) -> list[Record | None]:
    """Return what a rule makes one for: what is found, or a field lists; else one for the scope."""
    many = rule.get("for_each")
    if not many:
        return [None]
    if isinstance(many, str) and isinstance(record.get(many), dict):
        return [item_of(record, key) for key in record[many]]
    if isinstance(many, str):
        listed = record.get(many) or ()
        ids = [one for one in ([listed] if isinstance(listed, str) else listed) if ":" in one]
    else:
        ids = reading.find(many, record)
    reading.look_up(ids)
    return [{"_id": one, **(reading.record(one) or {})} for one in dict.fromkeys(ids)]


def item_of(record: Record, key: str) -> Record:
    """Return what all maps of a record hold under a key, as if it were a record of its own."""
    maps = {name: value for name, value in record.items() if isinstance(value, dict)}
    return {"key": key, **{name: value.get(key) for name, value in maps.items()}}


def _record_id(reading: Reading, asked: Question, act: str, data: dict[str, Any], key: str) -> str:
    """Return the id of what is made: of its own key, which people say too, else the rule's."""
    kind = act.partition(".")[0]
    fields = reading.declarations["records"][kind]["key"]
    if fields:
        return key_id(kind, [data.get(name, "") for name in fields])
    name = derived_id(asked.secret, LAST, "made", asked.rule["name"], asked.scope, key)
    return f"{kind}:{name.removeprefix('act:')}"
