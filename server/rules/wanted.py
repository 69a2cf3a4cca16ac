"""What should exist because of a scope: one pure function for each form of rule.

Each answers with the moments between which it knows, and what it wants there by key. What was said
for other moments stays as it is: the horizon withdraws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server.rules.reading import EVER, Reading, Span
from sync import worktime
from sync.act import LAST, derived_id, key_id
from sync.check_act import Record
from sync.rules import STEPS
from sync.selector import declared

AHEAD = 7  # days that plans look ahead, so that a tablet has its week
MINUTE = worktime.MINUTE
Rule = dict[str, Any]


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


def wanted(reading: Reading, asked: Question) -> Wants:
    """Return what a rule wants for its scope."""
    if asked.rule["form"] == "judge":
        return _judged(reading, asked)
    if asked.rule["form"] == "follow":
        return (_made_of if asked.rule["makes"] else _said_of)(reading, asked)
    by_calendar = asked.rule["every"] in STEPS
    return (_by_calendar if by_calendar else _by_interval)(reading, asked)


# Values


def data_of(reading: Reading, rule: Rule, cause: Cause, act: str) -> dict[str, Any]:
    """Return the data of an act that a rule says: what it asks for, where that is known."""
    asks = reading.declarations["acts"][act]["asks"]
    values = {
        name: _value(reading, value, cause) for name, value in rule["gives"].items() if name in asks
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
    words = {
        "$period": cause.period,
        "$nth": cause.nth,
        "$moment": cause.at,
        "$until": cause.until,
        "$judged": cause.judged,
    }
    return words[word]


def _key(rule: Rule, data: dict[str, Any], otherwise: int) -> str:
    if not rule["key"]:
        return str(otherwise)
    return "|".join(str(data.get(name, "")) for name in rule["key"])


def _making(reading: Reading, asked: Question, cause: Cause, otherwise: int) -> tuple[str, Due]:
    """Return what a rule makes, and under which key; its id comes of its key, or of them."""
    act = asked.rule["makes"]
    data = data_of(reading, asked.rule, cause, act)
    key = _key(asked.rule, data, otherwise)
    return key, Due(_record_id(reading, asked, act, data, key), act, cause.at, data)


def _record_id(reading: Reading, asked: Question, act: str, data: dict[str, Any], key: str) -> str:
    """Return the id of what is made: of its own key, which people say too, else the rule's."""
    kind = act.partition(".")[0]
    fields = reading.declarations["records"][kind]["key"]
    if fields:
        return key_id(kind, [data.get(name, "") for name in fields])
    name = derived_id(asked.secret, LAST, "made", asked.rule["name"], asked.scope, key)
    return f"{kind}:{name.removeprefix('act:')}"


# Plans


def _by_calendar(reading: Reading, asked: Question) -> Wants:
    calendar = reading.calendar(asked.now)
    today = worktime.local_day(asked.now, calendar)
    start = max(
        worktime.local_day(asked.first, calendar),
        min(worktime.local_day(min(asked.since, EVER), calendar), today),
    )
    end = today + AHEAD + 1
    found: dict[str, Due] = {}
    spans = reading.spans(asked.scope, asked.rule["when"])
    record = reading.record(asked.scope)
    for day in range(start, end) if spans else ():
        cause = _duty(reading, asked.rule, record or {"_id": asked.scope}, day)
        if cause is not None and _within(spans, cause.at):
            key, made = _making(reading, asked, cause, day)
            found.setdefault(key, made)
    day_starts = worktime.day_starts
    return Wants(day_starts(start, calendar), day_starts(end, calendar), found)


