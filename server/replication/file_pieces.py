"""Files in pieces, for answers that are longer than memory should hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PIECE = 48 << 10  # bytes of a file read at once; divisible by 3, so that base64 needs no padding


def pieces(path: Path, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """Yield a file, or its bytes from `first` to `last`, in pieces of PIECE bytes."""
    with path.open("rb") as file:
        file.seek(first)
        left = path.stat().st_size if last is None else last + 1 - first
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
