"""Who waits for which channels, in one event loop, and the answers that several of them share."""

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
from sync.feed import Channels, Token

Value = TypeVar("Value")

TOGETHER = 0.003  # s; commits that follow each other so closely wake those who wait once
MOST_HELD = 32  # answers that one person may have wait at the same time
ANSWERS_KEPT = 256
LONGEST_KEPT = 32 << 10  # bytes of an answer
PLACES_KEPT = 4_096


@dataclass(frozen=True)
class SharedPage:
    """Rows of the feed as they are sent; whoever asks for the same gets the same bytes."""

    rows: list[bytes]
    last: str
    pending: int
    whole: bytes = b""  # what is said instead of rows
    token: Token | None = None  # the same as `last`, where it is known
    _packed: dict[str, bytes] = field(default_factory=dict, compare=False)

    def body(self, packing: str = "") -> bytes:
        """Return the page as one JSON, packed or not."""
        found = self._packed.get(packing)
        if found is None:
            rows = b",\n".join(self.rows)
            tail = protocol.changes_tail(self.last, self.pending)
            plain = self.whole or protocol.changes_head() + rows + tail
            found = self._packed[packing] = packed(plain, packing) if packing else plain
        return found


class Endable(Protocol):
    """An answer that is held back until there is something to say."""

    def end(self) -> None:
        """Say what there is, and be done."""


class FeedWakeups:
    """Futures by channels, and what is held for each person."""

    def __init__(self, hub: ChangeHub, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[Channels, set[asyncio.Future[bool]]] = {}
        self._held: dict[str, OrderedDict[Endable, None]] = {}
        self._changed: set[str] | None = None  # None when nobody is about to be woken
        self.pages: LruCache[SharedPage] = LruCache(ANSWERS_KEPT)
        # Up to which seq nothing came for the holder of a token: that stays true for ever.
        self.quiet: LruCache[int] = LruCache(PLACES_KEPT)

        def committed(channels: frozenset[str], _seq: int) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._gather, channels)

        self._stop = hub.listen(committed)

    def close(self) -> None:
        """Listen no more."""
        self._stop()

    # Waiting

    def wait(self, channels: Channels) -> asyncio.Future[bool]:
        """Return what is done, with True, when something changes in one of the channels."""
        future: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.setdefault(channels, set()).add(future)
        return future

    def leave(self, channels: Channels, future: asyncio.Future[bool]) -> None:
        """Wait no more."""
        waiting = self._waiting.get(channels)
        if waiting is not None:
            waiting.discard(future)
            if not waiting:
                del self._waiting[channels]

    def _gather(self, channels: frozenset[str]) -> None:
        """Wake a moment later: whoever made the change is answered first, and others may follow."""
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
        """Hold an answer; one too many ends the oldest, whose other end may be long gone."""
        mine = self._held.setdefault(person, OrderedDict())
        mine[held] = None
        if len(mine) > MOST_HELD:
            oldest, _ = mine.popitem(last=False)
            oldest.end()

    def gone(self, person: str, held: Endable) -> None:
        """It is answered."""
        mine = self._held.get(person)
        if mine is not None:
            mine.pop(held, None)
            if not mine:
                del self._held[person]


class LruCache(Generic[Value]):
    """The newest entries of a mapping. Any thread may use it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return what is kept, or None."""
        return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Keep it, and forget the oldest."""
        self._kept[key] = value
        with contextlib.suppress(KeyError):  # another thread forgot it
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
