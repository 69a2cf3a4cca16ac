"""The security log: who came in, what failed, whose rights changed, who looked at what.

Rows are added in the transaction of what they are about, and forgotten by age alone. They name
people, logins, devices and ids of records, and never a patient: whoever may read the log may know
no more by it. What is read is counted, a number for each person and day.
"""

from __future__ import annotations

import csv
import io
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from server.database import tables
from sync.act import Act, ulid
from sync.display_format import DAY, MINUTE, OFFSET, clock, date
from sync.setting_values import FIELDS
from sync.words import _

# Every kind of event with its label.
KINDS: dict[str, str] = {
    "signed_in": _("Signed in"),
    "sign_in_failed": _("Sign-in failed"),
    "locked_out": _("Locked out after wrong guesses"),
    "password_set": _("Password set by somebody else"),
    "password_changed": _("Own password changed"),
    "second_factor": _("Second factor"),
    "rights_changed": _("Rights changed"),
    "setting_changed": _("Setting changed"),
    "revealed": _("Private details shown"),
    "exported": _("Exported or printed"),
    "erased": _("Private details erased"),
    "backup_made": _("Backup made"),
    "restored": _("Backup put back"),
}
# Members of records that are rights: a person's, and whose unit it is.
RIGHTS = {"person": ("posts", "places", "units", "active"), "unit": ("head", "deputy")}
LONGEST = 200  # characters of a login, an address or a device

# Where the request that is being answered comes from; "" outside of one.
address: ContextVar[str] = ContextVar("address", default="")


@contextmanager
def coming_from(place: str) -> Iterator[None]:
    """Let events be recorded as coming from an address while the block runs."""
    before = address.set(place)
    try:
        yield
    finally:
        address.reset(before)


