"""A11: memory is bounded by bytes, and a client that never reads is closed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.acts.access import Actor
from server.http import connection_timeouts
from tests.cast import SITE, cast
from tests.limits import joined
from tests.reliability.process import Server, hospital
from tests.tablet import until

pytestmark = [pytest.mark.serial]

MEGABYTE = 1 << 20
COMPLAINTS = 400  # of some 40 KB each
WORDS = "词" * 4_000
KEYS = 25_000
ENOUGH = 60 * MEGABYTE  # of each list of 1 GB
CLIENTS = 150
FOR_LISTS = 250 * MEGABYTE  # that four lists may take besides what the server has at rest
FOR_CLIENTS = 600 * MEGABYTE


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, str, str]]:
    """A real server with long records; its address line's cookie, and the id of a record."""
    monkeypatch.setattr(connection_timeouts, "READ_WITHIN", 6.0)
    cookie = hospital(tmp_path)
    running = Server(tmp_path)
    site = running.site()
    lin = cast(site, site.now).lin
    for _ in range(COMPLAINTS):
        lin.says("complaint.taken", lin.new("complaint"), place="place:lobby-1", words=WORDS,
                 unsigned="-", readback=WORDS + WORDS[:2_000])  # fmt: skip
    verdicts = site.accept(lin.kept, Actor(site.person("person:lin"), lin.device))
    assert all(verdict.good for verdict in verdicts)
    record = lin.kept[0]["record"]
    site.close()
    running.start()
    yield running, cookie, record
    running.kill()


def memory(server: Server) -> int:
    """Return the bytes of memory that the server's process has now."""
    text = Path(f"/proc/{server._process.pid}/status").read_text("ascii")
    return 1024 * int(text.partition("VmRSS:")[2].split()[0])


class Watched:
    """The most memory that a server took while the block ran."""

    def __init__(self, server: Server) -> None:
        self.server, self.most = server, memory(server)
        self.before = self.most
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, memory(self.server))

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        joined(self._thread)

    @property
    def more(self) -> int:
        return self.most - self.before


def asks(
    server: Server, cookie: str, line: str, body: bytes = b"", room: int = 4_096
) -> socket.socket:
    """Send a request and read nothing of its answer; the machine takes `room` bytes of it."""
    made = socket.create_connection(("127.0.0.1", server.port), 5)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    head = f"{line} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    made.sendall(head.encode() + b"\r\n" + body)
    return made


def test_one_key_many_times_takes_no_memory(server: tuple[Server, str, str]) -> None:
    """A11: four such lists took 3 GB."""
    running, cookie, record = server
    body = json.dumps({"keys": [record] * (KEYS)}).encode()
    line = f"POST /sync/{SITE}/_all_docs?include_docs=true"
    with Watched(running) as watched:
        clients = [asks(running, cookie, line, body, MEGABYTE) for _ in range(4)]
        read = [0] * 4

        def reads(number: int) -> None:
            while read[number] < ENOUGH and (some := clients[number].recv(1 << 16)):
                read[number] += len(some)

        threads = [threading.Thread(target=reads, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            joined(thread, patience=60)
        for client in clients:
            client.close()
    assert min(read) >= ENOUGH, read
    assert watched.more < FOR_LISTS, watched.more / MEGABYTE


def test_a_list_of_too_many_keys_is_refused(server: tuple[Server, str, str]) -> None:
    """A11: the keys alone are fifty times as long in memory."""
    running, cookie, _ = server
    body = json.dumps({"keys": ["x"] * 400_000}).encode()
    client = asks(running, cookie, f"POST /sync/{SITE}/_all_docs", body)
    assert b"413" in client.recv(100)
    client.close()


def test_clients_that_never_read_take_little_and_are_closed(
    server: tuple[Server, str, str],
) -> None:
    """A11: 150 of them took 1.2 GB, and none was closed."""
    running, cookie, _ = server
    line = f"GET /sync/{SITE}/_changes?include_docs=true"
    with Watched(running) as watched:
        clients = [asks(running, cookie, line) for _ in range(CLIENTS)]
        time.sleep(4)
    assert watched.more < FOR_CLIENTS, watched.more / MEGABYTE
    until(lambda: len(_open(running)) <= 5, "the server to close them", 40)
    for client in clients:
        client.close()


def _open(server: Server) -> list[str]:
    """Return the connections of the server's port that are established."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    mine = f":{server.port:04X}"
    return [line for line in lines if line.split()[1].endswith(mine) and line.split()[3] == "01"]
