"""A site behind its own ASGI application, without a socket: for thousands of requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from server.acts.site import Site
from server.app import build
from server.http import accounts
from tests.loop import Loop

ADDRESS = "http://127.0.0.1"


@dataclass
class Inside:
    """The application of a site, running in a loop of its own."""

    site: Site
    app: Starlette
    loop: Loop
    _cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, person: str | None, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask as a person of the cast ("lin"), or as nobody."""
        return self.loop.run(self._asked(person, method, path, given))

    def sign_in(self, person: str) -> None:
        """Begin a session, again when the last one ended with the person's leaving."""
        identifier = person if ":" in person else f"person:{person}"
        self._cookies[person] = accounts.begin_session(self.site, identifier, "device:test", "test")

    async def _asked(
        self, person: str | None, method: str, path: str, given: dict[str, Any]
    ) -> httpx.Response:
        cookies = {}
        if person is not None:
            if person not in self._cookies:
                self.sign_in(person)
            cookies[accounts.cookie_name(self.site)] = self._cookies[person]
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=ADDRESS, cookies=cookies
        ) as client:
            return await client.request(method, path, **given)


@contextlib.contextmanager
def inside(site: Site) -> Iterator[Inside]:
    """Run the application of a site while the block runs."""
    with contextlib.closing(Loop()) as loop:
        app = build(site)
        lifespan = app.router.lifespan_context(app)
        loop.run(lifespan.__aenter__())
        try:
            yield Inside(site, app, loop)
        finally:
            loop.run(lifespan.__aexit__(None, None, None))
