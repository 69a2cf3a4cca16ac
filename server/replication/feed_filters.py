"""The feed cut down further by what a client asks: some ids, or a selector. Rights come first."""

from __future__ import annotations

from dataclasses import replace

import orjson
import sqlalchemy as sa
from starlette.requests import Request

from server.base import strict_json
from server.http.problems import Trouble
from server.replication.feed_reader import FeedPage, FeedReader, FeedRow
from sync import feed, protocol
from sync.check_act import Declarations
from sync.feed import FeedPosition
from sync.protocol import Query
from sync.selector import matches


def asked(request: Request, body: bytes) -> Query:
    """Return what `_changes` is asked for by address and body: E1, E2.4; raises Trouble."""
    try:
        query = protocol.query(request.query_params)
        if not query.filter:
            return query
        given = strict_json.loads(body) if body.strip() else None
        return protocol.filtered(query, given)
    except protocol.BadQuery as error:
        raise Trouble(error.code, str(error)) from None
    except strict_json.BadJSON as error:
        raise Trouble(error.code) from None


def page(
    connection: sa.Connection, declarations: Declarations, place: FeedPosition, query: Query
) -> FeedPage:
    """Return a page of what passes: E1, full, or the feed is at its end."""
    if not query.filter:
        source = FeedReader(connection, declarations, place, tell_removed=query.removed)
        return source.page(query.most)
    found: list[FeedRow] = []
    while True:
        source = FeedReader(connection, declarations, place, tell_removed=query.removed)
        part = source.page(protocol.MOST_ROWS if query.most else 0)
        for number, offer in enumerate(part.offers):
            if passes(offer, query):
                found.append(offer)
            if len(found) == query.most:
                left = len(part.offers) - number - 1
                last = feed.read(offer.seq, place.token.seq)
                return FeedPage(found, last, part.pending + left, part.exhausted and not left)
        if part.exhausted or not query.most:
            return FeedPage(found, part.last, part.pending, part.exhausted)
        place = replace(place, token=part.last)


def passes(offer: FeedRow, query: Query) -> bool:
    """Say whether a row is one of those asked for; what is not seen any more has no body."""
    if query.doc_ids is not None:
        return offer.id in query.doc_ids
    if query.selector is None or offer.body is None:
        return True
    return matches(dict(query.selector), orjson.loads(offer.body))
