"""CouchDB's `_changes` over HTTP: a page at once, a long poll, or a continuous feed_position.

A device that has all but the newest changes is answered from memory (`remembered`), everybody else
from the database (`read`). With 200 devices on a long poll, one commit is then one page built once
and sent 200 times, not 200 reads.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.acts.access import hiding_channel
from server.acts.change_hub import Change
from server.http import fair_queue
from server.http.problems import Trouble
from server.replication import feed_filters, feed_reader, whole_feed
from server.replication.couch_database import epoch_of
from server.replication.feed_reader import FeedRow
from server.replication.feed_wakeups import LONGEST_KEPT, FeedWakeups, SharedPage
from server.replication.long_poll import Answer, ContinuousFeed, LongPoll
from server.replication.sync_request import SyncRequest, as_json, cached_request, read_request
from sync import feed_position, protocol
from sync.feed_position import Channels, FeedPosition, Token
from sync.protocol import Query


async def changes(request: Request) -> Response:
    """GET or POST _changes: E1, E2.4, E5. Raises Trouble for bad parameters and a bad `since`."""
    body = await request.body()
    query = _usual(request.scope["query_string"]) or feed_filters.asked(request, body)
    request.app.state.admission.count(request)
    answer = await _answer(request, query, query.since)
    if query.feed == "continuous":
        return ContinuousFeed(request, query, answer, _answer)
    if whole_feed.is_longer(query, answer):
        return whole_feed.pages(request, query, answer, _answer)
    if query.feed == "normal" or not answer.is_empty or query.most == 0:
        return as_json(answer.page.body(), request)
    return LongPoll(request, query, answer, _answer)


@lru_cache(maxsize=1_024)
def _usual(query_string: bytes) -> Query | None:
    """Return the query of a request without a filter, else None; many tablets send the same."""
    try:
        query = protocol.query(QueryParams(query_string))
    except protocol.BadQuery:
        return None
    return None if query.filter else query


async def _answer(request: Request, query: Query, since: str) -> Answer:
    """Return the page after `since` as it is now, and count the records in it as read."""
    answer = await _page_after(request, query, since)
    if query.include_docs and answer.page.rows:
        site = request.app.state.site
        site.reads.add(answer.person, len(answer.page.rows), site.now())
    return answer


async def _page_after(request: Request, query: Query, since: str) -> Answer:
    """Return the page after `since` as it is now, without leaving the event loop where possible.

    The session and the rights are read anew each time: they may have ended while the answer was
    held.
    """
    sync_request = cached_request(request)
    if sync_request is None:
        sync_request = await fair_queue.run_queued(request, read_request, request, b"")
    answer = remembered(sync_request, query, since)
    if answer is None:
        answer = await fair_queue.run_queued(request, read, sync_request, query, since)
    return answer


def remembered(request: SyncRequest, query: Query, since: str) -> Answer | None:
    """Return the page after `since` from memory, or None when only the database can answer.

    People with the same channels, apart from each one's own, who ask from the same token share one
    page, unless something changed for one of them alone.
    """
    if query.filter or query.sliced:
        return None
    hub, channels = request.site.hub, request.rights.channels
    wakeups: FeedWakeups = request.http.app.state.wakeups
    newest = hub.seq
    token = _ordinary(since, newest, feed_position.digest(channels, request.id), epoch_of(request))
    if token is None:
        return None
    after = max(token.seq, wakeups.quiet.get((request.id, token, query.removed)) or 0)
    if hub.has_changes_since((hiding_channel(request.id),), after):
        return None  # the database knows which of the shared rows are hidden from this person
    which = (
        channels if hub.has_changes_since((request.id,), after) else _shared(channels, request.id)
    )
    how = (query.include_docs, query.seq_interval, query.removed, query.most)
    key = (which, token, after, newest, how)
    page = wakeups.pages.get(key)
    if page is None:
        page = _recent(hub.changes_since(which, after), token, query)
        if page is None:
            return None
        if sum(map(len, page.rows)) <= LONGEST_KEPT:
            wakeups.pages.put(key, page)
    # No further than what they see: a global seq would tell how much happens in other departments.
    last = page.token or token
    return Answer(page, FeedPosition(last, channels), request.id, max(newest, after, last.seq))


def _recent(changes: list[Change] | None, token: Token, query: Query) -> SharedPage | None:
    if changes is None:
        return None
    rows = [change for change in changes if change.body is not None or query.removed]
    if len(rows) > query.most:
        return None
    last = replace(token, seq=max([token.seq, *(change.seq for change in changes)]))
    feed_rows = [FeedRow(str(replace(token, seq=c.seq)), c.id, c.rev, c.body) for c in rows]
    return replace(_page(feed_rows, str(last), 0, query), token=last)


@lru_cache(maxsize=4_096)
def _shared(channels: Channels, person: str) -> Channels:
    return channels - {person}


def _ordinary(since: str, newest: int, rights: str, epoch: str) -> Token | None:
    """Return the token of a device that is up to date but for the newest changes, else None."""
    try:
        token = feed_position.read(since, newest)
    except feed_position.BadToken:
        return None
    behind = token.phase is not None or token.before or token.seq > newest
    return None if behind or (token.rights, token.epoch) != (rights, epoch) else token


def read(request: SyncRequest, query: Query, since: str) -> Answer:
    """Return the page after `since` from the database; raises Trouble for a malformed token."""
    reference = request.site.reference()

    def held(digest: str) -> Channels | None:
        return feed_reader.held_by(reference, request.id, digest)

    epoch = epoch_of(request)
    with request.site.reading() as connection:
        try:
            position, newest = feed_reader.position_of(
                connection,
                since,
                request.rights.channels,
                request.id,
                epoch,
                held,
                sliced=query.sliced,
            )
        except feed_position.BadToken:
            reason = "Malformed sequence supplied in 'since' parameter."
            raise Trouble("bad_request", reason) from None
        # Only our own tablets ask for `removed`: they can drop all and begin again. A PouchDB could
        # not, and is sent everything once more instead.
        if position.anew and query.removed:
            return Answer(
                SharedPage([], "0", 0, feed_reader.BEGIN_AGAIN), position, request.id, newest
            )
        page = feed_filters.page(connection, request.site.declarations, position, query)
    last = page.last
    if page.exhausted and not query.filter and last.phase is None and not last.before:
        # Nobody need look again at what came for others after the last that this person sees.
        wakeups: FeedWakeups = request.http.app.state.wakeups
        wakeups.quiet.put((request.id, last, query.removed), newest)
    shared = _page(page.rows, str(last), page.pending, query)
    position = FeedPosition(last, position.channels)
    return Answer(shared, position, request.id, newest, is_full=not page.exhausted)


def _page(feed_rows: list[FeedRow], last: str, pending: int, query: Query) -> SharedPage:
    encoded = [
        protocol.changes_row(
            row.seq
            if (number + 1) % query.seq_interval == 0 or number + 1 == len(feed_rows)
            else None,
            row.id,
            row.rev,
            row.body,
            doc=query.include_docs,
        )
        for number, row in enumerate(feed_rows)
    ]
    return SharedPage(encoded, last, pending)
