"""Watches every request: gives it an id, counts it, and writes one line about it. Pure ASGI.

A line says who and which device by their ids, and the route instead of the address: what people
search for stands in addresses, and names nobody chose to write down must not stand in a log.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.base.json_log import about
from server.http.request_counts import RequestCounts

log = logging.getLogger("floorwalk.request")

HEADER = "X-Request-Id"
GIVEN = re.compile(r"[\w.-]{8,64}", re.ASCII)
FEEDS = (b"feed=longpoll", b"feed=continuous", b"feed=eventsource")
NOWHERE = "(nowhere)"


class RequestLog:
    """The outermost of all: what it counts is what the other end got."""

    def __init__(
        self,
        app: ASGIApp,
        tally: RequestCounts,
        routes: Iterable[BaseRoute],
        now: Callable[[], int],
    ) -> None:
        self.app = app
        self.tally = tally
        self.now = now
        self.paths: dict[Any, str] = {}
        for route in routes:
            if isinstance(route, Route):
                self.paths.setdefault(route.endpoint, route.path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        known: dict[str, Any] = {
            "request": given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        }
        told = about.set(known)
        held = what_is_held(scope)
        status, begun = 500, perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = known["request"]
            await send(message)

        if held:
            self.tally.held(held, 1)
        try:
            await self.app(scope, receive, watched)
        finally:
            if held:
                self.tally.held(held, -1)
            ms = (perf_counter() - begun) * 1_000
            self._write(scope, known, status, ms, held=bool(held))
            about.reset(told)

    def _write(
        self,
        scope: Scope,
        known: dict[str, Any],
        status: int,
        ms: float,
        *,
        held: bool,
    ) -> None:
        route = self.paths.get(scope.get("endpoint"), NOWHERE)
        self.tally.answered(route, scope["method"], status, None if held else ms)
        is_slow = not held and ms >= self.tally.slow_ms
        level = logging.WARNING if status >= 500 or is_slow else logging.INFO
        if not is_slow and not log.isEnabledFor(level):
            return
        line = {
            **known,
            "route": route,
            "method": scope["method"],
            "status": status,
            "ms": round(ms, 1),
        }
        log.log(level, "held" if held else "answered", extra=line)
        if is_slow:
            self.tally.slow(ms, {"person": None, "device": None, **line, "at": self.now()})


def what_is_held(scope: Scope) -> str:
    """Return what a request waits for, "changes" or "events"; "" if it is answered at once."""
    if scope["path"] == "/events":
        return "events"
    query = scope.get("query_string", b"")
    return "changes" if any(feed in query for feed in FEEDS) else ""
