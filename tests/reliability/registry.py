"""The list of promised properties, the trial of each, and the mutants that each trial must notice.

Each module of MODULES has a list `PROPERTIES`. `run(trial)` tries `trial.many` cases and returns
what it counted; a mutant is a fault planted in our own code under which the same trial must fail.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

# What a trial is about stands before the first underscore of its module's name.
ABOUT = ("durability", "sync", "clock", "guards", "rules", "http")
MODULES = tuple(
    f"tests.reliability.{file.stem}"
    for about in ABOUT
    for file in sorted(Path(__file__).parent.glob(f"{about}_*.py"), key=lambda file: file.name)
)

Case = TypeVar("Case")
# What a fault shows that no longer fits the code which it is planted in.
STUMBLED = re.compile(r"TypeError|NameError|AttributeError|ProgrammingError")


@dataclass(frozen=True)
class Trial:
    """How much to try: so many cases from `seed` on.

    `until_red` ends it at the first failure, which is all that a mutant is asked for.
    """

    many: int
    seed: int = 0
    until_red: bool = False
    is_first: bool = True  # of the parts that a trial was cut into


@dataclass
class Result:
    """What was counted, in the order of the line that is printed, and what went wrong."""

    counts: dict[str, Any]
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether the promise was kept."""
        return not self.problems


@dataclass(frozen=True)
class Mutant:
    """A fault in our code; under it the property must go red within `many` cases."""

    name: str
    planted: Callable[[], AbstractContextManager[Any]]
    many: int = 200
    quick: bool = False  # tried in the quick run too


@dataclass(frozen=True)
class Property:
    """A promise: `full` and `quick` say how many cases `make reliability` and `make test` try."""

    id: str
    says: str
    run: Callable[[Trial], Result]
    full: int
    quick: int
    mutants: tuple[Mutant, ...] = ()
    # It kills servers or waits for clocks: tests that share its process and its machine go first.
    serial: bool = False
    seconds: int = 5  # about what all of it costs one core: what is long begins early
    parts: int = 1  # that it can be cut into; what they count adds up
    why_not: Callable[[], str | None] = lambda: None  # what this machine lacks for it


@functools.cache
def properties() -> dict[str, Property]:
    """Return every property by its id."""
    found: dict[str, Property] = {}
    for name in MODULES:
        for promise in importlib.import_module(name).PROPERTIES:
            assert promise.id not in found, f"two properties are called {promise.id}"
            found[promise.id] = promise
    return found


def line(promise: Property, result: Result) -> str:
    """Return the one line that a property prints."""
    counts = " ".join(f"{name}={value}" for name, value in result.counts.items())
    return f"{promise.id} {counts}" + ("" if result.ok else " FAILED")


def noticed(promise: Property, mutant: Mutant) -> str | None:
    """Return what gave a mutant away; None when nobody noticed, which no trial may do.

    Raises RuntimeError for one that stumbles over itself: that proves nothing of the promise.
    """
    with mutant.planted():
        result = promise.run(Trial(mutant.many, until_red=True))
    if result.ok:
        return None
    if STUMBLED.search(result.problems[0]):
        raise RuntimeError(f"the mutant itself is at fault: {result.problems[0]}")
    return result.problems[0]


# For whoever tries cases


def each(
    run: Callable[[Case], Any], cases: Iterable[Case], trial: Trial, red: Callable[[Any], bool]
) -> Iterator[Any]:
    """Yield what `run(case)` returns, in order; a mutant needs no more than one that is red."""
    for case in cases:
        outcome = run(case)
        yield outcome
        if trial.until_red and red(outcome):
            return


@contextmanager
def replaced(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Replace members while the block runs: (object, name, value)."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    try:
        for owner, name, value in changes:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in reversed(before):
            setattr(owner, name, value)
