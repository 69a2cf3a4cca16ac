"""Escalation ladders: which run on a record, and when each of their rungs is due.

Twin: service_worker/rules/ladder.js.
"""

from __future__ import annotations

from typing import Any

from sync import selector, statements, worktime
from sync.memoize import memoize

Settings = dict[str, Any]  # {key: {"value", "unit", …}}


@memoize
def by_kind(declarations: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {kind of record: {name: ladder}}, so that no record is asked of others' ladders."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, ladder in declarations["ladders"].items():
        found.setdefault(ladder["record"], {})[name] = ladder
    return found


def runs(ladder: dict[str, Any], record: dict[str, Any]) -> bool:
    """Say whether a ladder runs on this record now; on what was withdrawn none does."""
    started = record.get(ladder["starts"])
    if type(started) is not int or statements.is_withdrawn(record):
        return False
    return selector.declared(ladder["runs_while"])(record)


def moment_in(
    declarations: dict[str, Any], record: dict[str, Any], name: str, calendar: worktime.Calendar
) -> int | None:
    """Return the moment (ms) that a field holds; a day stands for its end."""
    value = record.get(name)
    if type(value) is not int:
        return None
    is_day = name in _days(declarations["records"][record["type"]])
    return worktime.day_ends(value, calendar) if is_day else value


@memoize
def _days(kind: dict[str, Any]) -> frozenset[str]:
    return frozenset(field["name"] for field in kind["fields"] if field["kind"] == "day")


def rung_moments(
    declarations: dict[str, Any],
    ladder: dict[str, Any],
    record: dict[str, Any],
    settings: Settings,
    calendar: worktime.Calendar,
) -> list[int | None]:
    """Return the moment (ms) of each rung, for the first time; None for a rung that has none.

    A rung has none when a setting of it is not set, a field of it is empty, or it counts something
    and there are not enough. What is counted later does not move it: it would be told twice.
    """
    moments: list[int | None] = []
    for rung in ladder["rungs"]:
        moment = moment_in(declarations, record, rung["until"] or ladder["starts"], calendar)
        if rung["at_least"] and not _is_counted(rung, record, settings):
            moment = None
        if rung["minutes"] and moment is not None:
            more = record.get(rung["minutes"])
            moment = moment + more * worktime.MINUTE if type(more) is int else None
        for key, sign in _lengths(rung):
            setting = settings[key]
            if setting["value"] is None or moment is None:
                moment = None
                break
            moment = worktime.add(moment, sign * setting["value"], setting["unit"], calendar)
        moments.append(moment)
    return moments


@memoize
def _lengths(rung: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the settings that say when a rung is due, each with 1, or with -1 for before."""
    before = [(rung["before"], -1)] if rung["before"] else []
    return [*((key, 1) for key in rung["after"]), *before]


def _is_counted(rung: dict[str, Any], record: dict[str, Any], settings: Settings) -> bool:
    field, key = rung["at_least"]
    least = settings[key]["value"]
    return least is not None and (record.get(field) or 0) >= least


def told_again(
    rung: dict[str, Any],
    first: int,
    steps: list[dict[str, Any]],
    settings: Settings,
    calendar: worktime.Calendar,
) -> int:
    """Return the moment (ms) of a rung that is told again: the next one after the last telling.

    `first` is its moment for the first time, `steps` are those of the rung that stand. Months are
    counted from the first one, so that none is shortened by a shorter one before.
    """
    every, unit = settings[rung["again"]]["value"], settings[rung["again"]]["unit"]
    told = [step for step in steps if step["due_at"] >= first]
    if not told or not every:
        return first
    last = max(int(step["at"]) for step in told)
    moment = first if unit == "mon" else max(int(step["due_at"]) for step in told)
    if unit in worktime.UNITS:
        length = int(every) * worktime.UNITS[unit]
        return moment + max(1, (last - moment) // length + 1) * length
    times = 1
    while moment <= last:
        if unit == "mon":
            moment = worktime.add(first, times * every, unit, calendar)
        else:
            moment = worktime.add(moment, every, unit, calendar)
        times += 1
    return moment


def clocks(
    declarations: dict[str, Any],
    record: dict[str, Any],
    settings: Settings,
    calendar: worktime.Calendar,
) -> list[dict[str, Any]]:
    """Return the rungs of every ladder that runs, due or ahead, the soonest first.

    Each is `{"ladder", "rung" (its number from 1), "name", "due_at" (ms), "tell"}`.
    """
    rungs_due: list[dict[str, Any]] = []
    for name, ladder in by_kind(declarations).get(record["type"], {}).items():
        if not runs(ladder, record):
            continue
        moments = rung_moments(declarations, ladder, record, settings, calendar)
        for number, (rung, due_at) in enumerate(zip(ladder["rungs"], moments, strict=True), 1):
            if due_at is None:
                continue
            if rung["again"]:
                steps = _steps(record, name, number)
                due_at = told_again(rung, due_at, steps, settings, calendar)
            rungs_due.append(
                {
                    "ladder": name,
                    "rung": number,
                    "name": rung["name"],
                    "due_at": due_at,
                    "tell": rung["tell"],
                }
            )
    rungs_due.sort(key=lambda rung_due: (rung_due["due_at"], rung_due["ladder"], rung_due["rung"]))
    return rungs_due


def _steps(record: dict[str, Any], name: str, number: int) -> list[dict[str, Any]]:
    """Return the steps of one rung that were taken and not annulled."""
    climbed = record.get("rungs", {}).get(name, ())
    return [step for step in climbed if step["rung"] == number and "annulled_at" not in step]


def position(
    declarations: dict[str, Any],
    record: dict[str, Any],
    settings: Settings,
    calendar: worktime.Calendar,
    now: int,
) -> dict[str, Any]:
    """Return where the record stands: `{"reached": [rung…], "next": rung or None, "state"}`.

    state is calm before the first rung, due from a first rung on, over from a second rung of the
    same ladder on; paused when no ladder runs.
    """
    running = clocks(declarations, record, settings, calendar)
    reached = [rung_due for rung_due in running if rung_due["due_at"] <= now]
    ahead = [rung_due for rung_due in running if rung_due["due_at"] > now]
    state = "calm" if running else "paused"
    if reached:
        state = "over" if any(rung_due["rung"] > 1 for rung_due in reached) else "due"
    return {"reached": reached, "next": ahead[0] if ahead else None, "state": state}


def next_due(
    declarations: dict[str, Any],
    record: dict[str, Any],
    settings: Settings,
    calendar: worktime.Calendar,
) -> int | None:
    """Return the ms at which the first rung of any running ladder is (or was) due, or None."""
    running = clocks(declarations, record, settings, calendar)
    return running[0]["due_at"] if running else None
