"""Timers: one stored row for each rung of a running ladder, with the moment when it is due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sync import ladder
from sync.check_act import Declarations, Record, fields_of
from sync.selector import states
from sync.worktime import HOURS, OF_THE_SITE

CALENDAR = "calendar"  # in place of a setting's key: days off or worked changed

TimerRow = tuple[str, str, int, int, int | None]  # record, ladder, rung, due_at (ms), told_at (ms)


def has_ladders(declarations: Declarations, kind: str) -> bool:
    """Say whether records of a kind have ladders at all."""
    return kind in ladder.by_kind(declarations)


def ladders_of(declarations: Declarations, kind: str) -> dict[str, Any]:
    """Return {name: ladder} of a kind of record."""
    return ladder.by_kind(declarations).get(kind, {})


def live_states(declarations: Declarations, kind: str) -> set[str]:
    """Return the states in which records of a kind are open, or some ladder of theirs may run."""
    declared = declarations["records"][kind]
    every = {value for value, _label in declared["states"]}
    selectors = [one["runs_while"] for one in ladders_of(declarations, kind).values()]
    named = (states(one) for one in (declared["open_when"], *selectors))
    return set().union(*(every if one is None else one for one in named))


def kinds_counted_by(
    declarations: Declarations, settings: dict[str, Any], keys: Collection[str]
) -> set[str]:
    """Return the kinds whose ladders count by one of some settings, or by the days of CALENDAR."""
    named, days = set(keys), CALENDAR in keys or not set(keys).isdisjoint(HOURS)
    if days:
        named |= {key for key, setting in settings.items() if setting["unit"] in OF_THE_SITE}
    return {
        declared["record"]
        for declared in declarations["ladders"].values()
        if any(named.intersection(settings_of(rung)) for rung in declared["rungs"])
        or (days and _counts_days(declarations, declared))
    }


def settings_of(rung: dict[str, Any]) -> list[str]:
    """Return the keys of the settings that say when a rung is due."""
    counted = rung["at_least"][1:]
    return [key for key in (*rung["after"], rung["before"], rung["again"], *counted) if key]


def _counts_days(declarations: Declarations, declared: dict[str, Any]) -> bool:
    """Say whether a ladder counts from a field that is a day, which ends when the site closes."""
    fields = fields_of(declarations["records"][declared["record"]])
    names = (counted_from(declared, number) for number in range(1, len(declared["rungs"]) + 1))
    return any(fields[name]["kind"] == "day" for name in names if name in fields)


def counted_from(declared: dict[str, Any], number: int) -> str:
    """Return the field that a rung of a ladder is counted from."""
    return str(declared["rungs"][number - 1]["until"] or declared["starts"])


def as_since(
    declarations: Declarations, declared: dict[str, Any], record: Record, number: int
) -> dict[str, int]:
    """Return `{"since": what a rung was counted from}` for its step, or {} where nobody asks.

    A rung by a date may be due before what it is counted from, so that its moment does not say
    whether the ladder started anew since.
    """
    dated = any(rung["until"] or rung["before"] for rung in declared["rungs"])
    if not dated and not _counts_days(declarations, declared):
        return {}
    return {"since": record[counted_from(declared, number)]}


def rows(
    declarations: Declarations,
    record: Record,
    settings: dict[str, Any],
    calendar: dict[str, Any],
) -> list[TimerRow]:
    """Return all timers of a record; they replace those it had."""
    declared = ladders_of(declarations, record["type"])
    return [
        (
            record["_id"],
            one["ladder"],
            one["rung"],
            one["due_at"],
            told_at(record, declared[one["ladder"]], one),
        )
        for one in ladder.clocks(declarations, record, settings, calendar)
    ]


def told_at(record: Record, declared: dict[str, Any], one: dict[str, Any]) -> int | None:
    """Return the ms at which somebody was told of a rung, or of a higher one, since it started.

    `one` is the rung as `ladder.clocks` gives it. What was told stays told, whatever becomes of the
    number: only a ladder that starts anew tells anew, and a rung that is told again at its next
    moment. Read from the record alone, so that folding its acts again gives the same timers.
    """
    number, started = one["rung"], record[declared["starts"]]
    again = declared["rungs"][number - 1]["again"]
    told = []
    for step in record["rungs"].get(one["ladder"], ()):
        if step["rung"] < number or "annulled_at" in step:
            continue
        if step["rung"] == number and again and step["due_at"] != one["due_at"]:
            continue
        since = since_of(declared, step)
        if step["due_at"] >= started if since is None else record.get(since[0]) == since[1]:
            told.append(step["at"])
    return min(told, default=None)


def since_of(declared: dict[str, Any], step: dict[str, Any]) -> tuple[str, int] | None:
    """Return (field, what it said) that a step of a dated ladder was counted from, else None."""
    if "since" not in step:
        return None
    return counted_from(declared, step["rung"]), step["since"]
