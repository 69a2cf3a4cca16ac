"""The feed over HTTP: `_changes`, answered at once or held until something comes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.acts.change_hub import Change
from server.http import fair_queue
from server.http.problems import Trouble
from server.replication import feed_filters, feed_reader, paged_feed
from server.replication.couch_database import epoch_of
from server.replication.feed_reader import FeedRow
from server.replication.feed_wakeups import LONGEST_KEPT, FeedWakeups, SharedPage
from server.replication.long_poll import Answer, ContinuousFeed, LongPoll
from server.replication.sync_request import SyncRequest, as_json, cached_request, read_request
from sync import feed, protocol
from sync.feed import Channels, FeedPosition, Token
from sync.protocol import Query


async def changes(request: Request) -> Response:
    """GET or POST _changes: E1, E2.4, E5"""
    body = await request.body()
    query = _usual(request.scope["query_string"]) or feed_filters.asked(request, body)
    request.app.state.doors.count(request)
    answer = await _answer(request, query, query.since)
    if query.feed == "continuous":
        return ContinuousFeed(request, query, answer, _answer)
    if paged_feed.is_longer(query, answer):
        return paged_feed.pages(request, query, answer, _answer)
    if query.feed == "normal" or not answer.is_empty or query.most == 0:
        return as_json(answer.page.body(), request)
    return LongPoll(request, query, answer, _answer)


@lru_cache(maxsize=1_024)
def _usual(query_string: bytes) -> Query | None:
    """Return what a request without a filter asks for: many tablets ask in the same words."""
    try:
        query = protocol.query(QueryParams(query_string))
    except protocol.BadQuery:
        return None
    return None if query.filter else query


async def _answer(request: Request, query: Query, since: str) -> Answer:
    """Return a page of the feed as it is now, without leaving the event loop if that can be.

    The session and the rights are asked for each time: they may have ended meanwhile.
    """
    call = cached_request(request)
    if call is None:
        call = await fair_queue.run_queued(request, read_request, request, b"")
    answer = remembered(call, query, since)
    if answer is None:
        answer = await fair_queue.run_queued(request, read, call, query, since)
    return answer


def remembered(call: SyncRequest, query: Query, since: str) -> Answer | None:
    """Return a page of the feed from memory, or None when only the database knows.

    Whoever has the same channels but for the person's own, and asks from the same token, gets the
    same page, unless there is something for that person alone.
    """
    if query.filter or query.sliced:
        return None
    hub, channels = call.site.hub, call.rights.channels
    waiters: FeedWakeups = call.request.app.state.waiters
    newest = hub.seq
    token = _ordinary(since, newest, feed.digest(channels, call.id), epoch_of(call))
    if token is None:
        return None
    after = max(token.seq, waiters.quiet.get((call.id, token, query.removed)) or 0)
    which = channels if hub.has_changes_since((call.id,), after) else _shared(channels, call.id)
    how = (query.include_docs, query.seq_interval, query.removed, query.most)
    key = (which, token, after, newest, how)
    page = waiters.pages.get(key)
    if page is None:
        page = _recent(hub.changes_since(which, after), token, query)
        if page is None:
            return None
        if sum(map(len, page.rows)) <= LONGEST_KEPT:
            waiters.pages.put(key, page)
    # No further than what they see: a global seq tells how much happens elsewhere.
    last = page.token or token
    return Answer(page, FeedPosition(last, channels), call.id, max(newest, after, last.seq))


def _recent(found: list[Change] | None, token: Token, query: Query) -> SharedPage | None:
    if found is None:
        return None
    rows = [change for change in found if change.body is not None or query.removed]
    if len(rows) > query.most:
        return None
    last = replace(token, seq=max([token.seq, *(change.seq for change in found)]))
    offered = [FeedRow(str(replace(token, seq=c.seq)), c.id, c.rev, c.body) for c in rows]
    return replace(_page(offered, str(last), 0, query), token=last)


@lru_cache(maxsize=4_096)
def _shared(channels: Channels, person: str) -> Channels:
    return channels - {person}


def _ordinary(since: str, newest: int, rights: str, epoch: str) -> Token | None:
    """Return the token of a device that has all but the newest changes, under these rights."""
    try:
        token = feed.read(since, newest)
    except feed.BadToken:
        return None
    behind = token.phase is not None or token.before or token.seq > newest
    return None if behind or (token.rights, token.epoch) != (rights, epoch) else token


def read(call: SyncRequest, query: Query, since: str) -> Answer:
    """Return a page of the feed from the database; raises Trouble for a token that is none."""
    reference = call.site.reference()

    def held(digest: str) -> Channels | None:
        return feed_reader.held_by(reference, call.id, digest)

    epoch = epoch_of(call)
    with call.site.reading() as connection:
        try:
            place, newest = feed_reader.position_of(
                connection,
                since,
                call.rights.channels,
                call.id,
                epoch,
                held,
                sliced=query.sliced,
            )
        except feed.BadToken:
            reason = "Malformed sequence supplied in 'since' parameter."
            raise Trouble("bad_request", reason) from None
        if place.anew and query.removed:  # whoever drops what it may not see begins again whole
            return Answer(SharedPage([], "0", 0, feed_reader.BEGIN_AGAIN), place, call.id, newest)
        found = feed_filters.page(connection, call.site.declarations, place, query)
    last = found.last
    if found.exhausted and not query.filter and last.phase is None and not last.before:
        # Nobody need look again at what came for others after the last that this person sees.
        waiters: FeedWakeups = call.request.app.state.waiters
        waiters.quiet.put((call.id, last, query.removed), newest)
    page = _page(found.offers, str(last), found.pending, query)
    place = FeedPosition(last, place.channels)
    return Answer(page, place, call.id, newest, is_full=not found.exhausted)


def _page(found: list[FeedRow], last: str, pending: int, query: Query) -> SharedPage:
    rows = [
        protocol.changes_row(
            offer.seq
            if (number + 1) % query.seq_interval == 0 or number + 1 == len(found)
            else None,
            offer.id,
            offer.rev,
            offer.body,
            doc=query.include_docs,
        )
        for number, offer in enumerate(found)
    ]
    return SharedPage(rows, last, pending)
