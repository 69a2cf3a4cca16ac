"""Reading documents as CouchDB does: one, several, their revisions and their attachment_stubs.

A document is a record, or an act of a record that the person may see. What may not be read is
answered exactly like what does not exist.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response, StreamingResponse

from server.acts import attachment_stubs
from server.acts.access import is_hidden, may_see
from server.database.store import Store, Stored
from server.http.problems import Trouble
from server.replication import unknown_addresses
from server.replication.document_portions import LONGEST_ID, in_portions
from server.replication.file_pieces import pieces
from server.replication.sync_request import SyncRequest, as_json, streamed
from sync import multipart, protocol, query_parameters
from sync.act import ACT_ID
from sync.multipart import File
from sync.protocol import Wanted
from sync.query_parameters import Asked

# What people upload must never run as a page of ours, nor be found in a shared cache.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
}
MOST_WANTED = 10_000  # documents of one _bulk_get, as in CouchDB
MULTIPART = ("multipart/mixed", "multipart/related")


@dataclass(frozen=True)
class Document:
    """A document as the person may read it now; `stored` is None for an act."""

    body: dict[str, Any]
    gen: int
    history: bytes
    stored: Stored | None = None
    files: tuple[tuple[str, attachment_stubs.Attachment], ...] = ()

    @property
    def rev(self) -> str:
        """The revision; histories are linear, so there is one leaf."""
        return str(self.body["_rev"])

    def knows(self, rev: str) -> bool:
        """Say whether a revision is in its history.

        Whoever pushed an act made up its revision, so any first one is taken for it.
        """
        if self.stored is None:
            return rev.startswith("1-")
        return protocol.knows(rev, self.gen, self.history)

    def answers(self, rev: str | None, *, latest: bool) -> bool:
        """Say whether `rev` means the newest revision; older ones have no bodies any more."""
        is_leaf = rev is None or rev == self.rev or self.stored is None
        return self.knows(rev) if rev is not None and (latest or is_leaf) else is_leaf

    def shown(self, asked: Asked) -> dict[str, Any]:
        """Return the body with the `_revisions` and `_revs_info` that were asked for."""
        more: dict[str, Any] = {}
        if asked.revs:
            more["_revisions"] = protocol.revisions(self.gen, self.history)
        if asked.revs_info:
            more["_revs_info"] = query_parameters.revs_info(self.gen, self.history)
        return {**self.body, **more} if more else self.body

    def new_to(self, atts_since: Iterable[str]) -> dict[str, attachment_stubs.Attachment]:
        """E2.7: return the attachments that are newer than the revisions a reader has."""
        known_revpos = query_parameters.known_to(atts_since, self.gen, self.history)
        stubs = attachment_stubs.stubs(self.body)
        return {name: file for name, file in self.files if stubs[name]["revpos"] > known_revpos}


# Looking them up


def find(
    connection: sa.Connection, request: SyncRequest, names: Iterable[str], *, files: bool = False
) -> dict[str, Document]:
    """Return {id: document} of those that the person may read, in one reading transaction.

    `files` opens their attachments too, which costs a look at the disk for each.
    """
    wanted = [name for name in names if len(name) <= LONGEST_ID]
    store = Store(connection)
    documents = {
        name: _record(request, stored, files=files)
        for name, stored in readable(store, request, wanted).items()
    }
    request.site.reads.add(request.id, len(documents), request.site.now())
    for name, body in readable_acts(store, request, [n for n in wanted if ACT_ID.match(n)]).items():
        # The revision that its author gave an act is not kept; any reader is content with a stable
        # one.
        digest = hashlib.md5(orjson.dumps(body), usedforsecurity=False)
        documents[name] = Document({**body, "_rev": f"1-{digest.hexdigest()}"}, 1, digest.digest())
    return documents


def _record(request: SyncRequest, stored: Stored, *, files: bool) -> Document:
    body = orjson.loads(stored.body)
    opened = []
    for name in attachment_stubs.stubs(body) if files else ():
        file = attachment_stubs.open_(request.site.config.blobs, request.rights, stored, name)
        opened += [(name, file)] if file is not None else []
    return Document(body, stored.gen, stored.history, stored, tuple(opened))


def readable(store: Store, request: SyncRequest, names: list[str]) -> dict[str, Stored]:
    """Return {id: row} of the records that the person may see now."""
    stored = store.records(names) if names else {}
    return {
        name: row
        for name, row in stored.items()
        if may_see(request.rights, row.channels, hides=row.hides)
    }


def readable_acts(
    store: Store, request: SyncRequest, names: list[str]
) -> dict[str, dict[str, Any]]:
    """Return {id: act} of records that the person may see, and of the person's own acts.

    What is hidden from them is, their own acts in it as well.
    """
    if not names:
        return {}
    acts = {name: orjson.loads(body) for name, body in store.known_acts(names).items()}
    spoken_of = store.records({act["record"] for act in acts.values()})

    def may_read(act: dict[str, Any]) -> bool:
        row = spoken_of.get(act["record"])
        if row is None or act["by"] == request.id:
            return row is None or not is_hidden(row.hides, request.id)
        return may_see(request.rights, row.channels, hides=row.hides)

    return {name: act for name, act in acts.items() if may_read(act)}


# One document


def item(request: SyncRequest) -> Response:
    """GET /sync/<site>/<id> and /sync/<site>/<id>/<attachment>: E1, E5"""
    name, *attached = request.names
    if name.startswith("_"):
        raise unknown_addresses.trouble(request.http)
    return attachment(request, name, "/".join(attached)) if attached else document(request, name)


def document(request: SyncRequest, name: str) -> Response:
    """Return a document, with rev, revs, revs_info, open_revs, latest, attachments: E1, E2.7

    Raises Trouble `missing` for a document or revision that is not there or not to be seen.
    """
    asked = query_parameters.asked(request.http.query_params)
    mixed = asked.open_revs is not None and _takes(request, "multipart/mixed")
    with request.site.reading() as connection:
        files = asked.attachments or mixed
        document = find(connection, request, [name], files=files).get(name)
    if asked.open_revs is not None:
        return _open_revs(document, asked, mixed=mixed)
    if document is None or not document.answers(asked.rev, latest=asked.latest):
        raise Trouble("missing", "missing")
    headers = {"ETag": f'"{document.rev}"'}
    if request.http.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    new = document.new_to(asked.atts_since) if asked.attachments else {}
    if not new:
        return as_json(orjson.dumps(document.shown(asked)), request.http, headers=headers)
    if _takes(request, "multipart/related"):
        boundary = secrets.token_hex(16)
        kind = f'multipart/related; boundary="{boundary}"'
        return StreamingResponse(_related(document, asked, new, boundary), 200, headers, kind)
    return StreamingResponse(_inline(document, asked, new), 200, headers, "application/json")


def _takes(request: SyncRequest, kind: str) -> bool:
    return multipart.accepts(request.http.headers.get("accept"), kind)


def _open_revs(document: Document | None, asked: Asked, *, mixed: bool) -> Response:
    """E4: an absent revision or document is listed as missing with 200; a leaf stands once."""
    leaves: list[Document | str]
    if asked.open_revs == query_parameters.ALL:
        if document is None:
            raise Trouble("missing", "missing")
        leaves = [document]
    else:
        leaves = [
            document if document is not None and document.answers(rev, latest=asked.latest) else rev
            for rev in asked.open_revs or ()
        ]
        first = next((n for n, leaf in enumerate(leaves) if leaf is document), None)
        leaves = [leaf for n, leaf in enumerate(leaves) if leaf is not document or n == first]
    if mixed:
        boundary = secrets.token_hex(16)
        kind = f'multipart/mixed; boundary="{boundary}"'
        return StreamingResponse(_mixed(leaves, asked, boundary), 200, media_type=kind)
    return StreamingResponse(_listed(leaves, asked), media_type="application/json")


def _listed(leaves: list[Document | str], asked: Asked) -> Iterator[bytes]:
    head = b"["
    for leaf in leaves:
        if isinstance(leaf, str):
            yield head + orjson.dumps({"missing": leaf})
        else:
            yield head + b'{"ok":'
            yield from _inline(leaf, asked, leaf.new_to(asked.atts_since))
            yield b"}"
        head = b","
    yield b"]" if leaves else b"[]"


def _mixed(leaves: list[Document | str], asked: Asked, boundary: str) -> Iterator[bytes]:
    """E2.7: one part each, of JSON, or of MIME parts where attachments follow."""
    for leaf in leaves:
        if isinstance(leaf, str):
            missing = orjson.dumps({"missing": leaf})
            yield from multipart.part('application/json; error="true"', [missing], boundary)
        else:
            yield from _part(leaf, asked, boundary)
    yield multipart.end(boundary)


def _part(leaf: Document, asked: Asked, boundary: str, *headers: str) -> Iterator[bytes]:
    new = leaf.new_to(asked.atts_since)
    if not new:
        body = orjson.dumps(leaf.shown(asked))
        return multipart.part("application/json", [body], boundary, *headers)
    inner = secrets.token_hex(16)
    kind = f'multipart/related; boundary="{inner}"'
    return multipart.part(kind, _related(leaf, asked, new, inner), boundary, *headers)


def _related(
    document: Document, asked: Asked, new: dict[str, attachment_stubs.Attachment], boundary: str
) -> Iterator[bytes]:
    shown, stubs = document.shown(asked), dict(attachment_stubs.stubs(document.body))
    for name in new:
        stubs[name] = {k: v for k, v in stubs[name].items() if k != "stub"} | {"follows": True}
    body = orjson.dumps({**shown, attachment_stubs.MEMBER: stubs})
    files = [
        File(name, stubs[name]["content_type"], stubs[name]["length"], pieces(new[name].path))
        for name in stubs
        if name in new
    ]
    return multipart.related(body, files, boundary)


def _inline(
    document: Document, asked: Asked, new: dict[str, attachment_stubs.Attachment]
) -> Iterator[bytes]:
    """Yield a document as JSON with its attachments in base64, a piece at a time."""
    shown = document.shown(asked)
    if not new:
        yield orjson.dumps(shown)
        return
    bare = {name: value for name, value in shown.items() if name != attachment_stubs.MEMBER}
    yield orjson.dumps(bare)[:-1] + b',"' + attachment_stubs.MEMBER.encode() + b'":'
    comma = b"{"
    for name, stub in attachment_stubs.stubs(document.body).items():
        yield comma + orjson.dumps(name) + b":"
        comma = b","
        if name in new:
            stub_alone = {
                key: value for key, value in stub.items() if key not in ("stub", "length")
            }
            yield orjson.dumps(stub_alone)[:-1] + b',"data":"'
            yield from map(base64.b64encode, pieces(new[name].path))
            yield b'"}'
        else:
            yield orjson.dumps(stub)
    yield b"}}"


# Several documents


def bulk_get(request: SyncRequest) -> Response:
    """POST _bulk_get: E1 and E2.6; raises Trouble for more than MOST_WANTED documents."""
    wanted = protocol.wanted_docs(request.json())
    if len(wanted) > MOST_WANTED:
        raise Trouble("too_many_docs")
    asked = query_parameters.asked(request.http.query_params)
    if _takes(request, "application/json") or not any(_takes(request, kind) for kind in MULTIPART):
        return streamed(_bulk_rows(request, wanted, asked), request.http)
    boundary = secrets.token_hex(16)
    kind = next(each for each in MULTIPART if _takes(request, each))
    body = _bulk_parts(request, wanted, asked, boundary)
    return StreamingResponse(body, 200, media_type=f'{kind}; boundary="{boundary}"')


def _meant(
    request: SyncRequest, wanted: list[Wanted], asked: Asked, *, files: bool
) -> Iterator[tuple[Wanted, Document | None]]:
    """Yield each request of `_bulk_get` with its document or None, TOGETHER in a transaction."""
    left = iter(wanted)
    for names in in_portions(request, [doc.id for doc in wanted]):
        with request.site.reading() as connection:
            known = [name for name in names if name is not None]
            documents = find(connection, request, known, files=files)
        for doc in islice(left, len(names)):
            document = documents.get(doc.id or "")
            answers = document is not None and document.answers(doc.rev, latest=asked.latest)
            yield doc, document if answers else None


def _bulk_rows(request: SyncRequest, wanted: list[Wanted], asked: Asked) -> Iterator[bytes]:
    """E2.6: exactly one key, the same length and order as asked, one entry in `docs` each."""
    head = b'{"results":['
    for doc, document in _meant(request, wanted, asked, files=asked.attachments):
        head += b'{"id":' + orjson.dumps(doc.id) + b',"docs":['
        if document is None:
            yield head + orjson.dumps({"error": protocol.refused(doc)}) + b"]}"
        else:
            new = document.new_to(doc.atts_since) if asked.attachments else {}
            yield head + b'{"ok":'
            yield from _inline(document, asked, new)
            yield b"}]}"
        head = b","
    yield b"]}" if wanted else head + b"]}"


def _bulk_parts(
    request: SyncRequest, wanted: list[Wanted], asked: Asked, boundary: str
) -> Iterator[bytes]:
    for doc, document in _meant(request, wanted, asked, files=True):
        if document is None:
            error = orjson.dumps(protocol.refused(doc))
            yield from multipart.part('application/json; error="true"', [error], boundary)
        else:
            since = Asked(revs=asked.revs, atts_since=doc.atts_since)
            headers = (f"X-Doc-Id: {document.body['_id']}", f"X-Rev-Id: {document.rev}")
            yield from _part(document, since, boundary, *(headers if document.files else ()))
    yield multipart.end(boundary)


# Attachments


def attachment(request: SyncRequest, name: str, attached: str) -> Response:
    """GET /sync/<site>/<id>/<name>?rev=: E1, E5; raises Trouble `missing`."""
    rev = request.http.query_params.get("rev")
    with request.site.reading() as connection:
        store = Store(connection)
        stored = readable(store, request, [name] if len(name) <= LONGEST_ID else []).get(name)
        if stored is None or not (rev is None or rev == stored.rev):
            raise Trouble("missing", "missing")
        rights, folder = request.rights, request.site.config.blobs
        file = attachment_stubs.open_(folder, rights, stored, attached)
    if file is None:
        raise Trouble("missing", "Document is missing attachment")
    return served(request, file)


def served(request: SyncRequest, file: attachment_stubs.Attachment) -> Response:
    """Return an attachment, or the byte range that is asked for; E5: its ETag is its MD5."""
    md5 = file.digest.removeprefix("md5-")
    headers = {**SAFE, "ETag": f'"{md5}"', "Content-MD5": md5, "Accept-Ranges": "bytes"}
    if request.http.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        span = query_parameters.span(request.http.headers.get("range"), file.length)
    except query_parameters.BadRange:
        where = f"bytes */{file.length}"
        raise Trouble("bad_range", "Requested range not satisfiable", Content_Range=where) from None
    first, last = span or (0, file.length - 1)
    headers["Content-Length"] = str(last + 1 - first)
    if span is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.length}"
    body = iter(()) if request.http.method == "HEAD" else pieces(file.path, first, last)
    status = 200 if span is None else 206
    return StreamingResponse(body, status, headers, file.content_type)
