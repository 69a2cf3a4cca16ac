"""Closes connections whose request or whose reader is too slow, or whose headers do not end.

uvicorn itself waits for ever, and buffers every header that comes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 10.0  # s from the first byte to the end of the headers; also for a silent connection
BODY_WITHIN = 30.0  # s more for the body, besides its length at SLOWEST
MOST_HEAD = 64 << 10  # bytes of address and headers
MOST_ADDRESS = 16 << 10  # bytes; E5: an id of 7,000 characters fits, even in two bytes each
TOO_MUCH = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n"
# E2.7: a replicator that gets 414 halves the list of revisions it asks for.
TOO_LONG = b"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n\r\n"
READ_WITHIN = 60.0  # s for a client to read what waits for it in our memory
SLOWEST = 16_000  # bytes a second of a body that says how long it is


class DeadlineProtocol(HttpToolsProtocol):
    """An HTTP connection whose requests have to arrive whole within a deadline."""

    _late: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        """Start the deadline of the first request when the connection opens."""
        super().connection_made(transport)
        self._within(HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop both deadlines when the connection is closed."""
        self._within(None)
        self._read_by(None)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start a deadline when the client reads more slowly than we write."""
        self._read_by(READ_WITHIN)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Drop that deadline when the client has caught up."""
        self._read_by(None)
        super().resume_writing()

    def on_message_begin(self) -> None:
        """Restart the deadline at the first byte of a request."""
        self._head = 0
        self._within(HEAD_WITHIN)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a part of the address against its limit."""
        self._count(len(url), MOST_ADDRESS, TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header against the limit of all."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Give the body time according to the length it declares."""
        super().on_headers_complete()
        length = next((v for k, v in self.headers if k == b"content-length"), b"0")
        self._within(BODY_WITHIN + (int(length) / SLOWEST if length.isdigit() else 0))

    def on_message_complete(self) -> None:
        """Drop the deadline: how long the answer takes is up to the server."""
        self._within(None)
        super().on_message_complete()

    def _count(self, size: int, most: int = MOST_HEAD, answer: bytes = TOO_MUCH) -> None:
        self._head += size
        if self._head > most and not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()

    def _within(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self._expired)

    def _read_by(self, seconds: float | None) -> None:
        if self._unread is not None:
            self._unread.cancel()
        cut = self.transport.abort  # closing would wait for the reader
        self._unread = None if seconds is None else self.loop.call_later(seconds, cut)

    def _expired(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
