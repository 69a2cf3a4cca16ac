"""Closes connections that take too long over one request: uvicorn itself waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 10.0  # s from the first byte to the end of the headers; also for a silent connection
BODY_WITHIN = 30.0  # s more for the body
SLOWEST = 16_000  # bytes a second of a body that says how long it is


class DeadlineProtocol(HttpToolsProtocol):
    """An HTTP connection whose requests have to arrive whole within a time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection is open: its first request has to come soon."""
        super().connection_made(transport)
        self._within(HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._within(None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request came."""
        self._within(HEAD_WITHIN)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What is left is the body."""
        super().on_headers_complete()
        length = next((v for k, v in self.headers if k == b"content-length"), b"0")
        self._within(BODY_WITHIN + (int(length) / SLOWEST if length.isdigit() else 0))

    def on_message_complete(self) -> None:
        """The request is whole; how long the answer takes is our own affair."""
        self._within(None)
        super().on_message_complete()

    def _within(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self._expired)

    def _expired(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
