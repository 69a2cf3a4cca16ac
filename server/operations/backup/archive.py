"""The file format of a backup: manifest first, then the database, then all other files.

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

FORMAT = 1  # of the archive; the tables have a version of their own
MANIFEST, DATABASE, END = "manifest.json", "floorwalk.db", "end"
SAVED = (
    "clock.json",
    "authority",
    "erasures.jsonl",
)  # below the data folder, besides database and photos
MEMBER = re.compile(r"manifest\.json|floorwalk\.db|files/[\w.-]+(/[\w.-]+)*|blobs/[0-9a-f]{64}|end")
CHUNK = 1 << 20  # bytes
LEVEL = 3  # of zstd: as fast as a disk
PRIVATE = 0o600  # a backup holds password hashes and the keys of certificates


class Damaged(ValueError):
    """A file is no backup, or not whole; the message says how in one sentence."""


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup. `made_at` is the machine's clock in ms, `version` that of the
    tables.
    """

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
    missing: tuple[str, ...] = ()  # blobs that the database names and the disk lacks
    head: str = ""  # of the chain of acts, as `floorwalk audit verify --head` takes it

    def packed(self) -> bytes:
        """Return it as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(
    path: Path, manifest: Manifest, database: Path, data: Path, blobs: Iterator[tuple[str, Path]]
) -> None:
    """Write a backup durably; raises FileExistsError when its name exists."""
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
            for name in SAVED:
                for saved in _below(data / name):
                    _add(tar, f"files/{saved.relative_to(data).as_posix()}", saved)
            for sha256, blob in blobs:
                _add(tar, f"blobs/{sha256}", blob)
            tar.addfile(tarfile.TarInfo(END))
        file.flush()
        os.fsync(file.fileno())


def _below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(inside for inside in path.rglob("*") if inside.is_file())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        member = tarfile.TarInfo(name)
        status = os.fstat(file.fileno())
        member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), PRIVATE
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
    """Yield manifest and members of a backup. Raises Damaged for a file that is none, or is cut."""
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
    for entry in tar:
        body = tar.extractfile(entry) if entry.isreg() else None
        if body is None or not MEMBER.fullmatch(entry.name) or ".." in entry.name:
            raise Damaged(f"A backup has nothing called {entry.name!r}.")
        if entry.name == END:
            return
        yield Member(entry.name, body)
    raise Damaged("The backup is cut: its end is missing.")


def _manifest(body: bytes) -> Manifest:
    try:
        contents: dict[str, Any] = orjson.loads(body)
        if contents.get("format") != FORMAT:
            raise Damaged("The backup is of a newer Floorwalk. Update the program first.")
        return Manifest(**{**contents, "missing": tuple(contents["missing"])})
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        raise Damaged("The backup's list of contents cannot be read.") from None


Progress = Callable[[str, int, int], None]
