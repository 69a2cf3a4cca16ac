"""What a photo or a recording is: by its own first bytes, not by what its sender calls it."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from server.http.problems import Trouble

MOST_PIXELS = 25_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
KINDS = (*FORMATS, "audio/webm", "audio/ogg", "audio/mp4", "audio/wav")
ALIASES = {"image/jpg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav"}
HEAD = 64  # bytes that say what a file is


def declared(header: str) -> str:
    """Return the kind that a Content-Type names, without what browsers add about the codec.

    Raises Trouble for what is no photo and no recording.
    """
    kind = header.partition(";")[0].strip().lower()
    kind = ALIASES.get(kind, kind)
    if kind not in KINDS:
        raise Trouble("not_a_photo")
    return kind


def check_head(head: bytes, kind: str) -> None:
    """Raise Trouble when the first bytes are not those of the kind."""
    found = of_head(head)
    if found is None:
        raise _unreadable(kind)
    if found != kind:
        raise Trouble("other_kind")


def of_head(head: bytes) -> str | None:
    """Return the kind that the first bytes of a file are of."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:HEAD]:
        return "audio/webm"
    if head.startswith(b"OggS\0\2") and (b"OpusHead" in head or b"\1vorbis" in head):
        return "audio/ogg"
    return "audio/mp4" if head[4:8] == b"ftyp" else None


def check_whole(path: Path, kind: str) -> None:
    """Raise Trouble when a file is not what it begins as, or is a flood of pixels."""
    with path.open("rb") as file:
        check_head(file.read(HEAD), kind)
    if kind not in FORMATS:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[FORMATS[kind]]) as image:
                if image.width * image.height > MOST_PIXELS:  # before anything is decoded
                    raise Trouble("photo_too_big")
                image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Trouble("photo_too_big") from None
    except (OSError, SyntaxError, ValueError, KeyError):
        raise _unreadable(kind) from None


def _unreadable(kind: str) -> Trouble:
    return Trouble("not_a_photo" if kind in FORMATS else "not_a_recording")
