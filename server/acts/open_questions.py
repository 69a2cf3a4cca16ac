"""Open questions: acts that conflict with their record, and what each decision would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import access
from server.acts.access import Rights
from server.acts.site import Site
from server.database import tables
from sync import fold, ladder, maps
from sync.check_act import Record

MOST = 500  # open questions that a page reads; in practice there are a handful


@dataclass(frozen=True)
class Side:
    """One of two conflicting acts, with the moment (ms) at which it arrived."""

    act: dict[str, Any]
    received_at: int


def unsettled(site: Site, rights: Rights) -> list[Record]:
    """Return the records with open questions that a person with these rights may see."""
    wanted = sa.select(
        tables.records.c.body, tables.records.c.channels, tables.records.c.hides
    ).where(tables.records.c.unsettled > 0)
    with site.reading() as connection:
        open_rows = connection.execute(wanted.limit(MOST)).all()
    return [
        orjson.loads(row.body)
        for row in open_rows
        if access.may_see(rights, orjson.loads(row.channels), hides=row.hides)
    ]


def count(site: Site, rights: Rights) -> int:
    """Return the number of open questions and refusals that the person may see.

    What was said of a record that nobody made waits for it: it is shown, and counts for nothing.
    """
    columns = tables.records.c
    open_refusal = (columns.type == "refusal") & (columns.state == "open")
    wanted = sa.select(columns.unsettled, columns.channels, columns.hides).where(
        ((columns.unsettled > 0) & (columns.state != "unknown")) | open_refusal
    )
    with site.reading() as connection:
        open_rows = connection.execute(wanted.limit(MOST)).all()
    return sum(
        max(1, row.unsettled)
        for row in open_rows
        if access.may_see(rights, orjson.loads(row.channels), hides=row.hides)
    )


def sides_by_id(site: Site, identifiers: Iterable[str]) -> dict[str, Side]:
    """Return {id: side} of the stored acts among the ids."""
    wanted = sa.select(tables.acts.c.id, tables.acts.c.body, tables.acts.c.received_at)
    wanted = wanted.where(tables.acts.c.id.in_([one for one in identifiers if one]))
    with site.reading() as connection:
        rows = connection.execute(wanted).all()
    return {row.id: Side(orjson.loads(row.body), row.received_at) for row in rows}


def stands_against(record: Record, question: dict[str, Any]) -> str | None:
    """Return the id of the act whose value the record keeps, against the act in question."""
    data, reason = question["data"], question["reason"]
    if reason in ("cannot_undo", "not_yours"):
        undone: str | None = data.get("undoes")
        return undone
    names = [data["field"]] if question["name"].endswith(".edited") else paths(record, data)
    if reason == "not_now":
        names = ["state", *names]
    setters = [record["setters"][name][0] for name in names if name in record["setters"]]
    if reason == "already_exists" or not setters:
        first: str | None = record["acts"].get("first")
        return first
    return str(setters[0] if reason == "not_now" else max(setters))


def paths(record: Record, data: dict[str, Any]) -> list[str]:
    """Return the fields that data says, and the paths of keys that the record has answers to."""
    found = list(data)
    for name, value in data.items():
        keys = [f"{name}.{key}" for key in value] if isinstance(value, dict) else []
        found += [path for path in keys if path in record["setters"]]
    return found


def seen_then(site: Site, act: dict[str, Any]) -> dict[str, Any] | None:
    """Return the last act of the record that the author of an act had seen, or None."""
    seen = act.get("seen")
    return sides_by_id(site, [seen])[seen].act if seen and sides_by_id(site, [seen]) else None


def after(site: Site, record: Record, about: str, choice: str) -> Record:
    """Return the record as a decision would leave it; nothing is written."""
    act = {
        "_id": "act:" + "Z" * 26,
        "act": f"{record['type']}.decided",
        "record": record["_id"],
        "at": site.now(),
        "by": "system:site",
        "device": "device:office",
        "site": site.config.name,
        "v": 1,
        "seen": record["acts"]["last"],
        "data": {"about": about, "choice": choice},
    }
    return fold.apply(site.declarations, record, act)


def changes(before: Record, then: Record) -> list[str]:
    """Return the fields, and paths of keys, that differ between two states of a record."""
    names = {*before["setters"], *then["setters"]}
    return sorted(name for name in names if maps.read(before, name) != maps.read(then, name))


def running_deadlines(site: Site, record: Record) -> dict[str, int]:
    """Return {ladder: next deadline in ms} of the ladders that run on a record."""
    reference = site.reference()
    next_due: dict[str, int] = {}
    for deadline in ladder.clocks(
        site.declarations, record, reference.settings, reference.calendar
    ):
        next_due.setdefault(deadline["ladder"], deadline["due_at"])
    return next_due
