"""CouchDB's `_all_docs`: ids and revisions of every document a person may read, ordered by id.

A long list is streamed as it is read, one short transaction a chunk, so that neither memory nor the
database's snapshot grows with its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response

from server.acts import access
from server.database import tables
from server.http.problems import Trouble
from server.replication.document_portions import in_portions
from server.replication.document_reads import Document, find
from server.replication.sync_request import SyncRequest, streamed
from sync import query_parameters
from sync.query_parameters import Listing

LUMP = 64 << 10  # bytes handed to the connection at once
MOST_ASKED = 1 << 20  # bytes of a body; each of its keys costs fifty times as much in memory
IDS = 10_000  # ids of one statement: each statement sorts all that the person sees once more


def all_docs(request: SyncRequest) -> Response:
    """GET and POST _all_docs: one list; E3, E5"""
    if len(request.body) > MOST_ASKED:
        raise Trouble("too_large")
    body = request.json() if request.http.method == "POST" else None
    return streamed(
        _listed(request, query_parameters.listing(request.http.query_params, body)), request.http
    )


def several(request: SyncRequest) -> Response:
    """POST _all_docs/queries: one list for each query of the body; E3"""
    if len(request.body) > MOST_ASKED:
        raise Trouble("too_large")
    wanted = query_parameters.queries(request.json())

    def lists() -> Iterator[bytes]:
        yield b'{"results":['
        for number, listing in enumerate(wanted):
            if number:
                yield b","
            yield from _listed(request, listing)
        yield b"]}"

    return streamed(lists(), request.http)


def _listed(request: SyncRequest, listing: Listing) -> Iterator[bytes]:
    """Yield one list as JSON; E5: with `keys` in their order, unknown ones too, and no offset."""
    total, before = _counts(request, listing)
    offset = None if listing.keys is not None else before + listing.skip
    yield orjson.dumps({"total_rows": total, "offset": offset})[:-1] + b',"rows":['
    if listing.keys is not None:
        parts = _of_keys(request, listing, listing.keys)
    else:
        parts = _in_range(request, listing)
    comma, lump, size = b"\n", list[bytes](), 0
    for row in parts:
        lump.append(row)
        size += len(row)
        if size > LUMP:
            yield comma + b",\n".join(lump)
            comma, lump, size = b",\n", [], 0
    if lump:
        yield comma + b",\n".join(lump)
    yield b"\n]}\n"


def _of_keys(request: SyncRequest, listing: Listing, keys: Sequence[Any]) -> Iterator[bytes]:
    end = None if listing.limit is None else listing.skip + listing.limit
    wanted = list(keys)[listing.skip : end]
    if listing.descending:
        wanted.reverse()
    for names in in_portions(request, wanted):
        documents = _documents(request, [name for name in names if isinstance(name, str)])
        for name in names:
            if isinstance(name, str) and name in documents:
                yield _row(documents[name], listing)
            else:
                yield orjson.dumps({"key": name, "error": "not_found"})


def _in_range(request: SyncRequest, listing: Listing) -> Iterator[bytes]:
    left, skip, last = listing.limit, listing.skip, None
    while left is None or left > 0:
        ids = _ids(request, listing, last, skip, IDS if left is None else min(IDS, left))
        if not ids:
            return
        for names in in_portions(request, ids):
            documents = _documents(request, names)
            yield from (_row(documents[name], listing) for name in names if name in documents)
        skip, last = 0, ids[-1]
        left = None if left is None else left - len(ids)


def _documents(request: SyncRequest, names: list[str]) -> dict[str, Document]:
    with request.site.reading() as connection:
        return find(connection, request, names)


def _row(document: Document, listing: Listing) -> bytes:
    name = document.body["_id"]
    row: dict[str, Any] = {"id": name, "key": name, "value": {"rev": document.rev}}
    return orjson.dumps({**row, "doc": document.body} if listing.include_docs else row)


# SQL


def _seen(request: SyncRequest) -> sa.Select[Any]:
    """Return a select of the ids of all records that the person may read."""
    log = tables.changes.c
    channels = sorted(request.rights.channels)
    hidden = sa.select(tables.records.c.id).where(access.hidden_from(request.id))
    return (
        sa.select(log.record)
        .where(log.channel.in_(channels), log.removed == 0, log.record.not_in(hidden))
        .distinct()
    )


def _counts(request: SyncRequest, listing: Listing) -> tuple[int, int]:
    """Return how many records the person may read, and how many stand before the range."""
    seen = _seen(request).subquery()
    name = _ordered(request, seen.c.record)
    if listing.descending:
        before = name > listing.end if listing.end is not None else sa.false()
    else:
        before = name < listing.start
    count = sa.select(sa.func.count(), sa.func.count(sa.case((before, 1)))).select_from(seen)
    with request.site.reading() as connection:
        total, ahead = connection.execute(count).one()
    return int(total), int(ahead)


def _ids(
    request: SyncRequest, listing: Listing, last: str | None, skip: int, limit: int
) -> list[str]:
    seen = _seen(request).subquery()
    name = _ordered(request, seen.c.record)
    wanted = sa.select(seen.c.record).where(*_between(name, listing))
    if last is not None:
        wanted = wanted.where(name < last if listing.descending else name > last)
    wanted = wanted.order_by(name.desc() if listing.descending else name)
    with request.site.reading() as connection:
        return list(connection.scalars(wanted.offset(skip).limit(limit)))


def _between(name: sa.ColumnElement[str], listing: Listing) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of a range; either end may be absent, and descending swaps them."""
    low, high = listing.start, listing.end
    closed = listing.inclusive_end
    if low:
        yield name >= low if closed or not listing.descending else name > low
    if high is not None:
        yield name <= high if closed or listing.descending else name < high


def _ordered(request: SyncRequest, name: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return the id column ordered by bytes, as CouchDB does, on both databases."""
    # SQLite compares text by bytes; PostgreSQL would follow the database's locale.
    is_sqlite = request.site.engine.dialect.name == "sqlite"
    return name if is_sqlite else sa.collate(name, "C")
