"""Restores a backup in the place of a site's database; the replaced one is kept aside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from server.acts import epoch, erasure, security_log
from server.acts.attachment_stubs import path_of
from server.acts.site import Site
from server.base import clock, folder_lock, unfinished
from server.base.config import Config, sqlite_url
from server.database import engines
from server.database.tables import acts, metadata, sessions
from server.operations.backup import archive, copying, sealing, verifying
from server.operations.backup.archive import Manifest
from server.operations.backup.scratch import PARTS, scratch_folder

SQLITE_FILES = ("", "-wal", "-shm")


class RestoreRefused(RuntimeError):
    """Nothing was replaced; the message says why in one sentence."""


@dataclass(frozen=True)
class RestoredBackup:
    """What was restored, and where the replaced database is kept (None: there was none)."""

    manifest: Manifest
    folded: int
    aside: str | None


def restore(
    path: Path,
    config: Config,
    real_now: int,
    *,
    replace: bool,
    sign_out: bool = False,
    key: Path | None = None,
) -> RestoredBackup:
    """Verify a backup, then put it in the place of the site's database, all of it or nothing.

    `real_now` is the machine's clock in ms, `key` the file of the private key of an encrypted
    one. Raises RestoreRefused, archive.Damaged, sealing.BadKey and folder_lock.FolderLocked.
    """
    with (
        folder_lock.hold_folder(config.data, alone=True),
        scratch_folder(".restore-", config.data) as scratch,
        sealing.opened(path, key, scratch) as path,
    ):
        for part in config.data.rglob(PARTS):
            part.unlink()
        _may(config, replace=replace)
        manifest, folded = verifying.verify(path, scratch)
        if manifest.site not in ("", config.name):
            raise RestoreRefused(
                f"The backup is of the site {manifest.site}, not of {config.name}: name it with"
                " --site or FLOORWALK_SITE."
            )
        if manifest.site:
            _files(path, config)
        _prepare(scratch, config, manifest, sign_out=sign_out)
        aside = _put(scratch / archive.DATABASE, config, real_now)
    return RestoredBackup(manifest, folded, aside)


def _may(config: Config, *, replace: bool) -> None:
    """Raise RestoreRefused over a database that has acts, or that others use."""
    if config.is_sqlite and not config.file.is_file():
        return
    engine = engines.connect(config.database)
    try:
        with engines.reading(engine) as connection:
            if engine.dialect.name == "postgresql" and (others := _others(connection)):
                raise RestoreRefused(
                    f"{others} other connections use the database. Stop every server on it first."
                )
            if not sa.inspect(connection).has_table("acts"):
                return
            count, newest = connection.execute(
                sa.select(sa.func.count(), sa.func.max(acts.c.received_at))
            ).one()
    except sa.exc.DatabaseError as error:
        if not replace:
            raise RestoreRefused(
                f"The database that is there cannot be read ({error.orig}). --replace keeps it"
                " aside and goes on."
            ) from None
        return
    finally:
        engine.dispose()
    if count and not replace:
        raise RestoreRefused(
            f"The database has {count} acts, the newest of {_day(newest)}. --replace keeps it"
            " aside and puts the backup in its place."
        )


def _others(connection: sa.Connection) -> int:
    connections = connection.exec_driver_sql(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type = 'client backend'"
    )
    return int(connections.scalar_one())


def _files(path: Path, config: Config) -> None:
    """Add files that are missing; blobs are named by their content, so present ones stay."""
    with archive.members(path) as (_, listed):
        for member in listed:
            kind, _, name = member.name.partition("/")
            if kind == "blobs":
                _keep(path_of(config.blobs, name), member)
            elif kind == "files":  # the clock, or the authority that tablets trust
                _keep(config.data / name, member)


def _keep(target: Path, member: archive.Member) -> None:
    """Write a file of the backup where none is, whole or not at all."""
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(target.name + ".restored")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        member.copy(file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(target)


def _prepare(scratch: Path, config: Config, manifest: Manifest, *, sign_out: bool) -> None:
    """Begin a new epoch: by it tablets notice, and offer again what they sent."""
    url = sqlite_url(scratch / archive.DATABASE)
    site = Site(Config(scratch, url, name=config.name, profile=config.profile))
    try:
        epoch.begin(site, clock.of_folder(config.data).now())
        files = erasure.erase_again(site, erasure.written_down(config.data))
        erasure.remove_files(config.blobs, files)
        with site.writing() as connection:
            detail = {"made_at": manifest.made_at, "head": manifest.head}
            security_log.record_event(connection, "restored", site.now(), detail=detail)
        if sign_out:
            with site.writing() as connection:
                connection.execute(sa.delete(sessions))
        with site.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        site.close()


def _put(copy: Path, config: Config, real_now: int) -> str | None:
    if config.is_sqlite:
        return _put_file(copy, config.file, config.data, real_now)
    return _put_rows(copy, config, real_now)


def _put_file(copy: Path, target: Path, data: Path, real_now: int) -> str | None:
    """Move the old files aside and the new one in; cut in between, it has to be repeated.

    Until it is, no server starts: with the old database gone and the new one not there, it would
    begin as an empty hospital.
    """
    aside = data / f"replaced-{_stamp(real_now)}"
    old_files = [target.with_name(target.name + ending) for ending in SQLITE_FILES]
    there = [path for path in old_files if path.exists()]
    if there:
        aside.mkdir(mode=0o700)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = data / unfinished.NAME
    unfinished.begin(mark, f"The replaced database is in {aside.name}.")
    for path in there:
        path.rename(aside / path.name)
    copy.chmod(archive.PRIVATE)
    copy.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    mark.unlink()
    return str(aside) if there else None


def _put_rows(copy: Path, config: Config, real_now: int) -> str | None:
    """In one transaction move the old tables to a schema of their own and fill new ones."""
    engine = engines.connect(config.database)
    aside = f"replaced_{_stamp(real_now).lower()}"
    try:
        with engines.writing(engine) as connection:
            there = set(sa.inspect(connection).get_table_names())
            ours = sorted(there & {*metadata.tables, "alembic_version"})
            if ours:
                connection.exec_driver_sql(f'create schema "{aside}"')
            for name in ours:
                connection.exec_driver_sql(f'alter table "{name}" set schema "{aside}"')
            engines.create(connection)
            copying.pour(copy, connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # The planner knows nothing of rows that were just copied; the first minutes would be
            # slow.
            connection.exec_driver_sql("analyze")
    finally:
        engine.dispose()
    return f"the schema {aside}" if ours else None


def _stamp(now: int) -> str:
    return f"{datetime.fromtimestamp(now / 1_000, UTC):%Y%m%dT%H%M%SZ}"


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1_000, UTC):%Y-%m-%d %H:%M} UTC"
