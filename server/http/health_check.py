"""GET /healthz: 200 while the server can write to its database and its schedule is alive."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.http.problems import Trouble


def health(request: Request) -> Response:
    """Try to write and ask the tick; raises Trouble `cannot_write` or `no_tick`, both 503."""
    state = request.app.state
    if not state.site.health.can_write(state.site):
        raise Trouble("cannot_write")
    if state.schedule is not None and not state.schedule.alive():
        raise Trouble("no_tick")
    return JSONResponse({"ok": True, "site": state.site.config.name, "now": state.site.now()})
