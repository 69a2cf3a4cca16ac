"""Tells open pages of the office what changed: ids only, whoever may read them fetches again."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.acts.change_hub import ChangeHub
from server.http.problems import Trouble
from server.office.page_parts.desk import Desk, desk_or_redirect
from server.replication.feed_wakeups import FeedWakeups

LOOK_AGAIN = 5.0  # s; a session that ended, or a post that was taken away, ends the stream by then
MOST_STREAMS = 5  # of one person at the same time
MOST_NAMED = 200  # ids in one message; more say which kinds to fetch again
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(request: Request) -> Response:
    """GET /events, as server-sent events; `Last-Event-ID` is the seq that was seen last."""
    desk = await run_in_threadpool(desk_or_redirect, request)
    if not isinstance(desk, Desk):
        raise Trouble("not_signed_in")
    streams: Counter[str] = request.app.state.__dict__.setdefault("streams", Counter())
    if streams[desk.person["_id"]] >= MOST_STREAMS:
        raise Trouble("too_many", Retry_After="30")
    said = request.headers.get("last-event-id", "")
    since = int(said) if said.isdecimal() else desk.site.hub.seq
    events = _events(request, desk, streams, since)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, desk: Desk, streams: Counter[str], since: int
) -> AsyncIterator[str]:
    person, hub = desk.person["_id"], desk.site.hub
    waiters: FeedWakeups = request.app.state.wakeups
    streams[person] += 1
    try:
        yield "retry: 2000\n\n"
        while not hub.closed:
            channels = desk.rights.channels
            something = waiters.wait(channels)
            message, since = _message(hub, channels, since)
            if message:
                yield message
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(something, 0.05 if message else LOOK_AGAIN)
            waiters.leave(channels, something)
            again = await run_in_threadpool(_still_here, request)
            if again is None:
                return
            desk = again
            if not message:
                yield ": here\n\n"
    finally:
        streams[person] -= 1


def _still_here(request: Request) -> Desk | None:
    """Return the person's desk as it is now: asked anew, not remembered from the beginning."""
    request.state.__dict__.get("_state", {}).pop("reader", None)
    desk = desk_or_redirect(request)
    return desk if isinstance(desk, Desk) else None


def _message(hub: ChangeHub, channels: frozenset[str], since: int) -> tuple[str, int]:
    """Return what changed after `since` as one message, and how far that reaches."""
    seq = hub.seq
    found = hub.changes_since(channels, since)
    if found is None or len(found) > MOST_NAMED:
        names = {"arrival", "waiting", "complaint", "refusal", "person", "setting"}
    else:
        names = {change.id for change in found}
        names |= {change.id.partition(":")[0] for change in found}
    if not names:
        return "", seq
    return f"id: {seq}\ndata: {' '.join(sorted(names))}\n\n", seq
