"""Uploads and downloads of photos and recordings by content hash: /sync/<site>/_blob/<sha256>.

An upload comes in parts of any size, in order, and resumes at the offset that the server names; the
last part has the whole checked. Acts are pushed before the blobs that they name. A blob is readable
by whoever may see a record that names it now, and by whoever sent it until a record does; who sent
it is told that it is here, so that it is not sent twice. For everybody else it does not exist. The
bytes are kept as they came, because records name them by their hash.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import sqlalchemy as sa
from starlette.responses import FileResponse, JSONResponse, Response

from server.acts import attachment_stubs
from server.acts.access import ANYBODY, is_hidden, may_see
from server.acts.attachment_stubs import path_of
from server.acts.quarantine import MEGABYTE
from server.acts.site import Site
from server.database import tables
from server.database.store import Blob, Store
from server.http.problems import Trouble
from server.replication import media_sniffing, resumable_uploads
from server.replication.sync_request import SyncRequest
from sync.worktime import DAY

GIGABYTE = 1 << 30
HOUR = 3_600_000  # ms
LATER = "3600"  # s, Retry-After: room comes back as a day's quota runs out, not in seconds
RANGE = re.compile(r"^bytes (\d{1,12})-(\d{1,12})/(\d{1,12})$")
DIGITS = frozenset("0123456789abcdef")
# What people upload must never run as a page of ours, nor be found in a shared cache.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
}


def get(request: SyncRequest) -> Response:
    """GET: the bytes; Trouble `missing` for a blob that is not here or not this person's to see."""
    name = _name(request)
    blob = _shown(request, name)
    if blob is None:
        raise Trouble("missing")
    etag = f'"{name}"'
    headers = {**HEADERS, "ETag": etag}
    if request.http.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    path = path_of(request.site.config.blobs, name)
    return FileResponse(path, media_type=blob.kind, headers=headers)


def state(request: SyncRequest) -> Response:
    """GET …/parts: the offset in bytes that this person's upload has come to, and whether it is
    whole.
    """
    name = _name(request)
    _check_right(request)
    blob = _readable(request, name)
    if blob is not None:
        return JSONResponse({"ok": True, "offset": blob.size, "whole": True})
    here = resumable_uploads.offset(
        resumable_uploads.path_of(request.site.config.blobs, request.id, name)
    )
    return JSONResponse({"ok": True, "offset": here, "whole": False})


def put_part(request: SyncRequest) -> Response:
    """PUT …/parts with `Content-Range: bytes 0-262143/700000`: the next part.

    200 with the offset it has come to; 201 when it is whole; 409 with the offset when there is a
    gap. Raises Trouble for a bad range, a quota that is used up, and bytes that are not what was
    declared.
    """
    content_range = RANGE.match(request.http.headers.get("content-range", ""))
    if content_range is None:
        raise Trouble("bad_parameter", "Content-Range must be `bytes <first>-<last>/<all>`")
    first, last, size = map(int, content_range.groups())
    if last + 1 - first != len(request.body) or last >= size:
        raise Trouble("bad_parameter", "Content-Range and the body differ in length")
    return _take(request, first, size)


def put(request: SyncRequest) -> Response:
    """PUT: the whole blob in one part; 201 when it is new, 200 when it was here."""
    return _take(request, 0, len(request.body))


def sweep(site: Site) -> int:
    """Remove uploads that got no more parts, add missing digests; return how many were removed."""
    _count_older(site)
    parts_kept = int(_number(site, "blobs.parts_kept") or 0) * HOUR
    return resumable_uploads.sweep(site.config.blobs, site.now() - parts_kept)


# Taking in


def _take(request: SyncRequest, start: int, size: int) -> Response:
    name = _name(request)
    _check_right(request)
    kind = media_sniffing.declared(request.http.headers.get("content-type", ""))
    return keep(request, name, kind, start, size)


