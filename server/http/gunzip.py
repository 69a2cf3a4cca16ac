"""Request bodies compressed with gzip, as CouchDB's clients send them, inflated as they come."""

from __future__ import annotations

import zlib

from starlette.types import Message, Receive, Scope

from server.http.problems import Trouble

GZIP = ("gzip", "x-gzip")
MOST_DRAINED = 80 << 20  # bytes read of a refused body, so that its sender hears the answer
HIDDEN = (b"content-encoding", b"content-length")  # headers that no longer fit the body


def unpacked_scope(scope: Scope) -> Scope:
    """Return the scope as if the body had been sent uncompressed."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in HIDDEN]}


def unpacked(receive: Receive, limit: int) -> Receive:
    """E3: return a `receive` that inflates the body; raises Trouble beyond `limit` bytes."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    size = came = 0

    async def unpacking() -> Message:
        nonlocal size, came
        message = await receive()
        if message["type"] != "http.request":
            return message
        packed = message.get("body", b"")
        came += len(packed)
        try:
            # Never inflate further than the limit: 99 KB of gzip can be 100 MB.
            body = inflate.decompress(packed, limit + 1 - size)
        except zlib.error:
            await _finish(receive, message)
            raise _refused() from None
        size += len(body)
        if size > limit:
            await _finish(receive, message)
            raise Trouble("too_large", "the request entity is too large", Connection="close")
        is_cut_off = not message.get("more_body") and not inflate.eof and came
        if inflate.unused_data or is_cut_off:
            await _finish(receive, message)
            raise _refused()
        return {**message, "body": body}

    return unpacking


def _refused() -> Trouble:
    return Trouble("bad_request", "Request body is not properly gzipped.", Connection="close")


async def _finish(receive: Receive, message: Message) -> None:
    if message.get("more_body"):
        await drain(receive)


async def drain(receive: Receive) -> None:
    """Read on, up to MOST_DRAINED: a connection closed during an upload never shows its answer."""
    size = 0
    while size < MOST_DRAINED:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
