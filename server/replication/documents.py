"""Reading documents of a site: one, several, all of their revisions, and what is attached to them.

A document is a record, or an act of a record that the person sees. What may not be read is answered
exactly like what does not exist.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response, StreamingResponse

from server.acts import attachments
from server.acts.access import may_see
from server.database.store import Store, Stored
from server.http.problems import Trouble
from server.replication import not_found
from server.replication.sync_request import SyncRequest, as_json, streamed
from sync import document_queries, multipart, protocol
from sync.act import ACT_ID
from sync.document_queries import Asked
from sync.multipart import File
from sync.protocol import Wanted

LONGEST_ID = 300  # of a document of ours; a longer one is of nobody
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
}
MOST_WANTED = 10_000  # documents of one _bulk_get, as in CouchDB
TOGETHER = 500  # documents of one transaction
PIECE = 48 << 10  # bytes of a file that are read at once; three of them are four letters
MULTIPART = ("multipart/mixed", "multipart/related")


@dataclass(frozen=True)
class Document:
    """A document as the person may read it now; `stored` is None for an act."""

    body: dict[str, Any]
    gen: int
    history: bytes
    stored: Stored | None = None
    files: tuple[tuple[str, attachments.Attachment], ...] = ()

    @property
    def rev(self) -> str:
        """Its only leaf."""
        return str(self.body["_rev"])

    def knows(self, rev: str) -> bool:
        """Say whether a revision is one of its own; whoever pushed an act named it themselves."""
        if self.stored is None:
            return rev.startswith("1-")
        return protocol.knows(rev, self.gen, self.history)

    def answers(self, rev: str | None, *, latest: bool) -> bool:
        """Say whether the newest revision is meant; older ones have no bodies any more."""
        is_leaf = rev is None or rev == self.rev or self.stored is None
        return self.knows(rev) if rev is not None and (latest or is_leaf) else is_leaf

    def shown(self, asked: Asked) -> dict[str, Any]:
        """Return the body with what was asked for besides."""
        more: dict[str, Any] = {}
        if asked.revs:
            more["_revisions"] = protocol.revisions(self.gen, self.history)
        if asked.revs_info:
            more["_revs_info"] = document_queries.revs_info(self.gen, self.history)
        return {**self.body, **more} if more else self.body

    def new_to(self, atts_since: Iterable[str]) -> dict[str, attachments.Attachment]:
        """E2.7: return the attachments that came after what a reader has."""
        known = document_queries.known_to(atts_since, self.gen, self.history)
        stubs = attachments.stubs(self.body)
        return {name: file for name, file in self.files if stubs[name]["revpos"] > known}


# Finding them


def find(
    connection: sa.Connection, call: SyncRequest, names: Iterable[str], *, files: bool = False
) -> dict[str, Document]:
    """Return the documents that the person may read, with what is attached if that is wanted."""
    wanted = [name for name in names if len(name) <= LONGEST_ID]
    store = Store(connection)
    found = {
        name: _record(call, stored, files=files)
        for name, stored in readable(store, call, wanted).items()
    }
    for name, body in readable_acts(store, call, [n for n in wanted if ACT_ID.match(n)]).items():
        digest = hashlib.md5(orjson.dumps(body), usedforsecurity=False)
        found[name] = Document({**body, "_rev": f"1-{digest.hexdigest()}"}, 1, digest.digest())
    return found


def _record(call: SyncRequest, stored: Stored, *, files: bool) -> Document:
    body = orjson.loads(stored.body)
    opened = []
    for name in attachments.stubs(body) if files else ():
        file = attachments.open_(call.site.config.blobs, call.rights, stored, name)
        opened += [(name, file)] if file is not None else []
    return Document(body, stored.gen, stored.history, stored, tuple(opened))


def readable(store: Store, call: SyncRequest, names: list[str]) -> dict[str, Stored]:
    """Return the records that the person may see now."""
    found = store.records(names) if names else {}
    return {name: row for name, row in found.items() if may_see(call.rights, row.channels)}


def readable_acts(store: Store, call: SyncRequest, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the acts of records that the person may see, and the person's own."""
    if not names:
        return {}
    acts = {name: orjson.loads(body) for name, body in store.known_acts(names).items()}
    seen = readable(store, call, list({act["record"] for act in acts.values()}))
    return {
        name: act for name, act in acts.items() if act["record"] in seen or act["by"] == call.id
    }


