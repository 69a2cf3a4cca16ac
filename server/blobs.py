"""Photos, kept by what they are: /sync/<site>/_blob/<sha256>, whole, after the words about them.

A blob is read by whoever may see a record that names it, and by whoever sent it. Bytes are kept as
they came, because a record names them by their hash; only what a browser shows as a picture is let
in, and it is handed out as nothing else.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import warnings
from pathlib import Path

import orjson
import sqlalchemy as sa
from PIL import Image
from starlette.responses import FileResponse, JSONResponse, Response

from server import tables
from server.access import may_see
from server.call import Call
from server.problems import Trouble

MOST_PIXELS = 25_000_000
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
DIGITS = frozenset("0123456789abcdef")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
}


def put(call: Call) -> Response:
    """PUT: 201 when it is kept, 200 when it was; the name must be the hash of the bytes."""
    name = _name(call)
    if hashlib.sha256(call.body).hexdigest() != name:
        raise Trouble("other_bytes")
    kind = kind_of(call.body)
    answer = {"ok": True, "sha256": name, "size": len(call.body), "kind": kind}
    path = path_of(call.site.config.blobs, name)
    row = {"by_": call.id, "at": call.site.now(), "size": len(call.body), "kind": kind}
    if path.exists() and _row(call, name) is not None:
        return JSONResponse(answer, 200)
    write(path, call.body)
    with call.site.writing() as connection:
        known = sa.select(tables.blobs.c.sha256).where(tables.blobs.c.sha256 == name)
        if connection.execute(known).first() is None:
            connection.execute(sa.insert(tables.blobs).values(sha256=name, **row))
    return JSONResponse(answer, 201)


def get(call: Call) -> Response:
    """GET: the bytes, or the same answer as for a blob that does not exist."""
    name = _name(call)
    row = _row(call, name)
    path = path_of(call.site.config.blobs, name)
    if row is None or not path.exists() or not (row.by_ == call.id or _named(call, name)):
        raise Trouble("missing")
    return FileResponse(path, media_type=row.kind, headers={**HEADERS, "ETag": f'"{name}"'})


def kind_of(body: bytes) -> str:
    """Return the media type of a picture; raises Trouble for what is none, or too large a one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=tuple(KINDS)) as image:
                kind = KINDS[image.format or ""]
                if image.width * image.height > MOST_PIXELS:
                    raise Trouble("photo_too_big")
                image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Trouble("photo_too_big") from None
    except (OSError, SyntaxError, ValueError, KeyError):
        raise Trouble("not_a_photo") from None
    return kind


def path_of(folder: Path, name: str) -> Path:
    """Return where a blob lies."""
    return folder / name[:2] / name


def write(path: Path, body: bytes) -> None:
    """Write a file so that it is there whole or not at all, also when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _name(call: Call) -> str:
    name: str = call.request.path_params["sha256"]
    if len(name) != 64 or not DIGITS.issuperset(name):
        raise Trouble("missing")
    return name


def _row(call: Call, name: str) -> sa.Row[tuple[object, ...]] | None:
    with call.site.reading() as connection:
        return connection.execute(
            sa.select(tables.blobs).where(tables.blobs.c.sha256 == name)
        ).first()


def _named(call: Call, name: str) -> bool:
    """Say whether a record that the person may see names the blob."""
    used = tables.uses.c
    records = tables.records.c
    with call.site.reading() as connection:
        rows = connection.execute(
            sa.select(records.channels)
            .select_from(sa.join(tables.uses, tables.records, used.record == records.id))
            .where(used.sha256 == name)
        )
        return any(may_see(call.rights, orjson.loads(row.channels)) for row in rows)
