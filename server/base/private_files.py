"""Files that are their owner's alone: what a data folder holds is nobody else's to read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may look into; one that is there stays as it is."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file that only its owner may read, unless there is one: a database's first."""
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, FILE))


def open_to_others(data: Path) -> Iterator[Path]:
    """Yield the files of a data folder that others may read, blobs and keys among them."""
    for path in sorted(data.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & OTHERS:
            yield path


def decoded(raw: bytes) -> str:
    """Return the text of a file as editors on any system save it: UTF-8 or UTF-16, with its mark.

    Raises ValueError, in a sentence, for anything else.
    """
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if is_wide else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("The file is no text in UTF-8 or UTF-16. Save it as UTF-8.") from None


def first_line(raw: bytes) -> str:
    """Return the first line of such a text without its end: a password, with blanks if it has any.

    Raises ValueError for anything that is no text.
    """
    return decoded(raw).split("\n", 1)[0].removesuffix("\r")
