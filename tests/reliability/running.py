"""Schedules the trials on all cores: long ones begin first, those that can be cut fill the gaps.

What kills servers and waits for clocks uses little of a core; it has a process of its own beside
those that compute. Each trial has a process for itself while it lasts, so none disturbs another.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from time import monotonic
from typing import Any

from tests.reliability.registry import Mutant, Property, Result, Trial, noticed, properties

MUTANT_SECONDS = 11  # about; before the parts that fill gaps
WAITING = 1  # processes for what waits more than it computes


@dataclass(frozen=True)
class Task:
    """A promise, a part of one, or one of its mutants (by its number)."""

    promise: str
    trial: Trial
    mutant: int | None = None
    seconds: float = MUTANT_SECONDS


@dataclass(frozen=True)
class Done:
    """The result of a task; `error` when the trial itself could not be held."""

    task: Task
    result: Result | None = None
    found: str | None = None  # what gave a mutant away
    error: str | None = None
    began: float = 0.0
    ended: float = 0.0
    cpu: float = 0.0  # s of a core, with those of processes that ended


@dataclass
class Outcome:
    """All that was tried of one promise."""

    promise: Property
    parts: list[Done] = field(default_factory=list)
    mutants: list[tuple[Mutant, Done]] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        """What could not be tried because the trial itself failed."""
        return [part.error for part in self.parts if part.error]

    @property
    def result(self) -> Result:
        """What the parts counted, together."""
        found = [part.result for part in self.parts if part.result]
        counts: dict[str, Any] = dict(found[0].counts) if found else {}
        for one in found[1:]:
            for name, value in one.counts.items():
                counts[name] += value
        return Result(counts, [problem for one in found for problem in one.problems])

    @property
    def ok(self) -> bool:
        """Say whether the promise was kept and every mutant noticed."""
        seen = all(done.found for _, done in self.mutants)
        return seen and not self.errors and self.result.ok


def tasks(promise: Property, trial: Trial, mutants: Iterable[int]) -> list[Task]:
    """Return what is to be done for a promise and for some of its mutants."""
    cut = min(promise.parts, trial.many)
    found, seed = [], trial.seed
    for part in range(cut):
        many = (trial.many - part) // cut + ((trial.many - part) % cut > 0)
        share = Trial(many, seed, is_first=part == 0)
        found.append(Task(promise.id, share, seconds=promise.seconds / cut))
        seed += many
    return [*found, *(Task(promise.id, Trial(0), number) for number in mutants)]


def run(wanted: dict[str, list[Task]], workers: int) -> Iterator[Outcome]:
    """Do all tasks; yield each promise when the last of its tasks is done."""
    known = properties()
    open_ = {name: Outcome(known[name]) for name in wanted}
    every = sorted((t for some in wanted.values() for t in some), key=lambda t: -t.seconds)
    with ExitStack() as stack:
        computing, waiting = (
            stack.enter_context(ProcessPoolExecutor(many, mp_context=get_context("spawn")))
            for many in (workers, WAITING)
        )
        asked: dict[Future[Done], Task] = {}
        for task in every:
            pool = waiting if known[task.promise].serial else computing
            asked[pool.submit(attempted, task)] = task
        for future in as_completed(asked):
            error = future.exception()
            task = asked[future]
            done = (
                future.result(0) if error is None else Done(task, error=f"its process: {error!r}")
            )
            outcome = open_[task.promise]
            if task.mutant is None:
                outcome.parts.append(done)
            else:
                outcome.mutants.append((outcome.promise.mutants[task.mutant], done))
            if len(outcome.parts) + len(outcome.mutants) == len(wanted[task.promise]):
                outcome.parts.sort(key=lambda part: part.task.trial.seed)
                outcome.mutants.sort(key=lambda pair: outcome.promise.mutants.index(pair[0]))
                yield outcome


def attempted(task: Task) -> Done:
    """Do one task in this process."""
    began, used = monotonic(), _used()
    promise = properties()[task.promise]
    result = found = error = None
    try:
        if task.mutant is None:
            result = promise.run(task.trial)
        else:
            found = noticed(promise, promise.mutants[task.mutant])
    except Exception:  # the trial, not what is tried: whoever reads it needs the place
        error = traceback.format_exc()
    return Done(task, result, found, error, began, monotonic(), _used() - used)


def _used() -> float:
    return sum(os.times()[:4])


def cores() -> int:
    """Return how many processes compute."""
    return max(1, min(2, os.cpu_count() or 1))
