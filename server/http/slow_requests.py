"""The table of the slowest requests: stored in batches, kept for a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.database.tables import slow_requests

if TYPE_CHECKING:
    from server.acts.site import Site

KEPT = 7 * 24 * 3_600_000  # ms
SHOWN = 20  # rows of the office's page


def write(site: Site, rows: list[dict[str, Any]]) -> None:
    """Store requests as `RequestCounts.take_slow` returns them."""
    if not rows:
        return
    names = slow_requests.c.keys()
    by_id = {row["request"]: {name: row[name] for name in names} for row in rows}
    for row in by_id.values():
        row["ms"] = round(row["ms"])
    with site.writing() as connection:
        stored = sa.select(slow_requests.c.request).where(slow_requests.c.request.in_(list(by_id)))
        for request in connection.execute(stored).scalars().all():
            del by_id[request]  # a client may choose its request's id, and use it twice
        if by_id:
            connection.execute(sa.insert(slow_requests), list(by_id.values()))


def forget(site: Site, before: int) -> None:
    """Remove requests from before a moment (ms)."""
    with site.writing() as connection:
        connection.execute(sa.delete(slow_requests).where(slow_requests.c.at < before))


def slowest(site: Site, since: int) -> list[Any]:
    """Return the SHOWN slowest requests since a moment (ms), the slowest first."""
    wanted = sa.select(slow_requests).where(slow_requests.c.at >= since)
    with site.reading() as connection:
        return list(connection.execute(wanted.order_by(slow_requests.c.ms.desc()).limit(SHOWN)))