def keep(request: SyncRequest, name: str, kind: str, start: int, size: int) -> Response:
    """Keep a part from byte `start` of `size`; the person's right to it was asked before."""
    stored = _readable(request, name)
    # A tablet that missed our answer sends again: it is told 200 and its bytes are not read twice.
    if stored is not None and (stored.kind, stored.size) == (kind, size):
        return _whole(request, stored, 200)
    if start == 0:
        media_sniffing.check_head(request.body[: media_sniffing.HEAD], kind)
    path = resumable_uploads.path_of(request.site.config.blobs, request.id, name)
    _check_room(request, path, start, size)
    try:
        here = resumable_uploads.add(path, start, request.body, request.site.now())
    except resumable_uploads.Gap as gap:
        # The last part came again, and meanwhile the first of the two finished the blob.
        stored = _readable(request, name)
        if stored is not None:
            return _whole(request, stored, 200)
        return JSONResponse({"ok": False, "error": "gap", "offset": gap.offset}, 409)
    if here < size:
        return JSONResponse({"ok": True, "offset": here, "whole": False})
    return _finish(request, path, size, name, kind)


def _finish(request: SyncRequest, path: Path, size: int, name: str, kind: str) -> Response:
    """Check the whole file and move it to its place; a file that fails leaves nothing behind."""
    with resumable_uploads.held(path):
        here = resumable_uploads.offset(path)
        if here == size:
            digest = resumable_uploads.read_whole(path, name)
            try:
                if digest is None:
                    raise Trouble("other_bytes")
                media_sniffing.check_whole(path, kind)
            except Trouble:
                resumable_uploads.drop(path)
                raise
            resumable_uploads.put_in_place(path, path_of(request.site.config.blobs, name))
            blob = Blob(name, size, kind, digest)
            return _whole(request, blob, 201 if request.site.arrived(blob, request.id) else 200)
        resumable_uploads.drop(path)
    # The last part came twice at once, and the other request was faster.
    stored = _readable(request, name)
    if stored is None:
        raise Trouble("busy", Retry_After="1")
    return _whole(request, stored, 200)


def _whole(request: SyncRequest, blob: Blob, status: int) -> Response:
    described = {"sha256": blob.sha256, "size": blob.size, "kind": blob.kind}
    return JSONResponse({"ok": True, "offset": blob.size, "whole": True, **described}, status)


def _check_right(request: SyncRequest) -> None:
    """Raise Trouble unless the person may record some act that carries a blob."""
    acts = request.site.declarations["acts"]
    for name in attachment_stubs.carriers(request.site.declarations):
        who = acts[name]["who"]
        if request.rights.active and (ANYBODY in who or request.rights.hold(*who)):
            return
    raise Trouble("forbidden")


def _check_room(request: SyncRequest, path: Path, start: int, size: int) -> None:
    """Raise Trouble for a blob too large, and when the person's day or the site's disk is full."""
    site = request.site
    most, of_day = _number(site, "blobs.size_at_most"), _number(site, "blobs.day_at_most")
    if most is not None and size > most * MEGABYTE:
        raise Trouble("blob_too_big")
    # A flood of tiny files would pass a sum of bytes, and fill the disk's table of files.
    more = max(size, resumable_uploads.AT_LEAST) - start
    if of_day is not None:
        sent = _sent_since(site, request.id, site.now() - DAY) + resumable_uploads.under_way(
            path.parent
        )
        if sent + more > of_day * MEGABYTE:
            raise Trouble("day_full", Retry_After=LATER)
    if start == 0 and _stored(site) + more > site.config.blobs_gb * GIGABYTE:
        raise Trouble("no_room", Retry_After=LATER)


def _sent_since(site: Site, person: str, since: int) -> int:
    blobs, senders = tables.blobs.c, tables.senders.c
    size = sa.case(
        (blobs.size < resumable_uploads.AT_LEAST, resumable_uploads.AT_LEAST), else_=blobs.size
    )
    with site.reading() as connection:
        total = connection.scalar(
            sa.select(sa.func.sum(size))
            .select_from(sa.join(tables.senders, tables.blobs, blobs.sha256 == senders.sha256))
            .where(senders.person == person, senders.at > since)
        )
    return int(total or 0)


