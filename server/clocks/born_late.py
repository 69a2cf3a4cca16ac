"""Rungs that wait because their record was born late: it arrived when they were due already.

What was written down without a network arrives hours later, with all its rungs behind it. Whoever
is nearest hears first, and the next not before the distance between both has passed: nobody could
act before it was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import reached_rungs
from server.acts.site import Site
from server.database.store import Store
from server.database.tables import acts, timers
from sync.check_act import Record

MOST = 1_000  # rungs that a diagnosis looks at
MOST_HELD = 100_000  # rungs that are kept from one tick to the next

Rung = tuple[str, str, int]  # record, ladder, number
Due = sa.Row[tuple[str, str, int, int]]  # record, ladder, rung, due_at (ms)


class HeldRungs:
    """Rungs that were found held back, until when: a tick a second need not look at each again."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str, int, int], int] = {}  # ms, by rung and its due_at
        self._reference = -1

    def others(self, due: Iterable[Due], reference: int, now: int) -> set[tuple[str, str]]:
        """Return (record, ladder) of the due rungs that are not known to be held back at `now`.

        `reference` is the seq of settings and calendars: another one may move every distance.
        """
        if reference != self._reference or len(self._until) > MOST_HELD:
            self._until.clear()
            self._reference = reference
        return {
            (row.record, row.ladder) for row in due if now >= self._until.get(_as_due(row), now)
        }

    def note(self, rung: Due, until: int) -> None:
        """Keep that a rung is held back until a moment (ms)."""
        self._until[_as_due(rung)] = until


def _as_due(row: Due) -> tuple[str, str, int, int]:
    return row.record, row.ladder, row.rung, row.due_at


def held_back(
    site: Site, connection: sa.Connection, records: Mapping[str, Record], now: int
) -> dict[Rung, int]:
    """Return the rungs of some records that are due at `now` (ms) but not to be told yet.

    Each with the moment (ms) from which it is told.

    A rung's moment moves by as much as the first one was over when the record became known.
    """
    begun = [
        (name, ladder, record, _that_wait(ladder, moments))
        for record in records.values()
        for name, ladder, moments in _started(site, record)
    ]
    starters = {_starter(record, ladder["starts"]) for _, ladder, record, *_ in begun}
    known = _known_at(connection, starters)
    held: dict[Rung, int] = {}
    for name, ladder, record, waiting in begun:
        known_at = known.get(_starter(record, ladder["starts"]))
        if known_at is None or not waiting:
            continue
        late = max(0, known_at - min(waiting.values()))
        told = reached_rungs.covered(record, name)
        for number, due_at in waiting.items():
            if ladder["rungs"][number - 1]["again"] and number in told:
                continue  # to be told again has its own distance
            if due_at <= now < due_at + late:
                held[record["_id"], name, number] = due_at + late
    return held


def _that_wait(ladder: dict[str, Any], moments: list[int | None]) -> dict[int, int]:
    """Return {rung: moment in ms} of those that keep their distance to the first one.

    A rung by a date of the record is due on that date, whenever it became known; one that counts
    something has no moment.
    """
    return {
        number: due_at
        for number, (rung, due_at) in enumerate(zip(ladder["rungs"], moments, strict=True), 1)
        if due_at is not None and not (rung["until"] or rung["before"] or rung["at_least"])
    }


def count_held_back(site: Site, connection: sa.Connection, now: int, patience: int) -> int:
    """Return how many untold rungs that were due `patience` ms ago wait for their own distance."""
    due = sa.select(timers.c.record, timers.c.ladder, timers.c.rung).where(
        timers.c.told_at.is_(None), timers.c.due_at < now - patience
    )
    rows = {tuple(row) for row in connection.execute(due.limit(MOST))}
    bodies = Store(connection).records({str(row[0]) for row in rows})
    records = {name: orjson.loads(stored.body) for name, stored in bodies.items()}
    return len(rows & held_back(site, connection, records, now).keys())


def _started(site: Site, record: Record) -> list[tuple[str, dict[str, Any], list[int | None]]]:
    reference = site.reference()
    return list(
        reached_rungs.started(site.declarations, record, reference.settings, reference.calendar)
    )


def _starter(record: Record, field: object) -> str:
    """Return the id of the act that set the field a ladder starts at."""
    return str(record["setters"].get(field, [""])[0])


def _known_at(connection: sa.Connection, ids: set[str]) -> dict[str, int]:
    """Return {act: ms at which it arrived} of stored acts."""
    wanted = sa.select(acts.c.id, acts.c.received_at).where(acts.c.id.in_(sorted(ids)))
    return {row.id: row.received_at for row in connection.execute(wanted)}
