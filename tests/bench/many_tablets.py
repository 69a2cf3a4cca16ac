"""Measures pushes while many tablets work and wait, and prints a table.

    python -m tests.bench.many_tablets [--tablets 200] [--every 10] [--seconds 60] [--database URL]

Each tablet waits for news and pushes an act of its own every ten seconds, as a shift with much to
do does. The clients run on the same machine; its load is printed beside the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import orjson
import uvloop

from tests.bench.fan_out import at
from tests.bench.support.crowd_people import bare_hospital, settle, sits_down
from tests.bench.support.long_poll_load import Crowd, Tablet
from tests.bench.support.process_memory import pss
from tests.bench.support.pushes import cpu
from tests.cast import SITE
from tests.journeys.hospital import Hospital


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tablets", type=int, default=200)
    parser.add_argument("--every", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database")
    options = parser.parse_args()
    uvloop.install()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floorwalk-bench-")))
        hospital = bare_hospital(folder, options.database)
        people = settle(hospital, options.tablets)
        hospital.start()
        stack.callback(hospital.stop)
        asyncio.run(work(hospital, people, options.every, options.seconds))
    return 0


async def work(
    hospital: Hospital, people: dict[str, tuple[str, set[str]]], every: float, seconds: float
) -> None:
    """Have all of them work for so long."""
    assert hospital.process is not None
    pid = hospital.process.pid
    crowd, feed = Waiting(), f"{hospital.url}/sync/{SITE}/_changes"
    await crowd.gather([(feed, f"Cookie: {cookie}") for cookie, _ in people.values()])
    pushed: list[float] = []
    used, began = cpu(pid), time.monotonic()
    async with httpx.AsyncClient(
        base_url=hospital.url, trust_env=False, limits=httpx.Limits(max_connections=None)
    ) as client:

        async def one(person: str, n: int) -> None:
            choose = random.Random(n)
            cookie, rooms = people[person]
            headers = {"Cookie": cookie, "Content-Type": "application/json"}
            await asyncio.sleep(choose.random() * every)
            while time.monotonic() - began < seconds:
                room = choose.choice(sorted(rooms))
                act = sits_down(person, room, hospital.now(), choose, n)
                body = orjson.dumps({"docs": [act], "new_edits": False})
                start = time.perf_counter()
                crowd.written[act["record"]] = start
                answer = await client.post(
                    f"/sync/{SITE}/_bulk_docs", content=body, headers=headers
                )
                assert answer.status_code == 201 and answer.json() == [], answer.text
                pushed.append(time.perf_counter() - start)
                await asyncio.sleep(every * (0.5 + choose.random()))

        await asyncio.gather(*(one(person, n) for n, person in enumerate(people)))
    took, spent = time.monotonic() - began, cpu(pid) - used
    faults = crowd.faults()
    crowd.close()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; {len(people)} tablets")
    print(
        f"| pushed   | p50 {at(pushed, 0.5):6.1f}  p95 {at(pushed, 0.95):6.1f} ms, {len(pushed):,}"
    )
    delays = crowd.delays
    print(
        f"| seen     | p50 {at(delays, 0.5):6.1f}  p95 {at(delays, 0.95):6.1f} ms, {len(delays):,}"
    )
    print(f"| server   | {spent / took * 100:.0f} % of a core, PSS {pss(pid):.0f} MiB")
    print(f"| errors   | {len(faults)} {faults[:2] if faults else ''}")


class Waiting(Crowd):
    """Tablets that see acts of each other, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, float] = {}

    def _heard(self, tablet: Tablet, body: bytes, at: float) -> None:
        for row in orjson.loads(body)["results"]:
            began = self.written.get(row["id"])
            if began is not None:
                self.delays.append(at - began)


if __name__ == "__main__":
    raise SystemExit(main())
