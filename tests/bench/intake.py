"""Measures how fast acts are taken in, beside a CouchDB that only stores, and prints a table.

    python -m tests.bench.intake [--acts 10000] [--log 1000000] [--rounds 3] [--held 100000]
                                 [--profile FILE] [--postgresql] [--no-peer]

The server is a process of its own on a real disk; its clocks run. Each round pushes acts that it
has not seen, in batches of 1,000 and 100, from one client and from eight, and in turn the same as
plain documents to the peers: npm's pouchdb-server, which does not wait for the disk, and the
CouchDB at COUCHDB_URL when that is set. A peer slows as a database grows, so each has two rows:
an empty database for each round, and one that held `--held` documents before and keeps what comes
(0: without it). Then two servers take turns, one of them with a long log. A ratio is of the first
row to its own. `--profile` has py-spy, where it is installed, watch the server.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from service_worker.build import pipeline
from tests.bench.support import bare_sqlite, compared_databases
from tests.bench.support.busy_hospital import sign_in
from tests.bench.support.pushes import Headers, Went, bodies, morning, plain, push
from tests.clock import HOUR, MORNING
from tests.journeys.hospital import Hospital
from tests.postgres import Server, running

SHAPES = ((1_000, 1), (1_000, 8), (100, 1), (100, 8))  # (batch, clients)
SHIFT = 4_000  # ms between two people of a tablet that was away for a shift: eight at a time
CROWD = 200  # ms between two people of the whole hospital: a past of many days in one night
Seeds = Iterator[int]
Lent = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True)
class Target:
    """Where to push to, and whose processor time counts."""

    name: str
    database: Lent  # for a round; peers may have a fresh one for each
    headers: Headers
    pid: int | None
    documents: Callable[[int], Iterator[dict[str, Any]]]  # by seed
    more: dict[str, Any]

    def push(self, count: int, batch: int, clients: int, seed: int) -> Went:
        """Push documents that it has not seen."""
        made = bodies(self.documents(seed), count, batch, **self.more)
        with self.database() as url:
            return push(f"{url}/_bulk_docs", made, count, clients, self.headers, self.pid)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--acts", type=int, default=10_000)
    parser.add_argument("--log", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--held", type=int, default=100_000)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    if not (pipeline.STATIC / "manifest.json").is_file():  # nobody opens a page: an old one will do
        pipeline.run(quiet=True)
    # Nobody hurries a bench: how often a device may ask is measured elsewhere.
    os.environ.update(FLOORWALK_REQUESTS_A_SECOND="0", FLOORWALK_EACH_AT_ONCE="8")
    seeds = itertools.count(1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floorwalk-bench-")))
        server = stack.enter_context(running(durable=True)) if options.postgresql else None
        short = opened(stack, folder / "short", server)
        ours = [target_of(short, "Floorwalk")]
        peers_ = [] if options.no_peer else [*peer_targets(stack, options.held, seeds)]
        for target in (*ours, *peers_):
            target.push(2_000, 1_000, 1, next(seeds))  # warms it
        with profiled(options.profile, ours[0].pid):
            measured(f"{options.acts:,} acts", [*ours, *peers_], options, seeds)
        if options.log:
            ours.append(target_of(opened(stack, folder / "long", server), "… with a long log"))
            fill(ours[1], now_of(ours[1]), options.log, next(seeds))
            measured(f"… and into a log of {options.log:,}", ours, options, seeds)
        if server is None:
            show(*bare_sqlite.bare(short.folder / "floorwalk.db", folder / "bare.db", options.acts))
    return 0


# What is printed


def show(what: str, who: str, said: str) -> None:
    """Print a row."""
    print(f"| {what:<26} | {who:<27} | {said:<66} |", flush=True)


def words(batch: int, clients: int) -> str:
    """Name a shape."""
    return f"batch {batch:>5,}, clients {clients}"


# What is measured


def measured(what: str, targets: list[Target], options: argparse.Namespace, seeds: Seeds) -> None:
    """Push to all of them in turns; print medians, and how the first compares to the others."""
    load = f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    print(f"\n{what}; {load}", flush=True)
    for shape in SHAPES:
        went: dict[str, list[Went]] = {target.name: [] for target in targets}
        for _ in range(options.rounds):
            for target in targets:
                went[target.name].append(target.push(options.acts, *shape, next(seeds)))
        ours = statistics.median(one.rate for one in went[targets[0].name])
        for name, all_ in went.items():
            rates = [one.rate for one in all_]
            spread = f"({min(rates):,.0f}–{max(rates):,.0f})"
            cost = statistics.median(one.cost for one in all_)
            said = f"{statistics.median(rates):>7,.0f} a second {spread}"
            said += f", {cost:.0f} µs CPU" if cost else ""  # of a CouchDB it is not known
            ratio = "" if name == targets[0].name else f", {ours / statistics.median(rates):.2f} ×"
            show(words(*shape), name, said + ratio)


def fill(ours: Target, now: int, count: int, seed: int) -> None:
    """Make the log long with visits that are over, as the past is."""
    made = morning(now - 7 * HOUR - count * CROWD // 4, seed, every=CROWD)
    for start in range(0, count, 50_000):
        size = min(50_000, count - start)
        batch = bodies(made, size, 1_000, **ours.more)
        with ours.database() as url:
            push(f"{url}/_bulk_docs", batch, size, 2, ours.headers, ours.pid)


# Who is measured


def opened(stack: ExitStack, folder: Path, server: Server | None) -> Hospital:
    """Return a hospital that answers, on SQLite or on that PostgreSQL."""
    url = server.new_database() if server else None
    hospital = Hospital(folder, pipeline.GENERATED, url=url).start()
    stack.callback(hospital.stop)
    return hospital


def target_of(hospital: Hospital, name: str) -> Target:
    """Return the hospital as Lin's tablet reaches it."""
    assert hospital.process is not None
    with httpx.Client(base_url=hospital.url) as client:
        sign_in(client, "lin")
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    url = f"{hospital.url}/sync/demo"

    def made(seed: int) -> Iterator[dict[str, Any]]:
        return morning(hospital.now() - 6 * HOUR, seed, every=SHIFT)

    pid = hospital.process.pid
    return Target(name, lambda: nullcontext(url), headers, pid, made, {"new_edits": False})


