"""The site as a CouchDB database: /sync/<site>, as far as people's devices need one.

Records are read, acts are pushed, and what is not here does not exist. Rights are read on every
request; what may not be read is answered exactly like what does not exist.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server import pages, problems, tables
from server.access import Actor, may_see
from server.call import Call, as_json
from server.problems import Trouble
from server.store import Store, Stored
from sync import feed, protocol
from sync.act import ACT_ID

MOST_DOCS = 2_000
LONGEST_LOCAL = 8 << 10
LOCAL_ID = 200
UUID = "uuid"


def welcome(request: Request) -> Response:
    """GET /sync/: E1 and E2.2"""
    meta = request.app.state.site.meta
    return JSONResponse(protocol.welcome(meta[UUID], version("floorwalk")))


def info(call: Call) -> Response:
    """GET /sync/<site>: the newest seq is the newest that this person sees, not the database's."""
    channels = sorted(call.rights.channels)
    log = tables.changes.c
    with call.site.reading() as connection:
        seen = sa.select(log.seq).where(log.channel.in_(channels), log.removed == 0).distinct()
        count = connection.scalar(sa.select(sa.func.count()).select_from(seen.subquery()))
        newest = connection.scalar(sa.select(sa.func.max(log.seq)).where(log.channel.in_(channels)))
    rights = feed.digest(call.rights.channels, call.id)
    token = feed.Token(newest or 0, rights, epoch_of(call))
    return JSONResponse(protocol.database_info(call.site.config.name, count or 0, str(token)))


def epoch_of(call: Call) -> str:
    """Return what stands for this life of the database in tokens."""
    return str(call.site.meta["epoch"])[:6]


# Reading documents


def revs_diff(call: Call) -> Response:
    """POST _revs_diff: E2.5; what may not be read is missing, without a hint of ancestors."""
    wanted = protocol.wanted_revs(call.json())
    answer: dict[str, Any] = {}
    with call.site.reading() as connection:
        store = Store(connection)
        stored = _readable(store, call, [name for name in wanted if not ACT_ID.match(name)])
        acts = _readable_acts(store, call, [name for name in wanted if ACT_ID.match(name)])
        for name, revs in wanted.items():
            record = stored.get(name)
            lacking = [
                rev
                for rev in revs
                if not (record and protocol.knows(rev, record.gen, record.history))
                and not (name in acts and rev.startswith("1-"))
            ]
            if lacking:
                answer[name] = {"missing": lacking}
    return JSONResponse(answer)


def bulk_get(call: Call) -> Response:
    """POST _bulk_get: E1 and E2.6"""
    wanted = protocol.wanted_docs(call.json())
    with_history = call.request.query_params.get("revs") == "true"
    latest = call.request.query_params.get("latest") == "true"
    results: list[dict[str, Any]] = []
    with call.site.reading() as connection:
        documents = _documents(connection, call, [doc["id"] for doc in wanted])
    for asked in wanted:
        rev = asked["rev"] if isinstance(asked.get("rev"), str) else None
        found = documents.get(asked["id"])
        if found is None or not _is_wanted(found, rev, latest):
            results.append(protocol.missing(asked["id"], rev))
        else:
            results.append({"id": asked["id"], "docs": [{"ok": _shown(found, with_history)}]})
    return as_json(orjson.dumps(protocol.bulk_get_answer(results)), call.request)


def document(call: Call) -> Response:
    """GET /sync/<site>/<id> with rev, revs, open_revs, latest: E1"""
    name = call.request.path_params["id"]
    given = call.request.query_params
    with call.site.reading() as connection:
        found = _documents(connection, call, [name]).get(name)
    open_revs = given.get("open_revs")
    if open_revs is not None and open_revs != "all":
        return _open_revs(call, found, open_revs)
    if found is None or not _is_wanted(found, given.get("rev"), given.get("latest") == "true"):
        raise Trouble("missing", "missing")
    shown = _shown(found, given.get("revs") == "true" or open_revs is not None)
    if open_revs is not None:
        return JSONResponse([{"ok": shown}])
    etag = f'"{shown["_rev"]}"'
    if call.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return JSONResponse(shown, headers={"ETag": etag})


def _open_revs(
    call: Call, found: tuple[dict[str, Any], Stored | None] | None, text: str
) -> Response:
    """E4: an absent revision, or document, is listed as missing with 200."""
    try:
        revs = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Trouble("bad_parameter", "open_revs must be a list") from None
    if not isinstance(revs, list) or not all(isinstance(rev, str) for rev in revs):
        raise Trouble("bad_parameter", "open_revs must be a list")
    latest = call.request.query_params.get("latest") == "true"
    rows = [
        {"ok": _shown(found, with_history=True)}
        if found is not None and _is_wanted(found, rev, latest)
        else {"missing": rev}
        for rev in revs
    ]
    return JSONResponse(rows)


Found = tuple[dict[str, Any], Stored | None]


def _documents(connection: sa.Connection, call: Call, names: Iterable[str]) -> dict[str, Found]:
    """Return the documents that the person may read: records, and acts of such records."""
    wanted = list(names)
    store = Store(connection)
    found: dict[str, Found] = {}
    for name, stored in _readable(store, call, wanted).items():
        found[name] = (orjson.loads(stored.body), stored)
    for name, body in _readable_acts(store, call, [n for n in wanted if ACT_ID.match(n)]).items():
        digest = hashlib.md5(orjson.dumps(body), usedforsecurity=False).hexdigest()
        found[name] = ({**body, "_rev": f"1-{digest}"}, None)
    return found


