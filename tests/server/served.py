"""A site behind real HTTP: uvicorn in a thread of the test, set up as `floorwalk serve` does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from server.acts.site import Site
from server.app import build
from server.http import accounts
from server.serving import Server, settings_of

STARTS_WITHIN = 10  # s


@dataclass
class Served:
    """The address of a site, and people who are signed in to it."""

    site: Site
    address: str
    server: uvicorn.Server
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.address.rpartition(":")[2])

    def token(self, person: str, device: str = "device:test") -> str:
        """Sign a person in without a password; return the cookie's value."""
        return accounts.begin_session(self.site, person, device, "test")

    def client(self, person: str | None = None, **headers: str) -> httpx.Client:
        """Return a client; of a person of the cast, or of nobody."""
        cookies = {}
        if person is not None:
            cookies[accounts.cookie_name(self.site)] = self.token(f"person:{person}")
        made = httpx.Client(
            base_url=self.address, cookies=cookies, headers=headers, timeout=15, trust_env=False
        )
        self._clients.append(made)
        return made

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients:
            client.close()


@contextlib.contextmanager
def serving(site: Site, **changes: Any) -> Iterator[Served]:
    """Serve a site while the block runs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(build(site), **{**settings_of(site.config), **changes})
        server = Server(config, site, "")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        ends = time.monotonic() + STARTS_WITHIN
        while not server.started:
            assert thread.is_alive() and time.monotonic() < ends, "the server did not start"
            time.sleep(0.005)
        scheme = "https" if site.config.certificate else "http"
        served = Served(site, f"{scheme}://127.0.0.1:{port}", server)
        try:
            yield served
        finally:
            served.close()
            site.hub.close()
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive(), "the server did not stop"
