"""MIME multipart bodies: documents with their attachments, as CouchDB's replicator reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """An attachment to send after its document; `length` in bytes."""

    name: str
    content_type: str
    length: int
    pieces: Iterable[bytes]


def accepts(header: str | None, kind: str) -> bool:
    """E4: say whether an Accept header allows a media type; none at all allows everything."""
    if not header:
        return True
    family = kind.partition("/")[0] + "/*"
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() in (kind, family, "*/*"):
            refused = re.search(r"\bq=0(?:\.0*)?\s*(?:;|$)", parameters)
            if refused is None:
                return True
    return False


def related(document: bytes, files: Iterable[File], boundary: str) -> Iterator[bytes]:
    """Yield a multipart/related body: a document, then its attachments in order."""
    yield f"--{boundary}\r\nContent-Type: application/json\r\n\r\n".encode()
    yield document
    for file in files:
        yield (
            f"\r\n--{boundary}\r\n"
            f'Content-Disposition: attachment; filename="{file.name}"\r\n'
            f"Content-Type: {file.content_type}\r\n"
            f"Content-Length: {file.length}\r\n\r\n"
        ).encode()
        yield from file.pieces
    yield f"\r\n--{boundary}--".encode()


def part(kind: str, body: Iterable[bytes], boundary: str, *headers: str) -> Iterator[bytes]:
    """Yield one part of a multipart body; `end` closes the body."""
    lines = "".join(f"{header}\r\n" for header in (*headers, f"Content-Type: {kind}"))
    yield f"--{boundary}\r\n{lines}\r\n".encode()
    yield from body
    yield b"\r\n"


def end(boundary: str) -> bytes:
    """Return the end of a multipart body."""
    return f"--{boundary}--".encode()


def first_part(body: bytes, content_type: str) -> bytes:
    """E2.8: return the document of a multipart/related push, b"" for a malformed one."""
    boundary = re.search(r'boundary="?([^";,\s]{1,100})"?', content_type)
    if boundary is None:
        return b""
    parts = body.split(b"--" + boundary[1].encode(), 2)
    head, _, rest = (parts[1] if len(parts) > 2 else b"").partition(b"\r\n\r\n")
    return rest.removesuffix(b"\r\n") if b"application/json" in head.lower() else b""
