"""The commands `floorwalk serve` and `floorwalk demo`: a process that answers and runs the
schedule.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn

from server.acts import retry_after_upgrade, upgraded_kinds
from server.acts.site import Site
from server.app import build
from server.base import clock, config, folder_lock, json_log
from server.base.cannot_start import CannotStart
from server.clocks.periodic_tasks import Schedule
from server.demo import commands
from server.http import accounts
from server.http.connection_timeouts import DeadlineProtocol
from server.operations.tls import serving as tls
from server.processes import Processes
from service_worker.build.pipeline import why_stale

KEEP_ALIVE = 75  # s; a tablet asks every ten, and must not meet a closing connection
RENEWED_EVERY = 600  # ticks of uvicorn, ten a second: once a minute
GRACE = 5  # s for answers under way when the server stops
ALONE = """Several processes need a PostgreSQL that they share, named in FLOORWALK_DATABASE.
With SQLite, and in the demo, one process serves."""
FIRST = """Nobody can sign in yet. Make the first account with
  floorwalk person add --name NAME --login LOGIN --post admin"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that `serve` and `demo` share."""
    add = parser.add_argument
    add("--host", help="the address to listen on (127.0.0.1)")
    add("--port", type=int, help="the port (8000, or FLOORWALK_PORT)")
    add("--data", help="the folder of the database and the photos (data, or FLOORWALK_DATA)")
    add("--speed", type=int, help="how many times faster the site's clock runs")
    add("--processes", type=int, default=1, help="how many answer on the port; needs PostgreSQL")
    moment = "when a new folder's clock begins: 2026-11-25T08:00+08:00, or ms"
    add("--start-at", type=clock.moment, help=moment)
    add("--certificate", "--cert", help="a certificate: the site is served over HTTPS")
    add("--key", help="its key; both are taken up anew when they change")
    add("--https", action="store_true", help="a proxy in front speaks HTTPS")


def run_demo(args: argparse.Namespace) -> int:
    """Serve a seeded hospital whose people go on coming in."""
    return serve(args, is_demo=True)


def run(args: argparse.Namespace) -> int:
    """Serve a hospital."""
    return serve(args, is_demo=False)


def serve(args: argparse.Namespace, *, is_demo: bool) -> int:
    """Serve until told to stop; return the exit code."""
    stale = why_stale()
    if stale is not None:
        print(stale)
        return 1
    # A demo's terminal shows its address and people; a line for each request would push them away.
    json_log.to_stderr(logging.WARNING if is_demo else logging.INFO)
    settings = _settings(args, is_demo=is_demo)
    if args.processes > 1 and (is_demo or settings.is_sqlite):
        print(ALONE)
        return 1
    try:
        listening = socket.create_server((settings.host, settings.port), backlog=512)
    except OSError as error:
        print(f"Port {settings.port} of {settings.host} cannot be used: {error.strerror}.")
        print("Name another one with --port or FLOORWALK_PORT.")
        return 1
    try:
        with folder_lock.hold_folder(settings.data):
            return _serve(args, settings, listening, is_demo=is_demo)
    except CannotStart as error:
        print(error)
        return 1
    except folder_lock.FolderLocked:
        print("A backup is being put back into this folder. Start again when that is done.")
        return 1


def _serve(
    args: argparse.Namespace, settings: config.Config, listening: socket.socket, *, is_demo: bool
) -> int:
    port = listening.getsockname()[1]  # 0 asks for any
    watch = clock.of_folder(settings.data, args.speed, args.start_at)
    site = Site(settings, watch.now)
    upgraded_kinds.look_over(site)
    retry_after_upgrade.offer_again(site)
    scheme = "https" if settings.secure else "http"
    address = f"{scheme}://{settings.host}:{port}"
    greeting = commands.greeting(address) if is_demo else f"Floorwalk is at {address}"
    if not is_demo and accounts.nobody_yet(site):
        greeting += f"\n{FIRST}"
    if args.processes > 1:
        site.close()  # connections must not be shared across a fork

        def one(greets: bool) -> int:
            return _one(Site(settings, watch.now), watch, listening, greeting if greets else "")

        return Processes(args.processes, one).run()
    return _one(site, watch, listening, greeting)


def _one(site: Site, watch: clock.Clock, listening: socket.socket, greeting: str) -> int:
    """Answer requests and run the schedule until told to stop."""
    schedule = Schedule(site, watch)
    if site.config.demo:
        commands.prepare(site, schedule)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        _answer(site, schedule, listening, greeting)
    finally:
        site.close()
    return 0


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Exit with 0: uvicorn stops in good order, then raises the signal again."""
    raise SystemExit(0)


def _settings(args: argparse.Namespace, *, is_demo: bool) -> config.Config:
    return config.from_environment(
        os.environ,
        host=args.host,
        port=args.port,
        data=args.data,
        certificate=args.certificate,
        key=args.key,
        secure=args.https or None,
        demo=is_demo or None,
        name=commands.SITE if is_demo else None,
    )


def settings_of(site: config.Config) -> dict[str, Any]:
    """Return uvicorn's settings, apart from the application."""
    return {
        "host": site.host,
        "port": site.port,
        "http": DeadlineProtocol,
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Behind a proxy the client is the last address that no proxy of ours has.
        "proxy_headers": True,
        "forwarded_allow_ips": list(site.proxies),
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": GRACE,
        "ssl_certfile": site.certificate,
        "ssl_keyfile": site.key,
        "ssl_context_factory": tls.context if site.certificate else None,
    }


def _answer(site: Site, schedule: Schedule, listening: socket.socket, greeting: str) -> None:
    settings = uvicorn.Config(build(site, schedule), **settings_of(site.config))
    server = Server(settings, site, greeting)
    # Everything made so far stays for good, so the collector need not walk through it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    server.run(sockets=[listening])


class Server(uvicorn.Server):
    """uvicorn that says when it can be reached, and ends held answers when it stops."""

    def __init__(self, config_: uvicorn.Config, site: Site, greeting: str) -> None:
        super().__init__(config_)
        self._site = site
        self._greeting = greeting
        self._renewal: tls.Renewal | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the greeting."""
        certificate, key = self._site.config.certificate, self._site.config.key
        if self.config.ssl is not None and certificate:
            self._renewal = tls.Renewal(self.config.ssl, certificate, key)
        await super().startup(sockets)
        if self._greeting and not self.should_exit:
            print(self._greeting, flush=True)

    async def on_tick(self, counter: int) -> bool:
        """Check the certificate once a minute; uvicorn ticks ten times a second."""
        if self._renewal is not None and counter % RENEWED_EVERY == 0:
            await asyncio.to_thread(self._renewal.look, clock.real_now())
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the hub first: uvicorn waits for answers under way, and held polls are such."""
        self._site.hub.close()
        super().handle_exit(sig, frame)
