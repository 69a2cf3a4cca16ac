"""Files of unfinished uploads: each grows part by part, is checked whole, and moved to its place.

The length of a file is the offset of its upload, so that it resumes after a lost connection, in
another browser, on another server process or after a power failure: what was acknowledged is on the
disk. Each person's parts lie in a folder of their own; nobody resumes, or hears of, another's.
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

from server.acts import attachment_stubs
from server.http.problems import Trouble

AT_LEAST = 64 << 10  # bytes that a file counts for at least: each has a cost of its own
BLOCK = 1 << 20  # bytes read at once while hashing
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Gap(Exception):
    """A part begins behind the end of the file; `offset` is the byte where it has to begin."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def path_of(folder: Path, person: str, sha256: str) -> Path:
    """Return the file in which a person's blob gathers; the folder's name hides the person's id."""
    return folder / "parts" / hashlib.sha256(person.encode()).hexdigest()[:32] / sha256


def offset(path: Path) -> int:
    """Return how many bytes of an upload are here, 0 for none."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def add(path: Path, start: int, body: bytes, at: int) -> int:
    """Append those bytes of `body` that are new; return the length of the file after that.

    `start` is the offset of `body`, `at` the moment in ms. Raises Gap, and Trouble when the disk is
    full.
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
            # The tablet deletes what we acknowledge: it has to survive our power failure.
            os.fsync(file.fileno())
        except OSError as error:
            # Half a part would be taken for bytes that were acknowledged.
            _undo(file, size)
            if error.errno in FULL:
                raise Trouble("no_room", Retry_After="3600") from None
            raise
        # The site's moment, not the file system's: the sweep compares it with the same clock.
        os.utime(path, (at / 1_000, at / 1_000))
        return size + len(new)


def read_whole(path: Path, sha256: str) -> str | None:
    """Return CouchDB's digest of a file whose SHA-256 is `sha256`, or None for other bytes."""
    strong, md5 = hashlib.sha256(), attachment_stubs.new_md5()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            strong.update(block)
            md5.update(block)
    return attachment_stubs.digest_of(md5) if strong.hexdigest() == sha256 else None


def put_in_place(path: Path, target: Path) -> None:
    """Move a whole file to its place, and make the move survive a power failure."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    # A rename is durable only when its folder is on the disk.
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def drop(path: Path) -> None:
    """Remove an unfinished upload."""
    path.unlink(missing_ok=True)


def under_way(path: Path) -> int:
    """Return the bytes that unfinished files below a folder count for, AT_LEAST each."""
    return sum(max(AT_LEAST, size) for _, size, _ in _files(path))


def sweep(folder: Path, before: int) -> int:
    """Remove uploads that got no more parts since `before` (ms); return how many they were."""
    gone = 0
    for path, _, touched_at in _files(folder / "parts"):
        if touched_at < before:
            drop(path)
            gone += 1
    return gone


def _files(folder: Path) -> Iterator[tuple[Path, int, int]]:
    """Yield (path, bytes, ms of its last part) of all files below a folder."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            status = path.stat()
            if path.is_file():
                yield path, status.st_size, round(status.st_mtime * 1_000)


@contextmanager
def held(path: Path) -> Iterator[BinaryIO]:
    """Open a file, a new one if need be, locked against all other threads and processes."""
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
