"""A site of its own for each test, with Lin, Chen, Wu and Zhao, on a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.site import Site
from tests.cast import Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """The morning of an ordinary working day."""
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A site in a folder of its own."""
    made = made_site(tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    """The people with their tablets."""
    return make_cast(site, clock)
