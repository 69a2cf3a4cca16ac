"""Load generator: many tablets that hold a long poll at once, each on its own connection."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

LAST = re.compile(rb'"last_seq":\s*"?([^",}\s]+)')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
BEAT = 10_000  # ms, as PouchDB asks for


class Tablet(asyncio.Protocol):
    """Holds a long poll, notes when its answer was whole, and asks again."""

    def __init__(self, url: str, headers: str, heard: Callable[[Tablet, bytes, float], None]):
        where = urlsplit(url)
        self.host, self.port = where.hostname or "", where.port or 80
        self.headers = f"Host: {where.netloc}\r\n{headers}\r\n\r\n"
        self.path = where.path
        self.heard = heard
        self.answers = 0
        self.faults: list[str] = []
        self.since = ""
        self._ended = False
        self._left = bytearray()
        self._transport: Any = None

    async def open(self) -> None:
        """Connect, and learn where the feed stands."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self.host, self.port)
        self._ask("since=now&limit=1")
        async with asyncio.timeout(60):
            while not self.since:
                await asyncio.sleep(0.002)

    def close(self) -> None:
        """Hang up."""
        self._ended = True
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended:
            self.faults.append(f"hung up: {exc}")

    def data_received(self, data: bytes) -> None:
        self._left += data
        body = _whole(self._left)
        if body is None:
            return
        at, status = time.perf_counter(), bytes(self._left[9:12])
        self._left.clear()
        last = LAST.search(body[-200:])
        if status != b"200" or last is None:
            self.faults.append(repr(body[:200]))
            return
        self.answers += 1
        self.since = quote(last[1].decode())
        self._ask(f"feed=longpoll&heartbeat={BEAT}&include_docs=true&since={self.since}&limit=100")
        self.heard(self, body, at)

    def _ask(self, query: str) -> None:
        self._transport.write(f"GET {self.path}?{query} HTTP/1.1\r\n{self.headers}".encode())


def _whole(got: bytearray) -> bytes | None:
    """Return the body of an answer once it is all there."""
    head, found, rest = bytes(got).partition(b"\r\n\r\n")
    if not found:
        return None
    length = LENGTH.search(head)
    if length is not None:
        return rest if len(rest) >= int(length[1]) else None
    return rest if rest.endswith(b"0\r\n\r\n") else None


class Crowd:
    """Tablets that wait, and what they saw: seconds from the writing of a document."""

    def __init__(self) -> None:
        self.tablets: list[Tablet] = []
        self.delays: list[float] = []
        self._written = (b"", 0.0)
        self._lacking: set[Tablet] = set()
        self._all_saw = asyncio.Event()

    async def gather(self, many: list[tuple[str, str]]) -> None:
        """Have a tablet wait for each (URL of `_changes`, headers)."""
        for url, headers in many:
            self.tablets.append(Tablet(url, headers, self._heard))
        for start in range(0, len(self.tablets), 20):
            await asyncio.gather(*(tablet.open() for tablet in self.tablets[start : start + 20]))
        await asyncio.sleep(1)

    async def see(self, name: str, write: Any, who: list[Tablet] | None = None) -> float:
        """Write a document that some see, wait for all of them; return seconds until taken."""
        began = time.perf_counter()
        self._written = (name.encode(), began)
        self._lacking = set(self.tablets if who is None else who)
        self._all_saw.clear()
        await write()
        taken = time.perf_counter() - began
        await asyncio.wait_for(self._all_saw.wait(), 60)
        return taken

    def _heard(self, tablet: Tablet, body: bytes, at: float) -> None:
        name, began = self._written
        if tablet in self._lacking and name in body:
            self.delays.append(at - began)
            self._lacking.discard(tablet)
            if not self._lacking:
                self._all_saw.set()

    def faults(self) -> list[str]:
        """Return what went wrong."""
        return [fault for tablet in self.tablets for fault in tablet.faults]

    def close(self) -> None:
        """Send everybody home."""
        for tablet in self.tablets:
            tablet.close()
