"""Measures late acts in one push, at three sizes, and how long others wait meanwhile (A3).

    python -m tests.bench.long_pushes [--sizes 500 1000 2000] [--database URL]

Each size is a record of so many acts and a push of as many that all belong before them, the last
one first. Beside it somebody else records an act, again and again. Goals: 2 s for 2,000, no wait
above 250 ms, and a time that grows no faster than the push.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path
from time import perf_counter

from tests.cast import Cast, cast, made_site
from tests.clock import HOUR, Clock
from tests.limits import joined

GOAL, LONGEST_WAIT = 2.0, 0.25  # s
SIZES = (500, 1_000, 2_000)


def said(people: Cast, waiting: str, start: int, size: int) -> list[dict[str, object]]:
    """Return acts of Lin about a record, a ms apart, the last one first."""
    lin = people.lin
    acts = [
        lin.says("waiting.revealed", waiting, at=start + size - number) for number in range(size)
    ]
    lin.kept.clear()
    return acts


def measured(people: Cast, clock: Clock, size: int) -> tuple[float, float, int]:
    """Return (s of the push, s of the longest wait of others, how many others came in)."""
    start, waiting = clock() + 1, people.lin.new("waiting")
    people.lin.does("waiting.started", waiting, place="place:lobby-1", at=clock())
    late = said(people, waiting, start, size)
    stored = said(people, waiting, start + HOUR, size - 1)
    clock.passes(hours=2)
    people.lin.hands_in(*stored)
    waits: list[float] = []
    over = threading.Event()

    def others() -> None:
        while not over.is_set():
            began = perf_counter()
            people.chen.does("waiting.started", people.chen.new("waiting"), place="place:lobby-2")
            waits.append(perf_counter() - began)

    beside = threading.Thread(target=others)
    beside.start()
    began = perf_counter()
    verdicts = people.lin.hands_in(*late)
    took = perf_counter() - began
    over.set()
    joined(beside)
    assert all(verdict.good for verdict in verdicts)
    return took, max(waits), len(waits)


def main() -> None:
    """Measure and print a line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--database", help="a SQLAlchemy URL; a SQLite file when left out")
    asked = parser.parse_args()
    print(f"{'late acts':>10} {'s':>8} {'µs an act':>10} {'longest wait ms':>16} {'others':>7}")
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        site = made_site(Path(folder), clock, database=asked.database)
        people = cast(site, clock)
        for size in asked.sizes:
            took, wait, others = measured(people, clock, size)
            each = took / size * 1e6
            print(f"{size:>10} {took:>8.2f} {each:>10.0f} {wait * 1e3:>16.0f} {others:>7}")
        site.close()
    print(f"goals: {GOAL} s for 2,000, {LONGEST_WAIT * 1e3:.0f} ms for others")


if __name__ == "__main__":
    main()
