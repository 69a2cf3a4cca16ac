"""Makes a backup while the server runs: copy, compress, verify the result, then name it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from server.acts import security_log
from server.acts.attachment_stubs import path_of
from server.base.config import Config, sqlite_url
from server.database import chain, engines
from server.database.store import Store
from server.database.tables import blobs, meta
from server.operations.backup import archive, copying, sealing, verifying
from server.operations.backup.archive import Manifest
from server.operations.backup.scratch import scratch_folder

ENDING = ".tar.zst"
STAMP = r"\d{8}T\d{6}Z"


class NoRoom(RuntimeError):
    """The disk has less room than a backup needs; the message says how much."""


@dataclass(frozen=True)
class Made:
    """A backup that was made, opened again and found whole."""

    path: Path
    manifest: Manifest
    folded: int  # records of the copy that were folded again to verify it
    size: int  # bytes


def name_of(site: str, now: int) -> str:
    """Return the file name of a backup made at `now` (ms)."""
    return f"floorwalk-{site}-{datetime.fromtimestamp(now / 1_000, UTC):%Y%m%dT%H%M%SZ}{ENDING}"


def make(config: Config, to: Path, now: int, keys: Sequence[str] = ()) -> Made:
    """Make a backup named `to` (a file), or in `to` (a folder); `now` is the machine's clock in ms.

    With public `keys` it is encrypted for them, after it was verified, and ends in .age as well.
    Its name appears only when it is whole and was verified. Raises NoRoom, Damaged,
    FileExistsError, sealing.BadKey, copying.OtherVersion and what the database raises.
    """
    sealed_for = sealing.recipients(keys)
    target = to if to.name.endswith(ENDING) else to / name_of(config.name, now)
    if sealed_for:
        target = target.with_name(target.name + sealing.SEALED)
    if target.exists():
        raise FileExistsError(str(target))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with scratch_folder(".backup-", target.parent) as scratch:
        engine = engines.connect(config.database)
        try:
            _room(engine, target.parent)
            manifest = _copy(engine, config, scratch / archive.DATABASE, now)
        finally:
            engine.dispose()
        part = scratch / target.name.removesuffix(sealing.SEALED)
        copy = scratch / archive.DATABASE
        archive.write(part, manifest, copy, config.data, _photos(copy, config, manifest))
        copy.unlink()
        opened = scratch / "opened"
        opened.mkdir()
        _, folded = verifying.verify(part, opened)
        if sealed_for:
            sealed = scratch / target.name
            sealing.seal(part, sealed, sealed_for)
            part.unlink()
            part = sealed
        beside = target.with_name(target.name + ".sha256")
        beside.write_text(f"{archive.sha256_of(part)}  {target.name}\n", "ascii")
        part.rename(target)
        _sync(target.parent)
    _log(config, manifest, target.name, now, is_sealed=bool(sealed_for))
    return Made(target, manifest, folded, target.stat().st_size)


def _log(config: Config, manifest: Manifest, name: str, now: int, *, is_sealed: bool) -> None:
    """Log that a copy of everything was made; a database of an older version has no log yet."""
    if manifest.version != engines.VERSION:
        return
    engine = engines.connect(config.database)
    try:
        with engines.writing(engine) as connection:
            detail = {"encrypted": is_sealed, "acts": manifest.counts["acts"]}
            security_log.record_event(connection, "backup_made", now, subject=name, detail=detail)
    finally:
        engine.dispose()


def forget(folder: Path, site: str, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a site; return the removed paths."""
    wanted = re.compile(
        rf"floorwalk-{re.escape(site)}-{STAMP}{re.escape(ENDING)}({re.escape(sealing.SEALED)})?"
    )
    backups = sorted(path for path in folder.iterdir() if wanted.fullmatch(path.name))
    gone = backups[: max(0, len(backups) - keep)]
    for path in gone:
        path.unlink()
        path.with_name(path.name + ".sha256").unlink(missing_ok=True)
    return gone


def _copy(engine: sa.Engine, config: Config, copy: Path, now: int) -> Manifest:
    before = copying.seq_of(engine)
    copying.snapshot(engine, copy)
    copy.chmod(archive.PRIVATE)
    after = copying.seq_of(engine)
    counts = copying.counted(copy)
    copied = engines.connect(sqlite_url(copy))
    try:
        seq = copying.seq_of(copied)
        with engines.reading(copied) as connection:
            version = copying.version_of(connection)
            head = chain.named(*Store(connection).head())
            identity = {row.key: row.value for row in connection.execute(sa.select(meta))}
    finally:
        copied.dispose()
    if not before <= seq <= after:
        raise archive.Damaged("The copy of the database is not of the moment it was made in.")
    names = _named(copy)
    missing = tuple(name for name in names if not path_of(config.blobs, name).is_file())
    return Manifest(
        format=archive.FORMAT,
        site=config.name,
        profile=config.profile,
        version=version,
        uuid=identity["uuid"],
        epoch=identity["epoch"],
        seq=seq,
        made_at=now,
        database=archive.sha256_of(copy),
        counts=counts,
        blobs=len(names) - len(missing),
        missing=missing,
        head=head,
    )


def _named(copy: Path) -> list[str]:
    engine = engines.connect(sqlite_url(copy))
    try:
        with engines.reading(engine) as connection:
            return list(
                connection.execute(sa.select(blobs.c.sha256).order_by(blobs.c.sha256)).scalars()
            )
    finally:
        engine.dispose()


def _photos(copy: Path, config: Config, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    missing = set(manifest.missing)
    for name in _named(copy):
        if name not in missing:
            yield name, path_of(config.blobs, name)


def _room(engine: sa.Engine, folder: Path) -> None:
    """Raise NoRoom unless three copies fit for a moment: plain, compressed and opened again."""
    with engines.reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            pages, size = (
                connection.exec_driver_sql(f"pragma {name}").scalar_one()
                for name in ("page_count", "page_size")
            )
            needed = 2 * pages * size
        else:
            size = sa.func.pg_database_size(sa.func.current_database())
            needed = 2 * connection.execute(sa.select(size)).scalar_one()
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(f"A backup needs {needed >> 20} MB for a moment; {folder} has {free >> 20}.")


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
