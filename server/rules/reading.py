"""What rules read, as one transaction sees it: histories, numbers and calendars as of a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from server.acts.reached_rungs import in_effective_order
from server.acts.reference import OFFSET
from server.acts.woken_rules import GONE, MERGED, value_of
from server.database.store import Store
from sync import fold, statements, worktime
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.selector import compiled, declared
from sync.settings import with_changes

EVER = 1 << 60
LENGTHS = {**worktime.UNITS, "hour": worktime.MINUTE}  # an hour is a minute of the day
LOWEST, HIGHEST = "", "\U0010ffff"
Span = tuple[int, int]  # ms: from, up to and without


@dataclass
class Reading:
    """One transaction's view. Rosters and dated facts are as they stand, numbers as of a moment."""

    store: Store
    declarations: Declarations
    _acts: dict[str, list[Act]] = field(default_factory=dict)
    _traces: dict[str, list[tuple[Act, Record]]] = field(default_factory=dict)
    _statements: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)
    _settings: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _calendars: dict[int, dict[str, Any]] = field(default_factory=dict)  # by moment
    _published: tuple[list[int], list[dict[str, Any]]] | None = None

    def look_up(self, records: Iterable[str]) -> None:
        """Read the acts of records that are not here yet, in one query."""
        missing = [record for record in dict.fromkeys(records) if record not in self._acts]
        if missing:
            stored = self.store.acts_of(missing)
            for record in missing:
                self._acts[record] = [orjson.loads(body) for body in stored.get(record, [])]

    def look_up_statements(self, marks: Iterable[tuple[str, str]]) -> None:
        """Read what was said of (rule, scope), in one query."""
        missing = {mark: dict[str, bytes]() for mark in marks if mark not in self._statements}
        if missing:
            for rule, scope, key, body in self.store.statements_of({scope for _, scope in missing}):
                if (rule, scope) in missing:
                    missing[rule, scope][key] = bytes(body)
            self._statements |= missing

    def statements(self, rule: str, scope: str) -> dict[str, bytes]:
        """Return {key: body of the newest statement} of what a rule said of a scope."""
        self.look_up_statements([(rule, scope)])
        return self._statements[rule, scope]

    def acts(self, record: str) -> list[Act]:
        """Return the acts of a record."""
        self.look_up([record])
        return self._acts[record]

    def trace(self, record: str) -> list[tuple[Act, Record]]:
        """Return (act, the record with it) for each act that counts, in their order."""
        if record not in self._traces:
            current: Record | None = None
            steps = []
            for act in fold.in_order(self.declarations, self.acts(record)):
                current = fold.apply(self.declarations, current, act)
                steps.append((act, current))
            self._traces[record] = steps
        return self._traces[record]

    def record(self, identifier: str) -> Record | None:
        """Return a record as it now stands; None for what nobody made, or was taken back."""
        steps = self.trace(identifier)
        return steps[-1][1] if steps and _is_there(steps[-1][1]) else None

    def spans(self, identifier: str, selector: dict[str, Any]) -> list[Span]:
        """Return when a selector fitted a record, by its history as it took effect.

        What was undone never was, and what a decision let in was from its own moment on. What is
        said today of a duty of next week is so from today on.
        """
        fits = declared(selector)
        spans: list[Span] = []
        begins: int | None = None
        latest = 0
        record: Record | None = None
        for act in in_effective_order(self.declarations, self.acts(identifier)):
            record = fold.apply(self.declarations, record, act)
            makes = statements.is_said(act) and self.declarations["acts"][act["act"]]["creates"]
            latest = latest if makes else max(latest, act["at"])
            fitting = _is_there(record) and fits(record)
            if fitting and begins is None:
                since = max(latest, act["at"])
                # What ended and began in one moment did not end.
                begins = spans.pop()[0] if spans and spans[-1][1] == since else since
            elif not fitting and begins is not None:
                if latest > begins:  # what began and ended in one moment was not there
                    spans.append((begins, latest))
                begins = None
        return spans if begins is None else [*spans, (begins, EVER)]

    def took(self, identifier: str, names: Iterable[str]) -> list[Act]:
        """Return the acts with these names that took effect and stand, in their order.

        When the first that said something is undone, the next that had said the same stands.
        """
        wanted, found = set(names), dict[str, None]()
        by_id = {act["_id"]: act for act in self.acts(identifier)}
        for act, record in self.trace(identifier):
            entry = record["acts"]["recent"][-1]
            if not {"unsettled", "repeat", "void"}.isdisjoint(entry):
                continue
            found[act["_id"]] = None
            if act["act"].endswith(".decided") and act["data"]["choice"] == "accept":
                found[act["data"]["about"]] = None
            if act["act"].endswith(".undone"):
                found.pop(act["data"]["undoes"], None)
                heirs = (e for e in record["acts"]["recent"] if {"repeat", "was"} <= e.keys())
                found.update({e["id"]: None for e in heirs if "undone" not in e})
        standing = [by_id[act] for act in found if act in by_id and by_id[act]["act"] in wanted]
        return sorted(standing, key=lambda act: fold.order(self.declarations, act))

    # Numbers and calendars as of a moment

    def setting(self, key: str, at: int) -> dict[str, Any]:
        """Return a setting as it was at a moment (ms): `{"value", "unit", …}`."""
        known = self._settings.get((key, at))
        if known is not None:
            return known
        identifier = f"setting:{key}"
        then = [record for act, record in self.trace(identifier) if act["at"] <= at]
        changed: dict[str, Any] = with_changes(
            {key: self.declarations["settings"][key]}, [{**r, "_id": identifier} for r in then[-1:]]
        )
        setting = self._settings[key, at] = dict(changed[key])
        return setting

    def length(self, key: str, at: int) -> int | None:
        """Return a setting in ms as it was at a moment (ms); None when it was not set."""
        setting = self.setting(key, at)
        value: int | None = setting["value"]
        return None if value is None else value * LENGTHS[setting["unit"]]

    def calendar(self, at: int) -> dict[str, Any]:
        """Return the calendar as it was at a moment (ms); the first holds for before as well."""
        known = self._calendars.get(at)
        if known is not None:
            return known
        if self._published is None:
            self._published = self._all_published()
        moments, versions = self._published
        hours = {key: self.setting(key, at) for key in worktime.HOURS}
        days = versions[max(0, bisect_right(moments, at) - 1)]
        calendar = {"offset": OFFSET, **worktime.hours(hours), **days}
        self._calendars[at] = calendar
        return calendar

    def _all_published(self) -> tuple[list[int], list[dict[str, Any]]]:
        years = self.store.ids_of("calendar", "", 200)
        self.look_up(years)
        changes = sorted(
            ((act["at"], year, record) for year in years for act, record in self.trace(year)),
            key=lambda change: change[:2],
        )
        moments, versions, now = [0], [dict[str, Any](off=[], work=[])], dict[str, Record]()
        for at, year, record in changes:
            now[year] = record
            moments.append(at)
            versions.append(
                {
                    name: sorted({day for one in now.values() for day in one.get(name) or ()})
                    for name in ("off", "work")
                }
            )
        if len(versions) > 1:  # what was published first counts for the days before as well
            first = moments[1]
            versions[0] = next(
                version
                for at, version in reversed([*zip(moments, versions, strict=True)])
                if at == first
            )
        return moments, versions

    # Finding

    def find(self, find: dict[str, Any], record: Record) -> list[str]:
        """Return the ids of the other records that are found for a record, in order."""
        found: set[str] | None = None
        for name, want in find["where"].items():
            some: set[str] = set()
            for bounds in _bounds(want, record):
                some |= self.store.find(find["of"], name, *bounds)
            if isinstance(want, dict):
                for one in self._merged_with(plain(want, record)):
                    some |= self.store.find(find["of"], name, value_of(one), value_of(one))
            found = some if found is None else found & some
        ids = sorted((found or set()) - {record["_id"]})
        if not find["open"]:
            return ids
        is_open = compiled(self.declarations["records"][find["of"]]["open_when"])
        self.look_up(ids)
        records = {one: self.record(one) for one in ids}
        return [one for one, current in records.items() if current and is_open(current)]

    def _merged_with(self, value: Any) -> set[str]:
        """Return the ids of what a record is by now, and of what became it: links name any."""
        if not isinstance(value, str) or ":" not in value:
            return set()
        found, ahead = {value}, [value]
        while ahead:
            one = ahead.pop()
            kind = one.partition(":")[0]
            if kind not in self.declarations["records"]:
                continue
            near = self.store.find(kind, MERGED, value_of(one), value_of(one))
            steps = self.trace(one)
            into = steps[-1][1].get(MERGED) if steps else None
            near |= {into} if isinstance(into, str) else set()
            ahead += near - found
            found |= near
        return found - {value}


