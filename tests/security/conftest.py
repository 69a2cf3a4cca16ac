"""Fixtures of the attacks: the sites of the server's tests, and their clockwork."""

from __future__ import annotations

import pytest

from server.acts.site import Site
from tests.clock import Clock
from tests.journeys.conftest import holds_a_tablet, hospital
from tests.server.clockwork import Clockwork
from tests.server.conftest import (
    cast,
    clock,
    database,
    every_site_is_closed,
    pytest_generate_tests,
    served,
    site,
)

__all__ = [
    "cast",
    "clock",
    "database",
    "every_site_is_closed",
    "holds_a_tablet",
    "hospital",
    "pytest_generate_tests",
    "served",
    "site",
]


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    """The tick and the jobs of the site."""
    return Clockwork(site, clock)
