"""Load generator: pushes a morning's acts over HTTP and measures how long the server took."""

from __future__ import annotations

import heapq
import http.client
import itertools
import os
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import orjson

from sync.act import Act, ulid
from tests.bench.support.busy_hospital import act, visit_data
from tests.clock import SECOND
from tests.limits import PATIENCE, joined

Headers = dict[str, str]


@dataclass(frozen=True)
class Went:
    """How a push of `count` documents went: `wall` and the server's `cpu` in seconds."""

    count: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.count / self.wall

    @property
    def cost(self) -> float:
        """Microseconds of the server's processor for a document."""
        return self.cpu / self.count * 1e6


def morning(now: int, seed: int, *, every: int) -> Iterator[Act]:
    """Yield acts without end, in the order of time; a person comes every `every` ms.

    People come, sit down, get water and are seen; some complain. The first comes at `now`.
    """
    choose = random.Random(seed)
    ahead: list[tuple[int, int, Act]] = []  # a heap: people overlap
    numbers = itertools.count()
    for n in itertools.count():
        at = now + n * every
        for one in stay(at, n, choose):
            heapq.heappush(ahead, (one["at"], next(numbers), one))
        while ahead[0][0] <= at:
            yield heapq.heappop(ahead)[2]


def stay(at: int, n: int, choose: random.Random) -> Iterator[Act]:
    """Yield the acts about the nth person, from coming in to leaving."""
    visit, wait, complaint = (f"{kind}:{ulid(at, choose.getrandbits(80))}" for kind in KINDS)
    said = visit_data(choose, n)
    yield act("arrival.registered", visit, said, at, choose)
    sits = {"subject": visit, "name": said["name"], "place": "place:room-3"}
    yield act("waiting.started", wait, sits, at + 2 * SECOND, choose)
    yield act("waiting.water_given", wait, {}, at + choose.randrange(5, 25) * SECOND, choose)
    yield act("waiting.ended", wait, {"outcome": "seen"}, at + 30 * SECOND, choose)
    if n % 6 == 0:
        says = {"place": "place:room-3", "words": WORDS, "reasons": ["waiting"]}
        yield act("complaint.taken", complaint, says, at + 20 * SECOND, choose)


KINDS = ("arrival", "waiting", "complaint")
WORDS = "等了一个小时没有人来，问了两次也没有人说什么时候轮到我们"


def plain(acts: Iterable[Act]) -> Iterator[dict[str, Any]]:
    """Yield the acts as plain documents, for a peer."""
    for one in acts:
        yield {**one, "_id": one["_id"].replace("act:", "doc-")}


def bodies(documents: Iterator[dict[str, Any]], count: int, batch: int, **more: Any) -> list[bytes]:
    """Return the bodies of `_bulk_docs` that hold so many documents."""
    sizes = [min(batch, count - start) for start in range(0, count, batch)]
    return [orjson.dumps({"docs": [*islice(documents, size)], **more}) for size in sizes]


def push(
    url: str, made: Sequence[bytes], count: int, clients: int, headers: Headers, pid: int | None
) -> Went:
    """Send the bodies from so many clients at once; every one of them must be taken whole."""
    waiting = list(reversed(made))
    faults: list[str] = []
    gate = threading.Barrier(clients + 1)

    def send() -> None:
        where = urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)
        gate.wait(PATIENCE)
        while not faults:
            try:
                body = waiting.pop()
            except IndexError:
                break
            connection.request("POST", where.path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status not in (201, 202) or b'"error"' in said:
                faults.append(f"{answer.status} {said[:300]!r}")
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait(PATIENCE)
    used, began = cpu(pid), time.monotonic()
    joined(*threads, what="a round of pushes", patience=1_800)
    wall = time.monotonic() - began
    assert not faults, faults[0]
    return Went(count, wall, cpu(pid) - used)


def cpu(pid: int | None) -> float:
    """Return the seconds of processor that a process and its ended children had."""
    if pid is None:
        return 0.0
    with open(f"/proc/{pid}/stat") as said:  # noqa: PTH123 - a file of the kernel
        fields = said.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
