"""Two clients of the server: calls of its functions, which are fast, and HTTP to its application.

Both answer like a network that works: (what came, epoch), or raise Trouble. Whoever tries
something else than the sync interface reaches the house itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol, cast
from urllib.parse import urlencode

import orjson

from server.acts.access import Actor
from server.acts.site import Site
from server.app import build
from server.http import accounts
from server.replication import changes_feed
from server.replication.feed_wakeups import FeedWakeups
from server.replication.sync_request import SyncRequest
from sync import protocol
from tests.cast import SITE
from tests.loop import Loop
from tests.reliability.hospital_template import House


def _nobody_waits(site: Site) -> FeedWakeups:
    """Return what answers are remembered in; nobody is woken, so no loop is needed."""
    return FeedWakeups(site.hub, cast(Any, SimpleNamespace(is_closed=lambda: True)))


class Trouble(Exception):
    """No answer, or one that says to come again: offline, signed_out, busy, stopped."""


@dataclass(frozen=True)
class Pushed:
    """An answer to a push: {act: why it is refused}."""

    refused: dict[str, str]
    epoch: str


@dataclass(frozen=True)
class Page:
    """A page of the feed."""

    rows: list[dict[str, Any]]
    last: str
    pending: int
    epoch: str
    reset: bool = False  # what the tablet holds is nobody's guess: it begins again


class Door(Protocol):
    """The sync interface as a tablet sees it."""

    def push(self, person: str, device: str, acts: list[Any]) -> Pushed: ...

    def pull(self, person: str, device: str, since: str | None, limit: int) -> Page: ...


def asked(since: str | None, limit: int) -> dict[str, str]:
    """Return what a tablet asks `_changes` for."""
    query = {"include_docs": "true", "removed": "true", "limit": str(limit), "since": since or "0"}
    return query if since is not None else {**query, "slice": "now"}


def as_page(body: bytes, epoch: str) -> Page:
    """Read a page."""
    said = orjson.loads(body)
    whole = said.get("reset", False)
    return Page(said["results"], said["last_seq"], said["pending"], epoch, whole)


class Service:
    """Past HTTP: the functions that answer a push and a pull."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._site: object = None
        self._request: Any = None

    def push(self, person: str, device: str, acts: list[Any]) -> Pushed:
        call = self._call(person, device)
        # What goes through HTTP is a copy; nothing that is kept there may be the tablet's own.
        docs = orjson.loads(orjson.dumps(acts))
        verdicts = call.site.accept(docs, Actor(call.person, device))
        refused = {v.id: v.code or "malformed" for v in verdicts if not v.good}
        return Pushed(refused, self.house.epoch)

    def pull(self, person: str, device: str, since: str | None, limit: int) -> Page:
        call = self._call(person, device)
        query = protocol.query(asked(since, limit))
        answer = changes_feed.remembered(call, query, query.since) or changes_feed.read(
            call, query, query.since
        )
        return as_page(answer.page.body(), self.house.epoch)

    def _call(self, identifier: str, device: str) -> SyncRequest:
        site = self.house.site
        if self._site is not site:  # the server is another one since its crash
            self._site = site
            state = SimpleNamespace(site=site, wakeups=_nobody_waits(site))
            self._request = SimpleNamespace(app=SimpleNamespace(state=state))
        person = site.person(identifier)
        if person is None or person.get("active") is False:
            raise Trouble("signed_out")
        return SyncRequest(site, self._request, person, site.rights(identifier), device, b"")


@dataclass
class Asgi:
    """Through the application: sessions, JSON, headers and all, without a socket."""

    house: House
    _site: object = None
    _app: Any = None
    _cookies: dict[str, str] = field(default_factory=dict)
    _loop: Loop = field(default_factory=Loop)

    def push(self, person: str, device: str, acts: list[Any]) -> Pushed:
        body = orjson.dumps({"docs": acts, "new_edits": False})
        said, headers = self.ask(person, device, "POST", "_bulk_docs", {}, body)
        refused = {row["id"]: row["reason"] for row in orjson.loads(said) if "error" in row}
        return Pushed(refused, headers[b"floorwalk-epoch"].decode())

    def pull(self, person: str, device: str, since: str | None, limit: int) -> Page:
        said, headers = self.ask(person, device, "GET", "_changes", asked(since, limit), b"")
        return as_page(said, headers[b"floorwalk-epoch"].decode())

    def close(self) -> None:
        """Be done with it."""
        self._loop.close()

    def ask(
        self, person: str, device: str, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[bytes, dict[bytes, bytes]]:
        """Ask for a path below the site; return the body and the headers, or raise Trouble."""
        self._begin()
        for _ in range(2):  # a session that ran out is begun anew
            if person not in self._cookies:
                token = accounts.begin_session(self.house.site, person, device, "simulated")
                self._cookies[person] = f"{accounts.cookie_name(self.house.site)}={token}"
            status, answered, said = self._sent(person, device, method, path, query, body)
            if status != 401:
                break
            del self._cookies[person]
        if status == 401:
            raise Trouble("signed_out")
        if status >= 500 or status == 429:
            raise Trouble("busy")
        if status >= 400:
            raise Trouble(f"stopped: {status} {said!r}")
        return said, answered

    def _sent(
        self, person: str, device: str, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        headers = {
            "cookie": self._cookies[person],
            "floorwalk-device": orjson.dumps({"id": device}).decode(),
            "content-type": "application/json",
            "content-length": str(len(body)),
            "host": "tablet",
        }
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": f"/sync/{SITE}/{path}",
            "raw_path": f"/sync/{SITE}/{path}".encode(),
            "query_string": urlencode(query).encode(),
            "root_path": "",
            "asgi": {"version": "3.0"},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "server": ("tablet", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        return self._loop.run(_through(self._app, scope, body))

    def _begin(self) -> None:
        if self._site is self.house.site:
            return
        self._site, self._cookies = self.house.site, {}
        self._app = build(self.house.site)
        self._app.state.wakeups = _nobody_waits(self.house.site)


async def _through(
    app: Any, scope: dict[str, Any], body: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[dict[str, Any]] = []
    asked_before = False

    async def receive() -> dict[str, Any]:
        nonlocal asked_before
        if asked_before:
            await asyncio.Event().wait()
        asked_before = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    head = sent[0]
    whole = b"".join(message.get("body", b"") for message in sent[1:])
    return int(head["status"]), dict(head["headers"]), whole
