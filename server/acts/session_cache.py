"""Sessions that this process asked the database about lately: whoever waits is not asked again.

What is known here counts for a second. Twice a second all of it is looked up again at once, so
that a session which ends in another process, or in the database itself, ends here within it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

SURE_FOR = 1.0  # s
KEPT_FOR = 120.0  # s without being used
MOST = 10_000


@dataclass(frozen=True)
class Session:
    """A session as it is stored; moments are ms of the site's clock."""

    digest: str
    person: str
    seen_at: int
    expires_at: int


@dataclass
class _Known:
    session: Session
    asked_at: float
    used_at: float


class SessionCache:
    """What is known of sessions, by the digests of their tokens. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._forgotten = 0

    def moment(self) -> tuple[float, int]:
        """Return what `keep` needs to know: when the database was asked, and what was known."""
        return monotonic(), self._forgotten

    def keep(self, session: Session, moment: tuple[float, int]) -> None:
        """Remember what the database said after that moment."""
        asked_at, forgotten = moment
        with self._lock:
            # A session that ended meanwhile must not come back.
            if forgotten == self._forgotten and len(self._known) < MOST:
                self._known[session.digest] = _Known(session, asked_at, asked_at)

    def find(self, digest: str) -> Session | None:
        """Return a session if it is certain how it stands now."""
        known, now = self._known.get(digest), monotonic()
        if known is None or now - known.asked_at > SURE_FOR:
            return None
        known.used_at = now
        return known.session

    def forget(self, *, digest: str | None = None, person: str | None = None) -> None:
        """A session ended, or all of a person."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key, known in self._known.items() if _is(known, digest, person)]:
                del self._known[key]

    def digests(self) -> list[str]:
        """Return which sessions are to be looked up again."""
        ends = monotonic() - KEPT_FOR
        with self._lock:
            for key in [key for key, known in self._known.items() if known.used_at < ends]:
                del self._known[key]
            return list(self._known)

    def confirm(
        self, asked: Iterable[str], rows: Iterable[Sequence[Any]], moment: tuple[float, int]
    ) -> bool:
        """Take in what the database says of those sessions; return whether one has ended."""
        asked_at, forgotten = moment
        found = {row[0]: Session(*row) for row in rows}
        ended = False
        with self._lock:
            if forgotten != self._forgotten:
                return False  # the next look will say
            for digest in asked:
                known, session = self._known.get(digest), found.get(digest)
                if known is None:
                    continue
                if session is None or session.expires_at < known.session.expires_at:
                    del self._known[digest]
                    ended = True
                else:
                    known.session, known.asked_at = session, max(asked_at, known.asked_at)
        return ended


def _is(known: _Known, digest: str | None, person: str | None) -> bool:
    return known.session.digest == digest or known.session.person == person
