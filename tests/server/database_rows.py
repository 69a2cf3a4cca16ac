"""Reads a site's tables into a form that tests compare."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

from server.acts.site import Site
from server.database import tables


def rows(site: Site, table: str) -> list[dict[str, Any]]:
    """Return every row of a table."""
    with site.reading() as connection:
        found = connection.execute(tables.metadata.tables[table].select())
        return [dict(row._mapping) for row in found]


def records(site: Site, *kinds: str) -> dict[str, Any]:
    """Return the records of some kinds by id, without their revision."""
    found = {row["id"]: orjson.loads(row["body"]) for row in rows(site, "records")}
    for record in found.values():
        record.pop("_rev")
    return {name: record for name, record in sorted(found.items()) if record["type"] in kinds}


def offered(site: Site, *kinds: str) -> set[tuple[str, str]]:
    """Return (channel, record) of everything that is offered now."""
    return {
        (row["channel"], row["record"])
        for row in rows(site, "changes")
        if not row["removed"] and row["record"].partition(":")[0] in kinds
    }


def timers(site: Site) -> set[tuple[Any, ...]]:
    """Return every timer."""
    return {tuple(row.values()) for row in rows(site, "timers")}


def one(site: Site, record: str) -> dict[str, Any]:
    """Return a record that must be there."""
    found = site.record(record)
    assert found is not None, f"{record} is not there"
    return found


def told(site: Site) -> Counter[tuple[str, str, int]]:
    """Return how often each rung (record, ladder, number) was notified or skipped."""
    counted: Counter[tuple[str, str, int]] = Counter()
    for row in rows(site, "acts"):
        if row["act"].endswith(".rung_reached"):
            act = orjson.loads(row["body"])
            for rung in (act["data"]["rung"], *act["data"]["skipped"]):
                counted[act["record"], act["data"]["ladder"], rung] += 1
    return counted
