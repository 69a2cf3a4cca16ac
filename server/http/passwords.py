"""Password hashing with argon2id, equally slow for unknown logins, and two at a time at most."""

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
SHORTEST, LONGEST = 8, 200  # characters; the longest bounds what a guess can cost
AT_ONCE = threading.BoundedSemaphore(2)
# Basic sign-in sends the password with every request: so many verified ones are remembered, or
# each request would cost a hash.
REMEMBERED = 500


def hashed(password: str) -> str:
    """Return the argon2id hash of a password, as it is stored."""
    with AT_ONCE:
        return HASHER.hash(password)


def is_right(stored_hash: str | None, password: str) -> bool:
    """Say whether a password fits a hash; without one it takes as long to say no."""
    with AT_ONCE:
        try:
            HASHER.verify(stored_hash or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored_hash is not None


NOBODY = hashed(secrets.token_hex(16))  # of an unknown login: an answer must not come sooner


class VerifiedPasswords:
    """Remembers in this process which sign-ins were right, as keyed digests, not passwords."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, stored_hash: str, password: str) -> bool:
        """Say whether this password was verified against this very hash before."""
        with self._lock:
            return self._digest(stored_hash, password) in self._right

    def remember(self, stored_hash: str, password: str) -> None:
        """Remember that a password was verified against a hash."""
        with self._lock:
            self._right[self._digest(stored_hash, password)] = None
            if len(self._right) > REMEMBERED:
                self._right.popitem(last=False)

    def _digest(self, stored_hash: str, password: str) -> bytes:
        whole = f"{stored_hash}\x1f{password}".encode()
        return hashlib.blake2b(whole, key=self._salt, digest_size=16).digest()
