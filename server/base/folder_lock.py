"""A lock on a data folder: many servers may share it, a restore needs it alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

NAME = "occupied.lock"
PATIENCE = 20  # tries in one second: `is_held` of another process holds it for a moment


class FolderLocked(RuntimeError):
    """Another process works in the folder."""


@contextmanager
def hold_folder(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the lock while the block runs; the kernel frees it when the process ends, however.

    Raises FolderLocked when somebody holds it alone, or anybody at all if `alone`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        for left in range(0 if alone else PATIENCE, -1, -1):
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise FolderLocked(str(folder)) from None
            sleep(1 / PATIENCE)
        yield
    finally:
        os.close(lock)


def is_held(folder: Path) -> bool:
    """Say whether any process works in a folder."""
    if not (folder / NAME).exists():
        return False
    try:
        with hold_folder(folder, alone=True):
            return False
    except FolderLocked:
        return True
