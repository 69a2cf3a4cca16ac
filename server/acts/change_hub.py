"""Tells those who wait that something was committed: long polls, the office's live pages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

TAIL = 256  # changes of a channel that are answered from memory


@dataclass(frozen=True)
class Change:
    """A record as it was committed, ready to be sent; `body` is None in a channel it left."""

    seq: int
    id: str
    rev: str
    body: bytes | None


def published_of(rows: Iterable[Sequence[Any]], after: int) -> dict[str, list[Change]]:
    """Return by channel what stored records say: rows of (seq, id, rev, channels, past, body)."""
    found: dict[str, list[Change]] = {}
    for seq, name, rev, channels, past, body in rows:
        change = Change(seq, name, rev, bytes(body))
        for channel in orjson.loads(channels):
            found.setdefault(channel, []).append(change)
        for channel, left_at in orjson.loads(past).items():
            if left_at > after:
                found.setdefault(channel, []).append(Change(left_at, name, rev, None))
    for changes in found.values():
        changes.sort(key=lambda change: change.seq)
    return found


class ChangeHub:
    """The newest changes of each channel, and who is to be called when there are more.

    Listeners are called in the thread that committed, after the commit, and must return at once:
    an event loop's `call_soon_threadsafe` is what they are for. They are told the channels in which
    something changed; none of them when it may be any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tails: dict[str, deque[Change]] = {}
        self._heads: dict[str, int] = {}
        self._listeners: set[Callable[[frozenset[str], int], None]] = set()
        self._floor: int | None = None  # tails know everything that came after it
        self.seq = 0
        self.closed = False

    def start_at(self, seq: int) -> None:
        """Say which seq the database stands at, so that tails know how far back they reach."""
        with self._lock:
            if self._floor is None:
                self._floor = self.seq = seq

    def publish(self, changes: dict[str, list[Change]], before: int, seq: int) -> bool:
        """Take in what was committed, by channel, between two seqs, and call the listeners.

        What is known already is passed over. Return False, and take in nothing, when something
        between what is known and `before` is lacking: another process committed that.
        """
        fresh: set[str] = set()
        with self._lock:
            if before > self.seq:
                return False
            known, self.seq = self.seq, max(self.seq, seq)
            for channel, rows in changes.items():
                new = [change for change in rows if change.seq > known]
                if new:
                    self._tails.setdefault(channel, deque(maxlen=TAIL)).extend(new)
                    self._heads[channel] = new[-1].seq
                    fresh.add(channel)
        if fresh:
            self._call(frozenset(fresh))
        return True

    def wake_all(self) -> None:
        """Have everybody look whether they may still wait."""
        self._call(frozenset())

    def skip_to(self, seq: int) -> None:
        """Say that the database is at `seq`, too far away to be told what others wrote."""
        with self._lock:
            if seq <= self.seq:
                return
            self._forget(seq)
        self._call(frozenset())

    def _forget(self, seq: int) -> None:
        self._floor = self.seq = seq
        self._tails.clear()
        self._heads.clear()

    def _call(self, channels: frozenset[str]) -> None:
        for listener in list(self._listeners):
            listener(channels, self.seq)

    def has_changes_since(self, channels: Iterable[str], seq: int) -> bool:
        """Say whether something came after `seq` in the channels, as far as memory knows."""
        with self._lock:
            if self._floor is None or seq < self._floor:
                return True
            return any(self._heads.get(channel, 0) > seq for channel in channels)

    def changes_since(self, channels: Iterable[str], seq: int) -> list[Change] | None:
        """Return what came after `seq` in the channels, or None when memory is too short."""
        found: dict[int, Change] = {}
        with self._lock:
            if self._floor is None or seq < self._floor:
                return None
            for channel in channels:
                tail = self._tails.get(channel)
                if tail is None or self._heads[channel] <= seq:
                    continue
                if len(tail) == TAIL and tail[0].seq > seq + 1:
                    return None
                for change in reversed(tail):
                    if change.seq <= seq:
                        break
                    if change.body is not None or change.seq not in found:
                        found[change.seq] = change
        newest: dict[str, int] = {}
        for change in found.values():
            newest[change.id] = max(change.seq, newest.get(change.id, 0))
        return [found[at] for at in sorted(found) if newest[found[at].id] == at]

    def listen(self, listener: Callable[[frozenset[str], int], None]) -> Callable[[], None]:
        """Call `listener(channels, seq)` after each commit; return what stops that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def close(self) -> None:
        """Wake everybody for the last time: the server is stopping."""
        self.closed = True
        self._call(frozenset())
