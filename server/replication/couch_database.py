"""The site as a CouchDB database: server and database info, `_revs_diff`, and pushes of acts.

Devices read records and push acts; nothing else of CouchDB is offered. Rights are read on every
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

from server.acts import access
from server.acts.access import Actor
from server.acts.verdict import Verdict
from server.base import strict_json
from server.database import tables
from server.database.store import Store
from server.http import pages, problems
from server.http.problems import Trouble
from server.replication import document_portions, document_reads, feed_reader, unknown_addresses
from server.replication.sync_request import SyncRequest
from sync import feed_position, multipart, protocol
from sync.act import ACT_ID

MOST_DOCS = 2_000  # of one push: its acts share a transaction, and the database's one writer
MANY = 20_000  # documents; from here on a count may be up to COUNTED_EVERY old
COUNTED_EVERY = 60.0  # s
COUNTS_KEPT = 256  # sets of channels whose count is remembered
UUID = "uuid"


def welcome(request: Request) -> Response:
    """GET /sync/: the server's uuid and version; E1 and E2.2"""
    meta = request.app.state.site.meta
    return JSONResponse(protocol.welcome(meta[UUID], version("floorwalk")))


def up(_request: Request) -> Response:
    """GET /sync/_up: E3"""
    return JSONResponse({"status": "ok", "seeds": {}})


def all_dbs(request: SyncRequest) -> Response:
    """GET /sync/_all_dbs: E3; this site is the only database."""
    return JSONResponse([request.site.config.name])


def info(request: SyncRequest) -> Response:
    """GET /sync/<site>: the number of documents and the newest seq, both as this person sees them.

    The database's own seq would tell how much happens where the person may not look.
    """
    counts: Counts = request.http.app.state.counts
    count, newest = counts.of(request)
    token = feed_position.Token(
        newest, feed_position.digest(request.rights.channels, request.id), epoch_of(request)
    )
    name, life = request.site.config.name, life_of(request)
    return JSONResponse(protocol.database_info(name, count, str(token), life))


class Counts:
    """Caches how many documents the holders of a set of channels see: `doc_count` of a database.

    Counting is slow on a large site, and every replicator asks for it at each start.
    """

    def __init__(self) -> None:
        self._counted: OrderedDict[frozenset[str], tuple[int, int, float]] = OrderedDict()

    def of(self, request: SyncRequest) -> tuple[int, int]:
        """Return how many documents the person sees, and the newest seq among them."""
        channels, log = request.rights.channels, tables.changes.c
        with request.site.reading() as connection:
            newest = feed_reader.newest_in(connection, channels)
            seq, count, counted = self._counted.get(channels, (-1, 0, 0.0))
            # Replication depends on the newest seq, which is exact; nothing depends on the count.
            is_fresh = count > MANY and monotonic() - counted < COUNTED_EVERY
            if seq != newest and not is_fresh:
                hidden = sa.select(tables.records.c.id).where(access.hidden_from(request.id))
                seen = sa.select(log.record).where(
                    log.channel.in_(channels), log.removed == 0, log.record.not_in(hidden)
                )
                documents = seen.distinct().subquery()
                count = connection.scalar(sa.select(sa.func.count()).select_from(documents)) or 0
                self._counted[channels] = (newest, count, monotonic())
        with contextlib.suppress(KeyError):  # several threads count
            while len(self._counted) > COUNTS_KEPT:
                self._counted.popitem(last=False)
        return count, newest


def create(_request: SyncRequest) -> Response:
    """PUT /sync/<site>: always 412; E1, PouchDB creates a database that seems to be missing."""
    raise Trouble("file_exists", "The database could not be created, the file already exists.")


def life_of(request: SyncRequest) -> str:
    """Return `instance_start_time` of this database; E2.9: it stays over restarts."""
    return protocol.life(str(request.site.meta["epoch"]))


def epoch_of(request: SyncRequest) -> str:
    """Return the six characters that stand for this life of the database in feed tokens."""
    return str(request.site.meta["epoch"])[:6]


