"""Fixtures of the office's tests: Wu and Chen at desks, Lin on the floor, Zhao without a post."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, Playwright
from starlette.applications import Starlette

from server.acts.site import Site
from server.app import build
from server.database.tables import accounts
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.cast import PEOPLE
from tests.server.office.window import PASSWORD, Window
from tests.server.served import Served


@cache
def kept_password() -> str:
    """A hash for a password that everybody here has: one that is quick to verify."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def app(site: Site) -> Iterator[Starlette]:
    """The application, with an account for each of the four."""
    rows: list[dict[str, Any]] = [
        {
            "person": person,
            "login": person.partition(":")[2],
            "password_hash": kept_password(),
            "failures": 0,
            "locked_until": None,
            "created_at": site.now(),
        }
        for person in PEOPLE
    ]
    with site.writing() as connection:
        connection.execute(sa.insert(accounts), rows)
    return build(site)


@pytest.fixture
def window(app: Starlette) -> Callable[..., Window]:
    """Return a window of somebody who is signed in, or of nobody: window("wu"), window()."""

    def opened(login: str = "", language: str = "en") -> Window:
        made = Window(app, language)
        if login:
            made.is_let_in(login)
        return made

    return opened


@pytest.fixture
def wu(window: Callable[..., Window]) -> Window:
    """The manager's window: all of the office is hers."""
    return window("wu")


@pytest.fixture(scope="session")
def desk_browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all desks of a process; what each keeps is its own."""
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    yield browser
    browser.close()


@pytest.fixture
def page(desk_browser: Browser, served: Served, generated: Path) -> Iterator[Page]:
    """Wu's desk, signed in."""
    context = desk_browser.new_context(
        base_url=served.address, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    cookie: Any = {"name": "floorwalk", "value": served.token("person:wu"), "url": served.address}
    context.add_cookies([cookie])
    opened = context.new_page()
    opened.troubles = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))  # type: ignore[attr-defined]
    opened.on("console", lambda said: _listen(opened, said))
    yield opened
    troubles = opened.troubles  # type: ignore[attr-defined]
    context.close()
    assert troubles == []


def _listen(page: Any, said: Any) -> None:
    if said.type == "error" and "422" not in said.text:
        page.troubles.append(said.text)
