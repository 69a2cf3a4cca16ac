"""Figures of a day: visits by the hour, and the share of what was done in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from server.database.tables import acts, records
from sync.display_format import DAY, HOUR, OFFSET, date_parts
from sync.worktime import UNITS

WATER, ENQUIRY = ("water_at",), ("asked_at", "told_at", "explained_at")  # W-02, W-03
ANSWER = ("responded_at",)  # C-04
TOGETHER = 500  # acts read at once
NEAR = 3_600_000  # ms; an act that arrived sooner was not drawn in for its age

Settings = dict[str, Any]
Seen = list[sa.ColumnElement[bool]]  # conditions that keep figures to what a person may see


@dataclass(frozen=True)
class DoneInTime:
    """How many tasks were due, and how many of them were done in time."""

    due: int
    in_time: int

    @property
    def percent(self) -> int | None:
        """Whole percent; None when nothing was due."""
        return self.in_time * 100 // self.due if self.due else None


def by_hour(connection: sa.Connection, seen: Seen, begins: int, until: int) -> list[int]:
    """Return the number of visits that began in each hour, up to that of `until` (ms)."""
    moments = sa.select(records.c.opened_at).where(
        records.c.type == "arrival", records.c.opened_at.between(begins, until), *seen
    )
    hours = [0] * (min(until - begins, DAY - 1) // HOUR + 1)
    for at in connection.scalars(moments):
        hours[(at - begins) // HOUR if at < begins + DAY else -1] += 1
    return hours


def has_any(connection: sa.Connection, kind: str, begins: int, until: int) -> bool:
    """Say whether any record of a kind was opened between two moments (ms)."""
    one = sa.select(records.c.id).where(
        records.c.type == kind, records.c.opened_at.between(begins, until)
    )
    return connection.execute(one.limit(1)).first() is not None


def kept_waits(
    connection: sa.Connection, seen: Seen, settings: Settings, begins: int, until: int
) -> tuple[DoneInTime, DoneInTime]:
    """Return how water (W-02) and enquiry (W-03) were kept in waits begun in a span (ms)."""
    bodies = sa.select(records.c.body).where(
        records.c.type == "waiting",
        records.c.state.in_(("waiting", "ended")),
        records.c.opened_at.between(begins, until),
        *seen,
    )
    waits = [orjson.loads(body) for body in connection.scalars(bodies)]
    water, asked = (
        length(settings, "waiting.water_after"),
        length(settings, "waiting.enquire_after"),
    )
    counted = [wait for wait in waits if wait.get("outcome") != "twice"]
    unsure = drawn_in(connection, counted, ("started_at", *WATER, *ENQUIRY))
    sure = [wait for wait in counted if wait["_id"] not in unsure]
    return (
        _count_done(sure, "started_at", WATER, "ended_at", water, until),
        _count_done(sure, "started_at", ENQUIRY, "ended_at", asked, until),
    )


def kept_answers(
    connection: sa.Connection, seen: Seen, settings: Settings, begins: int, until: int
) -> DoneInTime:
    """Return how first responses (C-04) were kept that were due in a span (ms), or given in it."""
    limit = length(settings, "complaint.first_response")
    bodies = sa.select(records.c.body).where(
        records.c.type == "complaint",
        records.c.state.not_in(("undone", "merged")),
        records.c.opened_at.between(begins - limit, until),
        *seen,
    )
    taken = [orjson.loads(body) for body in connection.scalars(bodies)]
    of_day = [
        one
        for one in taken
        if begins <= (one.get("responded_at") or one.get("taken_at", 0) + limit) <= until
    ]
    unsure = drawn_in(connection, of_day, ("taken_at", *ANSWER))
    sure = [one for one in of_day if one["_id"] not in unsure]
    return _count_done(sure, "taken_at", ANSWER, "settled_at", limit, until)


def drawn_in(
    connection: sa.Connection, rows: list[dict[str, Any]], names: tuple[str, ...]
) -> set[str]:
    """Return the ids of records with a stamp whose moment the server drew in.

    What the device said was not plausible: such a moment orders acts, and judges nobody.
    """
    by_act = {row["setters"][name][0]: row["_id"] for row in rows for name in names if name in row}
    columns, found = acts.c, set()
    ids = sorted(by_act)
    for start in range(0, len(ids), TOGETHER):
        wanted = sa.select(columns.id, columns.body).where(
            columns.id.in_(ids[start : start + TOGETHER]), columns.received_at > columns.at + NEAR
        )
        for row in connection.execute(wanted):
            if b'"said_at"' in bytes(row.body):
                found.add(by_act[row.id])
    return found


def _count_done(
    rows: list[dict[str, Any]], start: str, done: tuple[str, ...], end: str, limit: int, now: int
) -> DoneInTime:
    """Count tasks done in time or overdue; one that ended before its time is neither.

    `done` are the stamps that a task is done with: all of them, the last one decides.
    """
    due = in_time = 0
    for row in rows:
        began = row.get(start)
        if began is None:
            continue
        did = max(row[name] for name in done) if all(name in row for name in done) else None
        if did is not None and did - began <= limit:
            due, in_time = due + 1, in_time + 1
        elif did is not None or (row.get(end) or now) - began > limit:
            due += 1
    return DoneInTime(due, in_time)


def length(settings: Settings, key: str) -> int:
    """Return a setting of minutes or hours in ms; 0 when the site has not set it."""
    setting = settings[key]
    return int(setting["value"] or 0) * UNITS[setting["unit"]]


def first_hour(*days: list[int]) -> int:
    """Return the first hour in which anybody came, over all days given."""
    hours = [hour for day in days for hour, number in enumerate(day) if number]
    return min(hours, default=8)


def hour_of(at: int) -> int:
    """Return the hour of the day on the site."""
    return date_parts(at, OFFSET)[3]
