"""Verifies a backup as if the server were lost: every byte and count, and records folded again."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from server.acts.site import Site
from server.base.config import Config, sqlite_url
from server.database import engines
from server.database.tables import acts, meta, records
from server.operations.backup import archive, copying
from server.operations.backup.archive import Damaged, Manifest
from server.operations.diagnosis import refold

SAMPLE = 1_000  # records folded again; all of a large site would take too long each night
BARE = b"SQLite format 3\0"  # the first bytes of every SQLite file
VERSION = re.compile(r"\d{4}")


def verify(path: Path, scratch: Path) -> tuple[Manifest, int]:
    """Read a backup whole; return its manifest and how many records were folded again.

    A bare database file is accepted too; it has no photos and no site's name. `scratch` is an empty
    folder: the database is left there as `floorwalk.db`, brought up to this program's version.
    Raises Damaged.
    """
    if _is_bare(path):
        return _bare(path, scratch)
    _beside(path)
    with archive.members(path) as (manifest, listed):
        if not VERSION.fullmatch(manifest.version) or manifest.version > engines.VERSION:
            raise Damaged("The backup is of a newer Floorwalk. Update the program first.")
        copy = scratch / archive.DATABASE
        blobs = 0
        for member in listed:
            kind, _, name = member.name.partition("/")
            if member.name == archive.DATABASE:
                with copy.open("xb") as file:
                    if member.copy(file) != manifest.database:
                        raise Damaged("The database in the backup is not the one that was saved.")
            elif kind == "blobs":
                blobs += 1
                if member.copy() != name:
                    raise Damaged(f"The photo {name} in the backup is damaged.")
            else:
                member.copy()
    if blobs != manifest.blobs or not copy.is_file():
        raise Damaged("The backup is cut: it lacks the database, or photos.")
    return manifest, _folds(copy, manifest)


def _is_bare(path: Path) -> bool:
    """Say whether a file is a bare database, as Litestream restores one."""
    with path.open("rb") as file:
        return file.read(len(BARE)) == BARE


def _bare(path: Path, scratch: Path) -> tuple[Manifest, int]:
    """Check a bare database; its manifest is made from what it says itself."""
    copy = scratch / archive.DATABASE
    shutil.copyfile(path, copy)
    engine = engines.connect(sqlite_url(copy))
    try:
        with engines.reading(engine) as connection:
            version = copying.version_of(connection)
            if not version or version > engines.VERSION:
                raise Damaged("The file is no database of Floorwalk, or of a newer one.")
            identity = {row.key: row.value for row in connection.execute(sa.select(meta))}
            newest = sa.select(sa.func.max(acts.c.received_at))
            made_at = connection.execute(newest).scalar_one() or 0
        seq = copying.seq_of(engine)
    except sa.exc.DatabaseError as error:
        raise Damaged(f"The database is damaged: {error.orig}") from None
    finally:
        engine.dispose()
    manifest = Manifest(
        format=archive.FORMAT,
        site="",
        profile="hospital",
        version=version,
        uuid=identity["uuid"],
        epoch=identity["epoch"],
        seq=seq,
        made_at=made_at,
        database="",
        counts=copying.counted(copy),
        blobs=0,
    )
    return manifest, _folds(copy, manifest)


def _beside(path: Path) -> None:
    """Raise Damaged when the hash written beside the file is another, if one is there."""
    beside = path.with_name(path.name + ".sha256")
    if beside.is_file() and beside.read_text("ascii").split()[:1] != [archive.sha256_of(path)]:
        raise Damaged("The file is not what its .sha256 says: it was changed, or cut.")


def _folds(copy: Path, manifest: Manifest) -> int:
    url = sqlite_url(copy)
    engine = engines.connect(url)
    try:
        with engines.reading(engine) as connection:
            integrity = connection.exec_driver_sql("pragma integrity_check(1)").scalar()
        if integrity != "ok":
            raise Damaged(f"The database in the backup is damaged: {integrity}")
        if copying.seq_of(engine) != manifest.seq:
            raise Damaged("The database in the backup stands at another change than it says.")
    except sa.exc.DatabaseError as error:
        raise Damaged(f"The database in the backup is damaged: {error.orig}") from None
    finally:
        engine.dispose()
    if copying.counted(copy) != manifest.counts:
        raise Damaged("The database in the backup has other rows than it says.")
    site = Site(Config(copy.parent, url, name=manifest.site, profile=manifest.profile))
    try:
        sample = _sample(site, manifest.seq)
        differ = refold.Differences()
        for start in range(0, len(sample), refold.PAGE):
            differ.add(refold.compare(site, sample[start : start + refold.PAGE], keep=False))
    finally:
        site.close()
    wrong = differ.records or differ.failed
    # An update of the program may fold anew; the same version may not.
    if wrong and manifest.version == engines.VERSION:
        raise Damaged(f"{len(wrong)} of {differ.count} records do not follow from their acts.")
    return differ.count


def _sample(site: Site, seq: int) -> Sequence[str]:
    """Return the ids of records from all over the history; every record when there are few."""
    column = records.c
    with site.reading() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(records)).scalar_one()
        if count <= SAMPLE:
            return list(connection.execute(sa.select(column.id).order_by(column.id)).scalars())
        ids: set[str] = set()
        dice = random.Random(seq)  # noqa: S311
        for start in (dice.randint(0, seq) for _ in range(SAMPLE)):
            near = sa.select(column.id).where(column.seq >= start).order_by(column.seq).limit(1)
            ids.update(connection.execute(near).scalars())
    return sorted(ids)
