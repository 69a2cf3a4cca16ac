"""Lays what tests write on a disk of memory, where the machine has one with room.

Nothing that a test writes is wanted after it, and a commit that waits for a real disk takes longer
than all else that most tests do. What fails when power is cut is tried on a disk of its own
(reliability/power_cut_disk.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes; a whole run took less than half of it


@cache
def folder() -> Path | None:
    """Return the folder of that disk; None where there is none, or too little room on it."""
    is_good = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if is_good else None


def use() -> None:
    """Have this process and those it starts write there, unless TMPDIR names another place."""
    if "TMPDIR" not in os.environ and folder() is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder())
