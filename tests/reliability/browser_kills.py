"""Kills a browser with SIGKILL while it writes, again and again, and counts lost acknowledged acts.

    python -m tests.reliability.browser_kills --kills 200

The tablet is offline, and its page keeps gestures of two acts as fast as it can: somebody sits down
to wait, and their visit has reached the waiting room. The page reports each answer over a line of
its own, so that what was acknowledged is known from outside. At a random moment every process of
the browser gets SIGKILL. Started again on the same profile, the tablet must have every act that was
acknowledged, and of every gesture both acts or none, each with its record. One line a kill says
what was acknowledged before and what is there after, so that no loss hides in a total.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from service_worker.build import pipeline
from tests.browser import playwright_running
from tests.network import Network
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

SEED = 20261125
SHORTEST, LONGEST = 0.15, 1.2  # s of work before a kill
FRESH_EVERY = 40  # kills, then a tablet that nobody has used

# Keeps gestures one after another; each answer is reported before the next begins.
WORK = """async ([start, visit]) => {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  for (let n = start; ; n++) {
    let chance = ""
    for (let left = n * 32, k = 0; k < 16; k++, left = Math.floor(left / 32)) {
      chance = letters[left % 32] + chance
    }
    const act_id = "act:01K9000000" + chance
    const form = new URLSearchParams({ act_id, visit, to: "triage", first: "first" })
    const headers = { "HX-Request": "true" }
    const answer = await fetch("/floor/lobby/greet", { method: "POST", body: form, headers })
    if (answer.status !== 200) { window.report(-answer.status); return }
    await window.report(n)
  }
}"""


@dataclass
class Kill:
    """What one kill did."""

    number: int
    after: float  # s of work
    acknowledged: int  # gestures answered before the kill, on this profile
    found: int  # gestures there after it
    lost: list[int] = field(default_factory=list)
    half: list[int] = field(default_factory=list)

    def line(self) -> str:
        """Return the kill as a line of the log."""
        return json.dumps(self.__dict__)


class Bench:
    """A site that is not reachable, and the tablets that are killed before it."""

    def __init__(self, playwright: Playwright, folder: Path, seed: int) -> None:
        self.playwright = playwright
        self.folder = folder
        self.random = random.Random(seed)
        self.site = StubSite().start()
        self.network = Network(self.site.port)
        self.profiles = 0
        self.fresh()

    def fresh(self) -> None:
        """Take a tablet out of the box and set it up."""
        self.network.become("perfect")
        self.profiles += 1
        self.tablet = Tablet(self.playwright, self.network.url, self.folder / str(self.profiles))
        self.tablet.open("/floor/more")
        self.tablet.wait_for_floor()
        self.network.become("offline")
        form = {"act_id": "act:01K8000000ZZZZZZZZZZZZZZZZ", "to": "triage", "first": "first"}
        self.tablet.post("/floor/lobby/greet", form)
        self.visit = form["act_id"].replace("act:", "arrival:")
        self.acknowledged: set[int] = set()
        self.next = 1

    def kill(self, number: int) -> Kill:
        """Work for a moment, kill, start again, look."""
        heard: list[int] = []
        page = self.tablet.page
        page.expose_function("report", lambda n: heard.append(n))
        after = self.random.uniform(SHORTEST, LONGEST)
        page.evaluate(f"given => {{ ({WORK})(given) }}", [self.next, self.visit.partition(":")[2]])
        until_moment = time.monotonic() + after
        while time.monotonic() < until_moment:
            page.wait_for_timeout(2)  # lets what the page reports come in
        self.tablet.kill_browser()
        assert all(n > 0 for n in heard), f"the worker answered {heard[-1]}"
        self.acknowledged.update(heard)
        self.tablet.start()
        self.tablet.open("/floor/more")
        until(self.tablet.on_floor, "the floor app after a kill")
        return self.look(number, after)

    def look(self, number: int, after: float) -> Kill:
        """Compare what is there with what was acknowledged."""
        gestures: dict[int, set[str]] = defaultdict(set)
        records = {row["_id"] for row in self.tablet.stored("view")}
        whole: dict[int, bool] = defaultdict(lambda: True)
        for row in self.tablet.stored("acts"):
            if row["act"]["act"] == "arrival.registered":
                continue
            n = number_of(row["gesture"][0])
            gestures[n].add(row["act"]["act"])
            whole[n] = whole[n] and row["record"] in records
        found = {n for n, acts in gestures.items() if len(acts) == 2 and whole[n]}
        result = Kill(number, round(after, 3), len(self.acknowledged), len(found))
        result.lost = sorted(self.acknowledged - set(gestures))
        result.half = sorted(set(gestures) - found)
        folded = self.tablet.stored("view", self.visit)["record"]["acts"]["n"] - 1
        assert folded == 2 * len(gestures), f"{folded} acts folded of {len(gestures)} gestures"
        self.next = max([*gestures, self.next]) + 1
        return result

    def close(self) -> None:
        """Put everything away."""
        self.tablet.close()
        self.network.close()
        self.site.stop()


def number_of(act_id: str) -> int:
    """Return the number that WORK wrote into an act's letters of chance."""
    number = 0
    for letter in act_id[-16:]:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    return number // 32


def run(kills: int, log: Any, *, seed: int = SEED, playwright: Playwright | None = None) -> int:
    """Kill so many times; return how many gestures were lost or half written."""
    if playwright is None:
        with playwright_running() as own:
            return run(kills, log, seed=seed, playwright=own)
    folder = Path(tempfile.mkdtemp(prefix="floorwalk-kills-"))
    bench = Bench(playwright, folder, seed)
    lost = half = acknowledged = 0
    try:
        for number in range(1, kills + 1):
            if number % FRESH_EVERY == 0:
                acknowledged += len(bench.acknowledged)
                bench.tablet.close()
                bench.fresh()
            result = bench.kill(number)
            print(result.line(), file=log, flush=True)
            lost += len(result.lost)
            half += len(result.half)
        acknowledged += len(bench.acknowledged)
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"B1 kills={kills} acknowledged={acknowledged} lost={lost} half={half}", file=log)
    return lost + half


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    if not pipeline.is_current():
        pipeline.run(quiet=True)
    return 1 if run(options.kills, sys.stdout, seed=options.seed) else 0


if __name__ == "__main__":
    raise SystemExit(main())
