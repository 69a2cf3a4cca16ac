"""`_local` documents: how far a replicator has come. Nobody's but this person's on this device."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from server.database import tables
from server.http.problems import Trouble
from server.replication.sync_request import SyncRequest
from sync import protocol

LONGEST = 64 << 10  # bytes; E2.3: a history of 50 entries, each with three tokens, needs 25 KB
LONGEST_ID = 300
MOST = 1_000  # of one person on one device; a replicator needs one or two


def read(call: SyncRequest) -> Response:
    """GET _local/<id>"""
    row = _found(call)
    if row is None:
        raise Trouble("missing", "missing")
    return Response(row, media_type="application/json")


def write(call: SyncRequest) -> Response:
    """PUT _local/<id>: E5, no conflicts and no attachments"""
    given = call.json()
    if not isinstance(given, dict):
        raise Trouble("bad_request", "Document must be a JSON object")
    if "_attachments" in given:
        raise Trouble("bad_request", "_local documents do not accept attachments.")
    if len(call.body) > LONGEST:
        raise Trouble("too_long")
    name = _id(call)
    rev = given.get("_rev")
    rev = protocol.local_revision(rev if isinstance(rev, str) else None)
    body = orjson.dumps({**given, "_id": name, "_rev": rev})
    key = {"person": call.id, "device": call.device, "id": name}
    with call.site.writing() as connection:
        change = sa.update(tables.locals_).where(_mine(call)).values(body=body)
        if connection.execute(change).rowcount == 0:
            count = sa.select(sa.func.count()).where(_ours(call))
            if int(connection.scalar(count) or 0) >= MOST:
                raise Trouble("forbidden", "There are too many checkpoints")
            connection.execute(sa.insert(tables.locals_).values(**key, body=body))
    return JSONResponse({"ok": True, "id": name, "rev": rev}, 201)


def delete(call: SyncRequest) -> Response:
    """DELETE _local/<id>: E5, answers 0-0"""
    if _found(call) is None:
        raise Trouble("missing", "missing")
    with call.site.writing() as connection:
        connection.execute(sa.delete(tables.locals_).where(_mine(call)))
    return JSONResponse({"ok": True, "id": _id(call), "rev": "0-0"})


def _found(call: SyncRequest) -> bytes | None:
    with call.site.reading() as connection:
        body = connection.scalar(sa.select(tables.locals_.c.body).where(_mine(call)))
    return None if body is None else bytes(body)


def _ours(call: SyncRequest) -> sa.ColumnElement[bool]:
    columns = tables.locals_.c
    return sa.and_(columns.person == call.id, columns.device == call.device)


def _mine(call: SyncRequest) -> sa.ColumnElement[bool]:
    return sa.and_(_ours(call), tables.locals_.c.id == _id(call))


def _id(call: SyncRequest) -> str:
    name = "/".join(call.names[1:])
    if not name or len(name) > LONGEST_ID:
        raise Trouble("bad_request", "The id is empty or too long")
    return f"_local/{name}"
