"""Files on their way in: each grows part by part, is checked as a whole, and then put in its place.

The length of a file is how far its upload has come, so that it goes on after a cut, another
browser, another server process or a power failure: what was answered for is on the disk. A person's
parts lie in a folder of their own; nobody goes on with, or hears of, somebody else's.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from server.acts import attachments
from server.http.problems import Trouble

AT_LEAST = 64 << 10  # bytes that a file counts for, however small: files have a cost of their own
BLOCK = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Gap(Exception):
    """A part begins behind what is there; `offset` is where it has to begin."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def path_of(folder: Path, person: str, sha256: str) -> Path:
    """Return where the parts of a person's blob gather."""
    return folder / "parts" / hashlib.sha256(person.encode()).hexdigest()[:32] / sha256


def offset(path: Path) -> int:
    """Return how many bytes are there."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def add(path: Path, start: int, body: bytes, at: int) -> int:
    """Add bytes that begin at `start`, those that are new; return how many are there now.

    Raises Gap, and Trouble when the disk is full.
    """
    with held(path) as file:
        size = file.seek(0, os.SEEK_END)
        if start > size:
            if size == 0:
                drop(path)
            raise Gap(size)
        new = body[size - start :]
        try:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            _undo(file, size)
            if error.errno in FULL:
                raise Trouble("no_room", Retry_After="3600") from None
            raise
        os.utime(path, (at / 1_000, at / 1_000))
        return size + len(new)


def read_whole(path: Path, sha256: str) -> str | None:
    """Return CouchDB's digest of a file that is what its name says, or None for other bytes."""
    strong, md5 = hashlib.sha256(), attachments.new_md5()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            strong.update(block)
            md5.update(block)
    return attachments.digest_of(md5) if strong.hexdigest() == sha256 else None


def put_in_place(path: Path, target: Path) -> None:
    """Move a whole file to where it stays, so that it is there also when the power fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def drop(path: Path) -> None:
    """Forget what came of a blob."""
    path.unlink(missing_ok=True)


def under_way(path: Path) -> int:
    """Return how many bytes the unfinished files below a folder count for."""
    return sum(max(AT_LEAST, size) for _, size, _ in _files(path))


def sweep(folder: Path, before: int) -> int:
    """Remove what got no more parts since `before` (ms); return how many files that were."""
    gone = 0
    for path, _, touched_at in _files(folder / "parts"):
        if touched_at < before:
            drop(path)
            gone += 1
    return gone


def _files(folder: Path) -> Iterator[tuple[Path, int, int]]:
    """Give (path, bytes, ms of its last part) of all files below a folder."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            said = path.stat()
            if path.is_file():
                yield path, said.st_size, round(said.st_mtime * 1_000)


@contextmanager
def held(path: Path) -> Iterator[BinaryIO]:
    """Open a file, a new one if need be, that nobody else touches meanwhile, here or elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                # While we waited it may have been put in its place, or swept.
                if os.fstat(file.fileno()).st_ino == path.stat().st_ino:
                    yield file
                    return


def _undo(file: BinaryIO, size: int) -> None:
    with suppress(OSError):
        os.ftruncate(file.fileno(), size)
