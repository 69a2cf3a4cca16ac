"""Held HTTP answers of the changes feed: long polls, and continuous feeds of one row a line."""

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
from sync.feed_position import FeedPosition
from sync.protocol import Query

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Answer:
    """A page of the feed, and the position to wait from for more.

    `newest` is the database's seq up to which the page is complete, unless it `is_full`.
    """

    page: SharedPage
    position: FeedPosition
    person: str
    newest: int
    is_full: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether the page has neither rows nor a message."""
        return not self.page.rows and not self.page.whole


# Reads the page after a token for a request; session and rights are read anew each time.
Reader = Callable[[Request, Query, str], Awaitable[Answer]]


class HeldResponse(Response):
    """An answer that is held until a change comes, its time is up, or the client hangs up."""

    def __init__(self, request: Request, query: Query, answer: Answer, read: Reader) -> None:
        super().__init__()
        self._request = request
        self._query = query
        self._answer = answer
        self._read = read
        self._hub: ChangeHub = request.app.state.site.hub
        self._wakeups: FeedWakeups = request.app.state.wakeups
        self._waiting: asyncio.Future[bool] | None = None
        self._started = False
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        person = self._answer.person
        gone = asyncio.ensure_future(self._hears_hanging_up(receive))
        self._wakeups.enter(person, self)
        try:
            await self._hold(send)
        finally:
            gone.cancel()
            self._wakeups.gone(person, self)

    def end(self) -> None:
        """Finish the answer early."""
        self._is_over = True
        self._stir(False)

    async def _hold(self, send: Send) -> None:
        raise NotImplementedError

    async def _news(self, send: Send) -> bool:
        """Wait for the next page that is not empty; False when time is up or the answer is over."""
        loop = asyncio.get_running_loop()
        beat = self._query.heartbeat  # E5: with a heartbeat there is no timeout
        patience = (self._query.timeout if beat is None else beat) / 1_000
        ends = loop.time() + patience
        while not self._is_over and not self._hub.closed:
            if await self._stirred(ends - loop.time()):
                try:
                    token = str(self._answer.position.token)
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
                await self._send(send, b"\n")  # E5: a heartbeat is a bare newline
                ends = loop.time() + patience
        return False

    async def _stirred(self, patience: float) -> bool:
        """Wait up to `patience` s for a change; False when none came or the answer is over."""
        channels = self._answer.position.channels
        if patience <= 0:
            return False
        self._waiting = future = self._wakeups.wait(channels)
        timer = asyncio.get_running_loop().call_later(patience, self._stir, False)
        try:
            # A commit between reading the page and waiting found no future of ours to wake.
            if self._hub.has_changes_since(channels, self._answer.newest):
                return True
            return await future
        finally:
            timer.cancel()
            self._wakeups.leave(channels, future)

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
    """A long poll: nothing is sent until there are rows or time is up."""

    async def _hold(self, send: Send) -> None:
        await self._news(send)
        page = self._answer.page
        if self._started:  # by a heartbeat: the headers are out, without an encoding
            await self._send(send, page.body(), more=False)
            return
        packing = packing_of(self._request, len(page.body()))
        body = page.body(packing)
        headers = [(b"content-length", str(len(body)).encode())]
        if packing:
            headers += [(b"content-encoding", packing.encode()), (b"vary", b"Accept-Encoding")]
        await self._send(send, body, more=False, headers=tuple(headers))


class ContinuousFeed(HeldResponse):
    """A feed of one JSON row a line; after a quiet `timeout` it ends with its `last_seq` (E2.4)."""

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
                token = str(self._answer.position.token)
                try:
                    self._answer = await self._read(self._request, self._query, token)
                except Trouble:
                    break
            elif not await self._news(send):
                break
        last = protocol.changes_end(str(self._answer.page.last), self._answer.page.pending)
        await self._send(send, last, more=False)
