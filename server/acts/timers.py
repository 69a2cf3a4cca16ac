"""Timers: one stored row for each rung of a running ladder, with the moment when it is due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sync import ladder
from sync.check_act import Declarations, Record
from sync.memoize import memoize
from sync.worktime import HOURS

WORKING_DAYS = "WD"  # the unit that depends on the calendar
CALENDAR = "calendar"  # in place of a setting's key: days off or worked changed

TimerRow = tuple[str, str, int, int, int | None]  # record, ladder, rung, due_at (ms), told_at (ms)


def has_ladders(declarations: Declarations, kind: str) -> bool:
    """Say whether records of a kind have ladders at all."""
    return bool(ladders_of(declarations, kind))


def ladders_of(declarations: Declarations, kind: str) -> dict[str, Any]:
    """Return {name: ladder} of a kind of record."""
    return _by_kind(declarations).get(kind, {})


@memoize
def _by_kind(declarations: Declarations) -> dict[str, dict[str, Any]]:
    by_kind: dict[str, dict[str, Any]] = {}
    for name, declared in declarations["ladders"].items():
        by_kind.setdefault(declared["record"], {})[name] = declared
    return by_kind


def kinds_counted_by(
    declarations: Declarations, settings: dict[str, Any], keys: Collection[str]
) -> set[str]:
    """Return the kinds whose ladders count by one of some settings, or by the days of CALENDAR."""
    named = set(keys)
    if CALENDAR in named or not named.isdisjoint(HOURS):
        named |= {key for key, setting in settings.items() if setting["unit"] == WORKING_DAYS}
    return {
        declared["record"]
        for declared in declarations["ladders"].values()
        if any(named.intersection(rung["after"]) for rung in declared["rungs"])
    }


def rows(
    declarations: Declarations,
    record: Record,
    settings: dict[str, Any],
    calendar: dict[str, Any],
) -> list[TimerRow]:
    """Return all timers of a record; they replace those it had."""
    return [
        (
            record["_id"],
            deadline["ladder"],
            deadline["rung"],
            deadline["due_at"],
            told_at(
                record,
                deadline["ladder"],
                deadline["rung"],
                record[ladders_of(declarations, record["type"])[deadline["ladder"]]["starts"]],
            ),
        )
        for deadline in ladder.clocks(declarations, record, settings, calendar)
    ]


def told_at(record: Record, name: str, rung: int, started: int) -> int | None:
    """Return the ms at which somebody was told of a rung, or of a higher one, since it `started`.

    What was told stays told, whatever becomes of the number: only a ladder that starts anew tells
    anew. Read from the record alone, so that folding its acts again gives the same timers.
    """
    steps = record["rungs"].get(name, ())
    told = [
        step["at"]
        for step in steps
        if step["rung"] >= rung and step["due_at"] >= started and "annulled_at" not in step
    ]
    return min(told, default=None)
