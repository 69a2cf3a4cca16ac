"""The feed over HTTP: `_changes`, answered at once or held until something comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server import filters, offers
from server.call import Call, as_json, called
from server.hub import Hub
from server.offers import Offer
from server.people import Reference
from server.problems import Trouble
from server.replication import epoch_of
from server.site import Site
from sync import feed, protocol
from sync.feed import Channels, Place, Token
from sync.protocol import Query

ANSWERS_KEPT = 64


class Waiters:
    """Who waits for which channels, in one event loop."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self.answers: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

        def committed(channels: frozenset[str], _seq: int) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._wake, channels)

        self._stop = hub.listen(committed)

    def close(self) -> None:
        """Listen no more."""
        self._stop()

    def wait(self, channels: Iterable[str]) -> asyncio.Future[None]:
        """Return what is done when something changes in one of the channels."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for channel in channels:
            self._waiting.setdefault(channel, set()).add(future)
        return future

    def leave(self, channels: Iterable[str], future: asyncio.Future[None]) -> None:
        """Wait no more."""
        for channel in channels:
            waiting = self._waiting.get(channel)
            if waiting is not None:
                waiting.discard(future)
                if not waiting:
                    del self._waiting[channel]

    def _wake(self, channels: frozenset[str]) -> None:
        for channel in channels or list(self._waiting):
            for future in self._waiting.get(channel, ()):
                if not future.done():
                    future.set_result(None)


@dataclass(frozen=True)
class Answer:
    """A page of the feed, and from where one would wait for more."""

    body: bytes
    is_empty: bool
    place: Place
    newest: int


async def changes(request: Request) -> Response:
    """GET or POST _changes: E1, E2.4, E5"""
    body = await request.body()
    query = filters.asked(request, body)
    answer = await run_in_threadpool(_first, request, body, query)
    if query.feed == "normal" or not answer.is_empty or query.most == 0:
        return as_json(answer.body, request)
    return Poll(request, query, answer)


def _first(request: Request, body: bytes, query: Query) -> Answer:
    call = called(request, body)
    return remembered(call, query, query.since) or read(call, query, query.since)


def remembered(call: Call, query: Query, since: str) -> Answer | None:
    """Return a page of the feed from memory, or None when only the database knows.

    Whoever asks for the same gets the same bytes: they are written once.
    """
    if query.filter:
        return None
    hub, channels = call.site.hub, call.rights.channels
    newest = hub.seq
    token = _ordinary(since, newest, feed.digest(channels, call.id), epoch_of(call))
    found = None if token is None else hub.since(channels, token.seq)
    if token is None or found is None:
        return None
    rows = [change for change in found if change.body is not None or query.removed]
    if len(rows) > query.most:
        return None
    last = replace(token, seq=max([newest, *(change.seq for change in found)]))
    waiters: Waiters = call.request.app.state.waiters
    key = (
        last,
        query.include_docs,
        query.seq_interval,
        tuple((c.seq, c.body is None) for c in rows),
    )
    body = waiters.answers.get(key)
    if body is None:
        offered = [Offer(str(replace(token, seq=c.seq)), c.id, c.rev, c.body) for c in rows]
        body = waiters.answers[key] = _written(offered, str(last), 0, query)
        with contextlib.suppress(KeyError):  # several threads write answers
            while len(waiters.answers) > ANSWERS_KEPT:
                waiters.answers.popitem(last=False)
    return Answer(body, not rows, Place(last, channels), last.seq)


def _ordinary(since: str, newest: int, rights: str, epoch: str) -> Token | None:
    """Return the token of a device that has all but the newest changes, under these rights."""
    try:
        token = feed.read(since, newest)
    except feed.BadToken:
        return None
    behind = token.phase is not None or token.before or token.seq > newest
    return None if behind or (token.rights, token.epoch) != (rights, epoch) else token


def read(call: Call, query: Query, since: str) -> Answer:
    """Return a page of the feed from the database; raises Trouble for a token that is none."""
    reference = call.site.reference()

    def held(digest: str) -> Channels | None:
        return _held(reference, call.id, digest)

    epoch = epoch_of(call)
    with call.site.reading() as connection:
        try:
            place, newest = offers.place_of(
                connection,
                since,
                call.rights.channels,
                call.id,
                epoch,
                held,
                sliced=query.sliced,
            )
        except feed.BadToken:
            raise Trouble("bad_parameter", "Malformed sequence supplied in 'since'") from None
        found = filters.page(connection, call.site.declarations, place, query)
    last = found.last
    if found.exhausted:  # what else came is not for this person: no need to look at it again
        last = Token(newest, last.rights, last.epoch)
    body = _written(found.offers, str(last), found.pending, query)
    return Answer(body, not found.offers, Place(last, place.channels), newest)


def _held(reference: Reference, person: str, digest: str) -> Channels | None:
    """Return the channels that a person had when their token was made."""
    for grant in reversed(reference.grants.get(person, [])):
        channels = reference.rights(person, grant.at).channels
        if feed.digest(channels, person) == digest:
            return channels
    return None


def _written(found: list[Offer], last: str, pending: int, query: Query) -> bytes:
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
    return protocol.changes_head() + b",\n".join(rows) + protocol.changes_tail(last, pending)


class Poll(Response):
    """A long poll: nothing is sent until there is something to send, or time is up."""

    def __init__(self, request: Request, query: Query, answer: Answer) -> None:
        super().__init__()
        self._request = request
        self._query = query
        self._answer = answer
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await self._hold(gone, scope, receive, send)
        finally:
            gone.cancel()

    async def _hold(
        self, gone: asyncio.Future[None], scope: Scope, receive: Receive, send: Send
    ) -> None:
        site: Site = self._request.app.state.site
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._query.timeout / 1_000
        while not site.hub.closed:
            left = ends - loop.time()
            if left <= 0:
                break
            woken = await self._wait(gone, left)
            if gone.done():
                return
            if woken:
                try:
                    self._answer = await run_in_threadpool(self._again)
                except Trouble:
                    if self._started:  # signed out while waiting: the next request will say so
                        break
                    raise
                if not self._answer.is_empty:
                    break
            elif self._query.heartbeat is not None and ends > loop.time():
                await self._send(send, b"\n", more=True)
        if self._started:
            await self._send(send, self._answer.body, more=False)
        else:
            await as_json(self._answer.body, self._request)(scope, receive, send)

    async def _wait(self, gone: asyncio.Future[None], left: float) -> bool:
        """Wait for a change, a beat, or the client to go away; return whether it is a change."""
        hub: Hub = self._request.app.state.site.hub
        waiters: Waiters = self._request.app.state.waiters
        channels = self._answer.place.channels
        beat = self._query.heartbeat
        change = waiters.wait(channels)
        try:
            if hub.closed or hub.newest(channels) > self._answer.newest:
                return True
            patience = left if beat is None else min(left, beat / 1_000)
            await asyncio.wait(
                {change, gone}, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            return change.done()
        finally:
            waiters.leave(channels, change)

    def _again(self) -> Answer:
        """Read on; the session and the rights are asked for anew: they may have ended meanwhile."""
        call = called(self._request, b"")
        since = str(self._answer.place.token)
        return remembered(call, self._query, since) or read(call, self._query, since)

    async def _send(self, send: Send, body: bytes, *, more: bool) -> None:
        if not self._started:
            self._started = True
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
