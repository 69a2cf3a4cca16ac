"""Closes connections that take too long over one request or answer, or whose headers do not end.

uvicorn itself waits for ever, and keeps every header that comes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 10.0  # s from the first byte to the end of the headers; also for a silent connection
BODY_WITHIN = 30.0  # s more for the body
MOST_HEAD = 64 << 10  # bytes of address and headers
MOST_ADDRESS = 16 << 10  # bytes; an id of 7,000 letters fits, also when each is written in two
TOO_MUCH = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n"
# A replicator that gets this asks for fewer revisions at once.
TOO_LONG = b"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n\r\n"
READ_WITHIN = 60.0  # s for whoever reads an answer to take what waits for them in our memory
SLOWEST = 16_000  # bytes a second of a body that says how long it is


class DeadlineProtocol(HttpToolsProtocol):
    """An HTTP connection whose requests have to arrive whole within a time."""

    _late: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        """A connection is open: its first request has to come soon."""
        super().connection_made(transport)
        self._within(HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._within(None)
        self._read_by(None)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The other end reads more slowly than we write: what it leaves here must not stay."""
        self._read_by(READ_WITHIN)
        super().pause_writing()

    def resume_writing(self) -> None:
        """It has read nearly all of it."""
        self._read_by(None)
        super().resume_writing()

    def on_message_begin(self) -> None:
        """The first byte of a request came."""
        self._head = 0
        self._within(HEAD_WITHIN)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address came."""
        self._count(len(url), MOST_ADDRESS, TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """What is left is the body."""
        super().on_headers_complete()
        length = next((v for k, v in self.headers if k == b"content-length"), b"0")
        self._within(BODY_WITHIN + (int(length) / SLOWEST if length.isdigit() else 0))

    def on_message_complete(self) -> None:
        """The request is whole; how long the answer takes is our own affair."""
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
