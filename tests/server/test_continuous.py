"""Continuous feeds: one row a line, heartbeats, and an end with the last sequence number (E2.4)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any
from unittest.mock import patch

import httpx
import orjson
import pytest

from server.acts.site import Site
from server.http import accounts, connection_timeouts
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server.conftest import BOTH
from tests.server.feed import FEED, asked, moved, sits_down
from tests.server.served import Served
from tests.tablet import until

PATIENCE = 10.0


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's replicator."""
    return served.client("lin")


class Following(threading.Thread):
    """A continuous feed; `lines` is what came and was not looked at yet."""

    def __init__(self, client: httpx.Client, **parameters: Any) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._parameters = {"feed": "continuous", **parameters}
        self.lines: Queue[str] = Queue()
        self.ended = False
        self.start()

    def run(self) -> None:
        with self._client.stream("GET", FEED, params=self._parameters) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                self.lines.put(line)
        self.ended = True

    def next(self) -> Any:
        line = self.lines.get(timeout=PATIENCE)
        return orjson.loads(line) if line else None


def newest(client: httpx.Client) -> str:
    return str(asked(client, since="now")["last_seq"])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_feed_goes_on_and_ends_when_it_was_quiet_for_too_long(
    lin: httpx.Client, cast: Cast
) -> None:
    since = newest(lin)
    first = sits_down(cast.lin)
    feed = Following(lin, since=since, timeout=700, include_docs="true")
    assert feed.next()["doc"]["_id"] == first
    second = sits_down(cast.chen)
    row = feed.next()
    assert row["id"] == second and row["changes"][0]["rev"] == row["doc"]["_rev"]
    end = feed.next()
    assert end == {"last_seq": row["seq"], "pending": 0}
    feed.join(PATIENCE)
    assert feed.ended
    assert asked(lin, since=end["last_seq"])["results"] == []


def test_a_feed_that_is_asked_for_so_many_rows_ends_after_them(
    lin: httpx.Client, cast: Cast
) -> None:
    since = newest(lin)
    made = [sits_down(cast.lin) for _ in range(2)]
    feed = Following(lin, since=since, limit=3)
    rows = [feed.next(), feed.next()]
    made.append(sits_down(cast.lin))
    sits_down(cast.lin)
    rows.append(feed.next())
    assert [row["id"] for row in rows] == made
    assert feed.next()["last_seq"] == rows[-1]["seq"]
    feed.join(PATIENCE)
    assert feed.ended
    empty = Following(lin, since=since, limit=0)
    assert empty.next() == {"last_seq": since, "pending": 4}


def test_whoever_is_far_behind_gets_all_of_it(lin: httpx.Client, cast: Cast) -> None:
    with patch("sync.protocol.MOST_ROWS", 4):
        made = [sits_down(cast.lin) for _ in range(11)]
        feed = Following(lin, since="0", timeout=400)
        rows = [feed.next() for _ in range(3)]
        while "last_seq" not in rows[-1]:
            rows.append(feed.next())
    seen = [row["id"] for row in rows[:-1]]
    assert [name for name in seen if name.startswith("waiting:")] == made
    assert len(set(seen)) == len(seen)


def test_a_feed_beats_and_is_cut_off_when_its_session_ends(
    served: Served, site: Site, cast: Cast
) -> None:
    client, token = served.client(), served.token("person:lin")
    client.cookies.set(accounts.cookie_name(site), token)
    feed = Following(client, since=newest(client), heartbeat=1000, timeout=100)
    assert feed.next() is None and feed.next() is None  # two beats
    accounts.end_session(site, token)
    sits_down(cast.lin)
    ends = time.monotonic() + PATIENCE
    while (said := feed.next()) is None:
        assert time.monotonic() < ends, "it beats for ever"
    assert list(said) == ["last_seq", "pending"]
    feed.join(PATIENCE)
    assert feed.ended


def test_a_feed_follows_the_rights_of_its_person(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock
) -> None:
    feed = Following(lin, since=newest(lin), removed="true", heartbeat=60_000)
    clock.passes(minutes=1)
    moved(site, "person:lin", places=["place:lobby-2"])
    assert feed.next()["id"] == "person:lin"
    sits_down(cast.chen, "place:lobby-1")
    new = sits_down(cast.chen, "place:lobby-2")
    rows = [feed.next()]
    while rows[-1]["id"] != new:  # what she lost may be told before
        rows.append(feed.next())
    assert all(row.get("removed") for row in rows[:-1])
    site.hub.close()
    feed.join(PATIENCE)
    assert feed.ended


def test_feeds_end_when_the_server_stops(served: Served, lin: httpx.Client) -> None:
    feed = Following(lin, since=newest(lin), heartbeat=60_000)
    time.sleep(0.2)
    served.site.hub.close()
    assert "last_seq" in feed.next()
    feed.join(PATIENCE)
    assert feed.ended


@contextmanager
def unread(served: Served, path: str) -> Iterator[socket.socket]:
    """Ask for something and read nothing of it."""
    token = served.token("person:chen")
    cookie = f"{accounts.cookie_name(served.site)}={token}"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", served.port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n".encode())
        yield connection


def test_whoever_does_not_read_is_cut_off(served: Served, site: Site, cast: Cast) -> None:
    request_counts = served.server.config.app.state.request_counts  # type: ignore[union-attr]
    since = newest(served.client("chen"))
    with patch.object(connection_timeouts, "READ_WITHIN", 0.3):
        path = f"{FEED}?feed=continuous&since={since}&include_docs=true&heartbeat=60000"
        with unread(served, path):
            until(lambda: request_counts._held["changes"] == 1, "the feed to begin")
            ends = time.monotonic() + 30
            while request_counts._held["changes"] and time.monotonic() < ends:
                for _ in range(20):
                    complaint = cast.lin.new("complaint")
                    words = {"words": WORDS * 150, "reasons": ["waiting"]}
                    assert cast.lin.does(
                        "complaint.taken", complaint, place="place:lobby-1", **words
                    ).good
            assert request_counts._held["changes"] == 0
