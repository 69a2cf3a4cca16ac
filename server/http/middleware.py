"""Middleware around every route: limits of body size, cross-site requests, security headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.base import origins
from server.http import cors, gunzip, problems
from server.http.gunzip import drain
from server.http.pages import language_of

MOST_BYTES = 8 << 20  # of a body; CouchDB's own max_document_size is 8,000,000
MOST_PHOTO_BYTES = 12 << 20  # of one part of a photo or recording
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self)",
}
# A pull with nothing new is to stay under 1 KB: JSON goes without headers that only pages need.
BARE = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")


class Shield:
    """Refuses bodies that are too large or compressed, and changes that another website asks for.

    Below /sync a body may be compressed with gzip, and come from a page of one of `origins`. The
    bodies of all requests at work have room for `most` bytes; a request beyond hears 503 and comes
    back.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...] = (), most: int = 64 << 20) -> None:
        self.app = app
        self.origins = origins
        self.most = most
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = MOST_PHOTO_BYTES if _carries_photos(scope["path"]) else MOST_BYTES
        is_packed = _is_packed(scope, headers)
        code = self._refusal(scope, headers, limit, is_packed=is_packed)
        if code is None:
            receive = _limited(receive, limit)
            if is_packed:
                scope, receive = gunzip.unpacked_scope(scope), gunzip.unpacked(receive, limit)
            await self._within_room(scope, receive, send)
            return
        # With `Expect: 100-continue` nothing was sent yet, so there is nothing to read away.
        if code == "too_large" and headers.get("expect", "").lower() != "100-continue":
            await drain(receive)
        answer = problems.answer(code, language_of(Request(scope), None))
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)

    async def _within_room(self, scope: Scope, receive: Receive, send: Send) -> None:
        mine = 0

        async def held() -> Message:
            nonlocal mine
            message = await receive()
            size = len(message.get("body", b""))
            mine += size
            self.held += size
            if self.held > self.most:
                if message.get("more_body"):
                    await drain(receive)
                raise HTTPException(503, "busy", {"Retry-After": "5", "Connection": "close"})
            return message

        try:
            await self.app(scope, held, send)
        finally:
            self.held -= mine

    def _refusal(
        self, scope: Scope, headers: Headers, limit: int, *, is_packed: bool
    ) -> str | None:
        if not is_packed and headers.get("content-encoding", "identity").lower() != "identity":
            return "packed"  # 99 KB of gzip are 100 MB
        length = headers.get("content-length")
        if length is not None and (not length.isdigit() or int(length) > limit):
            return "too_large" if length.isdigit() else "bad_request"
        if scope["method"] not in UNSAFE or cors.is_allowed(scope, headers, self.origins):
            return None
        return "foreign_page" if is_foreign(headers) else None


def _carries_photos(path: str) -> bool:
    return "/_blob/" in path or path.endswith("/_sealed")


def _is_packed(scope: Scope, headers: Headers) -> bool:
    """Say whether a body is gzipped below /sync; E3: IBM's client compresses every body."""
    packing_used = headers.get("content-encoding", "").lower()
    return packing_used in gunzip.GZIP and scope["path"].startswith("/sync/")


def is_foreign(headers: Headers) -> bool:
    """Say whether a browser sends this for another website; programs send neither header."""
    fetched_by = headers.get("sec-fetch-site")
    if fetched_by is not None:
        return fetched_by not in ("same-origin", "none")
    origin = headers.get("origin")
    # Compared as a whole: `ward.example.evil.example` begins with our name, too.
    return origin is not None and not origins.is_of(origin, headers.get("host", ""))


def _limited(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                if message.get("more_body"):
                    await drain(receive)
                raise HTTPException(413, "too_large", {"Connection": "close"})
        return message

    return counted


class Hardened:
    """Middleware that adds security headers, and below /sync the server's time and epoch."""

    def __init__(self, app: ASGIApp, now: Callable[[], int], epoch: str, *, secure: bool) -> None:
        self.app = app
        self.now = now
        self.epoch = epoch
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_sync = scope["path"].startswith("/sync/")

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                self._add(headers, is_sync)
            await send(message)

        await self.app(scope, receive, hardened)

    def _add(self, headers: MutableHeaders, is_sync: bool) -> None:
        headers.setdefault("Cache-Control", "no-store")
        names: Sequence[str] = tuple(HEADERS)
        if is_sync:
            # A tablet compares its clock with this one, and starts anew when the epoch is another.
            headers["Floorwalk-Now"] = str(self.now())
            headers["Floorwalk-Epoch"] = self.epoch
            names = BARE
        for name in names:
            headers.setdefault(name, HEADERS[name])
        if self.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
