"""Measures how fast acts are taken in, beside a CouchDB that only stores, and prints a table.

    python -m tests.bench.intake [--acts 10000] [--log 1000000] [--rounds 3] [--profile FILE]
                                 [--postgresql] [--no-peer]

The server is a process of its own on a real disk; its clocks run. Each round pushes acts that it
has not seen, in batches of 1,000 and 100, from one client and from eight, and in the same minute
the same bytes as plain documents to the peer: npm's pouchdb-server, and the CouchDB at COUCHDB_URL
when that is set. `--profile` has py-spy, which must be installed, write the server's profile.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from service_worker import build
from tests.bench import peers, rows
from tests.bench.load import sign_in
from tests.bench.pushes import Headers, Went, bodies, morning, plain, push
from tests.clock import HOUR, MORNING
from tests.journeys.hospital import Hospital
from tests.postgres import running

SHAPES = ((1_000, 1), (1_000, 8), (100, 1), (100, 8))  # (batch, clients)
SHIFT = 4_000  # ms between two people of a tablet that was away for a shift: eight at a time
CROWD = 100  # ms between two people of the whole hospital: the past of many days in one
Seeds = Iterator[int]


@dataclass(frozen=True)
class Target:
    """Where to push to, and whose processor time counts."""

    name: str
    url: str
    headers: Headers
    pid: int | None
    documents: Callable[[int], Iterator[dict[str, Any]]]  # by seed
    more: dict[str, Any]

    def push(self, count: int, batch: int, clients: int, seed: int) -> Went:
        """Push documents that it has not seen."""
        made = bodies(self.documents(seed), count, batch, **self.more)
        return push(self.url, made, count, clients, self.headers, self.pid)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--acts", type=int, default=10_000)
    parser.add_argument("--log", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    if not (build.STATIC / "manifest.json").is_file():  # nobody opens a page: an old one will do
        build.run(quiet=True)
    seeds = itertools.count(1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floorwalk-bench-")))
        hospital = opened(stack, folder, postgresql=options.postgresql)
        ours = target_of(hospital)
        theirs = [] if options.no_peer else [*peer_targets(stack)]
        warm = [target.push(2_000, 1_000, 1, next(seeds)) for target in (ours, *theirs)]
        assert warm
        print_head(f"{options.acts:,} acts")
        with profiled(options.profile, ours.pid):
            small = measured(ours, theirs, options.acts, options.rounds, seeds)
        if options.log:
            fill(ours, options.log, next(seeds))
            print_head(f"{options.acts:,} acts into a log of {options.log:,}")
            large = measured(ours, theirs, options.acts, options.rounds, seeds)
            for shape in SHAPES:
                show(words(*shape), "", f"{small[shape] / large[shape]:.2f} × slower than before")
        if not options.postgresql:
            show(*rows.bare(hospital.folder / "floorwalk.db", folder / "bare.db", options.acts))
    return 0


# What is printed


def print_head(what: str) -> None:
    """Say what comes, and how busy the machine is."""
    load = f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    print(f"\n{what}; {load}", flush=True)


def show(what: str, who: str, said: str) -> None:
    """Print a row."""
    print(f"| {what:<24} | {who:<16} | {said:<58} |", flush=True)


def words(batch: int, clients: int) -> str:
    """Name a shape."""
    return f"batch {batch:>5,}, clients {clients}"


# What is measured


def measured(
    ours: Target, theirs: list[Target], count: int, rounds: int, seeds: Seeds
) -> dict[tuple[int, int], float]:
    """Push in turns to all; print the medians; return our rates by shape."""
    found: dict[tuple[int, int], float] = {}
    for shape in SHAPES:
        went: dict[str, list[Went]] = {}
        for _ in range(rounds):
            for target in (ours, *theirs):
                went.setdefault(target.name, []).append(target.push(count, *shape, next(seeds)))
        rates = {name: statistics.median(one.rate for one in all_) for name, all_ in went.items()}
        found[shape] = rates[ours.name]
        for name, all_ in went.items():
            spread = f"({min(one.rate for one in all_):,.0f}–{max(one.rate for one in all_):,.0f})"
            cost = statistics.median(one.cost for one in all_)
            said = f"{rates[name]:>7,.0f} a second {spread}, {cost:.0f} µs CPU"
            ratio = "" if name == ours.name else f", ours {found[shape] / rates[name]:.2f} ×"
            show(words(*shape), name, said + ratio)
    return found


def fill(ours: Target, count: int, seed: int) -> None:
    """Make the log long with visits that are over, as the past is."""
    made = morning(now_of(ours) - HOUR - count * CROWD // 4, seed, every=CROWD)
    for start in range(0, count, 50_000):
        size = min(50_000, count - start)
        batch = bodies(made, size, 1_000, new_edits=False)
        push(ours.url, batch, size, 2, ours.headers, ours.pid)


# Who is measured


def opened(stack: ExitStack, folder: Path, *, postgresql: bool) -> Hospital:
    """Return a hospital that answers, on SQLite or on a PostgreSQL that syncs to disk."""
    url = None
    if postgresql:
        url = stack.enter_context(running(durable=True)).new_database()
    # Nobody hurries a bench: that a device may ask only so often is measured elsewhere.
    os.environ.update(FLOORWALK_REQUESTS_A_SECOND="0", FLOORWALK_EACH_AT_ONCE="8")
    hospital = Hospital(folder / "hospital", build.GENERATED, url=url).start()
    stack.callback(hospital.stop)
    return hospital


def target_of(hospital: Hospital) -> Target:
    """Return the hospital as Lin's tablet reaches it."""
    assert hospital.process is not None
    with httpx.Client(base_url=hospital.url) as client:
        sign_in(client, "lin")
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    url = f"{hospital.url}/sync/demo/_bulk_docs"

    def made(seed: int) -> Iterator[dict[str, Any]]:
        return morning(hospital.now() - 6 * HOUR, seed, every=SHIFT)

    return Target("Floorwalk", url, headers, hospital.process.pid, made, {"new_edits": False})


def now_of(target: Target) -> int:
    """Return the moment that the server's clock shows."""
    welcome = httpx.get(target.url.removesuffix("demo/_bulk_docs"))
    return int(welcome.headers["floorwalk-now"])


def peer_targets(stack: ExitStack) -> Iterator[Target]:
    """Yield the peers, each with an empty database."""
    for peer in peers.started(stack):
        headers = {"Content-Type": "application/json", **peer.headers}
        url = f"{peer.database}/_bulk_docs"
        yield Target(peer.name, url, headers, peer.pid, documents_of_a_peer, {})


def documents_of_a_peer(seed: int) -> Iterator[dict[str, Any]]:
    """Yield what peers are given; to them one moment is like another."""
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
