"""Answers that wait for something to say: a long poll, and a feed that goes on and on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.acts.change_hub import ChangeHub
from server.http.problems import Trouble
from server.replication.feed_wakeups import FeedWakeups, SharedPage
from server.replication.sync_request import packing_of
from sync import protocol
from sync.feed import FeedPosition
from sync.protocol import Query

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Answer:
    """A page of the feed, and from where one would wait for more.

    `newest` is the seq of the database up to which it is complete, unless it is full.
    """

    page: SharedPage
    place: FeedPosition
    person: str
    newest: int
    is_full: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        return not self.page.rows and not self.page.whole


# Reads on from a token for a request; the session and the rights are asked for anew.
Reader = Callable[[Request, Query, str], Awaitable[Answer]]


class HeldResponse(Response):
    """An answer that is held until there is news, time is up, or nobody listens any more."""

    def __init__(self, request: Request, query: Query, answer: Answer, read: Reader) -> None:
        super().__init__()
        self._request = request
        self._query = query
        self._answer = answer
        self._read = read
        self._hub: ChangeHub = request.app.state.site.hub
        self._waiters: FeedWakeups = request.app.state.waiters
        self._waiting: asyncio.Future[bool] | None = None
        self._started = False
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        person = self._answer.person
        gone = asyncio.ensure_future(self._hears_hanging_up(receive))
        self._waiters.enter(person, self)
        try:
            await self._hold(send)
        finally:
            gone.cancel()
            self._waiters.gone(person, self)

    def end(self) -> None:
        """Be done with it."""
        self._is_over = True
        self._stir(False)

    async def _hold(self, send: Send) -> None:
        raise NotImplementedError

    async def _news(self, send: Send) -> bool:
        """Wait until the feed goes on; False when it does not: time is up, or it is over."""
        loop = asyncio.get_running_loop()
        beat = self._query.heartbeat  # E5: with it, there is no other end
        patience = (self._query.timeout if beat is None else beat) / 1_000
        ends = loop.time() + patience
        while not self._is_over and not self._hub.closed:
            if await self._stirred(ends - loop.time()):
                try:
                    token = str(self._answer.place.token)
                    self._answer = await self._read(self._request, self._query, token)
                except Trouble:
                    if not self._started:
                        raise
                    return False  # signed out meanwhile: the next request will say so
                if not self._answer.is_empty:
                    return True
            elif loop.time() >= ends and not self._is_over:
                if beat is None:
                    return False
                await self._send(send, b"\n")
                ends = loop.time() + patience
        return False

    async def _stirred(self, patience: float) -> bool:
        """Wait for a change; False when there is none so soon, or the other end hung up."""
        channels = self._answer.place.channels
        if patience <= 0:
            return False
        self._waiting = future = self._waiters.wait(channels)
        timer = asyncio.get_running_loop().call_later(patience, self._stir, False)
        try:
            # What came between reading and waiting wakes nobody.
            if self._hub.has_changes_since(channels, self._answer.newest):
                return True
            return await future
        finally:
            timer.cancel()
            self._waiters.leave(channels, future)

    def _stir(self, is_news: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(is_news)

    async def _hears_hanging_up(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end()

    async def _send(
        self,
        send: Send,
        body: bytes,
        *,
        more: bool = True,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        if not self._started:
            self._started = True
            head = [JSON, *headers]
            await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body, "more_body": more})


class LongPoll(HeldResponse):
    """A long poll: nothing is sent until there is something to send, or time is up."""

    async def _hold(self, send: Send) -> None:
        await self._news(send)
        page = self._answer.page
        if self._started:  # by a beat: the headers are gone, and said nothing of packing
            await self._send(send, page.body(), more=False)
            return
        packing = packing_of(self._request, len(page.body()))
        body = page.body(packing)
        headers = [(b"content-length", str(len(body)).encode())]
        if packing:
            headers += [(b"content-encoding", packing.encode()), (b"vary", b"Accept-Encoding")]
        await self._send(send, body, more=False, headers=tuple(headers))


class ContinuousFeed(HeldResponse):
    """A feed of one row a line; when it is quiet for too long it says how far it came (E2.4)."""

    async def _hold(self, send: Send) -> None:
        left = self._query.limit
        while True:
            page = self._answer.page
            if page.rows:
                await self._send(send, b"\n".join(page.rows) + b"\n")
            elif not self._started:
                await self._send(send, b"")
            if left is not None:
                left -= len(page.rows)
                self._query = replace(self._query, limit=left)
            if left == 0 or self._is_over:
                break
            if self._answer.is_full:
                token = str(self._answer.place.token)
                try:
                    self._answer = await self._read(self._request, self._query, token)
                except Trouble:
                    break
            elif not await self._news(send):
                break
        last = protocol.changes_end(str(self._answer.page.last), self._answer.page.pending)
        await self._send(send, last, more=False)
