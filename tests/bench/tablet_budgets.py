"""Measures what a tablet does against the budgets of the design, and prints a table.

    python -m tests.bench.tablet_budgets [--visits 20000] [--sync 10000] [--rounds 3] [--kinds 0]

With --kinds so many further kinds of record are declared, each with screens and a ladder.
The server is a process of its own with a real past; the browser has a fresh profile on disk. The
machine should have nothing else to do: its load is printed beside the figures. A third of a core is
a CPU cgroup where one works; elsewhere the browser's processes are stopped two thirds of the time,
which also stops the clock that measures, so those figures are pessimistic by up to a period.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright

from service_worker.build import pipeline
from tests import invented_kind
from tests.bench.support import measuring_scripts, more_kinds
from tests.bench.support.busy_hospital import WAITING, fill
from tests.bench.support.slowed_cpu import third_of_a_core
from tests.browser import playwright_running
from tests.esbuild import bundle
from tests.journeys.hospital import PASSWORD, Hospital
from tests.network import Network
from tests.tablet import Tablet, until

TAPS = 20  # one of 25 people gets water each time
OPENS = 8

Row = tuple[str, str, str]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visits", type=int, default=20_000)
    parser.add_argument("--sync", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", type=int, default=0)
    options = parser.parse_args()
    if not pipeline.is_current():
        pipeline.run(quiet=True)
    os.environ["FLOORWALK_MORE_KINDS"] = str(options.kinds)
    os.environ["FLOORWALK_KINDS"] = more_kinds.__name__
    with invented_kind.declared(*more_kinds.more_kinds(options.kinds).values()):
        return measure(options)


def measure(options: argparse.Namespace) -> int:
    """Measure and print, with the kinds that are declared now."""
    show("what", "budget", "measured")
    show("", "", f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    show(*size_row())
    with (
        tempfile.TemporaryDirectory(prefix="floorwalk-bench-") as folder,
        playwright_running(1_800) as pw,
    ):
        in_use(pw, Path(folder), options.visits)
        first_syncs(pw, Path(folder), options.sync, options.rounds)
    show("", "", f"load {os.getloadavg()[0]:.1f}")
    return 0


def show(what: str, budget: str, measured: str) -> None:
    """Print a row."""
    print(f"| {what:<52} | {budget:<28} | {measured:<44} |", flush=True)


def show_all(rows: list[Row]) -> None:
    """Print rows."""
    for row in rows:
        show(*row)


def size_row() -> Row:
    """Return how many bytes a new tablet fetches."""
    names = ("worker.js", "app.js", "floorwalk.css", "icons.svg")
    sizes = [packed_size(pipeline.STATIC / name) for name in names]
    parts = " + ".join(f"{size / 1000:.1f}" for size in sizes)
    budget = "scripts, words, styles and icons, brotli"
    return budget, "≤ 130 KB", f"{sum(sizes) / 1000:.1f} KB ({parts})"


def packed_size(file: Path) -> int:
    """Return how many bytes of a file of the build travel."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return (pipeline.PACKED / f"{sha256}.br").stat().st_size


# In use


def in_use(pw: Playwright, folder: Path, visits: int) -> None:
    """Measure taps, lists, search and openings on a tablet that holds so many visits."""
    hospital = opened(folder / "in-use")
    network = Network(hospital.port)
    try:
        fill(hospital, visits)
        tablet = Tablet(pw, network.url, folder / "profile")
        tablet.sign_in("lin", "/floor/waiting", PASSWORD)
        until(lambda: tablet.stored("meta", "whole") is not None, "the first sync", 120)
        show("records on the tablet", "20,000", str(tablet.page.evaluate(measuring_scripts.COUNT)))
        network.become("offline")
        show_all(taps(tablet, ""))
        show_all(in_worker(tablet))
        show_all(openings(tablet, ""))
        with third_of_a_core(tablet._processes) as how:
            show_all(taps(tablet, f" at ⅓ core ({how})"))
            show_all(openings(tablet, " at ⅓ core"))
        tablet.close()
    finally:
        network.close()
        hospital.stop()


def taps(tablet: Tablet, where: str) -> list[Row]:
    """Tap on what the cards offer, one card after another."""
    tablet.open("/floor/waiting")
    tablet.page.evaluate(measuring_scripts.SIT_DOWN, WAITING)
    tablet.open("/floor/waiting")
    tablet.page.wait_for_timeout(1500)  # the page has come to rest, as before a finger comes
    tablet.page.evaluate(measuring_scripts.TAP_ONCE)  # the first one warms
    measured: list[dict[str, float]] = []
    for _ in range(TAPS):
        try:
            measured.append(tablet.page.evaluate(measuring_scripts.TAP_ONCE))
        except Error:
            # Tapped before htmx had taken the new card: the form was sent by the browser itself.
            until(tablet.on_floor, "the page that the form led to")
        tablet.page.wait_for_timeout(150)
    painted = quantiles([tap["painted"] for tap in measured])
    reaction = quantiles([tap["reaction"] for tap in measured])
    slow = bool(where)
    budget = "p95 ≤ 110 ms" if slow else "p50 ≤ 20, p95 ≤ 40 ms"
    return [
        (f"tap → painted{where}", budget, painted),
        (f"tap → first reaction{where}", "≤ 30 ms" if slow else "≤ 16 ms", reaction),
    ]


