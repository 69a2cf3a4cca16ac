"""A TCP proxy between a tablet and a server that simulates a named network, changed at any time.

perfect   as the machine is
slow      300 ms more each way, 64 KB/s
lie-fi    connections open and nothing ever comes back
offline   connections are refused and the open ones cut
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

from tests.limits import joined

NAMES = ("perfect", "slow", "lie-fi", "offline")
SLOW_DELAY = 0.3  # s
SLOW_RATE = 64 * 1024  # bytes a second
CHUNK = 16 * 1024


class Network:
    """A TCP proxy on a port of its own to `port`; `name` is the network that it simulates."""

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.name = "perfect"
        self.port = 0
        self.sent = 0  # bytes that went up from the tablet
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    @property
    def url(self) -> str:
        """Where a browser finds the site through this network."""
        return f"http://127.0.0.1:{self.port}"

    def become(self, name: str) -> None:
        """Change what the network is like, for open connections too."""
        assert name in NAMES, f"no network is called {name}"
        self.name = name
        if name == "offline":
            self._do(self._shut())
        else:
            self._do(self._listen())
            if name == "lie-fi":
                self._do(self._cut())  # what was open would go on as it was

    def close(self) -> None:
        """Be gone."""
        self._do(self._shut())
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        joined(self._thread, what="the network to be gone")
        self._loop.close()

    # Private

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()
        self._open.clear()

    async def _end_tasks(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self.name == "lie-fi":
                while await reader.read(CHUNK):
                    pass
                return
            inside, out = await asyncio.open_connection("127.0.0.1", self.upstream)
            self._open.add(out)
            await asyncio.gather(self._pass(reader, out, up=True), self._pass(inside, writer))
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            with contextlib.suppress(OSError):
                writer.close()

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, up: bool = False
    ) -> None:
        try:
            while data := await source.read(CHUNK):
                if self.name == "slow":
                    await asyncio.sleep(SLOW_DELAY + len(data) / SLOW_RATE)
                elif self.name == "lie-fi":
                    continue
                self.sent += len(data) if up else 0
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            self._open.discard(target)
            with contextlib.suppress(OSError):
                target.close()
