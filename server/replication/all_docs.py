"""`_all_docs`: the ids and revisions of everything that a person may see, by id.

A long list is sent as it is read, a part in each transaction: it costs no memory, however long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response

from server.database import tables
from server.replication.documents import Document, find
from server.replication.sync_request import SyncRequest, streamed
from sync import document_queries
from sync.document_queries import Listing

TOGETHER = 500  # documents of one transaction
IDS = 10_000  # that one statement looks for: each has to sort all that the person sees


def all_docs(call: SyncRequest) -> Response:
    """GET and POST _all_docs: E3, E5"""
    body = call.json() if call.request.method == "POST" else None
    return streamed(
        _listed(call, document_queries.listing(call.request.query_params, body)), call.request
    )


def several(call: SyncRequest) -> Response:
    """POST _all_docs/queries: E3"""
    wanted = document_queries.queries(call.json())

    def lists() -> Iterator[bytes]:
        yield b'{"results":['
        for number, listing in enumerate(wanted):
            if number:
                yield b","
            yield from _listed(call, listing)
        yield b"]}"

    return streamed(lists(), call.request)


def _listed(call: SyncRequest, listing: Listing) -> Iterator[bytes]:
    """Yield a list; E5: with keys in the order of keys, unknown ones too, and no offset."""
    total, before = _counts(call, listing)
    offset = None if listing.keys is not None else before + listing.skip
    yield orjson.dumps({"total_rows": total, "offset": offset})[:-1] + b',"rows":['
    if listing.keys is not None:
        parts = _of_keys(call, listing, listing.keys)
    else:
        parts = _in_range(call, listing)
    comma = b"\n"
    for rows in parts:
        if rows:
            yield comma + b",\n".join(rows)
            comma = b",\n"
    yield b"\n]}\n"


def _of_keys(call: SyncRequest, listing: Listing, keys: Sequence[Any]) -> Iterator[list[bytes]]:
    end = None if listing.limit is None else listing.skip + listing.limit
    wanted = list(keys)[listing.skip : end]
    if listing.descending:
        wanted.reverse()
    for names in _chunks(wanted):
        found = _found(call, [name for name in names if isinstance(name, str)])
        yield [
            _row(found[name], listing)
            if isinstance(name, str) and name in found
            else orjson.dumps({"key": name, "error": "not_found"})
            for name in names
        ]


def _in_range(call: SyncRequest, listing: Listing) -> Iterator[list[bytes]]:
    left, skip, last = listing.limit, listing.skip, None
    while left is None or left > 0:
        ids = _ids(call, listing, last, skip, IDS if left is None else min(IDS, left))
        if not ids:
            return
        for names in _chunks(ids):
            found = _found(call, names)
            yield [_row(found[name], listing) for name in names if name in found]
        skip, last = 0, ids[-1]
        left = None if left is None else left - len(ids)


def _chunks(names: list[Any]) -> Iterable[list[Any]]:
    return (names[start : start + TOGETHER] for start in range(0, len(names), TOGETHER))


def _found(call: SyncRequest, names: list[str]) -> dict[str, Document]:
    with call.site.reading() as connection:
        return find(connection, call, names)


def _row(found: Document, listing: Listing) -> bytes:
    name = found.body["_id"]
    row: dict[str, Any] = {"id": name, "key": name, "value": {"rev": found.rev}}
    return orjson.dumps({**row, "doc": found.body} if listing.include_docs else row)


# SQL


def _seen(call: SyncRequest) -> sa.Select[Any]:
    """Return a select of the ids of all records that the person sees."""
    log = tables.changes.c
    channels = sorted(call.rights.channels)
    return sa.select(log.record).where(log.channel.in_(channels), log.removed == 0).distinct()


def _counts(call: SyncRequest, listing: Listing) -> tuple[int, int]:
    """Return how many there are, and how many come before the first that is asked for."""
    seen = _seen(call).subquery()
    name = _ordered(call, seen.c.record)
    if listing.descending:
        before = name > listing.end if listing.end is not None else sa.false()
    else:
        before = name < listing.start
    count = sa.select(sa.func.count(), sa.func.count(sa.case((before, 1)))).select_from(seen)
    with call.site.reading() as connection:
        total, ahead = connection.execute(count).one()
    return int(total), int(ahead)


def _ids(call: SyncRequest, listing: Listing, last: str | None, skip: int, limit: int) -> list[str]:
    seen = _seen(call).subquery()
    name = _ordered(call, seen.c.record)
    wanted = sa.select(seen.c.record).where(*_between(name, listing))
    if last is not None:
        wanted = wanted.where(name < last if listing.descending else name > last)
    wanted = wanted.order_by(name.desc() if listing.descending else name)
    with call.site.reading() as connection:
        return list(connection.scalars(wanted.offset(skip).limit(limit)))


def _between(name: sa.ColumnElement[str], listing: Listing) -> Iterator[sa.ColumnElement[bool]]:
    """The end may be left out; a list that goes backwards ends at its least id."""
    low, high = listing.start, listing.end
    closed = listing.inclusive_end
    if low:
        yield name >= low if closed or not listing.descending else name > low
    if high is not None:
        yield name <= high if closed or listing.descending else name < high


def _ordered(call: SyncRequest, name: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Order by bytes on both databases."""
    is_sqlite = call.site.engine.dialect.name == "sqlite"
    return name if is_sqlite else sa.collate(name, "C")
