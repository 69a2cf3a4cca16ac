"""D2–D4: nothing acknowledged is lost by cut power, a full disk, failing syncs."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysqlite3

from server.acts.site import Site
from server.base.config import Config
from server.database import engines
from tests.cast import SITE
from tests.limits import PATIENCE
from tests.reliability import power_cut_disk
from tests.reliability.process import (
    PUSH,
    Pusher,
    Server,
    hospital,
    pushed_to,
    running,
    stored,
)
from tests.reliability.registry import Mutant, Property, Result, Trial, replaced
from tests.sources import ROOT

MOUNTS_WITHIN = 10.0  # s
ANSWERS_WITHIN = 10.0  # s
WRITES_FOR = 0.25  # s, at most, until the power fails


@dataclass
class Disk:
    """A folder on a disk that can fail."""

    back: Path
    folder: Path
    faults: Path
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def below(cls, folder: Path) -> Disk:
        """Return a disk that is not plugged in yet."""
        disk = cls(folder / "back", folder / "disk", folder / "faults.json")
        disk.back.mkdir()
        disk.folder.mkdir()
        return disk

    def plug_in(self) -> None:
        """Mount it."""
        command = [sys.executable, "-m", power_cut_disk.__name__]
        command += map(str, (self.back, self.folder, self.faults))
        self._process = subprocess.Popen(command, cwd=ROOT)
        ends = time.monotonic() + MOUNTS_WITHIN
        while not self.folder.is_mount():
            assert self._process.poll() is None, power_cut_disk.why_not() or "the disk broke"
            assert time.monotonic() < ends, "the disk was not mounted in time"
            time.sleep(0.005)

    def cut(self) -> None:
        """The power fails: what was not synced is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None
            power_cut_disk.unmount(self.folder)

    def fails(self, **faults: Any) -> None:
        """Say how it fails from now on; nothing for a disk that is well."""
        aside = self.faults.with_suffix(".new")
        aside.write_text(json.dumps(faults))
        aside.replace(self.faults)


@contextlib.contextmanager
def disk() -> Iterator[Disk]:
    """Have a disk while the block runs, and nothing of it afterwards."""
    with tempfile.TemporaryDirectory() as name:
        made = Disk.below(Path(name))
        made.plug_in()
        try:
            yield made
        finally:
            made.cut()


# D2


def power_cuts(trial: Trial) -> Result:
    """Cut the power `many` times while two tablets push."""
    dice = random.Random(trial.seed)
    acked: list[str] = []
    counts = {"cuts": 0, "acked": 0, "lost": 0, "damaged": 0}
    with tempfile.TemporaryDirectory() as name:
        plug = Disk.below(Path(name))
        cookie = hospital(plug.back)
        server = Server(plug.folder)
        for _ in range(trial.many):
            plug.plug_in()
            try:
                with pushed_to(server, cookie, dice) as pushers:
                    time.sleep(dice.uniform(0, WRITES_FOR))
                    plug.cut()
            finally:
                plug.cut()
            acked += [act for one in pushers for act in one.acknowledged]
            counts["cuts"] += 1
        # What is on the disk is in `back`, and needs no mount to be read.
        site = Site(Config(plug.back, _url(plug.back), name=SITE))
        counts["lost"] = len(set(acked) - stored(site, acked))
        site.close()
        counts["damaged"] = _damaged(plug.back)
    counts["acked"] = len(acked)
    return Result(counts, [f"{n}={counts[n]}" for n in ("lost", "damaged") if counts[n]])


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'floorwalk.db'}"


def _damaged(folder: Path) -> int:
    connection = pysqlite3.connect(str(folder / "floorwalk.db"))
    found: Any = connection.execute("pragma integrity_check").fetchone()
    connection.close()
    return int(found != ("ok",))


def trusts_the_cache() -> AbstractContextManager[None]:
    """SQLite syncs at checkpoints only, as many recommend."""
    lazy = tuple(one.replace("synchronous=FULL", "synchronous=NORMAL") for one in engines.PRAGMAS)
    return replaced((engines, "PRAGMAS", lazy))


# D3


def full_disks(trial: Trial) -> Result:
    """Fill the disk `many` times below one server that is never restarted."""
    counts = {"fills": 0, "acked": 0, "lost": 0, "wrong": 0, "stuck": 0}
    problems: list[str] = []
    seen: set[str] = set()
    with disk() as plug:
        cookie = hospital(plug.folder)
        with running(Server(plug.folder)) as server, server.connect() as connection:
            pusher = Pusher(server, cookie, trial.seed)
            for _ in range(trial.many):
                counts["fills"] += 1
                _until(pusher, connection, {201}, problems)
                plug.fails(full=True)
                said = _until(pusher, connection, {503, 507, 500}, problems)
                found = {"push": said, **_asked(server, cookie)}
                # A small write may still find room that the log has already.
                wrong = {n: s for n, s in found.items() if s not in FULL[n] + NOT_QUITE[n]}
                seen |= {name for name, status in found.items() if status in FULL[name]}
                if wrong:
                    counts["wrong"] += 1
                    problems.append(f"answered {wrong} while the disk was full")
                plug.fails()
                if _until(pusher, connection, {201}, problems) != 201:
                    counts["stuck"] += 1
                if trial.until_red and problems:
                    break
        site = Site(Config(plug.folder, _url(plug.folder), name=SITE))
        acked = pusher.acknowledged
        counts["acked"], counts["lost"] = len(acked), len(set(acked) - stored(site, acked))
        counts["refolded"] = site.refold()[1]
        site.close()
    problems += [f"{n}={counts[n]}" for n in ("lost", "stuck", "refolded") if counts[n]]
    if trial.many >= OFTEN:
        problems += [f"never seen full: {name}" for name in FULL if name not in seen]
    return Result(counts, problems)


