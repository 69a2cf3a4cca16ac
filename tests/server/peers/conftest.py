"""Fixtures of the peers' tests: people with passwords, for programs that sign in, and photos."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from server.acts.site import Site
from server.http import accounts
from tests.server.peers.replicator import Replicator
from tests.server.served import Served

PASSWORD = "floorwalk"


@pytest.fixture
def address(served: Served, site: Site) -> Callable[[str], str]:
    """Return the address of the database with somebody's name and password in it."""

    def of(name: str) -> str:
        if f"person:{name}" not in accounts.logins(site):
            accounts.set_password(site, f"person:{name}", name, PASSWORD)
        return served.address.replace("//", f"//{name}:{PASSWORD}@") + "/sync/demo"

    return of


@pytest.fixture
def replicator(address: Callable[[str], str]) -> Iterator[Callable[[str], Replicator]]:
    """Return replicators that sign in as somebody."""
    made: list[Replicator] = []

    def of(name: str) -> Replicator:
        made.append(Replicator(address(name)))
        return made[-1]

    yield of
    for each in made:
        each.close()


def photo(size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a small picture that is like no other."""
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, "JPEG")
    return file.getvalue()
