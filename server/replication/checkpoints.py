"""CouchDB's `_local` documents: how far a replicator has come, private to one person and device."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from server.database import tables
from server.http.problems import Trouble
from server.replication.sync_request import SyncRequest
from sync import protocol

LONGEST = 64 << 10  # bytes; E2.3: a history of 50 entries, each with three tokens, needs 25 KB
LONGEST_ID = 300  # characters; E1: PouchDB's ids are hashes in base64
MOST = 1_000  # checkpoints of one person on one device; a replicator needs one or two


def read(request: SyncRequest) -> Response:
    """GET _local/<id>: the stored checkpoint, or Trouble `missing`."""
    row = _stored(request)
    if row is None:
        raise Trouble("missing", "missing")
    return Response(row, media_type="application/json")


def write(request: SyncRequest) -> Response:
    """PUT _local/<id>: E5, no conflicts and no attachments.

    Raises Trouble for no object, attachments, more than LONGEST bytes, or one checkpoint too many.
    """
    checkpoint = request.json()
    if not isinstance(checkpoint, dict):
        raise Trouble("bad_request", "Document must be a JSON object")
    if "_attachments" in checkpoint:
        raise Trouble("bad_request", "_local documents do not accept attachments.")
    if len(request.body) > LONGEST:
        raise Trouble("too_long")
    name = _id(request)
    rev = checkpoint.get("_rev")
    rev = protocol.local_revision(rev if isinstance(rev, str) else None)
    body = orjson.dumps({**checkpoint, "_id": name, "_rev": rev})
    key = {"person": request.id, "device": request.device, "id": name}
    with request.site.writing() as connection:
        change = sa.update(tables.locals_).where(_mine(request)).values(body=body)
        if connection.execute(change).rowcount == 0:
            count = sa.select(sa.func.count()).where(_ours(request))
            if int(connection.scalar(count) or 0) >= MOST:
                raise Trouble("forbidden", "There are too many checkpoints")
            connection.execute(sa.insert(tables.locals_).values(**key, body=body))
    return JSONResponse({"ok": True, "id": name, "rev": rev}, 201)


def delete(request: SyncRequest) -> Response:
    """DELETE _local/<id>: E5, answers revision 0-0; raises Trouble when there is none."""
    if _stored(request) is None:
        raise Trouble("missing", "missing")
    with request.site.writing() as connection:
        connection.execute(sa.delete(tables.locals_).where(_mine(request)))
    return JSONResponse({"ok": True, "id": _id(request), "rev": "0-0"})


def _stored(request: SyncRequest) -> bytes | None:
    with request.site.reading() as connection:
        body = connection.scalar(sa.select(tables.locals_.c.body).where(_mine(request)))
    return None if body is None else bytes(body)


def _ours(request: SyncRequest) -> sa.ColumnElement[bool]:
    columns = tables.locals_.c
    return sa.and_(columns.person == request.id, columns.device == request.device)


def _mine(request: SyncRequest) -> sa.ColumnElement[bool]:
    return sa.and_(_ours(request), tables.locals_.c.id == _id(request))


def _id(request: SyncRequest) -> str:
    name = "/".join(request.names[1:])
    if not name or len(name) > LONGEST_ID:
        raise Trouble("bad_request", "The id is empty or too long")
    return f"_local/{name}"
