"""Runs a real server in a process that can be killed, forked so that it restarts in a moment."""

from __future__ import annotations

import contextlib
import functools
import gc
import http.client
import json
import os
import random
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn

from server import serving
from server.acts.site import Site
from server.app import build
from server.base.clock import real_now
from server.base.config import Config
from server.clocks.periodic_tasks import Schedule
from server.database.tables import acts as acts_table
from server.http import accounts
from sync.act import Act, make, ulid
from tests.cast import SITE, made_site
from tests.clock import Clock
from tests.limits import joined
from tests.server.served import serving as served

STARTS_WITHIN = 20.0  # s
ANSWERS_WITHIN = 5.0  # s
DEVICE = "device:" + "0" * 25 + "L"
PUSH = f"/sync/{SITE}/_bulk_docs"


def in_a_file(folder: Path) -> str:
    """Return the URL of a database in a file: these promises are about files and their disks."""
    return f"sqlite:///{folder / 'floorwalk.db'}"


def hospital(folder: Path, database: str | None = None) -> str:
    """Make a site with the cast in it, as of yesterday; return the cookie of Lin's session."""
    site = made_site(folder, Clock(real_now()), database=database or in_a_file(folder))
    token = accounts.begin_session(site, "person:lin", DEVICE, "test")
    site.close()
    return f"floorwalk={token}"


class Server:
    """One server on one database; it may be started again and again."""

    def __init__(
        self, folder: Path, database: str | None = None, now: Callable[[], int] = real_now
    ) -> None:
        self.folder = folder
        self.database = database or in_a_file(folder)
        self.now = now
        self.port = 0
        self._process: Any = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        warmed_up()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._process = get_context("fork").Process(target=self._serve, args=(listening,))
        self._process.start()
        listening.close()
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def _wait(self) -> None:
        ends = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                assert self._process.is_alive(), "the server did not start"
                assert time.monotonic() < ends, "the server did not start in time"
                time.sleep(0.005)
            else:
                return

    def kill(self) -> None:
        """Send SIGKILL and wait until it is gone."""
        self._process.kill()
        joined(self._process, what="the killed server to be gone")
        self._process.close()

    def connect(self) -> contextlib.closing[http.client.HTTPConnection]:
        """Return a connection to it, closed when the block ends."""
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWERS_WITHIN)
        return contextlib.closing(made)

    def site(self) -> Site:
        """Return its site in this process."""
        config = Config(self.folder, self.database, name=SITE, demo=True, requests_a_second=0)
        return Site(config, self.now)

    def _serve(self, listening: socket.socket) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it is killed in the middle of sentences
        gc.freeze()  # as in a server that is started by hand
        gc.set_threshold(50_000, 20, 100)
        site = self.site()
        settings = serving.settings_of(site.config)
        app = build(site, Schedule(site))
        listening.listen(256)
        server = serving.Server(uvicorn.Config(app, **settings), site, "")
        server.run(sockets=[listening])
        os._exit(0)


@functools.cache
def warmed_up() -> None:
    """Answer a first push in this process: each server that is forked has learned from it.

    What Python reads and makes at first takes longer than what a killed server then lives for.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cookie = hospital(folder)
        here = Server(folder)
        site = here.site()
        with served(site) as address:
            here.port = address.port
            with here.connect() as connection:
                Pusher(here, cookie, 0).push(connection)
        beats = Schedule(site)
        beats.publish_calendars()
        beats.tick()
        beats.work()
        site.close()


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Have a server run while the block does."""
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Pusher(threading.Thread):
    """A tablet that pushes waits, a few at a time, and remembers what was acknowledged."""

    def __init__(self, server: Server, cookie: str, seed: int, at_once: int = 5) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.headers = {"Cookie": cookie, "Content-Type": "application/json"}
        self.dice = random.Random(seed)
        self.at_once = at_once
        self.acknowledged: list[str] = []
        self.sent: list[list[Act]] = []  # as it was pushed, answered or not
        self.refused: dict[int, int] = {}  # {status: answers} that were no acknowledgement
        self.ends = threading.Event()

    def run(self) -> None:
        """Push until `stop` is set or the server is gone."""
        with self.server.connect() as connection:
            while not self.ends.is_set():
                try:
                    status = self.push(connection)
                except (OSError, http.client.HTTPException):
                    return
                if status != 201:
                    self.refused[status] = self.refused.get(status, 0) + 1
                    time.sleep(0.02)

    def push(self, connection: http.client.HTTPConnection) -> int:
        """Push some acts; return the status of the answer."""
        acts = [self.act() for _ in range(self.at_once)]
        self.sent.append(acts)
        return self.hand_in(connection, acts)

    def offer_again(self, connection: http.client.HTTPConnection) -> None:
        """Push everything once more, as to a server that was put back."""
        for acts in self.sent:
            assert self.hand_in(connection, acts) == 201

    def hand_in(self, connection: http.client.HTTPConnection, acts: list[Act]) -> int:
        """Push these acts; return the status of the answer."""
        body = json.dumps({"docs": acts, "new_edits": False})
        connection.request("POST", PUSH, body, self.headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 201:
            assert json.loads(text) == [], text
            self.acknowledged += [act["_id"] for act in acts]
        return answer.status

    def act(self) -> Act:
        """Somebody sits down."""
        now = self.server.now()
        return make(
            "waiting.started",
            "waiting:" + ulid(now, self.dice.getrandbits(80)),
            {"place": "place:lobby-1", "name": "王小明"},
            at=now,
            by="person:lin",
            device=DEVICE,
            site=SITE,
            random_bits=lambda: self.dice.getrandbits(80),
        )


@contextlib.contextmanager
def pushed_to(server: Server, cookie: str, dice: random.Random) -> Iterator[list[Pusher]]:
    """Let two tablets push while the block runs, from the first answer on; then kill the server."""
    server.start()
    pushers = [Pusher(server, cookie, dice.getrandbits(32)) for _ in range(2)]
    for one in pushers:
        one.start()
    try:
        _wait_for_an_answer(pushers)
        yield pushers
    finally:
        server.kill()
        for one in pushers:
            one.ends.set()
        joined(*pushers, what="the tablets to notice")


def _wait_for_an_answer(pushers: list[Pusher]) -> None:
    """Wait until something was acknowledged."""
    ends = time.monotonic() + STARTS_WITHIN
    while not any(one.acknowledged for one in pushers):
        assert time.monotonic() < ends, "the server takes nothing in"
        time.sleep(0.002)


def stored(site: Site, wanted: list[str]) -> set[str]:
    """Return which acts the database has."""
    found: set[str] = set()
    column = acts_table.c.id
    with site.reading() as connection:
        for start in range(0, len(wanted), 500):
            some = sa.select(column).where(column.in_(wanted[start : start + 500]))
            found |= set(connection.execute(some).scalars())
    return found
