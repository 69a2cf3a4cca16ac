"""The ids of the server's own acts: the secret that they are derived with, and claims on them lost.

Nobody can say an act first under an id that the server will need (sync.act.derived_id). Should one
be taken all the same, that is logged, counted in the database, and shown by `floorwalk doctor`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from server.database.tables import meta
from sync.act import Act

if TYPE_CHECKING:
    from server.acts.site import Site

log = logging.getLogger("floorwalk.ids")

SECRET, LOST = "secret", "lost_claims"  # keys of `meta`


def adopt(site: Site, secret: str) -> None:
    """Derive ids with another site's secret from now on: this server is to go on in its place.

    No server may run on the database meanwhile: each reads the secret once, when it starts.
    """
    with site.writing() as connection:
        connection.execute(sa.update(meta).where(meta.c.key == SECRET).values(value=secret))
    site.meta[SECRET] = secret


def is_same_event(act: Act, stored: Act) -> bool:
    """Say whether what is stored under the id of an act of the server is that act."""
    return (
        act["act"] == stored["act"]
        and act["record"] == stored["record"]
        and str(stored["by"]).startswith("system:")
    )


def count_lost(connection: sa.Connection, act: Act, stored: Act) -> None:
    """Say loudly that an act of the server could not be stored: another one has its id."""
    details = {"act": act["act"], "record": act["record"], "id": act["_id"], "by": stored["by"]}
    log.error("an id of the server was taken", extra=details)
    count = lost(connection).get("count", 0) + 1
    value = orjson.dumps({**details, "count": count, "at": act["at"]}).decode()
    change = sa.update(meta).where(meta.c.key == LOST).values(value=value)
    if connection.execute(change).rowcount == 0:
        connection.execute(sa.insert(meta).values(key=LOST, value=value))


def lost(connection: sa.Connection) -> dict[str, Any]:
    """Return `{"count", "act", "record", "id", "by", "at"}`, the last of them; {} when none was."""
    value = connection.execute(sa.select(meta.c.value).where(meta.c.key == LOST)).scalar()
    return dict(orjson.loads(value)) if value else {}


def forget_lost(connection: sa.Connection) -> None:
    """Begin to count anew, after somebody was told."""
    connection.execute(sa.delete(meta).where(meta.c.key == LOST))