GUESSES = itertools.count()  # one for each login: a second on the same is another question
OFTEN = 10  # fills, after which each question met a disk without any room
FULL: dict[str, tuple[int, ...]] = {
    "push": (503,),
    "retry after": (5,),
    "changes": (200,),
    "a record": (200,),
    "the office's form": (507,),
    "health": (503,),
}
NOT_QUITE: dict[str, tuple[int, ...]] = dict.fromkeys(FULL, ()) | {
    "retry after": (0,),
    "the office's form": (422,),
    "health": (200,),
}


def _until(pusher: Pusher, connection: Any, wanted: set[int], problems: list[str]) -> int:
    ends, status = time.monotonic() + ANSWERS_WITHIN, 0
    while status not in wanted:
        if time.monotonic() > ends:
            problems.append(f"answered {status} and never one of {wanted}")
            break
        status = pusher.push(connection)
    return status


def _asked(server: Server, cookie: str) -> dict[str, int]:
    with server.connect() as connection:
        return _answers(connection, cookie)


def _answers(connection: http.client.HTTPConnection, cookie: str) -> dict[str, int]:
    ours = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}

    def ask(method: str, path: str, body: str | None = None, kind: str = "") -> Any:
        headers = ours | ({"Content-Type": kind} if kind else {})
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer

    act = '{"docs":[{"_id":"act:x"}],"new_edits":false}'
    pushed = ask("POST", PUSH, act, "application/json")
    form, guess = "application/x-www-form-urlencoded", f"nobody-{next(GUESSES)}"
    return {
        "retry after": int(pushed.headers.get("Retry-After", 0)),
        "changes": ask("GET", f"/sync/{SITE}/_changes?limit=5").status,
        "a record": ask("GET", f"/sync/{SITE}/person:lin").status,
        "the office's form": ask("POST", "/sign-in", f"login={guess}&password=no", form).status,
        "health": ask("GET", "/healthz").status,
    }


def hopes_for_the_best() -> AbstractContextManager[None]:
    """An error of the database is a crash like any other."""
    from server import app
    from server.http import problems

    return replaced((app, "busy", problems.crash))


# D4


def failing_syncs(trial: Trial) -> Result:
    """Push `many` batches while one sync in twenty fails."""
    counts: dict[str, Any] = {"pushes": 0, "failed": 0, "acked": 0, "lost": 0, "damaged": 0}
    problems: list[str] = []
    with disk() as plug:
        cookie = hospital(plug.folder)
        acked: list[str] = []
        with running(Server(plug.folder)) as server, server.connect() as connection:
            pusher = Pusher(server, cookie, trial.seed, at_once=1)
            _until(pusher, connection, {201}, problems)
            plug.fails(sync_errors=0.05)
            for _ in range(trial.many):
                counts["pushes"] += 1
                counts["failed"] += pusher.push(connection) != 201
            plug.fails()
            if _until(pusher, connection, {201}, problems) != 201:
                problems.append("it takes nothing in any more")
            acked = pusher.acknowledged
            plug.cut()  # what a failed sync left behind is not on the disk
        site = Site(Config(plug.back, _url(plug.back), name=SITE))
        counts["acked"], counts["lost"] = len(acked), len(set(acked) - stored(site, acked))
        site.close()
        counts["damaged"] = _damaged(plug.back)
        plug.plug_in()
    problems += [f"{name}={counts[name]}" for name in ("lost", "damaged") if counts[name]]
    if not counts["failed"]:
        problems.append("no sync failed, so nothing was tried")
    return Result(counts, problems)


PROPERTIES = [
    Property(
        "D2",
        "After a power cut the server has everything that it acknowledged",
        power_cuts,
        full=100,
        quick=4,
        seconds=40,
        mutants=(Mutant("synchronous=NORMAL", trusts_the_cache, 12, quick=True),),
        serial=True,
        why_not=power_cut_disk.why_not,
    ),
    Property(
        "D3",
        "A full disk loses nothing, is said in words, and needs no restart when there is room",
        full_disks,
        full=20,
        quick=3,
        mutants=(Mutant("a full disk is a crash", hopes_for_the_best, 2, quick=True),),
        serial=True,
        why_not=power_cut_disk.why_not,
    ),
    Property(
        "D4",
        "A sync that fails is no acknowledgement",
        failing_syncs,
        full=2_000,
        quick=150,
        seconds=10,
        mutants=(Mutant("synchronous=NORMAL", trusts_the_cache, 400),),
        serial=True,
        why_not=power_cut_disk.why_not,
    ),
]
