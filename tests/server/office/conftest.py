"""The office of a site: Wu and Chen at their desks, Lin on the floor, Zhao without a post."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from server.acts.site import Site
from server.app import build
from server.database.tables import accounts
from server.http import passwords
from tests.cast import PEOPLE
from tests.server.office.window import PASSWORD, Window


@cache
def kept_password() -> str:
    """One slow hash for a password that everybody here has."""
    return passwords.hashed(PASSWORD)


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
            made.signs_in(login)
        return made

    return opened


@pytest.fixture
def wu(window: Callable[..., Window]) -> Window:
    """The manager's window: all of the office is hers."""
    return window("wu")
