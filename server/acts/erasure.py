"""Erasure: blanks the private details of a record wherever the server keeps them.

The acts stay, with their moments, authors and choices, so that the history still folds and clocks
still count; what a person told of themselves goes: private fields, free text, pictures, recordings,
signatures. Notices and refusals about the record lose theirs as well. A new revision takes it to
tablets and to the cluster. The chain of acts keeps the hash of what was there (chain.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import attachment_stubs, security_log
from server.acts.site import Site
from server.acts.unit_of_work import UnitOfWork
from server.database.tables import acts, blobs, erasures, quarantine, records, senders, uses
from sync.act import Act, derived_id, make
from sync.check_act import Declarations

LIST = "erasures.jsonl"  # in the data folder: a restore of an older backup erases them again
MEMBER = "erased"  # of a stored act: the record that says who erased it, when and why
# Kinds of fields.
OWN_WORDS = ("text", "phone", "blobs", "voice", "signature", "names", "entries")
LONG = 1_000  # characters from which a text of a notice or refusal may be somebody's words
COPIES = ("notice", "refusal", "letter")  # kinds of records that repeat what another one says
FOLDED = "erasure"


@dataclass
class Erased:
    """What an erasure blanked: `files` are hashes of photos whose files are to be removed."""

    erasure: str
    entries: int = 0
    refused: int = 0
    records: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def erase(site: Site, record: str, *, by: str, reason: str, listed: bool = True) -> Erased:
    """Erase a record's private details, for good; raises LookupError when there is no such record.

    `by` is a person's id or "system:…". `listed` writes it down for later restores.
    """
    at = site.now()
    done = Erased("erasure:" + derived_id(site.secret, at, "erasure", record).removeprefix("act:"))
    with site.unit_of_work() as unit:
        connection = unit.store.connection
        known = sa.select(records.c.id).where(records.c.id == record)
        if connection.execute(known).first() is None:
            raise LookupError(record)
        done.records = [record, *_copies(connection, record)]
        rows = _blank_acts(unit, done, at)
        done.refused = _blank_quarantine(connection, done.records)
        done.files = _forget_blobs(connection, done.records)
        data = {"about": record, "reason": reason, "entries": done.entries, "digest": digest(rows)}
        if by.startswith("person:"):
            data["who"] = by
        identifier = derived_id(site.secret, at, FOLDED, record)
        say = make(
            f"{FOLDED}.done", done.erasure, data, at=at, by="system:site",
            device="device:server", site=site.config.name, identifier=identifier,
        )  # fmt: skip
        unit.add(say, at)
        unit.look_up((), done.records)
        for name in done.records:
            unit.in_progress(name).attached = {}
            unit.in_progress(name).fold_again()
        unit.finish()
        detail = {"entries": done.entries, "reason": reason}
        security_log.record_event(
            connection, "erased", at, person=by, subject=record, detail=detail
        )
    remove_files(site.config.blobs, done.files)
    if listed:
        _write_down(site.config.data, {"record": record, "at": at, "by": by, "reason": reason})
    return done


def digest(rows: Iterable[tuple[str, bytes, bytes]]) -> str:
    """Return the hash over (act, what it was, what it is): by it an erasure covers its acts."""
    whole = hashlib.sha256()
    for act, was, is_now in sorted(rows):
        whole.update(act.encode() + was + is_now)
    return whole.hexdigest()


def blanked(declarations: Declarations, act: Act, *, is_copy: bool) -> Act:
    """Return an act without what somebody told of themselves; the same act if there is nothing."""
    kind = declarations["records"].get(act["act"].partition(".")[0])
    if kind is None:
        return act
    gone = {one["name"] for one in kind["fields"] if _goes(one, is_copy=is_copy)}
    data = {name: None if name in gone else value for name, value in act["data"].items()}
    if act["act"].endswith(".edited") and _named(act["data"].get("field")) in gone:
        data = {name: None if name in ("old", "new") else value for name, value in data.items()}
    changed = {**act, "data": data}
    if "over" in act:
        over = act["over"].items()
        changed["over"] = {path: None if _named(path) in gone else value for path, value in over}
    if changed.get("text"):
        changed["text"] = ""
    return act if changed == act else changed


def _named(path: Any) -> str:
    """Return the field that a path is of."""
    return str(path).partition(".")[0]


def _goes(declared: Mapping[str, Any], *, is_copy: bool) -> bool:
    if declared["private"]:
        return True
    if is_copy:
        return declared["kind"] == "text" and (declared["max"] or 0) >= LONG
    return declared["kind"] in OWN_WORDS


def _copies(connection: sa.Connection, record: str) -> list[str]:
    """Return the ids of notices, refusals and letters about a record; it reads all of them."""
    wanted = sa.select(records.c.id, records.c.body).where(records.c.type.in_(COPIES))
    found = []
    for row in connection.execute(wanted.execution_options(yield_per=500)):
        if record.encode() in bytes(row.body) and _is_about(orjson.loads(row.body), record):
            found.append(row.id)
    return found


def _is_about(body: dict[str, Any], record: str) -> bool:
    return record in (body.get("about"), body.get("subject"), body.get("record"))


def _blank_acts(unit: UnitOfWork, done: Erased, at: int) -> list[tuple[str, bytes, bytes]]:
    """Blank the stored acts of the records; return (act, hash before, hash now) of each changed."""
    connection, changed = unit.store.connection, []
    stored = sa.select(acts).where(acts.c.record.in_(done.records)).order_by(acts.c.number)
    earlier = sa.select(erasures.c.act).where(erasures.c.record.in_(done.records))
    already = set(connection.scalars(earlier))
    for row in connection.execute(stored).all():
        act = orjson.loads(row.body)
        fresh = blanked(unit.declarations, act, is_copy=row.record != done.records[0])
        if fresh is act or row.id in already:
            continue
        body = orjson.dumps({**fresh, MEMBER: done.erasure})
        was = hashlib.sha256(bytes(row.body)).digest()
        is_now = hashlib.sha256(body).digest()
        connection.execute(sa.update(acts).where(acts.c.id == row.id).values(body=body))
        values = {"act": row.id, "record": row.record, "erasure": done.erasure, "at": at}
        connection.execute(sa.insert(erasures).values(**values, was=was, is_now=is_now))
        changed.append((row.id, was, is_now))
    done.entries = len(changed)
    return changed


def _blank_quarantine(connection: sa.Connection, names: list[str]) -> int:
    mine = quarantine.c.record.in_(names) | quarantine.c.refusal.in_(names)
    change = sa.update(quarantine).where(mine).values(body=b"{}", details="{}")
    return int(connection.execute(change).rowcount)


def _forget_blobs(connection: sa.Connection, names: list[str]) -> list[str]:
    """Forget the blobs that these records name and no other does; return their hashes."""
    mine = set(connection.scalars(sa.select(uses.c.sha256).where(uses.c.record.in_(names))))
    connection.execute(sa.delete(uses).where(uses.c.record.in_(names)))
    others = set(connection.scalars(sa.select(uses.c.sha256).where(uses.c.sha256.in_(mine))))
    return forget_blobs(connection, sorted(mine - others))


def forget_blobs(connection: sa.Connection, names: list[str]) -> list[str]:
    """Forget blobs and who sent them; return their hashes, whose files are to be removed."""
    for table in (blobs, senders):
        connection.execute(sa.delete(table).where(table.c.sha256.in_(names)))
    return names


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of blobs."""
    for name in names:
        attachment_stubs.path_of(folder, name).unlink(missing_ok=True)


# The list beside


def _write_down(data: Path, entry: Mapping[str, Any]) -> None:
    path = data / LIST
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(orjson.dumps(dict(entry)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def written_down(data: Path) -> Iterator[dict[str, Any]]:
    """Yield the erasures of a data folder, the oldest first; a line that was cut is left out."""
    path = data / LIST
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            continue


def erase_again(site: Site, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Erase in a restored database what was erased since; return hashes of files to remove."""
    files: list[str] = []
    for entry in entries:
        record = str(entry["record"])
        if site.record(record) is not None:
            by, reason = str(entry["by"]), str(entry["reason"])
            files += erase(site, record, by=by, reason=reason, listed=False).files
    return files