def _duty(reading: Reading, rule: Rule, record: Record, day: int) -> Cause | None:
    """Return the duty of a day as the numbers and the calendar of its moment say, if there is one.

    A week begins with its Monday or as its rule says, a month with its first.
    """
    on = date(1970, 1, 1) + timedelta(days=day)
    starts = worktime.day_starts(day, reading.calendar(0))
    first = reading.setting(rule["weekday"], starts)["value"] if rule["weekday"] else 1
    if {"week": on.isoweekday() != first, "month": on.day != 1}.get(rule["every"]):
        return None
    length = reading.length(rule["at"], starts)
    if length is None:
        return None
    at = starts + length
    if rule["days"] and not worktime.is_working(day, reading.calendar(at)):
        return None
    until = reading.length(rule["until"], starts) if rule["until"] else None
    return Cause(record, at, period=day, until=None if until is None else starts + until)


def _within(spans: list[Span], at: int) -> bool:
    return any(begins <= at < ends for begins, ends in spans)


def _by_interval(reading: Reading, asked: Question) -> Wants:
    calendar = reading.calendar(asked.now)
    today = worktime.local_day(asked.now, calendar)
    horizon = worktime.day_starts(today + AHEAD + 1, calendar)
    record = reading.record(asked.scope)
    started = None if record is None else record.get(asked.rule["since"])
    if record is None or type(started) is not int:
        return Wants(0, horizon, {})
    spans = reading.spans(asked.scope, asked.rule["when"])
    found: dict[str, Due] = {}
    for n, at in _moments(reading, asked.rule, started, horizon):
        if at >= asked.first and _within(spans, at):
            day = worktime.local_day(at, calendar)
            key, made = _making(reading, asked, Cause(record, at, nth=n, period=day), n)
            found.setdefault(key, made)
    return Wants(0, horizon, found)


def _moments(reading: Reading, rule: Rule, started: int, horizon: int) -> Iterator[tuple[int, int]]:
    """Yield (which one, ms): each interval is the number in force at the one before.

    Intervals count from the moment since which that number holds, so that a month that was cut to
    the length of a shorter one does not stay short.
    """
    moment = base = _later(reading, rule["after"], started) if rule["after"] else started
    n = steps = 0
    number: tuple[int, str] | None = None
    while moment is not None and base is not None:
        setting = reading.setting(rule["every"], moment)
        value, unit = setting["value"] or 0, setting["unit"]
        if (value, unit) != number:
            number, base, steps = (value, unit), moment, 0
        times = reading.setting(rule["times"], moment)["value"] if rule["times"] else None
        if value <= 0 or (times is not None and n >= times):
            return
        n, steps = n + 1, steps + 1
        moment = worktime.add(base, steps * value, unit, reading.calendar(moment))
        if moment >= horizon:
            return
        yield n, moment


def _later(reading: Reading, key: str, at: int) -> int | None:
    setting = reading.setting(key, at)
    if setting["value"] is None:
        return None
    return worktime.add(at, setting["value"], setting["unit"], reading.calendar(at))


# Follows


def _made_of(reading: Reading, asked: Question) -> Wants:
    rule, found = asked.rule, dict[str, Due]()
    record = reading.record(asked.scope)
    if record is None or not declared(rule["when"])(record) or _unless(reading, rule, record):
        return Wants(0, EVER, found)
    for n, act in enumerate(reading.took(asked.scope, rule["on"]), 1):
        if _about(reading, rule, record, act["at"]) >= asked.first:
            for each in _eaches(reading, rule, record):
                key, made = _making(reading, asked, Cause(record, act["at"], nth=n, each=each), n)
                found.setdefault(key, made)
    return Wants(0, EVER, found)


def _eaches(reading: Reading, rule: Rule, record: Record) -> Iterator[Record | None]:
    """Yield what a follow makes something for: each record that is found, each of a list, each
    key of a map with what all maps of the record hold there.
    """
    if isinstance(rule["for_each"], dict):
        found = reading.find(rule["for_each"], record)
        reading.look_up(found)
        yield from (reading.record(one) for one in found)
        return
    if not rule["for_each"]:
        yield None
        return
    held = record.get(rule["for_each"]) or ()
    maps = {name: value for name, value in record.items() if isinstance(value, dict)}
    for key in held:
        if isinstance(held, dict):
            yield {"key": key, **{name: value.get(key) for name, value in maps.items()}}
        else:
            yield {"_id": key}