def in_worker(tablet: Tablet) -> list[Row]:
    """Ask the store inside the worker itself."""
    worker = until(lambda: tablet.context.service_workers, "the worker")[-1]
    source = 'import * as store from "./store/store.js"; self.benchStore = store'
    worker.evaluate(f"() => {{ {bundle(source)} }}")
    said: dict[str, Any] = worker.evaluate(measuring_scripts.IN_WORKER)
    return [
        ("list of 25, in the worker", "p95 ≤ 10 ms", quantiles(said["list"])),
        ("search, two words, warm", "p95 ≤ 10 ms", quantiles(said["search"])),
        ("search, the first after a start", "≤ 60 ms", f"{said['cold']:.0f} ms"),
        ("act kept: act + base + view, strict", "", quantiles(said["keep"])),
    ]


def openings(tablet: Tablet, where: str) -> list[Row]:
    """Open the waiting room with a stopped worker, and with a browser that was not running."""
    stopped = []
    for _ in range(OPENS):
        tablet.kill_worker()
        tablet.open("/floor/waiting")
        stopped.append(until(lambda: tablet.page.evaluate(measuring_scripts.PAINTED), "a paint"))
    cold = []
    for _ in range(OPENS // 2):
        tablet.close()
        began = time.time() * 1000
        tablet.start()
        tablet.open("/floor/waiting")
        painted = until(lambda: tablet.page.evaluate(measuring_scripts.PAINTED_AT), "a paint")
        cold.append(painted - began)
    budgets = ("≤ 1.0 s", "≤ 2.5 s") if where else ("≤ 0.25 s", "≤ 0.8 s")
    return [
        (f"open offline, worker stopped{where}", budgets[0], quantiles(stopped)),
        (f"open offline, browser started{where}", budgets[1], quantiles(cold)),
    ]


# First sync


def first_syncs(pw: Playwright, folder: Path, visits: int, rounds: int) -> None:
    """Race our own client against PouchDB 9, in turns, each time in a profile of its own."""
    hospital = opened(folder / "sync")
    fill(hospital, visits)
    ours: list[dict[str, float]] = []
    pouch: dict[int, list[float]] = {100: [], 1000: []}
    try:
        for turn in range(rounds):
            ours.append(own_sync(pw, hospital, folder / f"own-{turn}"))
            for batch, times in pouch.items():
                times.append(pouch_sync(pw, hospital, folder / f"pouch-{batch}-{turn}", batch))
    finally:
        hospital.stop()
    whole = statistics.median(one["whole"] for one in ours)
    first = statistics.median(one["first"] for one in ours)
    rows = [
        ("first sync: usable", "≤ 0.5 s", f"{first / 1000:.2f} s"),
        (f"first sync: {visits:,} visits", "", f"{whole / 1000:.2f} s"),
    ]
    for batch, budget in ((100, "≥ 4 ×"), (1000, "≥ 2.5 ×")):
        other = statistics.median(pouch[batch])
        words = f"{other / whole:.1f} × ({other / 1000:.2f} s)"
        rows.append((f"… against PouchDB 9 at batch {batch}", budget, words))
    show_all(rows)


def own_sync(pw: Playwright, hospital: Hospital, profile: Path) -> dict[str, float]:
    """Return ms until the first page of records is kept, and until all are."""
    return with_page(pw, hospital, profile, lambda page: page.evaluate(measuring_scripts.OWN_SYNC))


def pouch_sync(pw: Playwright, hospital: Hospital, profile: Path, batch: int) -> float:
    """Return ms until PouchDB has everything, in the page of the same browser."""

    def run(page: Any) -> float:
        page.evaluate(f"() => {{ {bundle(measuring_scripts.POUCH)} }}")
        took: float = page.evaluate(measuring_scripts.POUCH_SYNC, batch)
        return took

    return with_page(pw, hospital, profile, run)


def with_page(pw: Playwright, hospital: Hospital, profile: Path, run: Callable[[Any], Any]) -> Any:
    """Sign in on a fresh profile, run something on a page without a worker, close."""
    tablet = Tablet(pw, hospital.url, profile)
    try:
        tablet.open("/sign-in?target=/static/manifest.json")
        tablet.page.fill("#login", "lin")
        tablet.page.fill("#password", PASSWORD)
        tablet.page.locator("form:has(#password) button").click()
        until(lambda: not tablet.is_at("/sign-in"), "to be signed in")
        tablet.open("/static/manifest.json")
        return run(tablet.page)
    finally:
        tablet.close()


def opened(folder: Path) -> Hospital:
    """Return a hospital that runs, at the machine's own time."""
    folder.mkdir()
    made = Hospital(folder, pipeline.GENERATED, int(time.time() * 1000))
    if os.environ.get("FLOORWALK_MORE_KINDS", "0") != "0":
        script = invented_kind.worker_script(folder / "built")
        (made.static / "worker.js").write_text(script, "utf-8")
    return made.start()


def quantiles(values: list[float]) -> str:
    """Return the median and the 95th percentile in words."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.1f}, p95 {late:.1f} ms (n {len(ordered)})"


if __name__ == "__main__":
    raise SystemExit(main())
