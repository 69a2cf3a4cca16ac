"""What should exist because of a scope: one pure function for each form of rule.

Each answers with the moments between which it knows, and what it wants there by key. What was said
for other moments stays as it is: the horizon withdraws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from server.rules.reading import EVER, Reading, Span, fitting
from server.rules.values import Cause, Due, Question, Rule, Wants, data_of, item_of, later, make
from sync import worktime
from sync.check_act import Record
from sync.rules import STEPS, WEEKDAYS
from sync.selector import declared

AHEAD = 7  # days that plans look ahead, so that a tablet has its week
MINUTE = worktime.MINUTE


def wanted(reading: Reading, asked: Question) -> Wants:
    """Return what a rule wants for its scope."""
    if asked.rule["form"] == "judge":
        return _judged(reading, asked)
    if asked.rule["form"] == "follow":
        return (_made_of if asked.rule["makes"] else _said_of)(reading, asked)
    by_calendar = asked.rule["every"] in STEPS
    return (_by_calendar if by_calendar else _by_interval)(reading, asked)


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
            make(reading, asked, cause, day, found)
    day_starts = worktime.day_starts
    return Wants(day_starts(start, calendar), day_starts(end, calendar), found)


def _duty(reading: Reading, rule: Rule, record: Record, day: int) -> Cause | None:
    """Return the duty of a day as the numbers and the calendar of its moment say, if there is one.

    A week begins with its Monday or as its rule says, a month with its first.
    """
    on = date(1970, 1, 1) + timedelta(days=day)
    if rule["weekdays"] and WEEKDAYS[on.weekday()] not in (record.get(rule["weekdays"]) or ()):
        return None
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
            make(reading, asked, Cause(record, at, nth=n, period=day), n, found)
    return Wants(0, horizon, found)


def _moments(reading: Reading, rule: Rule, started: int, horizon: int) -> Iterator[tuple[int, int]]:
    """Yield (which one, ms): each interval is the number in force at the one before.

    Intervals count from the moment since which that number holds, so that a month that was cut to
    the length of a shorter one does not stay short.
    """
    moment = base = later(reading, rule["after"], started) if rule["after"] else started
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


# Follows


def _made_of(reading: Reading, asked: Question) -> Wants:
    rule, found = asked.rule, dict[str, Due]()
    record = reading.record(asked.scope)
    if record is None or not declared(rule["when"])(record) or _unless(reading, rule, record):
        return Wants(0, EVER, found)
    if rule["answered"]:
        return Wants(0, EVER, _made_of_answers(reading, asked, record))
    for n, act in enumerate(reading.took(asked.scope, rule["on"]), 1):
        if _about(reading, rule, record, act["at"]) >= asked.first:
            make(reading, asked, Cause(record, act["at"], nth=n), n, found)
    return Wants(0, EVER, found)


def _made_of_answers(reading: Reading, asked: Question, record: Record) -> dict[str, Due]:
    """Return what comes of each item that is answered so, under its key: who answered is one."""
    name, answer = asked.rule["for_each"], asked.rule["answered"]
    acts = {act["_id"]: act for act in reading.acts(asked.scope)}
    found: dict[str, Due] = {}
    for n, (item, said) in enumerate((record.get(name) or {}).items(), 1):
        act = acts.get(record["setters"][f"{name}.{item}"][0])
        if said != answer or act is None:
            continue
        at = act["at"]
        if _about(reading, asked.rule, record, at) >= asked.first:
            make(reading, asked, Cause(record, at, nth=n, each=item_of(record, item)), item, found)
    return found


def _unless(reading: Reading, rule: Rule, record: Record) -> bool:
    return rule["unless"] is not None and bool(reading.find(rule["unless"], record))


def _about(reading: Reading, rule: Rule, record: Record, at: int) -> int:
    """Return the moment (ms) that counts for the rule's first day: the day a fact is about."""
    if not rule["dated"]:
        return at
    day = record.get(rule["dated"])
    return 0 if type(day) is not int else worktime.day_starts(day, reading.calendar(at))


def _said_of(reading: Reading, asked: Question) -> Wants:
    """Say it while the selector fits, take it back from when it does not.

    Of what is found it is said from when it was there to be found: not before it was made, or moved
    to where it is found.
    """
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
    for target in targets:
        each = reading.record(target)
        found_in = _found_in(reading, rule, record, target)
        both = [both for span in spans for other in found_in if (both := _both(span, other))]
        for n, (begins, ends) in enumerate(both, 1):
            if _about(reading, rule, record, begins) < asked.first:
                continue
            for sign, act, at in (("+", rule["says"], begins), ("-", rule["unsays"], ends)):
                if at != EVER:
                    cause = Cause(record, at, nth=n, each=each)
                    data = data_of(reading, rule, cause, act)
                    found[f"{target}{sign}{n}"] = Due(target, act, at, data)
    return Wants(0, EVER, found)


def _found_in(reading: Reading, rule: Rule, record: Record, target: str) -> list[Span]:
    """Return when a target was to be found; what a link names always is."""
    if not isinstance(rule["to"], dict):
        return [(0, EVER)]
    return reading.spans(target, fitting(rule["to"], record))


def _both(one: Span, other: Span) -> Span | None:
    begins, ends = max(one[0], other[0]), min(one[1], other[1])
    return (begins, ends) if begins < ends else None


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
    if not declared(rule["when"])(record):
        return Wants(0, EVER, {})
    at = took[-1]["at"]  # what is said again is judged again, at its own moment
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
        return _are_same(*values)
    if rule["within"]:
        return _in_time(reading, rule, record, values)
    if rule["bands"]:
        low, high = (reading.setting(key, at)["value"] for key in rule["bands"])
        if low is None or high is None:
            return None
        return "low" if values[0] < low else "middle" if values[0] <= high else "high"
    most = reading.setting(rule["less"], at)["value"] if rule["less"] is not True else values[1]
    return None if most is None else bool(values[0] < most)


def _are_same(one: Any, other: Any) -> bool:
    """Say whether two values are alike; of a map, as far as the other one says anything."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(one.get(key) == value for key, value in other.items())
    return bool(one == other)


def _in_time(reading: Reading, rule: Rule, record: Record, values: list[Any]) -> bool | None:
    """Say whether the second moment came in time; nobody is judged by one that was drawn in."""
    drawn = {act["_id"] for act in reading.acts(record["_id"]) if "said_at" in act}
    if any(record["setters"].get(name, [""])[0] in drawn for name in rule["reads"]):
        return None
    latest = later(reading, rule["within"], values[0])
    return None if latest is None else bool(values[1] <= latest)
