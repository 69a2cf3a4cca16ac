"""Limits wrong sign-in attempts, counted in a table so that a restart forgives nothing (X6).

Attempts are counted for a login on one device, for a login anywhere, and for one device whatever
the login; and for all devices that one person signed in on first, since somebody who may sign in
can make as many devices known as they like. A device on which this very person signed in before is
spared the second count: whoever guesses from elsewhere cannot lock them out.
"""

from __future__ import annotations

import sqlalchemy as sa

from server.database.tables import throttle

MINUTE = 60_000  # ms
# What is counted: (wrong attempts, within ms).
LIMITS = {
    "login_device": (5, 15 * MINUTE),
    "login": (20, 60 * MINUTE),
    "device": (30, 15 * MINUTE),
    "opener": (60, 15 * MINUTE),  # on all devices that one person signed in on first
}
ONE_AT_A_TIME = 7_021  # PostgreSQL's advisory lock; any number that no other lock of ours has
LONGEST = max(window for _, window in LIMITS.values())


def attempt(
    connection: sa.Connection,
    login: str,
    device: str,
    now: int,
    *,
    trusted: bool,
    opener: str | None = None,
) -> int:
    """Count an attempt as wrong until it is forgiven; return how long to wait (s), or 0.

    Counting comes before checking: of a hundred attempts at the same moment each is counted.
    """
    if connection.dialect.name == "postgresql":  # SQLite lets one writer in at a time anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    wait = to_wait(connection, login, device, now, trusted=trusted, opener=opener)
    if not wait:
        for key in _keys(login, device, opener).values():
            _count(connection, key, now)
    return wait


def to_wait(
    connection: sa.Connection,
    login: str,
    device: str,
    now: int,
    *,
    trusted: bool,
    opener: str | None = None,
) -> int:
    """Return how long this login on this device has to wait (s), 0 for not at all."""
    wait = 0
    for kind, key in _keys(login, device, opener).items():
        if kind == "login" and trusted:
            continue
        most, window = LIMITS[kind]
        recent = sa.select(throttle.c.at).where(throttle.c.key == key, throttle.c.at > now - window)
        times = connection.scalars(recent.order_by(throttle.c.at.desc()).limit(most)).all()
        if len(times) == most:
            wait = max(wait, times[-1] + window - now)
    return -(-wait // 1_000)


def forgive(
    connection: sa.Connection, login: str, device: str, now: int, opener: str | None = None
) -> None:
    """Take back an attempt that was right, and the login's earlier wrong ones on this device."""
    keys = _keys(login, device, opener)
    connection.execute(sa.delete(throttle).where(throttle.c.key == keys["login_device"]))
    for kind in keys.keys() - {"login_device"}:
        last = sa.select(sa.func.max(throttle.c.at)).where(throttle.c.key == keys[kind])
        mine = (throttle.c.key == keys[kind]) & (throttle.c.at == last.scalar_subquery())
        connection.execute(sa.delete(throttle).where(mine))
    connection.execute(sa.delete(throttle).where(throttle.c.at < now - LONGEST))


def _keys(login: str, device: str, opener: str | None) -> dict[str, str]:
    keys = {
        "login_device": f"{login}\x1f{device}",
        "login": f"login:{login}",
        "device": f"device:{device}",
    }
    return keys | ({"opener": f"opener:{opener}"} if opener else {})


def _count(connection: sa.Connection, key: str, now: int) -> None:
    """Add a row; the key is (key, ms), so a second attempt in a millisecond takes the next one."""
    last = connection.scalar(sa.select(sa.func.max(throttle.c.at)).where(throttle.c.key == key))
    at = now if last is None or last < now else last + 1
    connection.execute(sa.insert(throttle).values(key=key, at=at))
