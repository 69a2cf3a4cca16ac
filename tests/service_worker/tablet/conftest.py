"""Fixtures of the tablet's tests: a tablet, a stub site that fails as told, a named network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.network import Network
from tests.stub_site import StubSite
from tests.tablet import Tablet


@pytest.fixture
def site(generated: Path) -> Iterator[StubSite]:
    """The site, listening."""
    site = StubSite().start()
    yield site
    site.stop()


@pytest.fixture
def network(site: StubSite) -> Iterator[Network]:
    """The network between the tablet and the site; perfect to begin with."""
    network = Network(site.port)
    yield network
    network.close()


@pytest.fixture
def new_tablet(
    playwright: Playwright, network: Network, tmp_path: Path
) -> Iterator[Callable[[], Tablet]]:
    """Make tablets that nobody has used yet."""
    made: list[Tablet] = []

    def make() -> Tablet:
        made.append(Tablet(playwright, network.url, tmp_path / f"tablet-{len(made)}"))
        return made[-1]

    yield make
    for tablet in made:
        tablet.close()


@pytest.fixture
def tablet(new_tablet: Callable[[], Tablet]) -> Tablet:
    """Lin's tablet, set up, showing the page "More"."""
    tablet = new_tablet()
    tablet.open("/floor/more")
    tablet.wait_for_floor()
    return tablet
