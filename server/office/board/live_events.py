"""Server-sent events for open pages of the office: ids of records that changed.

Only ids are sent: a page fetches what it shows again, under the rights of that moment.
"""

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

LOOK_AGAIN = 5.0  # s within which an ended session or a lost post ends the stream
MOST_STREAMS = 5  # of one person at the same time
MOST_NAMED = 200  # ids in one message; beyond, it names the kinds to fetch again
# A proxy that buffers would hold events back until its buffer is full.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(request: Request) -> Response:
    """GET /events, as server-sent events; `Last-Event-ID` is the last seq that was seen."""
    desk = await run_in_threadpool(desk_or_redirect, request)
    if not isinstance(desk, Desk):
        raise Trouble("not_signed_in")
    streams: Counter[str] = request.app.state.__dict__.setdefault("streams", Counter())
    if streams[desk.person["_id"]] >= MOST_STREAMS:
        raise Trouble("too_many", Retry_After="30")
    last_event_id = request.headers.get("last-event-id", "")
    since = int(last_event_id) if last_event_id.isdecimal() else desk.site.hub.seq
    events = _events(request, desk, streams, since)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, desk: Desk, streams: Counter[str], since: int
) -> AsyncIterator[str]:
    person, hub = desk.person["_id"], desk.site.hub
    wakeups: FeedWakeups = request.app.state.wakeups
    streams[person] += 1
    try:
        yield "retry: 2000\n\n"
        while not hub.closed:
            channels = desk.rights.channels
            something = wakeups.wait(channels)
            message, since = _message(hub, channels, since)
            if message:
                yield message
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(something, 0.05 if message else LOOK_AGAIN)
            wakeups.leave(channels, something)
            again = await run_in_threadpool(_still_here, request)
            if again is None:
                return
            desk = again
            if not message:
                yield ": here\n\n"
    finally:
        streams[person] -= 1


def _still_here(request: Request) -> Desk | None:
    """Return the desk with session and rights read anew; None when the person has none any more."""
    request.state.__dict__.get("_state", {}).pop("reader", None)
    desk = desk_or_redirect(request)
    return desk if isinstance(desk, Desk) else None


def _message(hub: ChangeHub, channels: frozenset[str], since: int) -> tuple[str, int]:
    """Return the message about changes after `since`, "" for none, and the seq it reaches."""
    seq = hub.seq
    recent = hub.changes_since(channels, since)
    if recent is None or len(recent) > MOST_NAMED:
        names = {"arrival", "waiting", "complaint", "refusal", "person", "setting"}
    else:
        names = {change.id for change in recent}
        names |= {change.id.partition(":")[0] for change in recent}
    if not names:
        return "", seq
    return f"id: {seq}\ndata: {' '.join(sorted(names))}\n\n", seq
