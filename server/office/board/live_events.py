"""Server-sent events for open pages of the office: ids of records that changed.

Only ids are sent: a page fetches what it shows again, under the rights of that moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.acts.access import hiding_channel
from server.acts.site import Site
from server.http.problems import Trouble
from server.office.page_parts.office_request import Desk, desk_or_redirect
from server.replication.feed_wakeups import FeedWakeups

LOOK_AGAIN = 5.0  # s within which an ended session or a lost post ends the stream
MOST_STREAMS = 5  # of one person at the same time
MOST_NAMED = 200  # ids in one message; more are named by kind, and with ANYTHING
# A page cannot see a comment, and must notice a connection that is dead without an error.
HERE = "event: here\ndata: yes\n\n"
ANYTHING = "*"  # every record may have changed: whatever a page shows, it fetches again
# A proxy that buffers would hold events back until its buffer is full.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(request: Request) -> Response:
    """GET /events, as server-sent events: each names what changed and has the seq as its id.

    It goes on after `Last-Event-ID`, which a browser sends by itself after a cut, or after `since`,
    which a page sends that was hidden or has just been drawn. Without either it begins now.
    """
    desk = await run_in_threadpool(desk_or_redirect, request)
    if not isinstance(desk, Desk):
        raise Trouble("not_signed_in")
    streams: Counter[str] = request.app.state.__dict__.setdefault("streams", Counter())
    if streams[desk.person["_id"]] >= MOST_STREAMS:
        raise Trouble("too_many", Retry_After="30")
    heard = request.headers.get("last-event-id") or request.query_params.get("since", "")
    since = int(heard) if heard.isdecimal() and heard.isascii() else desk.seq
    events = _events(request, desk, streams, since)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, desk: Desk, streams: Counter[str], since: int
) -> AsyncIterator[str]:
    person, site = desk.person["_id"], desk.site
    wakeups: FeedWakeups = request.app.state.wakeups
    streams[person] += 1
    try:
        yield "retry: 2000\n\n"
        while not site.hub.closed:
            channels = desk.rights.channels
            something = wakeups.wait(channels)
            message, since = _message(site, person, channels, since)
            if message:
                yield message
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(something, 0.05 if message else LOOK_AGAIN)
            wakeups.leave(channels, something)
            again = await run_in_threadpool(_still_here, request)
            if again is None:
                return
            if again.rights.channels != channels:
                # What is seen now and was not before never came as a change.
                since = site.hub.seq
                yield _named(since, _anything(site))
            desk = again
            if not message:
                yield HERE
    finally:
        streams[person] -= 1


def _still_here(request: Request) -> Desk | None:
    """Return the desk with session and rights read anew; None when the person has none any more."""
    request.state.__dict__.get("_state", {}).pop("reader", None)
    desk = desk_or_redirect(request)
    return desk if isinstance(desk, Desk) else None


def _message(site: Site, person: str, channels: frozenset[str], since: int) -> tuple[str, int]:
    """Return what changed after `since` as one message or "", and how far that reaches.

    What is hidden from the person is not named; if they had it, its kind is, and it is gone.
    """
    seq = site.hub.seq
    # A page may be ahead of a database that was put back to an earlier day.
    changes = site.hub.changes_since(channels, since) if since <= seq else None
    hidden = site.hub.changes_since((hiding_channel(person),), since) if since <= seq else None
    if changes is None or hidden is None or len(changes) > MOST_NAMED:
        names = _anything(site)
    else:
        mute = {change.id for change in hidden}
        names = {change.id for change in changes} - mute
        lost = {change.id for change in site.hub.changes_since((person,), since) or ()}
        named = [change.id for change in changes if change.id not in mute or change.id in lost]
        names |= {name.partition(":")[0] for name in named}
    return (_named(seq, names), seq) if names else ("", seq)


def _anything(site: Site) -> set[str]:
    """Return what is named when single records cannot be: every kind, and `*` for every record."""
    return {ANYTHING, *site.declarations["records"]}


def _named(seq: int, names: Iterable[str]) -> str:
    return f"id: {seq}\ndata: {' '.join(sorted(names))}\n\n"
