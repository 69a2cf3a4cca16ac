"""Measures how soon tablets that wait see an act, beside a peer, and prints a table.

    python -m tests.bench.fan_out [--tablets 200] [--acts 40] [--rounds 3] [--database URL]
                                  [--no-peer] [--profile FILE]

Every tablet has a person of its own: guides of one or two of twelve rooms, supervisors of floors,
people with two posts, managers; so there are dozens of sets of channels. *Wide* acts are seen by
everybody, *mixed* ones by whoever has to do with the room. The delay runs from the first byte of
the push to the last byte of the answer. The peer is npm's pouchdb-server, in the same minute, with
as many clients; its documents are seen by all. The clients run on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvloop

from sync.act import Act
from tests.bench.support.crowd_people import LOUNGE, ROOMS, bare_hospital, settle, sits_down
from tests.bench.support.long_poll_load import Crowd
from tests.bench.support.process_memory import pss
from tests.bench.support.pushes import cpu
from tests.cast import SITE
from tests.journeys.hospital import Hospital
from tests.peers.couch import Couch

PAUSE = 0.05  # s at most between two acts


@dataclass
class Went:
    """How one round went: delays and acknowledgements in seconds, processor seconds, MiB."""

    delays: list[float]
    taken: list[float]
    cpu: float
    memory: dict[str, float] = field(default_factory=dict)

    def words(self) -> str:
        """Say it in one cell."""
        each = self.cpu / max(1, len(self.delays)) * 1e6
        memory = " → ".join(f"{size:.0f}" for size in self.memory.values())
        return (
            f"p50 {at(self.delays, 0.5):6.1f}  p95 {at(self.delays, 0.95):6.1f} ms"
            f"  taken {at(self.taken, 0.5):5.1f}  {len(self.delays):>6,} seen"
            f"  {self.cpu:5.2f} s CPU, {each:4.0f} µs each  PSS {memory}"
        )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tablets", type=int, default=200)
    parser.add_argument("--acts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    uvloop.install()
    load = f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    print(f"{options.tablets} tablets wait, {options.acts} acts one after another; {load}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floorwalk-bench-")))
        hospital = bare_hospital(folder, options.database)
        people = settle(hospital, options.tablets)
        hospital.start()
        stack.callback(hospital.stop)
        couch = None if options.no_peer else stack.enter_context(Couch())
        found: dict[str, list[Went]] = {}
        for number in range(options.rounds):
            for wide in (True, False):
                name = "Floorwalk, wide" if wide else "Floorwalk, mixed"
                run = ours(hospital, people, options.acts, number, wide=wide)
                with profiled(options.profile, hospital):
                    found.setdefault(name, []).append(show(name, asyncio.run(run)))
            if couch is not None:
                run = theirs(couch, options.tablets, options.acts, number)
                found.setdefault("pouchdb-server", []).append(
                    show("pouchdb-server", asyncio.run(run))
                )
        print()
        middle = {
            name: statistics.median(at(one.delays, 0.95) for one in all_)
            for name, all_ in found.items()
        }
        for name, value in middle.items():
            ratio = (
                f", {middle['pouchdb-server'] / value:.1f} × sooner"
                if couch and "F" in name
                else ""
            )
            print(f"| {name:<18} | p95 {value:7.1f} ms, median of {options.rounds}{ratio}")
    return 0


def show(name: str, went: Went) -> Went:
    """Print a row."""
    print(f"| {name:<18} | {went.words()} |", flush=True)
    return went


def at(values: list[float], share: float) -> float:
    """Return a quantile in ms."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1_000 if ordered else 0.0


# Ours


async def ours(
    hospital: Hospital, people: dict[str, tuple[str, set[str]]], acts: int, seed: int, *, wide: bool
) -> Went:
    """Push acts while everybody waits."""
    assert hospital.process is not None
    choose, pid = random.Random(f"{seed}{wide}"), hospital.process.pid
    memory = {"idle": pss(pid)}
    crowd, feed = Crowd(), f"{hospital.url}/sync/{SITE}/_changes"
    await crowd.gather([(feed, f"Cookie: {cookie}") for cookie, _ in people.values()])
    hears = dict(zip(crowd.tablets, (rooms for _, rooms in people.values()), strict=True))
    memory["held"] = pss(pid)
    pusher = next(iter(people))  # a manager: may say everything everywhere
    cookie = people[pusher][0]
    used, taken = cpu(pid), []
    async with httpx.AsyncClient(base_url=hospital.url, trust_env=False) as client:
        for n in range(acts):
            room = LOUNGE if wide else f"place:bench-{choose.randrange(ROOMS)}"
            act = sits_down(pusher, room, hospital.now(), choose, n)

            async def push(act: Act = act) -> None:
                body = orjson.dumps({"docs": [act], "new_edits": False})
                headers = {"Cookie": cookie, "Content-Type": "application/json"}
                answer = await client.post(
                    f"/sync/{SITE}/_bulk_docs", content=body, headers=headers
                )
                assert answer.status_code == 201 and answer.json() == [], answer.text

            who = [tablet for tablet, rooms in hears.items() if wide or room in rooms]
            taken.append(await crowd.see(act["record"], push, who))
            await asyncio.sleep(choose.random() * PAUSE)
    went = Went(crowd.delays, taken, cpu(pid) - used, {**memory, "after": pss(pid)})
    crowd.close()
    assert not crowd.faults(), crowd.faults()[:3]
    await asyncio.sleep(0.5)
    return went


def profiled(file: Path | None, hospital: Hospital) -> Any:
    """Have py-spy, which must be installed, watch the server while the block runs."""
    if file is None:
        return ExitStack()
    assert hospital.process is not None
    where = ["-f", "raw", "-o", str(file), "-p", str(hospital.process.pid)]
    spy = subprocess.Popen(
        ["py-spy", "record", "--nonblocking", "-F", "-r", "400", *where], stderr=subprocess.DEVNULL
    )
    stack = ExitStack()
    stack.callback(spy.wait)
    stack.callback(spy.send_signal, 2)
    return stack


# Theirs


async def theirs(couch: Couch, tablets: int, writes: int, seed: int) -> Went:
    """Write documents while as many clients wait for the peer's changes."""
    memory, name = {"idle": pss(couch.pid)}, f"fan-{seed}"
    async with httpx.AsyncClient(base_url=couch.url, trust_env=False, timeout=60) as client:
        (await client.put(f"/{name}")).raise_for_status()
        crowd = Crowd()
        await crowd.gather([(f"{couch.url}/{name}/_changes", "Accept: */*")] * tablets)
        memory["held"] = pss(couch.pid)
        used, taken = cpu(couch.pid), []
        for n in range(writes):
            document = {"kind": "waiting", "name": f"王{n}", "text": "一" * 150}

            async def put(n: int = n, document: dict[str, Any] = document) -> None:
                (await client.put(f"/{name}/seen-{n:06d}", json=document)).raise_for_status()

            taken.append(await crowd.see(f"seen-{n:06d}", put))
            await asyncio.sleep(PAUSE / 2)
        went = Went(crowd.delays, taken, cpu(couch.pid) - used, {**memory, "after": pss(couch.pid)})
        crowd.close()
        await asyncio.sleep(0.5)
        assert not crowd.faults(), crowd.faults()[:3]
        return went


if __name__ == "__main__":
    raise SystemExit(main())
