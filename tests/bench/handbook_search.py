"""Measures the search of a tablet's handbook: 3,000 texts, the first answer and those after it.

    python -m tests.bench.handbook_search [--texts 3000] [--letters 600] [--times 60]

The worker of a real Chromium is asked inside itself, with its database on disk. The first answer is
that of a store whose memory was emptied, as when the worker was started anew and has drawn a
screen: what is read of the segments counts, opening the database does not. The machine should be
idle otherwise.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Playwright

from server.acts.access import SYSTEM_ACTOR
from service_worker.build import pipeline
from sync.act import make, ulid
from tests.bench.tablet_budgets import opened, quantiles, show
from tests.browser import playwright_running
from tests.esbuild import bundle
from tests.journeys.hospital import PASSWORD, Hospital
from tests.tablet import Tablet, until

SYLLABLES = [
    "医保",
    "报销",
    "材料",
    "住院",
    "押金",
    "收费",
    "窗口",
    "备案",
    "异地",
    "结算",
    "挂号",
    "预约",
    "专家",
    "门诊",
    "检查",
    "空腹",
    "复诊",
    "化验",
    "取药",
    "停车",
    "轮椅",
    "陪护",
    "探视",
    "发票",
    "病历",
    "复印",
    "转院",
    "急诊",
    "手术",
    "麻醉",
    "疫苗",
    "体检",
    "儿童",
    "老人",
    "孕妇",
    "眼科",
    "骨科",
]
ASKED = ("报销", "ybbx", "医保 材料", "zyyj", "异地 备案", "体检 空腹", "不存在", "fp", "5号窗")
STARTS = 8  # each with a store that has read nothing

SEARCHES = """async ([asked, times, starts]) => {
  const took = async work => {
    const began = performance.now()
    const found = await work()
    return [performance.now() - began, found.length]
  }
  const first = [], warm = []
  let hits = 0
  for (let n = 0; n < starts; n++) {
    const store = self.benchStore
    await store.ready()
    store.forgetMemory()
    await store.atHand() // what every screen has read by then
    const [ms] = await took(() => store.search(asked[n % asked.length], { types: ["article"] }))
    first.push(ms)
    for (let k = 0; k < times; k++) {
      const question = asked[k % asked.length]
      const [ms, many] = await took(() => store.search(question, { types: ["article"] }))
      warm.push(ms)
      hits += many
    }
  }
  const sorts = await self.benchStore.segments([0, 1])
  const [written, spelt] = sorts.map(all => all.reduce((sum, one) => sum + one.length, 0))
  return { first, warm, hits, written, spelt }
}"""


# From the page's question to the drawn list: what a letter typed into the box waits for.
ANSWERS = """async ([asked, times]) => {
  const took = []
  for (let n = 0; n < times; n++) {
    const began = performance.now()
    const q = encodeURIComponent(asked[n % asked.length])
    const answer = await fetch(`/floor/article/part?q=${q}`, { headers: { "HX-Request": "true" } })
    await answer.text()
    if (answer.status !== 200) throw new Error(answer.status)
    took.push(performance.now() - began)
  }
  return took
}"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=3_000)
    parser.add_argument("--letters", type=int, default=600)
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    if not pipeline.is_current():
        pipeline.run(quiet=True)
    show("what", "budget", "measured")
    show("", "", f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with (
        tempfile.TemporaryDirectory(prefix="floorwalk-bench-") as folder,
        playwright_running(1_800) as pw,
    ):
        measure(pw, Path(folder), options.texts, options.letters, options.times)
    show("", "", f"load {os.getloadavg()[0]:.1f}")
    return 0


def measure(pw: Playwright, folder: Path, texts: int, letters: int, times: int) -> None:
    """Let a tablet have so many texts, and search them."""
    hospital = opened(folder / "hospital")
    try:
        ship(hospital, texts, letters)
        tablet = Tablet(pw, hospital.url, folder / "profile")
        began = time.perf_counter()
        tablet.sign_in("lin", "/floor/article", PASSWORD)
        until(lambda: tablet.stored("meta", "whole") is not None, "the first sync", 180)
        show("signed in → all texts there, with their lines", "", took(began))
        worker = until(lambda: tablet.context.service_workers, "the worker")[-1]
        source = 'import * as store from "./store/store.js"; self.benchStore = store'
        worker.evaluate(f"() => {{ {bundle(source)} }}")
        said = worker.evaluate(SEARCHES, [list(ASKED), times, STARTS])
        held = f"{said['written']:,} of two bytes, {said['spelt']:,} of one"
        show("texts, and letters that are searched", f"{texts:,}", held)
        show("search of full texts, the first answer", "≤ 60 ms", quantiles(said["first"]))
        show("search of full texts, warm", "p95 ≤ 10 ms", quantiles(said["warm"]))
        shown = tablet.page.evaluate(ANSWERS, [list(ASKED), times])
        show("the answer with its marks, asked by a page", "", quantiles(shown))
        tablet.close()
    finally:
        hospital.stop()


def took(began: float) -> str:
    """Return how long it is since a moment of the performance counter."""
    return f"{time.perf_counter() - began:.1f} s"


def ship(hospital: Hospital, texts: int, letters: int, seed: int = 1) -> None:
    """Put so many texts into the handbook, as those come that are shipped."""
    choose, at = random.Random(seed), int(time.time() * 1000) - 60_000
    made = []
    for n in range(texts):
        words = "".join(choose.choice(SYLLABLES) for _ in range(letters // 2))
        title = "".join(choose.choices(SYLLABLES, k=4)) + str(n)
        data = {"kind": "fact", "title": title, "words": words}
        record = f"article:{ulid(at, n)}"
        made.append(
            make(
                "article.shipped",
                record,
                data,
                at=at,
                by="system:site",
                device="device:server",
                site="demo",
                identifier=f"act:{ulid(at, n)}",
            )
        )
    with hospital._site(at) as site:
        for start in range(0, texts, 500):
            page = made[start : start + 500]
            assert all(one.good for one in site.accept(page, SYSTEM_ACTOR, received_at=at))


if __name__ == "__main__":
    raise SystemExit(main())
