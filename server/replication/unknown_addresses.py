"""Answers for addresses below /sync that no route serves: 404, or 405 for a wrong method."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from server.http.problems import Trouble

SITE, DOCUMENT = 2, 3  # where names stand in /sync/<site>/<id>


def nothing(request: Request) -> Response:
    """Answer every address below /sync that no route answers: E5, 405 or 404."""
    raise trouble(request)


def trouble(request: Request) -> Trouble:
    """Return the Trouble of an address: `wrong_method` with its Allow header, or `missing`."""
    offered: set[str] = set()
    for route in request.app.routes:
        if not isinstance(route, Route) or route.endpoint is nothing or not route.methods:
            continue
        matched, _ = route.matches(request.scope)
        if matched != Match.NONE and _is_meant(route.path, request.scope["path"]):
            offered |= route.methods
    if request.method in offered or not offered:
        return Trouble("missing", "missing")
    reason = f"Only {','.join(sorted(offered))} allowed"
    return Trouble("wrong_method", reason, Allow=", ".join(sorted(offered)))


def _is_meant(pattern: str, path: str) -> bool:
    """Say whether a route's pattern fits: no site and no document id begins with an underscore."""
    names = list(zip(pattern.split("/"), path.split("/"), strict=False))
    return not any(
        shape.startswith("{") and name.startswith("_") for shape, name in names[SITE : DOCUMENT + 1]
    )