def _stored(site: Site) -> int:
    """Return the bytes of every blob and every unfinished upload."""
    with site.reading() as connection:
        total = connection.scalar(sa.select(sa.func.sum(tables.blobs.c.size)))
    return int(total or 0) + resumable_uploads.under_way(site.config.blobs / "parts")


def _number(site: Site, key: str) -> int | None:
    value: int | None = site.settings()[key]["value"]
    return value


# Who may see what


def _name(request: SyncRequest) -> str:
    return checked_name(request.http.path_params["sha256"])


def checked_name(name: str) -> str:
    """Return a blob's hash; raises Trouble for what is none."""
    if len(name) != 64 or not DIGITS.issuperset(name):
        raise Trouble("missing")
    return name


def _shown(request: SyncRequest, name: str) -> Blob | None:
    """Return a blob that a record names which this person sees, both now; else None.

    One that no record ever named is shown to its senders: it is nobody else's yet.
    """
    with request.site.reading() as connection:
        blob = _whole_one(request, connection, name)
        if blob is None:
            return None
        naming = _seen_naming(request, connection, name)
        if not naming and not Store(connection).naming(name):
            return blob if _was_sent(request, connection, name) else None
    request.site.reads.add(request.id, len(naming), request.site.now())
    return blob if naming else None


def _readable(request: SyncRequest, name: str) -> Blob | None:
    """Return a blob that this person sees or once sent, else None, whatever the reason."""
    with request.site.reading() as connection:
        blob = _whole_one(request, connection, name)
        if blob is None:
            return None
        if _seen_naming(request, connection, name):
            return blob
        is_theirs = _was_sent(request, connection, name)
        return blob if is_theirs and not _is_hidden(request, connection, name) else None


def _was_sent(request: SyncRequest, connection: sa.Connection, name: str) -> bool:
    """Say whether this person sent a blob, and so had its bytes."""
    senders = tables.senders.c
    sent = sa.select(senders.at).where(senders.sha256 == name, senders.person == request.id)
    return connection.execute(sent).first() is not None


def _is_hidden(request: SyncRequest, connection: sa.Connection, name: str) -> bool:
    """Say whether a record names a blob that is hidden from this person, who may have sent it."""
    store = Store(connection)
    naming = store.records(store.naming(name)).values()
    return any(is_hidden(stored.hides, request.id) for stored in naming)


def _whole_one(request: SyncRequest, connection: sa.Connection, name: str) -> Blob | None:
    blob = Store(connection).blobs([name]).get(name)
    # The row may outlive the file after a restore without blobs: it can then be sent again.
    is_here = blob is not None and path_of(request.site.config.blobs, name).is_file()
    return blob if is_here else None


def _seen_naming(request: SyncRequest, connection: sa.Connection, name: str) -> list[str]:
    """Return the records that name a blob now and that the person sees now."""
    store = Store(connection)
    declarations = request.site.declarations
    return [
        stored.id
        for stored in store.records(store.naming(name)).values()
        if may_see(request.rights, stored.channels, hides=stored.hides)
        and name in attachment_stubs.named(declarations, orjson.loads(stored.body))
    ]


def _count_older(site: Site) -> None:
    """Add CouchDB's MD5 digest to blobs that were stored before migration 0003 kept it."""
    blobs, senders = tables.blobs.c, tables.senders.c
    with site.reading() as connection:
        older = connection.execute(
            sa.select(blobs.sha256, blobs.kind, senders.person)
            .select_from(sa.join(tables.blobs, tables.senders, blobs.sha256 == senders.sha256))
            .where(blobs.digest.is_(None))
        ).all()
    for row in older:
        path = path_of(site.config.blobs, row.sha256)
        digest = resumable_uploads.read_whole(path, row.sha256) if path.is_file() else None
        if digest is not None:
            site.arrived(Blob(row.sha256, path.stat().st_size, row.kind, digest), row.person)
