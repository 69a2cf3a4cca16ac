"""The register of tablets: who holds each, what it runs, and how much it has not sent yet.

A device describes itself in the header `Floorwalk-Device` of each request. The description is
written a few seconds later, those of many devices at once: a read must not cost a write.
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
# Names in the header and their columns: acts not sent yet, ms of the oldest, ms of its clock.
NUMBERS = {"waiting": "waiting", "oldest": "oldest_at", "offset": "offset_ms"}


def parse_header(header: str | None) -> dict[str, Any]:
    """Return the columns that a `Floorwalk-Device` header fills, {} for one that cannot be ours."""
    if not header or len(header) > LONGEST:
        return {}
    try:
        described = strict_json.loads(header.encode())
    except strict_json.BadJSON:
        return {}
    if not isinstance(described, dict):
        return {}
    identifier = described.get("id")
    if not isinstance(identifier, str) or not identifier.startswith("device:"):
        return {}
    columns: dict[str, Any] = {"id": identifier[:80]}
    if isinstance(described.get("version"), str):
        columns["version"] = described["version"][:40]
    for name, column in NUMBERS.items():
        if isinstance(described.get(name), int) and not isinstance(described[name], bool):
            columns[column] = described[name]
    if isinstance(described.get("persisted"), bool):
        columns["persisted"] = int(described["persisted"])
    return columns


class Devices:
    """Descriptions of devices that were heard and are not written yet. Any thread may use it."""

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
        """Remember the description that came with a request of a person.

        `since` is the feed token of the request: the device has everything up to there. `later`
        leaves the writing to another request or to the watcher of changes, for callers that must
        not block.
        """
        columns = parse_header(header)
        if not columns:
            return
        now = self._site.now()
        row = {**columns, "person": person, "last_seen_at": now, "user_agent": user_agent[:200]}
        if since and (seq := SEQ.match(since)):
            row.update(pulled_seq=int(seq.group()), pulled_at=now)
        with self._lock:
            self._waiting[columns["id"]] = {**self._waiting.get(columns["id"], {}), **row}
            if later or now - self._written_at < WRITTEN_EVERY:
                return
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # a full disk must not stop reading
            self.write()

    def write(self) -> None:
        """Write all descriptions that wait, in one transaction."""
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
