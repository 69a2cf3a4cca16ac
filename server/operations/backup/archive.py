"""The file of a backup: a manifest first, then the database, then everything else.

Members: manifest.json, floorwalk.db, files/<path below the data folder>, blobs/<sha256>, end.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import orjson
import zstandard

FORMAT = 1
MANIFEST, DATABASE, END = "manifest.json", "floorwalk.db", "end"
KEPT = ("clock.json", "authority")  # below the data folder, apart from the photos
MEMBER = re.compile(r"manifest\.json|floorwalk\.db|files/[\w.-]+(/[\w.-]+)*|blobs/[0-9a-f]{64}|end")
CHUNK = 1 << 20
LEVEL = 3  # of zstd: as fast as a disk
PRIVATE = 0o600  # it holds password hashes and the keys of certificates


class Damaged(ValueError):
    """A file is no backup, or not whole; says how in one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `made_at` is the machine's clock in ms, `version` that of the tables."""

    format: int
    site: str
    profile: str
    version: str
    uuid: str
    epoch: str
    seq: int
    made_at: int
    database: str  # SHA-256
    counts: dict[str, int]
    blobs: int
    missing: tuple[str, ...] = ()  # photos that the database names and that were not there

    def packed(self) -> bytes:
        """Return it as it stands in the file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(
    path: Path, manifest: Manifest, database: Path, data: Path, blobs: Iterator[tuple[str, Path]]
) -> None:
    """Write a backup, durably; its name must not exist yet."""
    with (
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file,
    ):
        packer = zstandard.ZstdCompressor(level=LEVEL, threads=-1, write_checksum=True)
        with (
            packer.stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            body = manifest.packed()
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mode, member.mtime = len(body), PRIVATE, manifest.made_at // 1_000
            tar.addfile(member, io.BytesIO(body))
            _add(tar, DATABASE, database)
            for name in KEPT:
                for found in _below(data / name):
                    _add(tar, f"files/{found.relative_to(data).as_posix()}", found)
            for sha256, blob in blobs:
                _add(tar, f"blobs/{sha256}", blob)
            tar.addfile(tarfile.TarInfo(END))
        file.flush()
        os.fsync(file.fileno())


def _below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(found for found in path.rglob("*") if found.is_file())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        member = tarfile.TarInfo(name)
        found = os.fstat(file.fileno())
        member.size, member.mtime, member.mode = found.st_size, int(found.st_mtime), PRIVATE
        tar.addfile(member, file)


@dataclass(frozen=True)
class Member:
    """One file of a backup, readable until the next one is asked for."""

    name: str
    body: IO[bytes]

    def copy(self, into: IO[bytes] | None = None) -> str:
        """Read it to its end, writing it to `into`; return its SHA-256."""
        digest = hashlib.sha256()
        while chunk := self.body.read(CHUNK):
            digest.update(chunk)
            if into is not None:
                into.write(chunk)
        return digest.hexdigest()


@contextmanager
def members(path: Path) -> Iterator[tuple[Manifest, Iterator[Member]]]:
    """Read a backup from its beginning. Raises Damaged for what is none, or is cut."""
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as tar,
        ):
            listed = _members(tar)
            first = next(listed, None)
            if first is None or first.name != MANIFEST:
                raise Damaged("The file is no backup of Floorwalk.")
            yield _manifest(first.body.read()), listed
            for _ in listed:  # to the end, where a cut shows
                pass
            while unpacked.read(CHUNK):  # and the checksum is
                pass
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise Damaged(f"The file is no backup, or it is cut: {error}") from None


def _members(tar: tarfile.TarFile) -> Iterator[Member]:
    for found in tar:
        body = tar.extractfile(found) if found.isreg() else None
        if body is None or not MEMBER.fullmatch(found.name) or ".." in found.name:
            raise Damaged(f"A backup has nothing called {found.name!r}.")
        if found.name == END:
            return
        yield Member(found.name, body)
    raise Damaged("The backup is cut: its end is missing.")


def _manifest(body: bytes) -> Manifest:
    try:
        said: dict[str, Any] = orjson.loads(body)
        if said.get("format") != FORMAT:
            raise Damaged("The backup is of a newer Floorwalk. Update the program first.")
        return Manifest(**{**said, "missing": tuple(said["missing"])})
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        raise Damaged("The backup's list of contents cannot be read.") from None


Progress = Callable[[str, int, int], None]
