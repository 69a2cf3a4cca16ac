"""Runs coroutines in an event loop in a thread of its own: Playwright's runs in the tests'."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, TypeVar

from tests.limits import COMMAND, joined

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], patience: float = COMMAND) -> T:
        """Return what a coroutine returns or raise what it raises, TimeoutError when it is late."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(patience)

    def close(self) -> None:
        """End it, and what runs in it."""
        self.run(_ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        joined(self._thread, what="the loop to stop")
        self._loop.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine in a loop of its own."""
    with closing(Loop()) as loop:
        return loop.run(coroutine)


async def _ended() -> None:
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
