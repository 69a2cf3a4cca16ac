"""Builds the ASGI application of a site: routes, middleware, and the tasks that run beside them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server.acts.site import Site
from server.change_watcher import ChangeWatcher
from server.clocks.periodic_tasks import Schedule
from server.database import engines
from server.http import problems
from server.http.cors import Cors
from server.http.fair_queue import Admission, OfficeAdmission
from server.http.middleware import Hardened, Shield
from server.http.request_counts import RequestCounts
from server.http.request_log import RequestLog
from server.office.menu import menu
from server.replication.couch_database import Counts
from server.replication.devices import Devices
from server.replication.feed_wakeups import FeedWakeups
from server.routes import ROUTES

LEAVES_WITHIN = 5.0  # s for the change watcher to end; one look at the database is short


def build(site: Site, schedule: Schedule | None = None) -> Starlette:
    """Return the application of a site; it starts and stops the schedule it is given."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            HTTPException: problems.http_error,
            problems.Trouble: problems.http_error,
            sa.exc.OperationalError: busy,
            sa.exc.DataError: unkept,
            ClientDisconnect: gone,
            Exception: problems.crash,
        },
        lifespan=_running,
    )
    app.state.site = site
    app.state.schedule = schedule
    app.state.devices = Devices(site)
    app.state.admission = Admission(site.config)
    app.state.menu = menu
    app.state.counts = Counts()
    app.state.request_counts = RequestCounts(site.config.slow_ms)
    app.router.redirect_slashes = False  # a redirect turns a push into a read
    # Outermost, so that answers to crashes are hardened and counted too.
    origins = site.config.origins
    office = OfficeAdmission(app.build_middleware_stack(), app.state.admission)
    stack = Cors(Shield(office, origins, site.config.bodies_mb << 20), origins)
    hard = Hardened(stack, site.now, site.meta["epoch"], secure=site.config.secure)
    app.middleware_stack = RequestLog(hard, app.state.request_counts, ROUTES, site.now)
    if schedule is not None:
        schedule.request_counts = app.state.request_counts
    return app


def busy(request: Request, error: Exception) -> Response:
    """Answer an OperationalError: the database is locked, full or away, and a retry may go well.

    In the office a full disk is named: tablets only have to come back later.
    """
    assert isinstance(error, sa.exc.OperationalError)
    is_full = engines.is_full(error) and not request.url.path.startswith("/sync")
    code = "disk_full" if is_full else "busy"
    return problems.http_error(request, problems.Trouble(code, Retry_After="5"))


def unkept(request: Request, _error: Exception) -> Response:
    """Answer a DataError: text with a character that PostgreSQL cannot store."""
    return problems.http_error(request, problems.Trouble("bad_text"))


def gone(_request: Request, _error: Exception) -> Response:
    """Answer a client that hung up during its request; nobody will read it."""
    return Response(status_code=400)


@contextlib.asynccontextmanager
async def _running(app: Starlette) -> AsyncIterator[None]:
    site: Site = app.state.site
    app.state.wakeups = FeedWakeups(site.hub, asyncio.get_running_loop())
    if app.state.schedule is not None:
        await run_in_threadpool(app.state.schedule.start)
    watcher = ChangeWatcher(site, app.state.devices)
    watch = asyncio.create_task(watcher.watch())
    try:
        yield
    finally:
        watcher.leave()
        await asyncio.wait({watch}, timeout=LEAVES_WITHIN)
        app.state.wakeups.close()
        if app.state.schedule is not None:
            await run_in_threadpool(app.state.schedule.stop)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await run_in_threadpool(app.state.devices.write)
