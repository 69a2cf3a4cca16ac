"""Offers acts again that were refused because the server was older than the tablet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa

from server.acts.access import Actor
from server.database import tables

if TYPE_CHECKING:
    from server.acts.site import Site

TOO_NEW = "newer_app"


def offer_again(site: Site) -> tuple[int, int]:
    """Take in refused acts that this server understands now; return (waiting, taken in).

    Each is judged as its author's, at the moment at which it first came.
    """
    columns = tables.quarantine.c
    with site.reading() as connection:
        rows = connection.execute(
            sa.select(tables.quarantine)
            .where(columns.code == TOO_NEW, columns.decided_at.is_(None))
            .order_by(columns.received_at, columns.act_id)
        ).all()
    taken = 0
    for row in rows:
        actor = Actor(site.person(row.by_) if row.by_ else None, row.device or "device:none")
        verdicts = site.accept([orjson.loads(row.body)], actor, received_at=row.received_at)
        taken += sum(verdict.good for verdict in verdicts)
    return len(rows), taken