def now_of(target: Target) -> int:
    """Return the moment that the server's clock shows."""
    with target.database() as url:
        welcome = httpx.get(url.removesuffix("demo"))
    return int(welcome.headers["floorwalk-now"])


def peer_targets(stack: ExitStack, held: int, seeds: Seeds) -> Iterator[Target]:
    """Yield each peer with an empty database a round, and with one that has `held` documents."""
    for peer in compared_databases.started(stack):
        headers = {"Content-Type": "application/json", **peer.headers}
        who = (headers, peer.pid, documents_of_a_peer, {})
        yield Target(f"{peer.name}, empty", peer.fresh, *who)
        if held:
            url = stack.enter_context(peer.fresh())
            grown = Target(f"{peer.name}, {held:,}", lambda url=url: nullcontext(url), *who)
            grown.push(held, 1_000, 2, next(seeds))
            yield grown


def documents_of_a_peer(seed: int) -> Iterator[dict[str, Any]]:
    """Yield the same acts as plain documents for the peers, which ignore their moments."""
    return plain(morning(MORNING, seed, every=SHIFT))


@contextmanager
def profiled(file: Path | None, pid: int | None) -> Iterator[None]:
    """Have py-spy watch a process while the block runs."""
    if file is None:
        yield
        return
    command = ["py-spy", "record", "--nonblocking", "-f", "raw", "-o", str(file), "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as spy:
        yield
        spy.send_signal(2)


if __name__ == "__main__":
    raise SystemExit(main())
