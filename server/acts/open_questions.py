"""What did not fit: acts that wait for a decision, and what each decision would change."""

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
from sync import fold, ladder
from sync.check_act import Record

MOST = 500  # open questions that a page reads; there are a handful


@dataclass(frozen=True)
class Side:
    """One of two things said about a record: an act and when it arrived; None when nothing was."""

    act: dict[str, Any]
    received_at: int


def unsettled(site: Site, rights: Rights) -> list[Record]:
    """Return the records with open questions that the person may see."""
    rows = sa.select(tables.records.c.body, tables.records.c.channels).where(
        tables.records.c.unsettled > 0
    )
    with site.reading() as connection:
        found = connection.execute(rows.limit(MOST)).all()
    return [
        orjson.loads(row.body)
        for row in found
        if access.may_see(rights, orjson.loads(row.channels))
    ]


def count(site: Site, rights: Rights) -> int:
    """Return how many questions and refusals wait for a decision."""
    columns = tables.records.c
    open_refusal = (columns.type == "refusal") & (columns.state == "open")
    rows = sa.select(columns.unsettled, columns.channels).where(
        (columns.unsettled > 0) | open_refusal
    )
    with site.reading() as connection:
        found = connection.execute(rows.limit(MOST)).all()
    return sum(
        max(1, row.unsettled) for row in found if access.may_see(rights, orjson.loads(row.channels))
    )


def said(site: Site, identifiers: Iterable[str]) -> dict[str, Side]:
    """Return acts by their ids, each with the moment it arrived."""
    wanted = sa.select(tables.acts.c.id, tables.acts.c.body, tables.acts.c.received_at)
    wanted = wanted.where(tables.acts.c.id.in_([one for one in identifiers if one]))
    with site.reading() as connection:
        rows = connection.execute(wanted).all()
    return {row.id: Side(orjson.loads(row.body), row.received_at) for row in rows}


def stands_against(record: Record, question: dict[str, Any]) -> str | None:
    """Return the id of the act whose word the record keeps, against the one in question."""
    data, reason = question["data"], question["reason"]
    if reason in ("cannot_undo", "not_yours"):
        undone: str | None = data.get("undoes")
        return undone
    names = [data["field"]] if question["name"].endswith(".edited") else list(data)
    if reason == "not_now":
        names = ["state", *names]
    setters = [record["setters"][name][0] for name in names if name in record["setters"]]
    if reason == "already_exists" or not setters:
        first: str | None = record["acts"].get("first")
        return first
    return str(setters[0] if reason == "not_now" else max(setters))


def seen_then(site: Site, act: dict[str, Any]) -> dict[str, Any] | None:
    """Return the last act of the record that the person had seen when they said theirs."""
    seen = act.get("seen")
    return said(site, [seen])[seen].act if seen and said(site, [seen]) else None


def after(site: Site, record: Record, about: str, choice: str) -> Record:
    """Return what the record would be after a decision; nothing is written."""
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
    """Return the names of fields that a decision would change."""
    names = {*before["setters"], *then["setters"]}
    return sorted(name for name in names if before.get(name) != then.get(name))


def clocks(site: Site, record: Record) -> dict[str, int]:
    """Return {ladder: next moment} of the clocks that run on a record."""
    reference = site.reference()
    found: dict[str, int] = {}
    for clock in ladder.clocks(site.declarations, record, reference.settings, reference.calendar):
        found.setdefault(clock["ladder"], clock["due_at"])
    return found
