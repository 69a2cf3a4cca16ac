"""The mark of a restore that is under way: while it stands, nothing else begins in the folder."""

from __future__ import annotations

import os
from pathlib import Path

from server.base.cannot_start import CannotStart

NAME = "restore-under-way"


def begin(mark: Path, say: str) -> None:
    """Set the mark durably, before the first file is moved."""
    with mark.open("w", encoding="utf-8") as file:
        file.write(say + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(mark.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def refuse(data: Path) -> None:
    """Raise CannotStart while the mark of a restore that was cut stands in a data folder."""
    mark = data / NAME
    if mark.exists():
        raise CannotStart(
            f"A restore into {data} was cut off. Run the same floorwalk restore again with"
            f" --replace. {mark.read_text('utf-8').strip()}"
        )
