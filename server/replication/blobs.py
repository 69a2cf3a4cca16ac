"""Photos and recordings, kept by what they are: /sync/<site>/_blob/<sha256>, after the words.

They come in parts of any size, in order, and go on where the server stands; the last part has the
whole checked. A blob is read by whoever may see a record that names it, and by whoever sent it; for
everybody else it does not exist. Bytes are kept as they came, because records name them by hash.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import sqlalchemy as sa
from starlette.responses import FileResponse, JSONResponse, Response

from server.acts import attachments
from server.acts.access import ANYBODY, may_see
from server.acts.attachments import path_of
from server.acts.site import Site
from server.database import tables
from server.database.store import Blob, Store
from server.http.problems import Trouble
from server.replication import media_types, resumable_uploads
from server.replication.sync_request import SyncRequest

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30
DAY = 24 * 3_600_000  # ms
HOUR = 3_600_000  # ms
LATER = "3600"  # s after which room may have been made
RANGE = re.compile(r"^bytes (\d{1,12})-(\d{1,12})/(\d{1,12})$")
DIGITS = frozenset("0123456789abcdef")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
}


def get(call: SyncRequest) -> Response:
    """GET: the bytes, or the same answer as for a blob that does not exist."""
    name = _name(call)
    blob = _readable(call, name)
    if blob is None:
        raise Trouble("missing")
    etag = f'"{name}"'
    headers = {**HEADERS, "ETag": etag}
    if call.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    path = path_of(call.site.config.blobs, name)
    return FileResponse(path, media_type=blob.kind, headers=headers)


def state(call: SyncRequest) -> Response:
    """GET …/parts: how many bytes are here of what this person sends, and whether that is all."""
    name = _name(call)
    _check_right(call)
    blob = _readable(call, name)
    if blob is not None:
        return JSONResponse({"ok": True, "offset": blob.size, "whole": True})
    here = resumable_uploads.offset(
        resumable_uploads.path_of(call.site.config.blobs, call.id, name)
    )
    return JSONResponse({"ok": True, "offset": here, "whole": False})


def put_part(call: SyncRequest) -> Response:
    """PUT …/parts with `Content-Range: bytes 0-262143/700000`: the next part.

    200 with how far it has come; 201 when it is whole; 409 with the same when there is a gap.
    """
    said = RANGE.match(call.request.headers.get("content-range", ""))
    if said is None:
        raise Trouble("bad_parameter", "Content-Range must be `bytes <first>-<last>/<all>`")
    first, last, size = map(int, said.groups())
    if last + 1 - first != len(call.body) or last >= size:
        raise Trouble("bad_parameter", "Content-Range and the body differ in length")
    return _take(call, first, size)


def put(call: SyncRequest) -> Response:
    """PUT: all of it in one part; 201 when it is kept, 200 when it was."""
    return _take(call, 0, len(call.body))


def sweep(site: Site) -> int:
    """Forget uploads that got no more parts; say what older blobs are. Return how many went."""
    _count_older(site)
    kept = int(_number(site, "blobs.parts_kept") or 0) * HOUR
    return resumable_uploads.sweep(site.config.blobs, site.now() - kept)


# Taking in


def _take(call: SyncRequest, start: int, size: int) -> Response:
    name = _name(call)
    _check_right(call)
    kind = media_types.declared(call.request.headers.get("content-type", ""))
    known = _readable(call, name)
    if known is not None and (known.kind, known.size) == (kind, size):
        return _whole(call, known, 200)
    if start == 0:
        media_types.check_head(call.body[: media_types.HEAD], kind)
    path = resumable_uploads.path_of(call.site.config.blobs, call.id, name)
    _check_room(call, path, start, size)
    try:
        here = resumable_uploads.add(path, start, call.body, call.site.now())
    except resumable_uploads.Gap as gap:
        known = _readable(call, name)  # the last part again, and meanwhile it was put in its place
        if known is not None:
            return _whole(call, known, 200)
        return JSONResponse({"ok": False, "error": "gap", "offset": gap.offset}, 409)
    if here < size:
        return JSONResponse({"ok": True, "offset": here, "whole": False})
    return _finish(call, path, size, name, kind)


def _finish(call: SyncRequest, path: Path, size: int, name: str, kind: str) -> Response:
    """Check the whole and put it in its place; what is wrong leaves nothing behind."""
    with resumable_uploads.held(path):
        here = resumable_uploads.offset(path)
        if here == size:
            digest = resumable_uploads.read_whole(path, name)
            try:
                if digest is None:
                    raise Trouble("other_bytes")
                media_types.check_whole(path, kind)
            except Trouble:
                resumable_uploads.drop(path)
                raise
            resumable_uploads.put_in_place(path, path_of(call.site.config.blobs, name))
            blob = Blob(name, size, kind, digest)
            return _whole(call, blob, 201 if call.site.arrived(blob, call.id) else 200)
        resumable_uploads.drop(path)
    known = _readable(call, name)  # the last part came twice at once, and the other was faster
    if known is None:
        raise Trouble("busy", Retry_After="1")
    return _whole(call, known, 200)


def _whole(call: SyncRequest, blob: Blob, status: int) -> Response:
    said = {"sha256": blob.sha256, "size": blob.size, "kind": blob.kind}
    return JSONResponse({"ok": True, "offset": blob.size, "whole": True, **said}, status)


def _check_right(call: SyncRequest) -> None:
    """Only who may say something that carries a blob may bring one."""
    acts = call.site.declarations["acts"]
    for name in attachments.carriers(call.site.declarations):
        who = acts[name]["who"]
        if call.rights.active and (ANYBODY in who or call.rights.hold(*who)):
            return
    raise Trouble("forbidden")


def _check_room(call: SyncRequest, path: Path, start: int, size: int) -> None:
    """Raise Trouble for what is too large, and when a person or the whole site has its fill."""
    site = call.site
    most, of_day = _number(site, "blobs.size_at_most"), _number(site, "blobs.day_at_most")
    if most is not None and size > most * MEGABYTE:
        raise Trouble("blob_too_big")
    more = max(size, resumable_uploads.AT_LEAST) - start
    if of_day is not None:
        sent = _sent_since(site, call.id, site.now() - DAY) + resumable_uploads.under_way(
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
    """Return the bytes of everything that is kept, or on its way."""
    with site.reading() as connection:
        total = connection.scalar(sa.select(sa.func.sum(tables.blobs.c.size)))
    return int(total or 0) + resumable_uploads.under_way(site.config.blobs / "parts")


def _number(site: Site, key: str) -> int | None:
    value: int | None = site.settings()[key]["value"]
    return value


# Who may see what


def _name(call: SyncRequest) -> str:
    name: str = call.request.path_params["sha256"]
    if len(name) != 64 or not DIGITS.issuperset(name):
        raise Trouble("missing")
    return name


def _readable(call: SyncRequest, name: str) -> Blob | None:
    """Return a blob that is whole, here, and this person's to see; None tells nothing else."""
    records, senders, used = tables.records.c, tables.senders.c, tables.uses.c
    with call.site.reading() as connection:
        blob = Store(connection).blobs([name]).get(name)
        if blob is None or not path_of(call.site.config.blobs, name).is_file():
            return None
        sent = sa.select(senders.at).where(senders.sha256 == name, senders.person == call.id)
        if connection.execute(sent).first() is not None:
            return blob
        rows = connection.execute(
            sa.select(records.channels)
            .select_from(sa.join(tables.uses, tables.records, used.record == records.id))
            .where(used.sha256 == name)
        )
        seen = any(may_see(call.rights, orjson.loads(row.channels)) for row in rows)
    return blob if seen else None


def _count_older(site: Site) -> None:
    """Say of blobs that came before digests were kept what CouchDB calls their bytes."""
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
