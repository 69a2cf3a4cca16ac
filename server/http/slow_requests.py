"""The slowest requests, kept for some days: written down now and then, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.database.tables import slow_requests

if TYPE_CHECKING:
    from server.acts.site import Site

KEPT = 7 * 24 * 3_600_000  # ms
SHOWN = 20


def write(site: Site, rows: list[dict[str, Any]]) -> None:
    """Write down requests as `Tally.take_slow` returns them."""
    if not rows:
        return
    names = slow_requests.c.keys()
    found = {row["request"]: {name: row[name] for name in names} for row in rows}
    for row in found.values():
        row["ms"] = round(row["ms"])
    with site.writing() as connection:
        known = sa.select(slow_requests.c.request).where(slow_requests.c.request.in_(list(found)))
        for request in connection.execute(known).scalars().all():
            del found[request]  # somebody sent the same id twice
        if found:
            connection.execute(sa.insert(slow_requests), list(found.values()))


def forget(site: Site, before: int) -> None:
    """Remove those from before a moment (ms)."""
    with site.writing() as connection:
        connection.execute(sa.delete(slow_requests).where(slow_requests.c.at < before))


def slowest(site: Site, since: int) -> list[Any]:
    """Return the slowest since a moment (ms), the slowest first."""
    wanted = sa.select(slow_requests).where(slow_requests.c.at >= since)
    with site.reading() as connection:
        return list(connection.execute(wanted.order_by(slow_requests.c.ms.desc()).limit(SHOWN)))