# What is missing here


def revs_diff(request: SyncRequest) -> Response:
    """POST _revs_diff: E2.5; what may not be read is missing, without a hint of ancestors."""
    wanted = protocol.wanted_revs(request.json())
    names = [name for name in wanted if len(name) <= document_portions.LONGEST_ID]
    answer: dict[str, Any] = {}
    with request.site.reading() as connection:
        store = Store(connection)
        stored = document_reads.readable(store, request, [n for n in names if not ACT_ID.match(n)])
        acts = document_reads.readable_acts(store, request, [n for n in names if ACT_ID.match(n)])
    for name, revs in wanted.items():
        record = stored.get(name)
        held = [
            rev
            for rev in revs
            if (record and protocol.knows(rev, record.gen, record.history))
            or (name in acts and rev.startswith("1-"))
        ]
        lacking = protocol.lacking(revs, held, record.rev if record else None)
        if lacking is not None:
            answer[name] = lacking
    return JSONResponse(answer)


# Pushing acts


def bulk_docs(request: SyncRequest) -> Response:
    """POST _bulk_docs: always 201; a row only for refused acts, unless `new_edits` is true (E1).

    An answer other than `ok` or `forbidden` would hold up all later acts of a PouchDB for ever.
    Raises Trouble for a body that is no push, or one of more than MOST_DOCS documents.
    """
    docs, new_edits = protocol.pushed_docs(request.json())
    if len(docs) > MOST_DOCS:
        raise Trouble("too_many_docs")
    verdicts = request.site.accept(docs, Actor(request.person, request.device))
    rows = [
        _row(request, doc, verdict)
        for doc, verdict in zip(docs, verdicts, strict=True)
        if new_edits or not verdict.good
    ]
    return JSONResponse(rows, 201)


def put(request: SyncRequest) -> Response:
    """PUT /sync/<site>/<id>: one act. E2.8: CouchDB's replicator pushes acts with attachments so.

    It skips a document after 403 and ends the job after most other answers.
    """
    name, *attached = request.names
    if name.startswith("_"):
        raise unknown_addresses.trouble(request.http)
    if attached:
        raise Trouble("wrong_method", "Only GET,HEAD allowed", Allow="GET, HEAD")
    if request.kind == "multipart/related":
        document = multipart.first_part(request.body, request.http.headers["content-type"])
        try:
            body = strict_json.loads(document)
        except strict_json.BadJSON as error:
            raise Trouble(error.code) from None
    else:
        body = request.json()
    if not isinstance(body, dict):
        raise Trouble("bad_request", "Document must be a JSON object")
    doc = {**body, "_id": name}  # E5: the address wins
    verdict = request.site.accept([doc], Actor(request.person, request.device))[0]
    return JSONResponse(_row(request, doc, verdict), 201 if verdict.good else 403)


def _row(request: SyncRequest, doc: Any, verdict: Verdict) -> dict[str, Any]:
    if verdict.good:
        rev = doc.get("_rev") or "1-" + hashlib.md5(orjson.dumps(doc)).hexdigest()  # noqa: S324
        return {"ok": True, "id": verdict.id, "rev": rev}
    code = verdict.code or "malformed"
    say = problems.sentence(code, pages.language_of(request.http, request.person))
    rev = doc.get("_rev") if isinstance(doc, dict) else None
    # E1: PouchDB raises `denied` for this row alone and goes on. `say` is for the tablet's screen.
    row = {"id": verdict.id, "error": "forbidden", "reason": code, "say": say}
    if isinstance(rev, str):
        row["rev"] = rev  # E2.8: a replicator writes it in its log
    if "fields" in verdict.details:
        row["fields"] = verdict.details["fields"]
    return row


def full_commit(request: SyncRequest) -> Response:
    """POST _ensure_full_commit: E2.9; what was acknowledged is on disk already."""
    if request.kind != "application/json":
        raise Trouble("not_json", "Content-Type must be application/json")
    return JSONResponse({"ok": True, "instance_start_time": life_of(request)}, 201)
