"""Watches for commits of other processes: another server, or a command on this machine.

On PostgreSQL they are announced, and heard within milliseconds. Twice a second the database is
asked in any case: SQLite has no announcements, and a cut connection is not noticed at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from time import monotonic

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from server.acts.site import Site
from server.base import plain_errors
from server.database.engines import Listener
from server.replication.devices import WRITTEN_EVERY, Devices

log = logging.getLogger("floorwalk.wires")

LOOKED_AT_EVERY = 0.5  # s between two questions to the database
AGAIN_AFTER = 2.0  # s between two tries to connect for announcements


class ChangeWatcher:
    """Keeps one process up to date with the others on its database."""

    def __init__(self, site: Site, devices: Devices) -> None:
        self._site = site
        self._devices = devices
        self._heard = asyncio.Event()
        self._listener: Listener | None = None
        self._lock = threading.Lock()
        self._is_leaving = False
        self._is_over = False
        self._tried_at = -AGAIN_AFTER
        self._written_at = monotonic()

    def leave(self) -> None:
        """Let `watch` end after its current look; a cancellation could get lost in a thread."""
        self._is_leaving = True
        self._heard.set()

    async def watch(self) -> None:
        """Look and listen until `leave` is called."""
        try:
            while not self._is_leaving:
                await self._listen()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), LOOKED_AT_EVERY)
                self._heard.clear()
                try:
                    await run_in_threadpool(self._look)
                except sa.exc.SQLAlchemyError:
                    pass  # a full disk, or the database is away: the next look may go well
                except Exception:  # without this task held requests would wait for ever
                    log.exception("looking failed")
        finally:
            with self._lock:
                self._is_over = True
            self._hang_up()

    def _look(self) -> None:
        self._site.catch_up()
        if monotonic() - self._written_at > WRITTEN_EVERY / 1_000:
            self._written_at = monotonic()
            self._devices.write()

    async def _listen(self) -> None:
        is_wired = self._site.engine.dialect.name == "postgresql"
        if not is_wired or self._listener or monotonic() - self._tried_at < AGAIN_AFTER:
            return
        self._tried_at = monotonic()
        with contextlib.suppress(sa.exc.SQLAlchemyError, ConnectionError):
            await run_in_threadpool(self._connect)
        if self._listener is not None:
            asyncio.get_running_loop().add_reader(self._listener.fileno(), self._take)
            self._heard.set()  # for what was announced before the connection stood

    def _connect(self) -> None:
        listener = Listener(self._site.engine)
        with self._lock:
            if not self._is_over:
                self._listener = listener
                return
        listener.close()

    def _take(self) -> None:
        assert self._listener is not None
        try:
            if self._listener.take():
                self._heard.set()
        except ConnectionError as error:
            log.warning("the wire is cut", extra={"reason": plain_errors.described(error)})
            self._hang_up()

    def _hang_up(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None
