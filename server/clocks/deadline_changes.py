"""Which running deadlines a change of settings or calendar moves, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import timers
from server.acts.reference import KINDS, reference
from server.acts.site import Site
from server.database.store import Store
from server.database.tables import records
from sync import worktime
from sync.check_act import Record
from sync.fold import fold
from sync.ladder import clocks

Moved = dict[str, Any]
PAGE = 500  # records read at once


def moved_deadlines(site: Site, key: str, new_value: int | None) -> list[Moved]:
    """Return the deadlines that a setting's new value would move, before anybody sets it.

    One row for each rung that nobody was told of yet: `{"record", "ladder", "rung", "old_due_at",
    "new_due_at"}`, ms; the soonest of the new ones first. Raises KeyError for an unknown key.
    """
    now = site.settings()
    then = {**now, key: {**now[key], "value": new_value}}
    days = {**site.calendar(), **worktime.hours(then)}
    rows = changes_between(site, (now, site.calendar()), (then, days))
    return [{name: value for name, value in row.items() if name != "of"} for row in rows]


def changes_between(
    site: Site,
    before: tuple[dict[str, Any], dict[str, Any]],
    after: tuple[dict[str, Any], dict[str, Any]],
) -> list[Moved]:
    """Return the deadlines that differ between two pairs of (settings, calendar); `of` is the
    record.
    """
    moved: list[Moved] = []
    for record in _open(site, _kinds(site, before, after)):
        old = _due(site, record, before)
        for rung, due_at in _due(site, record, after).items():
            was = old.get(rung)
            if was is not None and was != due_at:
                row = {"record": record["_id"], "ladder": rung[0], "rung": rung[1]}
                moved.append({**row, "old_due_at": was, "new_due_at": due_at, "of": record})
    moved.sort(key=lambda row: (row["new_due_at"], row["record"], row["ladder"], row["rung"]))
    return moved


def before_the_act(site: Site, act: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (settings, calendar) as they would be without one act of a setting or calendar."""
    with site.reading() as connection:
        store = Store(connection)
        body = store.known_acts([act]).get(act)
        record = orjson.loads(body)["record"] if body else ""
        acts = [orjson.loads(each) for each in store.acts_of([record]).get(record, [])]
    current = site.reference()
    then = {**current.records}
    left = fold(site.declarations, [each for each in acts if each["_id"] != act])
    then.pop(record, None)
    if left is not None:
        then[record] = left
    remaining = [each for each in then.values() if each["type"] in KINDS]
    was = reference(site.declarations, current.seq, remaining, current.grants)
    return was.settings, was.calendar


def _due(
    site: Site, record: Record, numbers_and_days: tuple[dict[str, Any], dict[str, Any]]
) -> dict[tuple[str, int], int]:
    settings, calendar = numbers_and_days
    running = clocks(site.declarations, record, settings, calendar)
    ladders = timers.ladders_of(site.declarations, record["type"])
    return {
        (deadline["ladder"], deadline["rung"]): deadline["due_at"]
        for deadline in running
        if timers.told_at(record, ladders[deadline["ladder"]], deadline) is None
    }


def _kinds(
    site: Site,
    before: tuple[dict[str, Any], dict[str, Any]],
    after: tuple[dict[str, Any], dict[str, Any]],
) -> set[str]:
    """Return the kinds of records whose deadlines may move: most changes move few."""
    (old, days_before), (new, days_after) = before, after
    moved = {key for key, setting in new.items() if old.get(key) != setting}
    if days_before != days_after:
        moved.add(timers.CALENDAR)
    return timers.kinds_counted_by(site.declarations, new, moved)


def _open(site: Site, kinds: set[str]) -> Iterator[Record]:
    """Yield records of some kinds that have a running deadline, a page at a time."""
    after = ""
    while kinds:
        wanted = sa.select(records.c.id, records.c.body).where(
            records.c.type.in_(sorted(kinds)), records.c.due_at.is_not(None), records.c.id > after
        )
        with site.reading() as connection:
            page = connection.execute(wanted.order_by(records.c.id).limit(PAGE)).all()
        for row in page:
            yield orjson.loads(row.body)
        if len(page) < PAGE:
            return
        after = page[-1].id