def _unless(reading: Reading, rule: Rule, record: Record) -> bool:
    return rule["unless"] is not None and bool(reading.find(rule["unless"], record))


def _about(reading: Reading, rule: Rule, record: Record, at: int) -> int:
    """Return the moment (ms) that counts for the rule's first day: the day a fact is about."""
    if not rule["dated"]:
        return at
    day = record.get(rule["dated"])
    return 0 if type(day) is not int else worktime.day_starts(day, reading.calendar(at))


def _said_of(reading: Reading, asked: Question) -> Wants:
    """Say it while the selector fits, take it back from when it does not."""
    rule, found = asked.rule, dict[str, Due]()
    record = reading.record(asked.scope)
    took = reading.took(asked.scope, rule["on"])
    if record is None or not took or _unless(reading, rule, record):
        return Wants(0, EVER, found)
    targets = _targets(reading, rule, record)
    reading.look_up(targets)
    began = took[0]["at"]
    spans = [
        (max(begins, began), ends)
        for begins, ends in reading.spans(asked.scope, rule["when"])
        if ends > began
    ]
    for n, (begins, ends) in enumerate(spans, 1):
        if _about(reading, rule, record, begins) < asked.first:
            continue
        for target in targets:
            each = reading.record(target)
            for sign, act, at in (("+", rule["says"], begins), ("-", rule["unsays"], ends)):
                if at != EVER:
                    cause = Cause(record, at, nth=n, each=each)
                    data = data_of(reading, rule, cause, act)
                    found[f"{target}{sign}{n}"] = Due(target, act, at, data)
    return Wants(0, EVER, found)


def _targets(reading: Reading, rule: Rule, record: Record) -> list[str]:
    if isinstance(rule["to"], dict):
        return reading.find(rule["to"], record)
    value = record.get(rule["to"])
    return [value] if isinstance(value, str) else []


# Judges


def _judged(reading: Reading, asked: Question) -> Wants:
    rule = asked.rule
    record = reading.record(asked.scope)
    took = reading.took(asked.scope, rule["on"])
    if record is None or not took or took[0]["at"] < asked.first:
        return Wants(0, EVER, {})
    at = took[0]["at"]
    judged = _verdict(reading, rule, record, at)
    if judged is None:
        return Wants(0, EVER, {})
    act = rule["clears"] if judged is False and rule["clears"] else rule["says"]
    data = data_of(reading, rule, Cause(record, at, judged=judged), act)
    return Wants(0, EVER, {"": Due(asked.scope, act, at, data)})


def _verdict(reading: Reading, rule: Rule, record: Record, at: int) -> str | bool | None:
    """Return a band, whether it is so, or None for what cannot be told."""
    if rule["finds"] is not None:
        return bool(reading.find(rule["finds"], record))
    values = [record.get(name) for name in rule["reads"]]
    if any(value is None for value in values):
        return None
    if rule["same"]:
        return bool(values[0] == values[1])
    if rule["within"]:
        return _in_time(reading, rule, record, values)
    if rule["bands"]:
        low, high = (reading.setting(key, at)["value"] for key in rule["bands"])
        if low is None or high is None:
            return None
        return "low" if values[0] < low else "middle" if values[0] <= high else "high"
    most = reading.setting(rule["less"], at)["value"] if rule["less"] is not True else values[1]
    return None if most is None else bool(values[0] < most)


def _in_time(reading: Reading, rule: Rule, record: Record, values: list[Any]) -> bool | None:
    """Say whether the second moment came in time; nobody is judged by one that was drawn in."""
    drawn = {act["_id"] for act in reading.acts(record["_id"]) if "said_at" in act}
    if any(record["setters"].get(name, [""])[0] in drawn for name in rule["reads"]):
        return None
    latest = _later(reading, rule["within"], values[0])
    return None if latest is None else bool(values[1] <= latest)