def record_event(
    connection: sa.Connection,
    kind: str,
    at: int,
    *,
    person: str | None = None,
    login: str | None = None,
    device: str | None = None,
    subject: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an event at `at` (ms) in a writing transaction; `kind` is one of KINDS.

    `person` did it, `subject` is the id of what it was about. `detail` holds no patient's data.
    """
    if kind not in KINDS:
        raise ValueError(f"The security log knows no {kind}.")
    row = {
        "id": ulid(at, secrets.randbits(80)),
        "at": at,
        "kind": kind,
        "person": person,
        "login": login and login[:LONGEST],
        "address": address.get()[:LONGEST] or None,
        "device": device and device[:LONGEST],
        "subject": subject,
        "detail": orjson.dumps(dict(detail or {})).decode(),
    }
    connection.execute(sa.insert(tables.security_events).values(row))


def record_act(
    connection: sa.Connection,
    act: Act,
    at: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Add the event that an act is, if it is one; `before` and `after` are its record's."""
    kind, _dot, verb = act["act"].partition(".")
    name, detail = "", {}
    if verb == "revealed":
        name, detail = "revealed", {"act": act["_id"]}
    elif kind == "setting":
        name = "setting_changed"
        detail = {"was": _said(before), "is": _said(after)}
    elif kind in RIGHTS:
        old, new = before or {}, after or {}
        changed = [
            right for right in RIGHTS[kind] if (old.get(right) or None) != (new.get(right) or None)
        ]
        name = "rights_changed" if changed else ""
        detail = {right: [old.get(right), new.get(right)] for right in changed}
    if name:
        record_event(
            connection,
            name,
            at,
            person=act["by"],
            device=act["device"],
            subject=act["record"],
            detail=detail,
        )


def _said(record: Mapping[str, Any] | None) -> Any:
    """Return the value of a setting's record: a number, or words."""
    names = ("value", *FIELDS.values())
    return next((record[name] for name in names if record and name in record), None)


def is_watched(act: Act) -> bool:
    """Say whether an act may be an event."""
    kind, _dot, verb = act["act"].partition(".")
    return verb == "revealed" or kind == "setting" or kind in RIGHTS


def forget(connection: sa.Connection, before: int) -> None:
    """Forget events and counts of before a moment (ms)."""
    events, reads = tables.security_events, tables.reads
    connection.execute(sa.delete(events).where(events.c.at < before))
    connection.execute(sa.delete(reads).where(reads.c.day < day_of(before)))


def day_of(at: int) -> int:
    """Return the day of a moment (ms) at the hospital, in days since 1970."""
    return (at + OFFSET * MINUTE) // DAY


class ReadCounts:
    """How many records each person read, counted in memory until they are written."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def add(self, person: str, records: int, at: int) -> None:
        """Count records that a person read at `at` (ms); it never blocks for long."""
        if records:
            key = (person, day_of(at))
            with self._lock:
                self._counts[key] = self._counts.get(key, 0) + records

    def take(self) -> dict[tuple[str, int], int]:
        """Return the counts since the last time, by person and day."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def write(self, writing: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        """Store the counts since the last time in a transaction; none is lost when that fails."""
        taken = self.take()
        if not taken:
            return
        try:
            with writing() as connection:
                write_reads(connection, taken)
        except sa.exc.SQLAlchemyError:
            with self._lock:
                for key, number in taken.items():
                    self._counts[key] = self._counts.get(key, 0) + number
            raise


def write_reads(connection: sa.Connection, taken: Mapping[tuple[str, int], int]) -> None:
    """Add counts to those that are stored."""
    statement = sa.text(
        "insert into reads (person, day, records) values (:person, :day, :records)"
        " on conflict (person, day) do update set records = reads.records + excluded.records"
    )
    rows = [{"person": who, "day": day, "records": n} for (who, day), n in sorted(taken.items())]
    if rows:
        connection.execute(statement, rows)


@dataclass(frozen=True)
class EventFilter:
    """Which events are asked for; what is None does not matter. `day` is as of `day_of`."""

    person: str | None = None  # who did it, or whom it was about
    kind: str | None = None
    day: int | None = None


def events(
    connection: sa.Connection, wanted: EventFilter, *, before: str = "", limit: int | None = None
) -> list[Any]:
    """Return rows of the log, the newest first, those before the event with the id `before`."""
    log = tables.security_events
    select = sa.select(log).order_by(log.c.id.desc())
    if wanted.kind:
        select = select.where(log.c.kind == wanted.kind)
    if wanted.person:
        select = select.where((log.c.person == wanted.person) | (log.c.subject == wanted.person))
    if wanted.day is not None:
        begins = wanted.day * DAY - OFFSET * MINUTE
        select = select.where(log.c.at >= begins, log.c.at < begins + DAY)
    if before:
        select = select.where(log.c.id < before)
    return list(connection.execute(select.limit(limit)))


def reads_of(connection: sa.Connection, wanted: EventFilter, limit: int | None = None) -> list[Any]:
    """Return (person, day, records) of what was read, the newest day first, the most first."""
    reads = tables.reads
    select = sa.select(reads).order_by(reads.c.day.desc(), reads.c.records.desc())
    if wanted.person:
        select = select.where(reads.c.person == wanted.person)
    if wanted.day is not None:
        select = select.where(reads.c.day == wanted.day)
    return list(connection.execute(select.limit(limit)))


COLUMNS = ("moment", "kind", "person", "login", "address", "device", "subject", "detail")
SUMS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is a formula to a spreadsheet


def as_csv(connection: sa.Connection, wanted: EventFilter) -> str:
    """Return the events and the counts of reads as CSV that a spreadsheet opens as it is meant."""
    text = io.StringIO()
    text.write("\ufeff")  # by it a spreadsheet reads UTF-8
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for row in events(connection, wanted):
        lines.writerow([_cell(value) for value in _plain(row)])
    for row in () if wanted.kind else reads_of(connection, wanted):
        day = date(row.day * DAY - OFFSET * MINUTE)
        lines.writerow([day, "read", _cell(row.person), "", "", "", "", f"{row.records} records"])
    return text.getvalue()


def _plain(row: Any) -> list[str]:
    said = (row.kind, row.person, row.login, row.address, row.device, row.subject, row.detail)
    return [
        f"{date(row.at)} {clock(row.at)}:{row.at // 1_000 % 60:02}",
        *(one or "" for one in said),
    ]


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(SUMS) else value
