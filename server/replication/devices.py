"""Which tablets there are: who holds them, what they run, and how much they have not sent yet.

A device says so in the header `Floorwalk-Device` of each of its requests. What it says is written
down in passing, a few seconds later and many at once: a read must not cost a write.
"""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.base import strict_json
from server.database import tables

if TYPE_CHECKING:
    from server.acts.site import Site

HEADER = "floorwalk-device"
LONGEST = 500
WRITTEN_EVERY = 5_000  # ms
SEQ = re.compile(r"\d{1,16}(?=-|$)", re.ASCII)  # what a token of the feed begins with
NUMBERS = {"waiting": "waiting", "oldest": "oldest_at", "offset": "offset_ms"}


def said(header: str | None) -> dict[str, Any]:
    """Return what a device says of itself, without what cannot be true."""
    if not header or len(header) > LONGEST:
        return {}
    try:
        given = strict_json.loads(header.encode())
    except strict_json.BadJSON:
        return {}
    if not isinstance(given, dict):
        return {}
    identifier = given.get("id")
    if not isinstance(identifier, str) or not identifier.startswith("device:"):
        return {}
    found: dict[str, Any] = {"id": identifier[:80]}
    if isinstance(given.get("version"), str):
        found["version"] = given["version"][:40]
    for name, column in NUMBERS.items():
        if isinstance(given.get(name), int) and not isinstance(given[name], bool):
            found[column] = given[name]
    if isinstance(given.get("persisted"), bool):
        found["persisted"] = int(given["persisted"])
    return found


class Devices:
    """What devices said and is not written yet."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._written_at = 0

    def seen(
        self,
        header: str | None,
        person: str,
        user_agent: str,
        since: str | None = None,
        *,
        later: bool = False,
    ) -> None:
        """Remember what a device says with a request of its person.

        `since` is the token with which it asks for changes: it has everything up to there. `later`
        leaves the writing to another request, or to whoever writes from time to time.
        """
        found = said(header)
        if not found:
            return
        now = self._site.now()
        row = {**found, "person": person, "last_seen_at": now, "user_agent": user_agent[:200]}
        if since and (seq := SEQ.match(since)):
            row.update(pulled_seq=int(seq.group()), pulled_at=now)
        with self._lock:
            self._waiting[found["id"]] = {**self._waiting.get(found["id"], {}), **row}
            if later or now - self._written_at < WRITTEN_EVERY:
                return
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # a full disk must not stop reading
            self.write()

    def write(self) -> None:
        """Write down what waits."""
        with self._lock:
            rows, self._waiting = self._waiting, {}
            self._written_at = self._site.now()
        if not rows:
            return
        columns = tables.devices.c
        with self._site.writing() as connection:
            for row in rows.values():
                change = sa.update(tables.devices).where(columns.id == row["id"]).values(row)
                if connection.execute(change).rowcount == 0:
                    connection.execute(sa.insert(tables.devices).values(row))
