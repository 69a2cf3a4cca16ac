"""Chooses the database of a test: SQLite or PostgreSQL, or always the one that a variable names.

FLOORWALK_TEST_DATABASE=postgresql runs everything there, browsers and killed servers too.
"""

from __future__ import annotations

import atexit
import os
import shutil
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.postgres import Server, running

CHOSEN = os.environ.get("FLOORWALK_TEST_DATABASE") or None
BOTH = [CHOSEN] if CHOSEN else ["sqlite", "postgresql"]
USUAL = CHOSEN or "sqlite"

_of_folders: dict[Path, str] = {}


@cache
def postgres() -> Server:
    """Return the PostgreSQL of this test run; the first who asks waits two seconds for it."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())


def url_in(folder: Path) -> str:
    """Return the URL of the database that belongs to a folder: the same one for the same folder."""
    if USUAL == "sqlite":
        return f"sqlite:///{folder / 'floorwalk.db'}"
    if folder not in _of_folders:
        _of_folders[folder] = postgres().new_database()
    return _of_folders[folder]


def copy(source: Path, target: Path) -> None:
    """Copy a site's folder with its database; nobody may have it open."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if source in _of_folders:
        forget(target)
        _of_folders[target] = postgres().new_database(like=_of_folders[source])


def copy_database(source: Path, target: Path) -> None:
    """Copy a folder's database over another's, and nothing beside it; nobody may have them open.

    The target's URL stays what it is.
    """
    target.mkdir(exist_ok=True)
    if USUAL == "sqlite":
        for name in ("floorwalk.db", "floorwalk.db-wal", "floorwalk.db-shm"):
            (target / name).unlink(missing_ok=True)
            if (source / name).exists():
                shutil.copy(source / name, target / name)
        return
    like, instead = _of_folders[source], _of_folders.get(target)
    _of_folders[target] = postgres().new_database(like=like, instead=instead)


def forget(folder: Path) -> None:
    """Remove the database of a folder."""
    if folder in _of_folders:
        postgres().drop(_of_folders.pop(folder))