def _readable(store: Store, call: Call, names: list[str]) -> dict[str, Stored]:
    """Return the records that the person may see now."""
    found = store.records(names) if names else {}
    return {name: row for name, row in found.items() if may_see(call.rights, row.channels)}


def _readable_acts(store: Store, call: Call, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the acts of records that the person may see, and the person's own."""
    if not names:
        return {}
    acts = {name: orjson.loads(body) for name, body in store.known_acts(names).items()}
    seen = _readable(store, call, list({act["record"] for act in acts.values()}))
    return {
        name: act for name, act in acts.items() if act["record"] in seen or act["by"] == call.id
    }


def _is_wanted(found: Found, rev: str | None, latest: bool) -> bool:
    """Say whether the newest revision answers; older ones have no bodies any more."""
    body, stored = found
    if rev is None or rev == body["_rev"] or stored is None:
        return True
    return latest and protocol.knows(rev, stored.gen, stored.history)


def _shown(found: Found, with_history: bool) -> dict[str, Any]:
    body, stored = found
    if not with_history:
        return body
    if stored is None:
        return {**body, "_revisions": {"start": 1, "ids": [body["_rev"][2:]]}}
    return {**body, "_revisions": protocol.revisions(stored.gen, stored.history)}


# Pushing acts


def bulk_docs(call: Call) -> Response:
    """POST _bulk_docs: always 201; a row only for what is refused, unless new edits are made (E1).

    Any other answer than ok or forbidden would hold up all later acts of a PouchDB for ever.
    """
    docs, new_edits = protocol.pushed_docs(call.json())
    if len(docs) > MOST_DOCS:
        raise Trouble("too_many_docs")
    language = pages.language_of(call.request, call.person)
    actor = Actor(call.person, call.device)
    rows: list[dict[str, Any]] = []
    for doc, verdict in zip(docs, call.site.take(docs, actor), strict=True):
        if not verdict.good:
            code = verdict.code or "malformed"
            say = problems.sentence(code, language)
            row = {"id": verdict.id, "error": "forbidden", "reason": code, "say": say}
            if "fields" in verdict.details:
                row["fields"] = verdict.details["fields"]
            rows.append(row)
        elif new_edits:
            rev = doc.get("_rev") or "1-" + hashlib.md5(orjson.dumps(doc)).hexdigest()  # noqa: S324
            rows.append({"ok": True, "id": verdict.id, "rev": rev})
    return JSONResponse(rows, 201)


def full_commit(call: Call) -> Response:
    """POST _ensure_full_commit: E2.9; what was acknowledged is on disk already."""
    return JSONResponse({"ok": True, "instance_start_time": "0"}, 201)


# Checkpoints: nobody's but this person's on this device


def local_read(call: Call) -> Response:
    """GET _local/<id>"""
    row = _local(call)
    if row is None:
        raise Trouble("missing", "missing")
    return Response(row, media_type="application/json")


def local_write(call: Call) -> Response:
    """PUT _local/<id>: E5, no conflicts"""
    given = call.json()
    if not isinstance(given, dict):
        raise Trouble("bad_request", "Document must be a JSON object")
    if len(call.body) > LONGEST_LOCAL:
        raise Trouble("too_long")
    name = _local_id(call)
    rev = given.get("_rev")
    rev = protocol.local_revision(rev if isinstance(rev, str) else None)
    body = orjson.dumps({**given, "_id": name, "_rev": rev})
    columns = tables.locals_.c
    key = {"person": call.id, "device": call.device, "id": name}
    mine = sa.and_(*(columns[column] == value for column, value in key.items()))
    with call.site.writing() as connection:
        change = sa.update(tables.locals_).where(mine).values(body=body)
        if connection.execute(change).rowcount == 0:
            connection.execute(sa.insert(tables.locals_).values(**key, body=body))
    return JSONResponse({"ok": True, "id": name, "rev": rev}, 201)


def local_delete(call: Call) -> Response:
    """DELETE _local/<id>: E5, answers 0-0"""
    if _local(call) is None:
        raise Trouble("missing", "missing")
    with call.site.writing() as connection:
        connection.execute(sa.delete(tables.locals_).where(_mine(call)))
    return JSONResponse({"ok": True, "id": _local_id(call), "rev": "0-0"})


def _local(call: Call) -> bytes | None:
    with call.site.reading() as connection:
        body = connection.scalar(sa.select(tables.locals_.c.body).where(_mine(call)))
    return None if body is None else bytes(body)


def _mine(call: Call) -> sa.ColumnElement[bool]:
    columns = tables.locals_.c
    return sa.and_(
        columns.person == call.id,
        columns.device == call.device,
        columns.id == _local_id(call),
    )


def _local_id(call: Call) -> str:
    name = call.request.path_params["id"]
    if len(name) > LOCAL_ID:
        raise Trouble("bad_request", "The id is too long")
    return f"_local/{name}"


def nothing(_request: Request) -> Response:
    """Whatever CouchDB has besides does not exist here."""
    raise Trouble("missing", "missing")
