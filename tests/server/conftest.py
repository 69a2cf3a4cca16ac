"""Fixtures of the server's tests: a site for each test with its people, on a fake clock.

Whatever has a site runs on SQLite and on PostgreSQL, but for tests with a browser and those that
have the machine to themselves; one of those for which it matters asks for both by
`@pytest.mark.parametrize("database", BOTH, indirect=True)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.acts.site import Site
from tests import databases
from tests.cast import Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.databases import BOTH, USUAL
from tests.server.served import Served, serving

SLOW = ("browser", "serial")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever asks for a database on both, unless it says something itself."""
    if "database" not in metafunc.fixturenames:
        return
    marks = metafunc.definition.iter_markers("parametrize")
    if not any(mark.args[0] == "database" for mark in marks):
        is_slow = any(metafunc.definition.get_closest_marker(name) for name in SLOW)
        kinds = [USUAL] if is_slow else BOTH
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture
def clock() -> Clock:
    """The morning of an ordinary working day."""
    return Clock()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if getattr(request, "param", USUAL) == "sqlite":
        yield f"sqlite:///{tmp_path / 'floorwalk.db'}"
        return
    url = databases.postgres().new_database()
    yield url
    databases.postgres().drop(url)


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


@pytest.fixture(autouse=True)
def every_site_is_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site that a test opened is closed with it: SQLite forgives, PostgreSQL runs out of room."""
    opened: list[Site] = []
    begin, end = Site.__init__, Site.close

    def opens(self: Site, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        opened.append(self)

    def closes(self: Site) -> None:
        end(self)
        opened[:] = [one for one in opened if one is not self]

    with monkeypatch.context() as patched:
        patched.setattr(Site, "__init__", opens)
        patched.setattr(Site, "close", closes)
        yield
    left = [str(one.config.data) for one in opened]
    for one in opened:
        one.close()
    assert left == [], "sites that nobody closed"
