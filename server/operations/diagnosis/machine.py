"""Checks of the database's integrity and settings, and of disk, owner and file system."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from server.base import private_files
from server.base.config import Config
from server.database import engines
from server.operations.backup.scratch import left_behind, sweep
from server.operations.diagnosis.finding import BAD, GOOD, MENDED, NOTE, Finding

LEAST_FREE = 1 << 30  # bytes; with less the next backup or a busy day may not fit
# Network file systems, on which SQLite's locks do not hold.
FAR_AWAY = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "ceph")
# File systems that are gone after a restart.
PASSING = ("overlay", "tmpfs", "ramfs")
# Unless each is set so, PostgreSQL acknowledges commits that a power cut may take.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
OLDEST_POSTGRES = 140_000  # server_version_num of 14.0


def whole(engine: sa.Engine) -> Iterator[Finding]:
    """Check that the database can be read, and keeps what it acknowledges."""
    try:
        if engine.dialect.name == "sqlite":
            yield from _sqlite(engine)
        else:
            yield from _postgresql(engine)
    except sa.exc.DatabaseError as error:
        yield _broken(str(error.orig))


def _broken(why: str) -> Finding:
    return Finding(
        BAD,
        "database",
        f"The database is damaged: {why}",
        "Stop the server, keep a copy of the data folder, and restore the newest backup.",
    )


def _sqlite(engine: sa.Engine) -> Iterator[Finding]:
    with engines.reading(engine) as connection:
        integrity = connection.exec_driver_sql("pragma integrity_check(3)").scalars().all()
        journal, synchronous, version = (
            connection.exec_driver_sql(asked).scalar_one()
            for asked in ("pragma journal_mode", "pragma synchronous", "select sqlite_version()")
        )
    if integrity != ["ok"]:
        yield _broken("; ".join(integrity))
        return
    yield Finding(GOOD, "database", f"The database is whole (SQLite {version}).")
    if str(journal).lower() != "wal":
        yield Finding(
            BAD,
            "settings",
            f"The database writes its journal as {journal}, not as WAL: readers block writers.",
            "Put the data folder on a local disk; other file systems do not allow it.",
        )
    if synchronous < 2:  # FULL
        yield Finding(
            BAD,
            "settings",
            "The database does not wait for the disk: a power cut loses acknowledged acts.",
            "Somebody changed database.PRAGMAS: synchronous must be FULL.",
        )


def _postgresql(engine: sa.Engine) -> Iterator[Finding]:
    with engines.reading(engine) as connection:
        number, version = (
            connection.exec_driver_sql(f"show {name}").scalar_one()
            for name in ("server_version_num", "server_version")
        )
        encoding = connection.exec_driver_sql("show server_encoding").scalar_one()
        durability = {
            name: connection.exec_driver_sql(f"show {name}").scalar_one() for name in DURABLE
        }
    yield Finding(GOOD, "database", f"The database answers (PostgreSQL {version}).")
    if int(number) < OLDEST_POSTGRES:
        yield Finding(BAD, "database", f"PostgreSQL {version} is too old.", "Use 14 or newer.")
    if encoding != "UTF8":
        yield Finding(
            BAD,
            "settings",
            f"The database keeps text as {encoding}: Chinese names cannot be kept.",
            "Make a database with encoding UTF8 and put a backup back into it.",
        )
    off = [name for name, wanted in DURABLE.items() if durability[name] in ("off", "local")]
    if off:
        yield Finding(
            BAD,
            "settings",
            f"PostgreSQL does not wait for the disk ({', '.join(off)} is off): a power cut loses"
            " acknowledged acts.",
            "Set it to on in postgresql.conf.",
        )


def ground(config: Config, *, repair: bool) -> Iterator[Finding]:
    """Check the data folder: room, owner, permissions, file system."""
    free = shutil.disk_usage(config.data).free
    if free < LEAST_FREE:
        say = f"The disk of {config.data} has {free >> 20} MB free."
        yield Finding(BAD, "disk", say, "Make room: when it is full, nothing is taken in.")
    else:
        yield Finding(GOOD, "disk", f"The disk has {free >> 30} GB free.")
    yield from _owner(config, repair=repair)
    if not config.is_sqlite:
        return
    kind = file_system(config.data)
    if kind in FAR_AWAY:
        yield Finding(
            BAD,
            "disk",
            f"The data folder is on {kind}, where SQLite loses data.",
            "Move it to a local disk, or use PostgreSQL.",
        )
    elif kind in PASSING:
        say = f"The data folder is on {kind}: unless that is meant, it is gone after a restart."
        yield Finding(NOTE, "disk", say, "In a container, mount a volume for it.")


def _owner(config: Config, *, repair: bool) -> Iterator[Finding]:
    """Check owners: a command run as root leaves files that the server cannot write."""
    folder = config.data.stat()
    theirs = [path for path in _files(config.data) if path.stat().st_uid != folder.st_uid]
    if theirs:
        say = f"{len(theirs)} files belong to another user than their folder: {theirs[0]}"
        if repair and os.geteuid() == 0:
            for path in theirs:
                os.chown(path, folder.st_uid, folder.st_gid)
            yield Finding(MENDED, "owner", say)
        else:
            do = f"As root: chown -R --reference={config.data} {config.data}"
            yield Finding(BAD, "owner", say, do)
    if folder.st_mode & 0o077:
        say = f"Others may look into {config.data}, where password hashes and keys are."
        if repair:
            config.data.chmod(0o700)
        yield Finding(MENDED if repair else BAD, "owner", say, "" if repair else "chmod 700")
    loose = list(private_files.open_to_others(config.data))
    yield from _loose(config, loose, repair=repair)
    yield from _left(config, repair=repair)
    if not theirs and not loose and not folder.st_mode & 0o077:
        yield Finding(GOOD, "owner", "The data folder is its owner's alone.")


def _loose(config: Config, loose: list[Path], *, repair: bool) -> Iterator[Finding]:
    if not loose:
        return
    for path in loose if repair else ():
        path.chmod(private_files.FILE)
    say = f"Others may read {len(loose)} files in {config.data}, {loose[0].name} among them."
    do = "" if repair else f"chmod -R go= {config.data}"
    yield Finding(MENDED if repair else BAD, "owner", say, do)


def _left(config: Config, *, repair: bool) -> Iterator[Finding]:
    """Find copies of everything that a killed backup or restore left."""
    left = [path for place in (config.data, config.data / "backups") for path in left_behind(place)]
    if not left:
        return
    for path in left if repair else ():
        sweep(path.parent)
    say = f"A backup or restore was killed and left {len(left)} copies: {left[0]}"
    do = "" if repair else "Run floorwalk doctor --repair; the next backup sweeps them too."
    yield Finding(MENDED if repair else BAD, "left", say, do)


def _files(data: Path) -> Iterator[Path]:
    yield from (path for path in data.iterdir() if path.is_file())
    for name in ("authority", "blobs"):
        yield from (data / name).glob("*")


def file_system(path: Path, mounts: str | None = None) -> str:
    """Return the kind of file system of a path, as the kernel names it; "" if unknown."""
    listed = mounts
    if listed is None:
        try:
            listed = Path("/proc/self/mountinfo").read_text("utf-8")
        except OSError:
            return ""
    best, kind = "", ""
    for line in listed.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4].replace("\\040", " ")
        inside = path.resolve().is_relative_to(point)
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind
