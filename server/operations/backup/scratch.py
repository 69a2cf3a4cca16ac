"""Folders for the time a backup or restore takes; those of a killed one are swept by the next."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIXES = (".backup-", ".restore-")
LOCK = "lock"  # held while the folder is used: the kernel frees it, however the process ends
PARTS = "*.restored"  # files of a restore that was killed while it wrote them


@contextmanager
def scratch_folder(prefix: str, inside: Path) -> Iterator[Path]:
    """Yield a new folder of the owner's alone, removed at the end; sweep those of killed ones."""
    sweep(inside)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=inside) as made:
        lock = os.open(Path(made) / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(made)
        finally:
            os.close(lock)


def left_behind(folder: Path) -> Iterator[Path]:
    """Yield the folders that killed backups and restores left in a folder: copies of everything."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(PREFIXES) and path.is_dir() and not _is_used(path):
            yield path


def sweep(folder: Path) -> list[Path]:
    """Remove what killed backups and restores left in a folder; return the removed paths."""
    gone = list(left_behind(folder))
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return gone


def _is_used(path: Path) -> bool:
    with suppress(OSError):
        lock = os.open(path / LOCK, os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
    return False
