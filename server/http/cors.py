"""CORS: which pages of other origins may use /sync with a person's session.

None may unless the configuration names it; then each by its own name, never by a wildcard.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, POST, PUT, DELETE"
SENT = "Accept, Authorization, Content-Type, If-None-Match, Range, Floorwalk-Device"
SHOWN = (
    "Accept-Ranges, Allow, Content-Length, Content-MD5, Content-Range, Content-Type, ETag, "
    "Floorwalk-Epoch, Floorwalk-Now, Retry-After"
)
REMEMBERED = "600"  # s for which a browser may cache the preflight answer


def is_allowed(scope: Scope, headers: Headers, allowed: tuple[str, ...]) -> bool:
    """Say whether a request comes from a page of one of the `allowed` origins, below /sync."""
    return scope["path"].startswith("/sync/") and headers.get("origin", "") in allowed


class Cors:
    """Middleware that answers preflight requests and marks answers that a foreign page may read."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.allowed or scope["type"] != "http" or not scope["path"].startswith("/sync/"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not is_allowed(scope, headers, self.allowed):
            await self.app(scope, receive, _varying(send))
            return
        origin = headers["origin"]
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            answer = Response(status_code=204, headers=_preflight(origin))
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, _varying(send, origin))


def _preflight(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": SENT,
        "Access-Control-Max-Age": REMEMBERED,
        "Vary": "Origin",
    }


def _varying(send: Send, origin: str | None = None) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # Also on answers to strangers: a cache must not hand one origin's answer to another.
            headers.add_vary_header("Origin")
            if origin is not None:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Allow-Credentials"] = "true"
                headers["Access-Control-Expose-Headers"] = SHOWN
        await send(message)

    return sent
