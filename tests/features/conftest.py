"""Fixtures of the screens' tests: a small hospital on a stub site, a tablet in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.features.house import House
from tests.tablet import Tablet

Hand = Callable[[str], Tablet]


@pytest.fixture
def house(generated: Path) -> Iterator[House]:
    """The site, listening; nobody is on the floor yet."""
    site = House().start()
    yield site
    site.stop()


@pytest.fixture
def tablet_of(house: House, playwright: Playwright, tmp_path: Path) -> Iterator[Hand]:
    """tablet_of("lin") is a tablet with the floor app, signed in as Lin."""
    open_ones: list[Tablet] = []

    def take(login: str) -> Tablet:
        house.person = f"person:{login}"
        tablet = Tablet(playwright, house.url, tmp_path / f"{login}-{len(open_ones)}")
        open_ones.append(tablet)
        tablet.open("/floor/more")
        tablet.wait_for_floor()
        return tablet

    yield take
    for tablet in open_ones:
        tablet.close()
