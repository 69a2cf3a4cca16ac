"""Copies one moment of a database to a SQLite file, and such a file into a PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.base.config import sqlite_url
from server.database import engines
from server.database.tables import counter, metadata

BATCH = 2_000  # rows
Counts = dict[str, int]  # rows by table


class OtherVersion(RuntimeError):
    """The database's tables are of another version than this program."""


def version_of(connection: sa.Connection) -> str:
    """Return the version of a database's tables; "" for a database without any."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    version = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    return str(version or "")


def seq_of(engine: sa.Engine) -> int:
    """Return the newest seq of a database."""
    with engines.reading(engine) as connection:
        return int(connection.execute(sa.select(counter.c.seq)).scalar_one())


def snapshot(engine: sa.Engine, path: Path) -> None:
    """Write one moment of a database to a new SQLite file; others go on writing meanwhile.

    Raises OtherVersion for a PostgreSQL whose tables are not those of this program.
    """
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            assert raw.driver_connection is not None
            # Outside SQLAlchemy: VACUUM may not run in a transaction, and the engine begins one.
            raw.driver_connection.execute("VACUUM INTO ?", (str(path),))
        finally:
            raw.close()
        return
    copy = engines.connect(sqlite_url(path))
    try:
        with engines.reading(engine) as source:
            version = version_of(source)
            if version != engines.VERSION:
                raise OtherVersion(version)
            with engines.writing(copy) as target:
                engines.create(target)
                for table in metadata.sorted_tables:
                    for rows in _batches(source, table):
                        target.execute(sa.insert(table), rows)
        with copy.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        copy.dispose()


def pour(path: Path, connection: sa.Connection) -> None:
    """Copy the rows of a SQLite file into the empty tables of a PostgreSQL."""
    copy = engines.connect(sqlite_url(path))
    raw: Any = connection.connection.driver_connection
    try:
        with engines.reading(copy) as source:
            for table in metadata.sorted_tables:
                names = ", ".join(f'"{column.name}"' for column in table.columns)
                with raw.cursor().copy(f'copy "{table.name}" ({names}) from stdin') as into:
                    for row in source.execution_options(yield_per=BATCH).execute(sa.select(table)):
                        into.write_row(tuple(row))
    finally:
        copy.dispose()


def counted(path: Path) -> Counts:
    """Return {table: rows} of a SQLite file."""
    copy = engines.connect(sqlite_url(path))
    try:
        with engines.reading(copy) as connection:
            names = sa.inspect(connection).get_table_names()
            return {
                name: connection.execute(
                    sa.select(sa.func.count()).select_from(sa.table(name))
                ).scalar_one()
                for name in sorted(names)
            }
    finally:
        copy.dispose()


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    rows = connection.execution_options(yield_per=BATCH).execute(sa.select(table))
    for part in rows.mappings().partitions(BATCH):
        yield [dict(row) for row in part]