# One


def item(call: SyncRequest) -> Response:
    """GET /sync/<site>/<id> and /sync/<site>/<id>/<attachment>: E1, E5"""
    name, *attached = call.names
    if name.startswith("_"):
        raise not_found.trouble(call.request)
    return attachment(call, name, "/".join(attached)) if attached else document(call, name)


def document(call: SyncRequest, name: str) -> Response:
    """Return a document, with rev, revs, revs_info, open_revs, latest, attachments: E1, E2.7"""
    asked = document_queries.asked(call.request.query_params)
    mixed = asked.open_revs is not None and _takes(call, "multipart/mixed")
    with call.site.reading() as connection:
        files = asked.attachments or mixed
        found = find(connection, call, [name], files=files).get(name)
    if asked.open_revs is not None:
        return _open_revs(found, asked, mixed=mixed)
    if found is None or not found.answers(asked.rev, latest=asked.latest):
        raise Trouble("missing", "missing")
    headers = {"ETag": f'"{found.rev}"'}
    if call.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    new = found.new_to(asked.atts_since) if asked.attachments else {}
    if not new:
        return as_json(orjson.dumps(found.shown(asked)), call.request, headers=headers)
    if _takes(call, "multipart/related"):
        boundary = secrets.token_hex(16)
        kind = f'multipart/related; boundary="{boundary}"'
        return StreamingResponse(_related(found, asked, new, boundary), 200, headers, kind)
    return StreamingResponse(_inline(found, asked, new), 200, headers, "application/json")


def _takes(call: SyncRequest, kind: str) -> bool:
    return multipart.accepts(call.request.headers.get("accept"), kind)


def _open_revs(found: Document | None, asked: Asked, *, mixed: bool) -> Response:
    """E4: an absent revision, or document, is listed as missing with 200; each leaf stands once."""
    leaves: list[Document | str]
    if asked.open_revs == document_queries.ALL:
        if found is None:
            raise Trouble("missing", "missing")
        leaves = [found]
    else:
        leaves = [
            found if found is not None and found.answers(rev, latest=asked.latest) else rev
            for rev in asked.open_revs or ()
        ]
        first = next((n for n, leaf in enumerate(leaves) if leaf is found), None)
        leaves = [leaf for n, leaf in enumerate(leaves) if leaf is not found or n == first]
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
            said = orjson.dumps({"missing": leaf})
            yield from multipart.part('application/json; error="true"', [said], boundary)
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
    found: Document, asked: Asked, new: dict[str, attachments.Attachment], boundary: str
) -> Iterator[bytes]:
    shown, stubs = found.shown(asked), dict(attachments.stubs(found.body))
    for name in new:
        stubs[name] = {k: v for k, v in stubs[name].items() if k != "stub"} | {"follows": True}
    body = orjson.dumps({**shown, attachments.MEMBER: stubs})
    files = [
        File(name, stubs[name]["content_type"], stubs[name]["length"], pieces(new[name].path))
        for name in stubs
        if name in new
    ]
    return multipart.related(body, files, boundary)


def _inline(
    found: Document, asked: Asked, new: dict[str, attachments.Attachment]
) -> Iterator[bytes]:
    """Yield a document as JSON, with what is attached in it, a piece at a time."""
    shown = found.shown(asked)
    if not new:
        yield orjson.dumps(shown)
        return
    bare = {name: value for name, value in shown.items() if name != attachments.MEMBER}
    yield orjson.dumps(bare)[:-1] + b',"' + attachments.MEMBER.encode() + b'":'
    comma = b"{"
    for name, stub in attachments.stubs(found.body).items():
        yield comma + orjson.dumps(name) + b":"
        comma = b","
        if name in new:
            kept = {key: value for key, value in stub.items() if key not in ("stub", "length")}
            yield orjson.dumps(kept)[:-1] + b',"data":"'
            yield from map(base64.b64encode, pieces(new[name].path))
            yield b'"}'
        else:
            yield orjson.dumps(stub)
    yield b"}}"


# Several


