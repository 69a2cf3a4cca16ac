"""Fixtures of the journeys: a hospital for each file, tablets on named networks, and Wu's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.journeys.hospital import PASSWORD, Hospital
from tests.journeys.people import Desk, Guide


@pytest.fixture(scope="module")
def hospital(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The hospital, open."""
    made = Hospital(tmp_path_factory.mktemp("hospital"), generated).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def holds_a_tablet(
    playwright: Playwright, hospital: Hospital, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Guide]]:
    """Give somebody a tablet that nobody has used yet, and have them sign in."""
    made: list[Guide] = []

    def give(login: str) -> Guide:
        profile = tmp_path_factory.mktemp(f"tablet-{login}")
        made.append(Guide(playwright, hospital, login, profile))
        return made[-1]

    yield give
    for guide in made:
        guide.puts_it_away()


@pytest.fixture(scope="module")
def at_a_desk(playwright: Playwright, hospital: Hospital) -> Iterator[Callable[[str], Desk]]:
    """Seat somebody in the office, signed in: at_a_desk("wu")."""
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )

    def seat(login: str) -> Desk:
        context = browser.new_context(
            base_url=hospital.url,
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page = context.new_page()
        page.goto("/sign-in?target=/office/")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.locator("form:has(#password) button").click()
        page.wait_for_selector("#password", state="detached")
        return Desk(page)

    yield seat
    browser.close()
