"""The database's epoch: a new one begins when a backup of an earlier day was restored.

Tablets and replicators carry the epoch in their tokens. When it changes they pull from the
beginning, and a tablet offers what it sent in the last seven days again: acts that the backup did
not have come back, acts that it had are recognised by their ids (D8).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from server.database.tables import meta

if TYPE_CHECKING:
    from server.acts.site import Site


def begin(site: Site, now: int) -> str:
    """Begin a new epoch at `now` (ms), after a restore; return it.

    No server may run on the database meanwhile: each reads the epoch once, when it starts.
    """
    values = {"epoch": uuid.uuid4().hex, "epoch_at": str(now)}
    with site.writing() as connection:
        for key, value in values.items():
            change = sa.update(meta).where(meta.c.key == key).values(value=value)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(meta).values(key=key, value=value))
    site.meta.update(values)
    return values["epoch"]
