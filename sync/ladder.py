"""Escalation ladders: which run on a record, and when each of their rungs is due.

Twin: service_worker/rules/ladder.js.
"""

from __future__ import annotations

from typing import Any

from sync import selector, statements, worktime

Settings = dict[str, Any]  # {key: {"value", "unit", …}}


def runs(ladder: dict[str, Any], record: dict[str, Any]) -> bool:
    """Say whether a ladder runs on this record now; on what was withdrawn none does."""
    started = record.get(ladder["starts"])
    if type(started) is not int or statements.is_withdrawn(record):
        return False
    return selector.declared(ladder["runs_while"])(record)


def rung_moments(
    ladder: dict[str, Any], started: int, settings: Settings, calendar: worktime.Calendar
) -> list[int | None]:
    """Return the moment (ms) of each rung; None for a rung whose setting is not set."""
    moments: list[int | None] = []
    for rung in ladder["rungs"]:
        moment: int | None = started
        for key in rung["after"]:
            setting = settings[key]
            if setting["value"] is None or moment is None:
                moment = None
                break
            moment = worktime.add(moment, setting["value"], setting["unit"], calendar)
        moments.append(moment)
    return moments


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
    for name, ladder in declarations["ladders"].items():
        if ladder["record"] != record["type"] or not runs(ladder, record):
            continue
        moments = rung_moments(ladder, record[ladder["starts"]], settings, calendar)
        for number, (rung, due_at) in enumerate(zip(ladder["rungs"], moments, strict=True), 1):
            if due_at is not None:
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
