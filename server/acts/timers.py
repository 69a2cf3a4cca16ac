"""One row for each rung that a running clock has ahead or behind: the next moment, stored."""

from __future__ import annotations

from typing import Any

from sync import ladder
from sync.check_act import Declarations, Record
from sync.memoize import memoize

TimerRow = tuple[str, str, int, int, int | None]  # record, ladder, rung, due_at, told_at


def has_clocks(declarations: Declarations, kind: str) -> bool:
    """Say whether records of a kind have ladders at all."""
    return bool(ladders_of(declarations, kind))


def ladders_of(declarations: Declarations, kind: str) -> dict[str, Any]:
    """Return the ladders of a kind of record by their names."""
    return _by_kind(declarations).get(kind, {})


@memoize
def _by_kind(declarations: Declarations) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, declared in declarations["ladders"].items():
        found.setdefault(declared["record"], {})[name] = declared
    return found


def rows(
    declarations: Declarations,
    record: Record,
    settings: dict[str, Any],
    calendar: dict[str, Any],
) -> list[TimerRow]:
    """Return the timers of a record, all of them: they replace those it had."""
    return [
        (
            record["_id"],
            clock["ladder"],
            clock["rung"],
            clock["due_at"],
            told_at(record, clock["ladder"], clock["rung"], clock["due_at"]),
        )
        for clock in ladder.clocks(declarations, record, settings, calendar)
    ]


def told_at(record: Record, name: str, rung: int, due_at: int) -> int | None:
    """Return when somebody was told of a rung, or of a higher one, after it was due.

    A deadline that moved on is told anew; one that moved back over a telling is not. Read from
    the record alone, so that folding its acts again gives the same timers.
    """
    steps = record["rungs"].get(name, ())
    told = [
        step["at"]
        for step in steps
        if step["rung"] >= rung and step["at"] >= due_at and "annulled_at" not in step
    ]
    return min(told, default=None)
