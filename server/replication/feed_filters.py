"""Filters of `_changes`: only some ids, or what matches a selector. Rights are applied first."""

from __future__ import annotations

from dataclasses import replace

import orjson
import sqlalchemy as sa
from starlette.requests import Request

from server.base import strict_json
from server.http.problems import Trouble
from server.replication.feed_reader import FeedPage, FeedReader, FeedRow
from sync import feed_position, protocol
from sync.check_act import Declarations
from sync.feed_position import FeedPosition
from sync.protocol import Query
from sync.selector import matches

LARGEST = 640 << 10  # bytes of the documents of a page; whoever reads slowly holds some copies
PROBED = 64  # rows that are read first


def asked(request: Request, body: bytes) -> Query:
    """Return the query of a `_changes` request, with its filter from the body: E1, E2.4; raises
    Trouble.
    """
    try:
        query = protocol.query(request.query_params)
        if not query.filter:
            return query
        filter_body = strict_json.loads(body) if body.strip() else None
        return protocol.filtered(query, filter_body)
    except protocol.BadQuery as error:
        raise Trouble(error.code, str(error)) from None
    except strict_json.BadJSON as error:
        raise Trouble(error.code) from None


def page(
    connection: sa.Connection, declarations: Declarations, position: FeedPosition, query: Query
) -> FeedPage:
    """Return a page of the rows that pass the filter.

    E1: PouchDB takes a page shorter than its limit for the end of the feed, so pages are read until
    one is full or the feed is at its end.
    """
    if not query.filter:
        return _bounded(connection, declarations, position, query)
    passing: list[FeedRow] = []
    while True:
        reader = FeedReader(connection, declarations, position, tell_removed=query.removed)
        part = reader.page(protocol.MOST_ROWS if query.most else 0)
        for number, row in enumerate(part.rows):
            if passes(row, query):
                passing.append(row)
            if len(passing) == query.most:
                left = len(part.rows) - number - 1
                last = feed_position.read(row.seq, position.token.seq)
                return FeedPage(passing, last, part.pending + left, part.exhausted and not left)
        if part.exhausted or not query.most:
            return FeedPage(passing, part.last, part.pending, part.exhausted)
        position = replace(position, token=part.last)


def _bounded(
    connection: sa.Connection, declarations: Declarations, position: FeedPosition, query: Query
) -> FeedPage:
    """Return a page of as many rows as LARGEST bytes have room for, one at least.

    The first few tell how long the others will be; a page of the usual records is read at once.
    """

    def read(most: int) -> FeedPage:
        reader = FeedReader(connection, declarations, position, tell_removed=query.removed)
        return reader.page(most)

    most = query.most
    if not query.include_docs or most <= PROBED:
        return read(most)
    probe = read(PROBED)
    if len(probe.rows) < PROBED or probe.exhausted:
        return probe
    longest = max(len(row.body or b"") for row in probe.rows)
    if longest * most <= LARGEST:
        most_safe = most
    else:
        average = max(1, sum(len(row.body or b"") for row in probe.rows) // PROBED)
        most_safe = max(1, min(most, LARGEST // average))
    page = read(most_safe) if most_safe != PROBED else probe
    size = 0
    for number, row in enumerate(page.rows):
        size += len(row.body or b"")
        if size > LARGEST and number:
            return read(number)
    return page


def passes(row: FeedRow, query: Query) -> bool:
    """Say whether a row passes the filter; a record that the person lost sight of has no body."""
    if query.doc_ids is not None:
        return row.id in query.doc_ids
    # A removed row always passes: whether its record matched before is not known any more.
    if query.selector is None or row.body is None:
        return True
    return matches(dict(query.selector), orjson.loads(row.body))