def _is_there(record: Record) -> bool:
    return record["state"] not in GONE and not statements.is_withdrawn(record)


def _bounds(want: Any, record: Record) -> list[tuple[str, str]]:
    """Return the least and greatest values that are looked for: none when the record lacks it,
    several when it has a list of which one is enough.
    """
    if not isinstance(want, list):
        value = plain(want, record)
        some = value if isinstance(value, list) else [] if value is None else [value]
        return [(value_of(one), value_of(one)) for one in some]
    least, most = (plain(one, record) for one in want)
    return [
        (
            LOWEST if least is None else value_of(least),
            HIGHEST if most is None else value_of(most),
        )
    ]


def fitting(find: dict[str, Any], record: Record) -> dict[str, Any]:
    """Return the selector that what is found for a record fits, as long as it is found."""
    selector: dict[str, Any] = {}
    for name, want in find["where"].items():
        if not isinstance(want, list):
            value = plain(want, record)
            selector[name] = {"$in": value} if isinstance(value, list) else value
            continue
        bounds = zip(("$gte", "$lte"), (plain(one, record) for one in want), strict=True)
        selector[name] = {word: value for word, value in bounds if value is not None}
    return selector


def plain(want: Any, record: Record) -> Any:
    """Return a literal, or the field of a record that `Of` names."""
    if isinstance(want, dict) and "$of" in want:
        return record.get(want["$of"])
    return want
