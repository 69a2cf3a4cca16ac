"""SQL as text, run alike on SQLite and PostgreSQL: marks, many rows at once, lists of ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from server.database import tables

Row = Sequence[Any]

COPIED_FROM = 20  # rows from which COPY is faster than an INSERT for each
_BINARY: dict[type, str] = {
    sa.Text: "text",
    tables.Big: "int8",
    tables.Small: "int2",
    tables.Bytes: "bytea",
}
COLUMNS = {
    name: tuple(column.name for column in table.columns)
    for name, table in tables.metadata.tables.items()
}
_TYPES = {
    name: [_BINARY[type(column.type)] for column in table.columns]
    for name, table in tables.metadata.tables.items()
}


class Statements:
    """Statements of one transaction; rows go in and out as tuples."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def _run(self, statement: str, parameters: Any = ()) -> Any:
        if not self._sqlite:
            statement = statement.replace("?", "%s")
        return self.connection.exec_driver_sql(statement, parameters)

    def _many(self, statement: str, rows: list[Any]) -> None:
        if rows:
            self._run(statement, rows)

    def _insert(self, table: str, rows: list[Any], then: str = "") -> None:
        if not self._sqlite and not then and len(rows) >= COPIED_FROM:
            self._copy(table, rows)
            return
        marks = ", ".join("?" * len(COLUMNS[table]))
        names = ", ".join(COLUMNS[table])
        self._many(f"insert into {table} ({names}) values ({marks}) {then}", rows)  # noqa: S608

    def _copy(self, table: str, rows: list[Any]) -> None:
        """Insert many rows by COPY, which only PostgreSQL has."""
        names = ", ".join(COLUMNS[table])
        statement = f"copy {table} ({names}) from stdin (format binary)"
        driver: Any = self.connection.connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(_TYPES[table])
            for row in rows:
                copy.write_row(row)

    def _among(self, ids: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
        if self._sqlite:
            return "in (select value from json_each(?))", (orjson.dumps(list(ids)).decode(),)
        return "= any(?)", (list(ids),)
