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
from sync.field_kinds import ENDS, STARTS
from sync.worktime import DAY

if TYPE_CHECKING:
    from server.acts.site import Site

HEADER = "floorwalk-device"
LONGEST = 500
WRITTEN_EVERY = 5_000  # ms
SEQ = re.compile(r"\d{1,16}(?=-|$)", re.ASCII)  # what a token of the feed begins with
# Names in the header and their columns: acts not sent yet, ms of the oldest, ms of its clock.
NUMBERS = {"waiting": "waiting", "oldest": "oldest_at", "offset": "offset_ms"}
IDENTIFIER = re.compile(r"device:[A-Za-z0-9_-]{1,64}\Z")
TEN_YEARS = 10 * 366 * DAY
# What an honest device may say; anything else is as good as not said.
BOUNDS = {"waiting": (0, 100_000), "oldest": (STARTS, ENDS), "offset": (-TEN_YEARS, TEN_YEARS)}


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
    if not isinstance(identifier, str) or not IDENTIFIER.match(identifier):
        return {}
    columns: dict[str, Any] = {"id": identifier}
    if isinstance(described.get("version"), str):
        columns["version"] = described["version"][:40]
    for name, column in NUMBERS.items():
        value, (least, most) = described.get(name), BOUNDS[name]
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            columns[column] = value
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
        self._of_day: tuple[int, dict[str, set[str]]] = (0, {})  # devices of each person, of a day

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
            if not self._is_one_of(person, columns["id"], now // DAY):
                return
            self._waiting[columns["id"]] = {**self._waiting.get(columns["id"], {}), **row}
            if later or now - self._written_at < WRITTEN_EVERY:
                return
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # a full disk must not stop reading
            self.write()

    def _is_one_of(self, person: str, device: str, day: int) -> bool:
        """Say whether a device is among the first that a person used on a day.

        Nobody holds so many tablets; whoever makes ids up is to fill neither tables nor figures.
        """
        if self._of_day[0] != day:
            self._of_day = (day, {})
        used = self._of_day[1].setdefault(person, set())
        most = self._site.reference().number("device.of_person_at_most")
        if device not in used and len(used) >= most:
            return False
        used.add(device)
        return True

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
