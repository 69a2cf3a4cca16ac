"""Several server processes on one PostgreSQL, as `floorwalk serve` starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.base import clock
from server.database.tables import acts, sessions, timers
from server.http import accounts
from tests.cast import SITE, Cast, cast, made_site
from tests.clock import MINUTE
from tests.server.feed import FEED, asked
from tests.sources import ROOT
from tests.tablet import until

STARTS_WITHIN = 60.0
SOON = 1.0  # s within which a session that ended must have ended everywhere
# `serve`, but for the question whether the pages are built.
SERVE = """
import sys
from unittest.mock import patch
from server import cli, serving
with patch.object(serving, "why_stale", lambda: None):
    sys.exit(cli.main(["serve", "--port", "0", *sys.argv[1:]]))
"""

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Server:
    """A process that serves, with those that it starts itself."""

    def __init__(self, folder: Path, database: str, *options: str) -> None:
        own = {"FLOORWALK_SITE": SITE, "FLOORWALK_DATABASE": database}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "--data", str(folder), *options],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: Queue[str] = Queue()
        self.log: list[str] = []
        for pipe, hear in (
            (self.process.stdout, self.said.put),
            (self.process.stderr, self.log.append),
        ):
            threading.Thread(target=self._hear, args=(pipe, hear), daemon=True).start()
        found = re.search(r"http://\S+", self.said.get(timeout=STARTS_WITHIN))
        assert found is not None
        self.address = found.group()

    @staticmethod
    def _hear(pipe: Any, hear: Callable[[str], None]) -> None:
        with pipe:
            for line in pipe:
                hear(line)

    def children(self) -> set[int]:
        """Return the processes that it started."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in text.split()}

    def stop(self) -> int:
        """Stop it as one should; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STARTS_WITHIN)


@pytest.fixture
def start(tmp_path: Path, database: str) -> Iterator[Callable[..., Server]]:
    """What starts another server on the same database."""
    started: list[Server] = []

    def one(*options: str) -> Server:
        started.append(Server(tmp_path, database, *options))
        return started[-1]

    yield one
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(STARTS_WITHIN)


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    """The same site, at the machine's own time, as a command on the machine sees it."""
    made = made_site(tmp_path, clock.real_now, database=database)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def people(site: Site) -> Cast:
    """The people of the site."""
    return cast(site, clock.real_now)


def signed_in(server: Server, site: Site, person: str) -> tuple[httpx.Client, str]:
    """Return a client of a person, and the token of the session."""
    token = accounts.begin_session(site, person, "device:test", "test")
    cookies = {accounts.cookie_name(site): token}
    return httpx.Client(
        base_url=server.address, cookies=cookies, timeout=30, trust_env=False
    ), token


class Waiting(threading.Thread):
    """A client that holds a long poll; `at` is when its answer came."""

    def __init__(self, client: httpx.Client, since: str) -> None:
        super().__init__(daemon=True)
        self._client, self._since = client, since
        self.answer: httpx.Response | None = None
        self.at = 0.0
        self.start()

    def run(self) -> None:
        asked_for = {"feed": "longpoll", "since": self._since, "timeout": "30000"}
        self.answer = self._client.get(FEED, params=asked_for)
        self.at = time.monotonic()


def settled(client: httpx.Client) -> None:
    """Wait until what a site begins with was made: plans, and what is shipped."""
    for _ in range(20):
        before = asked(client, since="now")["last_seq"]
        time.sleep(3)
        if asked(client, since="now")["last_seq"] == before:
            return


