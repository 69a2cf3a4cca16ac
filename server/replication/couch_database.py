"""The site as a CouchDB database: /sync/<site>, as far as people's devices need one.

Records are read, acts are pushed, and what is not here does not exist. Rights are read on every
request; what may not be read is answered exactly like what does not exist.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import OrderedDict
from importlib.metadata import version
from time import monotonic
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.acts.access import Actor
from server.acts.verdict import Verdict
from server.base import strict_json
from server.database import tables
from server.database.store import Store
from server.http import pages, problems
from server.http.problems import Trouble
from server.replication import documents, feed_reader, not_found
from server.replication.sync_request import SyncRequest
from sync import feed, multipart, protocol
from sync.act import ACT_ID

MOST_DOCS = 2_000
MANY = 20_000  # documents, from which on their number may be a little old
COUNTED_EVERY = 60.0  # s
COUNTS_KEPT = 256
UUID = "uuid"


def welcome(request: Request) -> Response:
    """GET /sync/: E1 and E2.2"""
    meta = request.app.state.site.meta
    return JSONResponse(protocol.welcome(meta[UUID], version("floorwalk")))


def up(_request: Request) -> Response:
    """GET /sync/_up: E3"""
    return JSONResponse({"status": "ok", "seeds": {}})


def all_dbs(call: SyncRequest) -> Response:
    """GET /sync/_all_dbs: E3; this site is all there is."""
    return JSONResponse([call.site.config.name])


def info(call: SyncRequest) -> Response:
    """GET /sync/<site>: the newest seq is the newest that this person sees, not the database's."""
    counts: Counts = call.request.app.state.counts
    count, newest = counts.of(call)
    token = feed.Token(newest, feed.digest(call.rights.channels, call.id), epoch_of(call))
    name, life = call.site.config.name, life_of(call)
    return JSONResponse(protocol.database_info(name, count, str(token), life))


class Counts:
    """How many documents people see. Many take long to count, so that is not done each time."""

    def __init__(self) -> None:
        self._known: OrderedDict[frozenset[str], tuple[int, int, float]] = OrderedDict()

    def of(self, call: SyncRequest) -> tuple[int, int]:
        """Return how many documents the person sees, and the newest seq among them."""
        channels, log = call.rights.channels, tables.changes.c
        with call.site.reading() as connection:
            newest = feed_reader.newest_in(connection, channels)
            seq, count, counted = self._known.get(channels, (-1, 0, 0.0))
            is_fresh = count > MANY and monotonic() - counted < COUNTED_EVERY
            if seq != newest and not is_fresh:
                seen = sa.select(log.record).where(log.channel.in_(channels), log.removed == 0)
                found = seen.distinct().subquery()
                count = connection.scalar(sa.select(sa.func.count()).select_from(found)) or 0
                self._known[channels] = (newest, count, monotonic())
        with contextlib.suppress(KeyError):  # several threads count
            while len(self._known) > COUNTS_KEPT:
                self._known.popitem(last=False)
        return count, newest


def create(_call: SyncRequest) -> Response:
    """PUT /sync/<site>: E1, clients that take a missing answer for a missing database."""
    raise Trouble("file_exists", "The database could not be created, the file already exists.")


def life_of(call: SyncRequest) -> str:
    """Return `instance_start_time`."""
    return protocol.life(str(call.site.meta["epoch"]))


def epoch_of(call: SyncRequest) -> str:
    """Return what stands for this life of the database in tokens."""
    return str(call.site.meta["epoch"])[:6]


# What is missing here


def revs_diff(call: SyncRequest) -> Response:
    """POST _revs_diff: E2.5; what may not be read is missing, without a hint of ancestors."""
    wanted = protocol.wanted_revs(call.json())
    names = [name for name in wanted if len(name) <= documents.LONGEST_ID]
    answer: dict[str, Any] = {}
    with call.site.reading() as connection:
        store = Store(connection)
        stored = documents.readable(store, call, [n for n in names if not ACT_ID.match(n)])
        acts = documents.readable_acts(store, call, [n for n in names if ACT_ID.match(n)])
    for name, revs in wanted.items():
        record = stored.get(name)
        known = [
            rev
            for rev in revs
            if (record and protocol.knows(rev, record.gen, record.history))
            or (name in acts and rev.startswith("1-"))
        ]
        lacking = protocol.lacking(revs, known, record.rev if record else None)
        if lacking is not None:
            answer[name] = lacking
    return JSONResponse(answer)


# Pushing acts


def bulk_docs(call: SyncRequest) -> Response:
    """POST _bulk_docs: always 201; a row only for what is refused, unless new edits are made (E1).

    Any other answer than ok or forbidden would hold up all later acts of a PouchDB for ever.
    """
    docs, new_edits = protocol.pushed_docs(call.json())
    if len(docs) > MOST_DOCS:
        raise Trouble("too_many_docs")
    verdicts = call.site.accept(docs, Actor(call.person, call.device))
    rows = [
        _row(call, doc, verdict)
        for doc, verdict in zip(docs, verdicts, strict=True)
        if new_edits or not verdict.good
    ]
    return JSONResponse(rows, 201)


def put(call: SyncRequest) -> Response:
    """PUT /sync/<site>/<id>: one act. E2.8: a replicator pushes so what has attachments.

    It goes on after 403 and stops for ever after most other answers.
    """
    name, *attached = call.names
    if name.startswith("_"):
        raise not_found.trouble(call.request)
    if attached:
        raise Trouble("wrong_method", "Only GET,HEAD allowed", Allow="GET, HEAD")
    if call.kind == "multipart/related":
        document = multipart.first_part(call.body, call.request.headers["content-type"])
        try:
            given = strict_json.loads(document)
        except strict_json.BadJSON as error:
            raise Trouble(error.code) from None
    else:
        given = call.json()
    if not isinstance(given, dict):
        raise Trouble("bad_request", "Document must be a JSON object")
    doc = {**given, "_id": name}  # E5: the address wins
    verdict = call.site.accept([doc], Actor(call.person, call.device))[0]
    return JSONResponse(_row(call, doc, verdict), 201 if verdict.good else 403)


def _row(call: SyncRequest, doc: Any, verdict: Verdict) -> dict[str, Any]:
    if verdict.good:
        rev = doc.get("_rev") or "1-" + hashlib.md5(orjson.dumps(doc)).hexdigest()  # noqa: S324
        return {"ok": True, "id": verdict.id, "rev": rev}
    code = verdict.code or "malformed"
    say = problems.sentence(code, pages.language_of(call.request, call.person))
    rev = doc.get("_rev") if isinstance(doc, dict) else None
    row = {"id": verdict.id, "error": "forbidden", "reason": code, "say": say}
    if isinstance(rev, str):
        row["rev"] = rev  # E2.8: a replicator writes it in its log
    if "fields" in verdict.details:
        row["fields"] = verdict.details["fields"]
    return row


def full_commit(call: SyncRequest) -> Response:
    """POST _ensure_full_commit: E2.9; what was acknowledged is on disk already."""
    if call.kind != "application/json":
        raise Trouble("not_json", "Content-Type must be application/json")
    return JSONResponse({"ok": True, "instance_start_time": life_of(call)}, 201)
