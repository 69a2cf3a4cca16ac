"""GET /healthz: 200 while the server can write to its database and its schedule is alive."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.database import tables
from server.http.problems import Trouble


def health(request: Request) -> Response:
    """Write a row and ask the tick; raises Trouble `cannot_write` or `no_tick`, both 503."""
    state = request.app.state
    try:
        with state.site.writing() as connection:
            value = str(state.site.now())
            change = sa.update(tables.meta).where(tables.meta.c.key == "health")
            if connection.execute(change.values(value=value)).rowcount == 0:
                connection.execute(sa.insert(tables.meta).values(key="health", value=value))
    except sa.exc.SQLAlchemyError:
        raise Trouble("cannot_write") from None
    if state.schedule is not None and not state.schedule.alive():
        raise Trouble("no_tick")
    return JSONResponse({"ok": True, "site": state.site.config.name, "now": state.site.now()})
