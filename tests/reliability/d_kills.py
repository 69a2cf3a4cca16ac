"""D1: the server is killed while it is written to; what it acknowledged is there."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3

from server.config import Config
from server.site import Site
from server.verdict import Verdict
from tests.cast import SITE
from tests.reliability.process import Pusher, Server, hospital, stored, wait_for_an_answer
from tests.reliability.registry import Mutant, Property, Result, Trial, each, replaced

LOOKED_AT_EVERY = 50  # kills
WRITES_FOR = 0.08  # s, at most, after the first answer


def killed(trial: Trial) -> Result:
    """Kill a server `many` times while two tablets push."""
    parts = [
        (trial.many // trial.workers, trial.seed + n, trial.until_red) for n in range(trial.workers)
    ]
    counts = {"kills": 0, "acked": 0, "lost": 0, "damaged": 0, "refolded": 0}
    for found in each(_cycles, parts, trial, lambda one: bool(one["lost"])):
        for name, number in found.items():
            counts[name] += number
    wrong = [f"{name}={counts[name]}" for name in ("lost", "damaged", "refolded") if counts[name]]
    return Result(counts, wrong)


def _cycles(part: tuple[int, int, bool]) -> dict[str, int]:
    many, seed, until_red = part
    dice = random.Random(seed)
    acked: list[str] = []
    counts = {"kills": 0, "acked": 0, "lost": 0, "damaged": 0, "refolded": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cookie = hospital(folder)
        server = Server(folder)
        for kill in range(1, many + 1):
            server.start()
            pushers = [Pusher(server, cookie, dice.getrandbits(32)) for _ in range(2)]
            for one in pushers:
                one.start()
            wait_for_an_answer(pushers)
            time.sleep(dice.uniform(0, WRITES_FOR))
            server.kill()
            for one in pushers:
                one.ends = True
                one.join()
                acked += one.acknowledged
            counts["kills"] += 1
            if kill % LOOKED_AT_EVERY == 0 or kill == many or until_red:
                counts["lost"] = _lost(folder, acked)
                counts["damaged"] += not _whole(folder)
            if until_red and counts["lost"]:
                break
        counts["acked"] = len(acked)
        site = Site(Config(folder, server.database, name=SITE), server.now)
        counts["refolded"] = site.refold()[1]
        site.close()
    return counts


def _lost(folder: Path, acked: list[str]) -> int:
    site = Site(Config(folder, f"sqlite:///{folder / 'floorwalk.db'}", name=SITE))
    found = stored(site, acked)
    site.close()
    return len(set(acked) - found)


def _whole(folder: Path) -> bool:
    connection = pysqlite3.connect(str(folder / "floorwalk.db"))
    found: Any = connection.execute("pragma quick_check").fetchone()
    connection.close()
    return bool(found == ("ok",))


@contextmanager
def acknowledges_first() -> Iterator[None]:
    """The server says yes, and writes a moment later."""
    take, later = Site.take, ThreadPoolExecutor(1)

    def hasty(self: Site, acts: Any, actor: Any, **given: Any) -> list[Verdict]:
        threading.Timer(0.05, lambda: later.submit(take, self, acts, actor, **given)).start()
        return [Verdict(act["_id"], "ok") for act in acts]

    with replaced((Site, "take", hasty)):
        yield


PROPERTIES = [
    Property(
        "D1",
        "A server that is killed while it writes has everything that it acknowledged",
        killed,
        full=1_000,
        quick=12,
        mutants=(Mutant("acknowledges before it commits", acknowledges_first, 20, quick=True),),
        serial=True,
    ),
]
