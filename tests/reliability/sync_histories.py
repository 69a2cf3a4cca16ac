"""S1, S2: thousands of random histories with faults converge, and each seed replays identically."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from tests.reliability import mutants
from tests.reliability.registry import Property, Result, Trial, each
from tests.reliability.world import Outcome, history

SEEDS = Path(__file__).with_name("seeds.txt")
EVERY = 50  # one history in so many goes through the application
LOST = ("lost", "kept", "vanished", "stored as", "forgot")
DIVERGENT = ("lacks", "shows", "differ")


def past(promise: str) -> list[int]:
    """Return the seeds that once failed."""
    lines = (line.split() for line in SEEDS.read_text("utf-8").splitlines())
    return [int(words[1]) for words in lines if words and words[0] == promise]


@contextmanager
def quiet() -> Iterator[None]:
    """Histories are full of warnings about what was refused; nobody reads them."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)  # what lives long does not go away: looking for it is slow
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        gc.set_threshold(*usual)


def lived(seed: int) -> Outcome:
    """Live one history through."""
    with quiet():
        return history(seed, door="service" if seed % EVERY else "asgi")


def traced(seed: int) -> str:
    """Live one history through; return what stands for all that happened."""
    return lived(seed).trace


def converges(trial: Trial) -> Result:
    """S1: nothing is lost, nobody differs, and after every step all that must hold does."""
    seeds = [*(past("S1") if trial.is_first else ()), *range(trial.seed, trial.seed + trial.many)]
    counts = dict.fromkeys(("seeds", "lost", "divergent", "broken", "acts", "requests"), 0)
    problems: list[str] = []
    for outcome in each(lived, seeds, trial, lambda one: one.problem is not None):
        counts["seeds"] += 1
        counts["acts"] += outcome.acts
        counts["requests"] += outcome.requests
        if outcome.problem is not None:
            problems.append(f"seed {outcome.seed}, {outcome.problem}")
            counts[_kind(outcome.problem)] += 1
    return Result(counts, problems)


def _kind(problem: str) -> str:
    if any(word in problem for word in LOST):
        return "lost"
    return "divergent" if any(word in problem for word in DIVERGENT) else "broken"


def repeats(trial: Trial) -> Result:
    """S2: the same seed gives the same trace in another process with other hash seeds."""
    seeds = range(trial.seed, trial.seed + trial.many)
    if trial.until_red:  # a mutant lives in this process only
        first, other = ([traced(seed) for seed in seeds] for _ in range(2))
    else:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
            there = elsewhere.map(traced, seeds, chunksize=10)
            first = [traced(seed) for seed in seeds]
            other = list(there)
    differ = [seed for seed, one, two in zip(seeds, first, other, strict=True) if one != two]
    problems = [f"seed {seed} went another way" for seed in differ]
    return Result({"seeds": len(first), "runs": 2, "different": len(differ)}, problems)


PROPERTIES = [
    Property(
        "S1",
        "Whatever the network, the servers and the tablets do, nothing is lost and all agree",
        converges,
        full=10_000,
        quick=80,
        mutants=mutants.HISTORIES,
        seconds=400,
        parts=40,
    ),
    Property(
        "S2",
        "A seed replays bit for bit",
        repeats,
        full=200,
        quick=12,
        mutants=mutants.CHANCE,
        seconds=20,
    ),
]
