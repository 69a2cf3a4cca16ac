"""Founds a site as others were founded before: from a copy of their database.

Making the tables and taking in the first acts is the same for a thousand tests, and takes longer
than many of them. The copy has an identity of its own, as every site has.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

import sync
from server.acts.site import Site
from server.base import private_files
from server.base.config import Config
from server.database import engines, tables

MOST = 8  # sorts of sites that are remembered: those that were asked for last
Make = Callable[[Config, int], None]


@dataclasses.dataclass
class Founded:
    """What a site had in its database before anything happened there."""

    declared: Any  # kept, so that no other declarations come to lie at its address
    file: bytes = b""
    rows: dict[str, list[tuple[Any, ...]]] = dataclasses.field(default_factory=dict)

    def learn(self, config: Config, at: int, make: Make) -> None:
        """Have such a site made, and remember what is in its database."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "floorwalk.db"
            other = dataclasses.replace(config, data=Path(name), database=f"sqlite:///{path}")
            make(other, at)
            engine = engines.connect(other.database)
            with engines.writing(engine) as connection:
                connection.execute(sa.delete(tables.meta))  # each site has an identity of its own
                for table in tables.metadata.sorted_tables:
                    found = [tuple(row) for row in connection.execute(sa.select(table))]
                    if found:
                        self.rows[table.name] = found
            engine.dispose()
            self.file = path.read_bytes()

    def opened(self, config: Config, clock: Callable[[], int]) -> Site:
        """Return a site that begins with this."""
        if config.is_sqlite:
            private_files.make_folder(config.data)
            private_files.make_file(config.file)
            config.file.write_bytes(self.file)
            return Site(config, clock)
        site = Site(config, clock)
        self._fill(site)
        return site

    def _fill(self, site: Site) -> None:
        with site.writing() as connection:
            connection.execute(sa.delete(tables.counter))
            for table, rows in self.rows.items():
                names = [column.name for column in tables.metadata.tables[table].columns]
                marks = ", ".join(["%s"] * len(names))
                statement = f"insert into {table} ({', '.join(names)}) values ({marks})"
                connection.exec_driver_sql(statement, rows)
        site.catch_up()


_founded: OrderedDict[tuple[int, str, int], Founded] = OrderedDict()


def like(config: Config, at: int, make: Make) -> Founded | None:
    """Return what a new site begins with, from the second one on that is like it.

    None where there is something in the database already.
    """
    if not _is_new(config):
        return None
    declared = sync.declarations(config.profile)
    key = (id(declared), config.name, at)
    found = _founded.get(key)
    if found is None:
        _founded[key] = Founded(declared)
        if len(_founded) > MOST:
            _founded.popitem(last=False)
        return None
    _founded.move_to_end(key)
    if not found.file:
        found.learn(config, at, make)
    return found


def _is_new(config: Config) -> bool:
    if config.is_sqlite:
        return not config.file.exists()
    with psycopg.connect(config.url.set(drivername="postgresql").render_as_string(False)) as one:
        (number,) = one.execute("select count(*) from meta").fetchone() or (1,)
    return number == 0  # whoever opened it gave it an identity
