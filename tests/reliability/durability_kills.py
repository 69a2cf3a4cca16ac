"""D1: a server killed by SIGKILL while it writes has everything that it acknowledged."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3

from server.acts.site import Site
from server.acts.verdict import Verdict
from server.base.config import Config
from tests.cast import SITE
from tests.reliability.hospital_template import in_memory
from tests.reliability.process import Server, hospital, pushed_to, stored
from tests.reliability.registry import Mutant, Property, Result, Trial, replaced

LOOKED_AT_EVERY = 50  # kills
WRITES_FOR = 0.08  # s, at most, after the first answer


def killed(trial: Trial) -> Result:
    """Kill a server `many` times while two tablets push."""
    dice = random.Random(trial.seed)
    acked: list[str] = []
    counts = {"kills": 0, "acked": 0, "lost": 0, "damaged": 0, "refolded": 0}
    # What a killed process wrote stays in the machine's memory, whichever disk it is for.
    with in_memory() as folder:
        cookie = hospital(folder)
        server = Server(folder)
        for kill in range(1, trial.many + 1):
            with pushed_to(server, cookie, dice) as pushers:
                time.sleep(dice.uniform(0, WRITES_FOR))
            acked += [act for one in pushers for act in one.acknowledged]
            counts["kills"] += 1
            if kill % LOOKED_AT_EVERY == 0 or kill == trial.many or trial.until_red:
                counts["lost"] = _lost(folder, acked)
                counts["damaged"] += not _whole(folder)
            if trial.until_red and counts["lost"]:
                break
        counts["acked"] = len(acked)
        site = Site(Config(folder, server.database, name=SITE), server.now)
        counts["refolded"] = site.refold()[1]
        site.close()
    wrong = [f"{name}={counts[name]}" for name in ("lost", "damaged", "refolded") if counts[name]]
    return Result(counts, wrong)


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
    """Mutant: the server acknowledges, and writes a moment later."""
    take, later, here = Site.accept, ThreadPoolExecutor(1), os.getpid()

    def hasty(self: Site, acts: Any, actor: Any, **given: Any) -> list[Verdict]:
        if os.getpid() == here:  # who makes the hospital is no server yet
            return take(self, acts, actor, **given)
        threading.Timer(0.05, lambda: later.submit(take, self, acts, actor, **given)).start()
        return [Verdict(act["_id"], "ok") for act in acts]

    with replaced((Site, "accept", hasty)):
        yield


PROPERTIES = [
    Property(
        "D1",
        "A server that is killed while it writes has everything that it acknowledged",
        killed,
        full=1_000,
        quick=12,
        seconds=100,
        mutants=(Mutant("acknowledges before it commits", acknowledges_first, 20, quick=True),),
        serial=True,
    ),
]
