"""Another life of the database: it was put back to an earlier day.

Tablets and replicators carry the epoch in their tokens. When it changes they pull from the
beginning, and a tablet offers what it sent in the last seven days again: what the copy did not
have comes back, what it had is known already (D8).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from server.database.tables import meta

if TYPE_CHECKING:
    from server.acts.site import Site


def begin(site: Site, now: int) -> str:
    """Say that this database is a copy that was put back at `now`; return its new epoch.

    No server may run on it meanwhile: each reads the epoch when it starts.
    """
    values = {"epoch": uuid.uuid4().hex, "epoch_at": str(now)}
    with site.writing() as connection:
        for key, value in values.items():
            change = sa.update(meta).where(meta.c.key == key).values(value=value)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(meta).values(key=key, value=value))
    site.meta.update(values)
    return values["epoch"]
