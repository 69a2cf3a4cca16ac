"""Cache of sessions that this process read from the database lately, for held requests.

An entry counts for a second. Twice a second all of them are read again in one query, so that a
session that ends in another process, or in the database itself, ends here within that second.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

SURE_FOR = 1.0  # s that an entry counts after it was read
KEPT_FOR = 120.0  # s without use; longer than the longest poll, so that a waiter stays cached
MOST = 10_000  # sessions


@dataclass(frozen=True)
class Session:
    """A stored session; moments are ms of the site's clock."""

    digest: str
    person: str
    seen_at: int
    expires_at: int


@dataclass
class _Entry:
    session: Session
    asked_at: float
    used_at: float


class SessionCache:
    """Cached sessions by the digests of their tokens. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._forgotten = 0

    def moment(self) -> tuple[float, int]:
        """Return what `keep` and `confirm` need: when the database is asked, and what was
        forgotten.
        """
        return monotonic(), self._forgotten

    def keep(self, session: Session, moment: tuple[float, int]) -> None:
        """Cache a session that was read after that moment."""
        asked_at, forgotten = moment
        with self._lock:
            # A session that ended meanwhile must not come back.
            if forgotten == self._forgotten and len(self._entries) < MOST:
                self._entries[session.digest] = _Entry(session, asked_at, asked_at)

    def find(self, digest: str) -> Session | None:
        """Return a session that was read within SURE_FOR, else None."""
        entry, now = self._entries.get(digest), monotonic()
        if entry is None or now - entry.asked_at > SURE_FOR:
            return None
        entry.used_at = now
        return entry.session

    def forget(self, *, digest: str | None = None, person: str | None = None) -> None:
        """Drop one session by its digest, or all of a person."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key, entry in self._entries.items() if _is(entry, digest, person)]:
                del self._entries[key]

    def digests(self) -> list[str]:
        """Return the digests of the sessions to read again."""
        ends = monotonic() - KEPT_FOR
        with self._lock:
            for key in [key for key, entry in self._entries.items() if entry.used_at < ends]:
                del self._entries[key]
            return list(self._entries)

    def confirm(
        self, asked: Iterable[str], rows: Iterable[Sequence[Any]], moment: tuple[float, int]
    ) -> bool:
        """Take in the rows of the sessions in `asked`; return whether one of them has ended."""
        asked_at, forgotten = moment
        sessions = {row[0]: Session(*row) for row in rows}
        ended = False
        with self._lock:
            if forgotten != self._forgotten:
                return False  # one ended here meanwhile; the next reading will tell
            for digest in asked:
                entry, session = self._entries.get(digest), sessions.get(digest)
                if entry is None:
                    continue
                if session is None or session.expires_at < entry.session.expires_at:
                    del self._entries[digest]
                    ended = True
                else:
                    entry.session, entry.asked_at = session, max(asked_at, entry.asked_at)
        return ended


def _is(entry: _Entry, digest: str | None, person: str | None) -> bool:
    return entry.session.digest == digest or entry.session.person == person
