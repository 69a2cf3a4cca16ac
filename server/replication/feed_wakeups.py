"""Wakes long polls and continuous feeds when a commit touches their channels; caches their pages.

Everything but `LruCache` belongs to one event loop; commits in other threads are handed over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from server.acts.change_hub import ChangeHub
from server.replication.sync_request import packed
from sync import protocol
from sync.feed_position import Channels, Token

Value = TypeVar("Value")

TOGETHER = 0.003  # s; commits that follow each other so closely wake each waiter once
MOST_HELD = 32  # answers held for one person at a time
PAGES_KEPT = 256  # pages, of LONGEST_KEPT at most: 8 MB
LONGEST_KEPT = 32 << 10  # bytes of a page that is cached
TOKENS_KEPT = 4_096  # tokens whose quiet stretch is remembered


@dataclass(frozen=True)
class SharedPage:
    """A page of the feed as it is sent: everybody who asks for the same gets the same bytes."""

    rows: list[bytes]
    last: str
    pending: int
    whole: bytes = b""  # sent instead of rows: begin again
    token: Token | None = None  # the same as `last`, where it is known
    _packed: dict[str, bytes] = field(default_factory=dict, compare=False)

    def body(self, packing: str = "") -> bytes:
        """Return the page as one JSON, compressed once for each of "", gzip and zstd."""
        encoded = self._packed.get(packing)
        if encoded is None:
            rows = b",\n".join(self.rows)
            tail = protocol.changes_tail(self.last, self.pending)
            plain = self.whole or protocol.changes_head() + rows + tail
            encoded = self._packed[packing] = packed(plain, packing) if packing else plain
        return encoded


class Endable(Protocol):
    """A held answer that can be made to finish early."""

    def end(self) -> None:
        """Send what there is and finish."""


class FeedWakeups:
    """Futures by the channels they wait for, and the answers held for each person."""

    def __init__(self, hub: ChangeHub, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[Channels, set[asyncio.Future[bool]]] = {}
        self._held: dict[str, OrderedDict[Endable, None]] = {}
        self._changed: set[str] | None = None  # None when nobody is about to be woken
        self.pages: LruCache[SharedPage] = LruCache(PAGES_KEPT)
        # By token, up to which seq nothing came for its holder: once true, it stays true for ever.
        self.quiet: LruCache[int] = LruCache(TOKENS_KEPT)

        def committed(channels: frozenset[str], _seq: int) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._gather, channels)

        self._stop = hub.listen(committed)

    def close(self) -> None:
        """Stop listening to the hub."""
        self._stop()

    # Waiting

    def wait(self, channels: Channels) -> asyncio.Future[bool]:
        """Return a future that is done, with True, when one of the channels changes."""
        future: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.setdefault(channels, set()).add(future)
        return future

    def leave(self, channels: Channels, future: asyncio.Future[bool]) -> None:
        """Take a future of `wait` back."""
        waiting = self._waiting.get(channels)
        if waiting is not None:
            waiting.discard(future)
            if not waiting:
                del self._waiting[channels]

    def _gather(self, channels: frozenset[str]) -> None:
        """Wake waiters TOGETHER later: whoever made the change is answered first, others may
        follow.

        An empty set of channels means everybody, as after a change of rights.
        """
        if self._changed is None:
            self._changed = set(channels)
            self._loop.call_later(TOGETHER, self._wake)
        else:
            self._changed = self._changed | channels if channels and self._changed else set()

    def _wake(self) -> None:
        channels, self._changed = self._changed or set(), None
        for held, waiting in self._waiting.items():
            if not channels or not held.isdisjoint(channels):
                for future in waiting:
                    if not future.done():
                        future.set_result(True)

    # What is held for whom

    def enter(self, person: str, held: Endable) -> None:
        """Hold an answer; one too many ends the oldest, whose client may be long gone."""
        mine = self._held.setdefault(person, OrderedDict())
        mine[held] = None
        if len(mine) > MOST_HELD:
            oldest, _ = mine.popitem(last=False)
            oldest.end()

    def gone(self, person: str, held: Endable) -> None:
        """Forget an answer that has been sent."""
        mine = self._held.get(person)
        if mine is not None:
            mine.pop(held, None)
            if not mine:
                del self._held[person]


class LruCache(Generic[Value]):
    """A mapping that keeps its `most` newest entries. Any thread may use it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return the cached value, or None."""
        return self._entries.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Cache a value, and drop the oldest ones."""
        self._entries[key] = value
        with contextlib.suppress(KeyError):  # another thread forgot it
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
