"""Baseline: inserts the same rows into bare SQLite, the most that disk and library allow."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pysqlite3

from server.database.engines import PRAGMAS

BATCH = 1_000
TABLES = ("acts", "records", "changes", "timers")


def bare(source: Path, target: Path, acts: int) -> tuple[str, str, str]:
    """Insert the rows that the newest acts of a database made; return a row of the table.

    Nothing is read, checked or replaced, and the rows are tuples already.
    """
    with pysqlite3.connect(source) as connection:
        share = acts / connection.execute("select count(*) from acts").fetchone()[0]
        schema = [
            sql
            for name in TABLES
            for (sql,) in connection.execute(
                "select sql from sqlite_master where tbl_name = ? and sql is not null", (name,)
            )
        ]
        rows = {name: newest(connection, name, share) for name in TABLES}
    bare_ = pysqlite3.connect(target, isolation_level=None)
    for pragma in PRAGMAS:
        bare_.execute("pragma " + pragma)
    for statement in schema:
        bare_.execute(statement)
    went = {name: iter(found) for name, found in rows.items()}
    batches = max(1, acts // BATCH)
    began = time.monotonic()
    for _ in range(batches):
        bare_.execute("begin immediate")
        for name, left in went.items():
            size = -(-len(rows[name]) // batches)
            part = [row for row, _ in zip(left, range(size), strict=False)]
            if part:
                marks = ", ".join("?" * len(part[0]))
                bare_.executemany(f"insert into {name} values ({marks})", part)
        bare_.execute("commit")
    rate = acts / (time.monotonic() - began)
    bare_.close()
    return "the same rows, batch 1,000", "bare SQLite", f"{rate:>7,.0f} a second, nothing checked"


def newest(connection: Any, table: str, share: float) -> list[tuple[Any, ...]]:
    """Return about the share of a table's rows that came last."""
    count = connection.execute(f"select count(*) from {table}").fetchone()[0]
    columns = {"acts": "received_at desc", "records": "seq desc", "changes": "seq desc"}
    order = columns.get(table, "due_at desc")
    many = round(count * min(share, 1))
    return list(connection.execute(f"select * from {table} order by {order} limit {many}"))
