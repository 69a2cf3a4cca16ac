"""Access log: gives every request an id, counts it, and writes one line about it.

A line names person and device by their ids, and the route instead of the address: addresses hold
what people search for, and a patient's name must not stand in a log.
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

from server.acts import security_log
from server.base.json_log import about
from server.http.request_counts import RequestCounts

log = logging.getLogger("floorwalk.request")

HEADER = "X-Request-Id"
ACCEPTED_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
FEEDS = (b"feed=longpoll", b"feed=continuous", b"feed=eventsource")
NOWHERE = "(nowhere)"


class RequestLog:
    """The outermost middleware: it counts what the client really got."""

    def __init__(
        self,
        app: ASGIApp,
        counts: RequestCounts,
        routes: Iterable[BaseRoute],
        now: Callable[[], int],
    ) -> None:
        self.app = app
        self.counts = counts
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
        request_id = headers.get(HEADER, "")
        details: dict[str, Any] = {
            "request": request_id if ACCEPTED_ID.fullmatch(request_id) else secrets.token_hex(8)
        }
        previous = about.set(details)
        client = scope.get("client")
        came_from = security_log.address.set(client[0] if client else "")
        held = what_is_held(scope)
        status, begun = 500, perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = details["request"]
            await send(message)

        if held:
            self.counts.held(held, 1)
        try:
            await self.app(scope, receive, watched)
        finally:
            if held:
                self.counts.held(held, -1)
            ms = (perf_counter() - begun) * 1_000
            self._write(scope, details, status, ms, held=bool(held))
            about.reset(previous)
            security_log.address.reset(came_from)

    def _write(
        self,
        scope: Scope,
        details: dict[str, Any],
        status: int,
        ms: float,
        *,
        held: bool,
    ) -> None:
        route = self.paths.get(scope.get("endpoint"), NOWHERE)
        self.counts.answered(route, scope["method"], status, None if held else ms)
        is_slow = not held and ms >= self.counts.slow_ms
        level = logging.WARNING if status >= 500 or is_slow else logging.INFO
        # Tablets ask many times a second: do not build a line that nobody will read.
        if not is_slow and not log.isEnabledFor(level):
            return
        line = {
            **details,
            "route": route,
            "method": scope["method"],
            "status": status,
            "ms": round(ms, 1),
        }
        log.log(level, "held" if held else "answered", extra=line)
        if is_slow:
            self.counts.slow(ms, {"person": None, "device": None, **line, "at": self.now()})


def what_is_held(scope: Scope) -> str:
    """Return what a request is held for, "changes" or "events"; "" if it is answered at once."""
    if scope["path"] == "/events":
        return "events"
    query = scope.get("query_string", b"")
    return "changes" if any(feed in query for feed in FEEDS) else ""
