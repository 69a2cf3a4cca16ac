"""A record's photos and recordings as CouchDB attachments, named `<sha256>.jpg` and so on.

Stubs are part of a stored record, so that they are offered, revised and read with it. A blob that
arrives after its record gives the record a new revision, and so the feed brings both.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from server.acts.access import Rights, may_see
from server.database.store import Blob, Stored
from sync.check_act import Declarations, Record

MEMBER = "_attachments"
BLOB_FIELDS = ("blobs", "voice")  # kinds of fields that hold hashes of blobs
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/webm": "weba",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
}

Stubs = dict[str, dict[str, Any]]  # {name: {content_type, length, digest, revpos, stub: True}}


@dataclass(frozen=True)
class Attachment:
    """A file that may be sent; `length` in bytes, `digest` "md5-" and base64 (the ETag)."""

    path: Path
    content_type: str
    length: int
    digest: str


def stubs(record: Mapping[str, Any]) -> Stubs:
    """Return the stubs of a stored record: attachments that are whole on the server."""
    attached: Stubs = record.get(MEMBER, {})
    return attached


def open_(folder: Path, rights: Rights, stored: Stored | None, name: str) -> Attachment | None:
    """Return the attachment of a record for somebody with these rights, or None.

    `stored` is the record as `Store.records` returns it, or None. No hint is given whether the
    record, the attachment or the right is missing.
    """
    if stored is None or not may_see(rights, stored.channels, hides=stored.hides):
        return None
    stub = stubs(orjson.loads(stored.body)).get(name)
    path = path_of(folder, name.partition(".")[0])
    if stub is None or not path.is_file():
        return None
    return Attachment(path, stub["content_type"], stub["length"], stub["digest"])


def path_of(folder: Path, sha256: str) -> Path:
    """Return the file of a blob in the folder of blobs."""
    return folder / sha256[:2] / sha256


def named(declarations: Declarations, record: Record) -> list[str]:
    """Return the hashes of blobs that a record's fields hold, in order."""
    hashes: list[str] = []
    for name in _fields(declarations, record["type"]):
        hashes += record.get(name) or ()
    return hashes


def carriers(declarations: Declarations) -> list[str]:
    """Return the names of the acts whose fields may hold a blob."""
    names = []
    for name, act in declarations["acts"].items():
        blob_fields = set(act["asks"]).intersection(_fields(declarations, name.partition(".")[0]))
        names += [name] if blob_fields else []
    return names


def stubs_of(hashes: Iterable[str], blobs: Mapping[str, Blob], before: Stubs, gen: int) -> Stubs:
    """Return stubs of those hashes that are whole; E5: one that was there keeps its `revpos`."""
    new_stubs: Stubs = {}
    for sha256 in hashes:
        blob = blobs.get(sha256)
        if blob is None:
            continue
        name = _name(blob)
        new_stubs[name] = before.get(name) or {
            "content_type": blob.kind,
            "length": blob.size,
            "digest": blob.digest,
            "revpos": gen,
            "stub": True,
        }
    return new_stubs


def digest_of(md5: Any) -> str:
    """Return CouchDB's form of an MD5 hash object: "md5-" and base64."""
    return "md5-" + base64.b64encode(md5.digest()).decode()


def new_md5() -> Any:
    """Return a new MD5 hash: CouchDB's name of bytes, whose truth SHA-256 decides."""
    return hashlib.md5(usedforsecurity=False)


def _name(blob: Blob) -> str:
    return f"{blob.sha256}.{ENDINGS[blob.kind]}"


def _fields(declarations: Declarations, kind: str) -> list[str]:
    fields = declarations["records"][kind]["fields"]
    return [field["name"] for field in fields if field["kind"] in BLOB_FIELDS]
