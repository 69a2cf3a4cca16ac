"""Measures what it costs to keep what rules want: python -m tests.bench.rules [--scopes 14400]

A plan is made a week ahead for so many scopes, 240 people at 60 places for instance, five duties
each; then all are settled again and find nothing, a midnight goes by in pages, and a day off takes
a day's duties back. One settle of a judge is measured beside it. Times are of the process, wall and
processor, on SQLite or on the PostgreSQL of `--database`.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

from server.acts.access import Actor
from server.rules import settle, waking
from tests import ruled_kinds
from tests.clock import DAY, MORNING
from tests.rule_lives import Life, spoken

AT_ONCE = 500


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scopes", type=int, default=14_400)
    parser.add_argument("--database", help="the URL of an empty one; else a file in memory")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {options.scopes} scopes")
    with ruled_kinds.declared():
        life = Life(url=options.database)
        try:
            _measure(life, options.scopes)
        finally:
            life.close()
    return 0


def _measure(life: Life, scopes: int) -> None:
    said = [
        spoken("hall.opened", f"hall:{n}", {"kind": "lobby"}, at=MORNING + n, number=n)
        for n in range(scopes)
    ]
    actor = Actor(life.site.person("person:lin"), "device:" + "0" * 25 + "L")
    life.clock.passes(minutes=1)

    def takes_in() -> int:
        for start in range(0, scopes, AT_ONCE):
            life.site.accept(said[start : start + AT_ONCE], actor)
        return scopes

    def again() -> int:
        woken = waking.wake_all(life.site, "hall_opening", 0)
        life.settles()
        return len(woken)

    def midnight() -> int:
        life.clock.at = MORNING + DAY
        waking.midnight(life.site)
        return life.settles()

    def day_off() -> int:
        off = {"off": [20_787], "reason": "x"}
        life.site.record_act("calendar.changed", "calendar:2026", off, by="system:site")
        return life.settles()

    _timed("acts taken in, each wakes a scope", takes_in)
    _timed("statements, a week ahead", lambda: settle.work(life.site))
    _timed("scopes settled again, nothing to say", again)
    _timed("statements, of the next midnight", midnight)
    _timed("statements, of a day off", day_off)
    _timed("payouts banded and locking", lambda: _payouts(life, actor, min(scopes, 1_000)))


def _payouts(life: Life, actor: Actor, many: int) -> int:
    at = life.clock.at
    cases = [spoken("case.taken", f"case:{n}", {}, at=at, number=n) for n in range(many)]
    payouts = [
        spoken(
            "payout.proposed", f"payout:{n}", {"case": f"case:{n}", "amount": n}, at=at, number=n
        )
        for n in range(many, 2 * many)
    ]
    for act in payouts:
        act["data"]["case"] = f"case:{int(act['record'][7:]) - many}"
    life.site.accept([*cases, *payouts], actor)
    return life.settles() // 2


def _timed(what: str, run: Callable[[], int]) -> None:
    wall, own = time.perf_counter(), time.process_time()
    many = run()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    each = own / many * 1_000_000 if many else 0
    print(
        f"{what:40} {many:7} in {wall:7.1f} s, {own:6.1f} s of a core, {each:6.0f} µs each",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
