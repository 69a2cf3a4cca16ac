"""Passwords: argon2id, the same time for who is known and who is not, and a few at once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and two passes (OWASP 2024): a shift of 200 people signs in within seconds on two cores,
# and two at once fit into a server of 1 GB.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST, LONGEST = 8, 200
AT_ONCE = threading.BoundedSemaphore(2)
# Basic sign-in sends the password with every request; what was right stays right for a while.
REMEMBERED = 500


def hashed(password: str) -> str:
    """Return the password as it is kept."""
    with AT_ONCE:
        return HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Say whether it is the password; without one (nobody known) it takes as long to say no."""
    with AT_ONCE:
        try:
            HASHER.verify(kept or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


NOBODY = hashed(secrets.token_hex(16))


class VerifiedPasswords:
    """Remembers, in this process only, which sign-ins were right: as digests, never passwords."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, kept: str, password: str) -> bool:
        """Say whether this password was right for this hash before; a new hash forgets."""
        with self._lock:
            return self._digest(kept, password) in self._right

    def remember(self, kept: str, password: str) -> None:
        """Keep in mind that it was right."""
        with self._lock:
            self._right[self._digest(kept, password)] = None
            if len(self._right) > REMEMBERED:
                self._right.popitem(last=False)

    def _digest(self, kept: str, password: str) -> bytes:
        whole = f"{kept}\x1f{password}".encode()
        return hashlib.blake2b(whole, key=self._salt, digest_size=16).digest()