def test_two_servers_are_one_site(start: Callable[..., Server], site: Site, people: Cast) -> None:
    here, there = start(), start()
    lin, _ = signed_in(here, site, "person:lin")
    chen, token = signed_in(there, site, "person:chen")
    with lin, chen:
        settled(chen)
        # An act pushed to one is seen by who waits at the other.
        delays = []
        for _ in range(10):
            waiting = Waiting(chen, asked(chen, since="now")["last_seq"])
            time.sleep(0.1)
            act = people.lin.says(
                "waiting.started", people.lin.new("waiting"), place="place:lobby-1"
            )
            began = time.monotonic()
            said = lin.post(f"/sync/{SITE}/_bulk_docs", json={"docs": [act], "new_edits": False})
            assert said.json() == []
            waiting.join(STARTS_WITHIN)
            assert waiting.answer is not None and act["record"] in waiting.answer.text
            delays.append(waiting.at - began)
        assert min(delays) < 0.25, delays  # polling alone would take half a second or so, at times

        # What is due is told once, whoever of them comes first.
        at = clock.real_now() - 20 * MINUTE
        late = [
            people.lin.says(
                "waiting.started", people.lin.new("waiting"), place="place:lobby-1", at=at
            )
            for _ in range(30)
        ]
        said = lin.post(f"/sync/{SITE}/_bulk_docs", json={"docs": late, "new_edits": False})
        assert said.json() == []
        until(lambda: told(site) >= {act["record"] for act in late}, "everybody to be told", 30)
        time.sleep(2.5)  # another tick of both
        assert max(rungs(site).values()) == 1

        # A session that ends at one ends at the other.
        waiting = Waiting(chen, asked(chen, since="now")["last_seq"])
        time.sleep(0.2)
        with httpx.Client(base_url=here.address, cookies=chen.cookies, trust_env=False) as same:
            began = time.monotonic()
            assert same.delete("/sync/_session").status_code == 200
        waiting.join(STARTS_WITHIN)
        assert waiting.answer is not None and waiting.answer.status_code == 401
        assert chen.get(FEED).status_code == 401
        assert waiting.at - began < SOON + 1  # a busy machine may be late

        # Even when nobody says so: a row that is gone is missed within a second.
        lin_waits = Waiting(lin, asked(lin, since="now")["last_seq"])
        time.sleep(0.2)
        with site.writing() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.person == "person:lin"))
        lin_waits.join(STARTS_WITHIN)
        assert lin_waits.answer is not None and lin_waits.answer.status_code == 401
    assert token and [here.stop(), there.stop()] == [0, 0]


def told(site: Site) -> set[str]:
    """Return the records of which somebody was told."""
    with site.reading() as connection:
        rows = connection.execute(sa.select(timers.c.record).where(timers.c.told_at.is_not(None)))
        return set(rows.scalars())


def rungs(site: Site) -> Counter[tuple[str, str, int]]:
    """Return how often each (record, ladder, rung) was reached."""
    with site.reading() as connection:
        wanted = sa.select(acts.c.record, acts.c.body).where(acts.c.act == "waiting.rung_reached")
        rows = [(row.record, orjson.loads(row.body)["data"]) for row in connection.execute(wanted)]
    return Counter((record, data["ladder"], data["rung"]) for record, data in rows)


def test_one_port_and_several_processes(
    start: Callable[..., Server], site: Site, people: Cast
) -> None:
    server = start("--processes", "2")
    first = until(lambda: len(server.children()) == 2 and server.children(), "two processes", 30)
    client, _ = signed_in(server, site, "person:lin")
    with client:
        since = asked(client, since="now")["last_seq"]
        os.kill(min(first), signal.SIGKILL)
        second = until(lambda: server.children() - first and server.children(), "another", 30)
        assert len(second) == 2 and max(first) in second
        waiting = people.lin.new("waiting")
        assert people.lin.does("waiting.started", waiting, place="place:lobby-1").good

        def is_offered() -> bool:
            try:
                return waiting in str(asked(client, since=since))
            except httpx.TransportError:  # the one that was killed had this connection
                return False

        until(is_offered, "the act to be offered", 30)
    assert server.stop() == 0
    assert any("a process ended" in line for line in server.log)


def test_sqlite_is_for_one_process(tmp_path: Path, database: str) -> None:
    assert database
    done = subprocess.run(
        [sys.executable, "-c", SERVE, "--data", str(tmp_path), "--processes", "2"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("FLOORWALK")},
        capture_output=True,
        text=True,
        timeout=STARTS_WITHIN,
    )
    assert done.returncode == 1
    assert "need a PostgreSQL" in done.stdout