def bulk_get(call: SyncRequest) -> Response:
    """POST _bulk_get: E1 and E2.6"""
    wanted = protocol.wanted_docs(call.json())
    if len(wanted) > MOST_WANTED:
        raise Trouble("too_many_docs")
    asked = document_queries.asked(call.request.query_params)
    if _takes(call, "application/json") or not any(_takes(call, kind) for kind in MULTIPART):
        return streamed(_bulk_rows(call, wanted, asked), call.request)
    boundary = secrets.token_hex(16)
    kind = next(each for each in MULTIPART if _takes(call, each))
    body = _bulk_parts(call, wanted, asked, boundary)
    return StreamingResponse(body, 200, media_type=f'{kind}; boundary="{boundary}"')


def _meant(
    call: SyncRequest, wanted: list[Wanted], asked: Asked, *, files: bool
) -> Iterator[tuple[Wanted, Document | None]]:
    """Yield what is wanted with the document that answers, a few in each transaction."""
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        with call.site.reading() as connection:
            names = [doc.id for doc in some if doc.id is not None]
            found = find(connection, call, names, files=files)
        for doc in some:
            document = found.get(doc.id or "")
            answers = document is not None and document.answers(doc.rev, latest=asked.latest)
            yield doc, document if answers else None


def _bulk_rows(call: SyncRequest, wanted: list[Wanted], asked: Asked) -> Iterator[bytes]:
    """E2.6: exactly one key, the same length and order as asked, one entry in `docs` each."""
    head = b'{"results":['
    for doc, found in _meant(call, wanted, asked, files=asked.attachments):
        head += b'{"id":' + orjson.dumps(doc.id) + b',"docs":['
        if found is None:
            yield head + orjson.dumps({"error": protocol.refused(doc)}) + b"]}"
        else:
            new = found.new_to(doc.atts_since) if asked.attachments else {}
            yield head + b'{"ok":'
            yield from _inline(found, asked, new)
            yield b"}]}"
        head = b","
    yield b"]}" if wanted else head + b"]}"


def _bulk_parts(
    call: SyncRequest, wanted: list[Wanted], asked: Asked, boundary: str
) -> Iterator[bytes]:
    for doc, found in _meant(call, wanted, asked, files=True):
        if found is None:
            said = orjson.dumps(protocol.refused(doc))
            yield from multipart.part('application/json; error="true"', [said], boundary)
        else:
            since = Asked(revs=asked.revs, atts_since=doc.atts_since)
            headers = (f"X-Doc-Id: {found.body['_id']}", f"X-Rev-Id: {found.rev}")
            yield from _part(found, since, boundary, *(headers if found.files else ()))
    yield multipart.end(boundary)


# What is attached


def attachment(call: SyncRequest, name: str, attached: str) -> Response:
    """GET /sync/<site>/<id>/<name>?rev=: E1, E5"""
    rev = call.request.query_params.get("rev")
    with call.site.reading() as connection:
        store = Store(connection)
        stored = readable(store, call, [name] if len(name) <= LONGEST_ID else []).get(name)
        if stored is None or not (rev is None or rev == stored.rev):
            raise Trouble("missing", "missing")
        rights, folder = call.rights, call.site.config.blobs
        file = attachments.open_(folder, rights, stored, attached)
    if file is None:
        raise Trouble("missing", "Document is missing attachment")
    return served(call, file)


def served(call: SyncRequest, file: attachments.Attachment) -> Response:
    """Return an attachment, or the part of it that is asked for; E5: its ETag is its MD5."""
    md5 = file.digest.removeprefix("md5-")
    headers = {**SAFE, "ETag": f'"{md5}"', "Content-MD5": md5, "Accept-Ranges": "bytes"}
    if call.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        span = document_queries.span(call.request.headers.get("range"), file.length)
    except document_queries.BadRange:
        where = f"bytes */{file.length}"
        raise Trouble("bad_range", "Requested range not satisfiable", Content_Range=where) from None
    first, last = span or (0, file.length - 1)
    headers["Content-Length"] = str(last + 1 - first)
    if span is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.length}"
    body = iter(()) if call.request.method == "HEAD" else pieces(file.path, first, last)
    status = 200 if span is None else 206
    return StreamingResponse(body, status, headers, file.content_type)


def pieces(path: Path, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """Yield a file, or its bytes from `first` to `last`, piece by piece."""
    with path.open("rb") as file:
        file.seek(first)
        left = path.stat().st_size if last is None else last + 1 - first
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
