"""Who works in a data folder: many servers may, whoever replaces its database is alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

NAME = "occupied.lock"
PATIENCE = 20  # tries in a second: who only asks whether somebody is there holds it for a moment


class FolderLocked(RuntimeError):
    """Somebody works in the folder."""


@contextmanager
def hold_folder(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Work in a folder. The kernel frees it when the process ends, however that comes.

    Raises Occupied when somebody is there who wants to be alone, or somebody at all if `alone`.
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
    """Say whether somebody works in a folder."""
    if not (folder / NAME).exists():
        return False
    try:
        with hold_folder(folder, alone=True):
            return False
    except FolderLocked:
        return True
