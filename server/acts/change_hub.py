"""Newest committed changes by channel, in memory; wakes long polls and live pages of the office."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from server.acts.access import hiding_channel

TAIL = 256  # changes of a channel kept in memory; who is further behind asks the database


@dataclass(frozen=True)
class Change:
    """A committed record, ready to be sent; `body` is None in a channel that it left."""

    seq: int
    id: str
    rev: str
    body: bytes | None


def published_of(rows: Iterable[Sequence[Any]], after: int) -> dict[str, list[Change]]:
    """Return {channel: changes} of stored records, for those that other processes committed.

    `rows` are (seq, id, rev, channels, past, hides, body); channels left before `after` are passed
    over.
    """
    by_channel: dict[str, list[Change]] = {}
    for seq, name, rev, channels, past, hides, body in rows:
        change = Change(seq, name, rev, bytes(body))
        for channel in orjson.loads(channels):
            by_channel.setdefault(channel, []).append(change)
        for channel, left_at in orjson.loads(past).items():
            if left_at > after:
                by_channel.setdefault(channel, []).append(Change(left_at, name, rev, None))
        for person in orjson.loads(hides):
            hidden = by_channel.setdefault(hiding_channel(person), [])
            hidden.append(Change(seq, name, rev, None))
    for changes in by_channel.values():
        changes.sort(key=lambda change: change.seq)
    return by_channel


class ChangeHub:
    """The newest changes of each channel, and the listeners to call when there are more.

    Listeners run in the thread that committed, after the commit, and must return at once: an event
    loop's `call_soon_threadsafe` is what they are for. They are given the channels that changed, or
    an empty set when it may be any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tails: dict[str, deque[Change]] = {}
        self._heads: dict[str, int] = {}
        self._listeners: set[Callable[[frozenset[str], int], None]] = set()
        self._floor: int | None = None  # the seq after which the tails are complete
        self.seq = 0
        self.closed = False

    def start_at(self, seq: int) -> None:
        """Set the seq the database stands at, from which on the tails are complete."""
        with self._lock:
            if self._floor is None:
                self._floor = self.seq = seq

    def publish(self, changes: dict[str, list[Change]], before: int, seq: int) -> bool:
        """Add changes that were committed between two seqs, by channel, and call the listeners.

        Changes that are here already are passed over. Returns False, and adds nothing, when changes
        between the hub's seq and `before` are missing: another process committed those.
        """
        fresh: set[str] = set()
        with self._lock:
            if before > self.seq:
                return False
            had, self.seq = self.seq, max(self.seq, seq)
            for channel, rows in changes.items():
                new = [change for change in rows if change.seq > had]
                if new:
                    self._tails.setdefault(channel, deque(maxlen=TAIL)).extend(new)
                    self._heads[channel] = new[-1].seq
                    fresh.add(channel)
        if fresh:
            self._notify(frozenset(fresh))
        return True

    def wake_all(self) -> None:
        """Have every waiter look again, as after a change of rights or sessions."""
        self._notify(frozenset())

    def skip_to(self, seq: int) -> None:
        """Go to `seq` without the changes before it, which are too many to read."""
        with self._lock:
            if seq <= self.seq:
                return
            self._forget(seq)
        self._notify(frozenset())

    def _forget(self, seq: int) -> None:
        self._floor = self.seq = seq
        self._tails.clear()
        self._heads.clear()

    def _notify(self, channels: frozenset[str]) -> None:
        for listener in list(self._listeners):
            listener(channels, self.seq)

    def has_changes_since(self, channels: Iterable[str], seq: int) -> bool:
        """Say whether the channels changed after `seq`; True also when memory is too short."""
        with self._lock:
            if self._floor is None or seq < self._floor:
                return True
            return any(self._heads.get(channel, 0) > seq for channel in channels)

    def changes_since(self, channels: Iterable[str], seq: int) -> list[Change] | None:
        """Return the newest change of each record after `seq` in the channels, ordered by seq.

        None when memory does not reach back that far.
        """
        by_seq: dict[int, Change] = {}
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
                    # One commit may move a record from one of these channels to another: it is
                    # still seen.
                    if change.body is not None or change.seq not in by_seq:
                        by_seq[change.seq] = change
        newest: dict[str, int] = {}
        for change in by_seq.values():
            newest[change.id] = max(change.seq, newest.get(change.id, 0))
        return [by_seq[at] for at in sorted(by_seq) if newest[by_seq[at].id] == at]

    def listen(self, listener: Callable[[frozenset[str], int], None]) -> Callable[[], None]:
        """Call `listener(channels, seq)` after each commit; return a function that stops that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def close(self) -> None:
        """Wake every waiter for the last time: the server is stopping."""
        self.closed = True
        self._notify(frozenset())
