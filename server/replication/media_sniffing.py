"""Checks that an upload is the photo or recording that its sender declares, by its own bytes."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from server.http.problems import Trouble

MOST_PIXELS = 25_000_000  # decoded as RGB they are 75 MB of memory
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
KINDS = (*FORMATS, "audio/webm", "audio/ogg", "audio/mp4", "audio/wav")
# Names that browsers use for the same thing.
ALIASES = {"image/jpg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav"}
PLACE = 0x8825  # the tag of Exif under which a camera writes where it stood
HEAD = 64  # first bytes, which tell the format; a WebM's name stands some 30 bytes in


def declared(header: str) -> str:
    """Return the media type of a Content-Type header, without its codec parameter.

    Raises Trouble for what is neither a photo nor a recording.
    """
    kind = header.partition(";")[0].strip().lower()
    kind = ALIASES.get(kind, kind)
    if kind not in KINDS:
        raise Trouble("not_a_photo")
    return kind


def check_head(head: bytes, kind: str) -> None:
    """Raise Trouble when the first bytes of a file are not those of the media type `kind`."""
    actual = of_head(head)
    if actual is None:
        raise _unreadable(kind)
    if actual != kind:
        raise Trouble("other_kind")


def of_head(head: bytes) -> str | None:
    """Return the media type that the first bytes of a file belong to, None when unknown."""
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
    """Raise Trouble when a file is not what it begins as, is too large, or says where it was taken.

    It cannot be mended here: records name it by its hash. Tablets draw each photo anew.
    """
    with path.open("rb") as file:
        check_head(file.read(HEAD), kind)
    if kind not in FORMATS:
        return
    try:
        with warnings.catch_warnings():
            # A small PNG can decode to gigabytes; Pillow only warns of the first doublings.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[FORMATS[kind]]) as image:
                if image.width * image.height > MOST_PIXELS:  # before anything is decoded
                    raise Trouble("photo_too_big")
                described = Image.Exif()
                described.load(image.info.get("exif", b""))
                image.verify()
                if PLACE in described:
                    raise Trouble("photo_with_place")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Trouble("photo_too_big") from None
    except (OSError, SyntaxError, ValueError, KeyError):
        raise _unreadable(kind) from None


def _unreadable(kind: str) -> Trouble:
    return Trouble("not_a_photo" if kind in FORMATS else "not_a_recording")
