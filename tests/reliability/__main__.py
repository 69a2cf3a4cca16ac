"""`python -m tests.reliability [S1 S4 …] [--quick] [--seed N] [--many N] [--no-mutants]`.

Prints one line for each property and one for each mutant; ends with 1 when a promise was not kept,
a mutant was not noticed, or a trial could not be held.
"""

from __future__ import annotations

import argparse
import os
import sys
from time import monotonic

from tests.reliability import running
from tests.reliability.registry import Property, Trial, line, properties
from tests.reliability.running import Done, Outcome

SHOWN = 10  # problems of a property
LONGEST = 90  # letters of what gave a mutant away


def main(words: list[str] | None = None) -> int:
    """Run from the command line."""
    known = properties()
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="S1", help="properties; all without any")
    parser.add_argument("--quick", action="store_true", help="as few cases as `make test` tries")
    parser.add_argument("--seed", type=int, default=0, help="the first case")
    parser.add_argument("--many", type=int, help="this many cases")
    parser.add_argument("--workers", type=int, default=running.cores(), help="that compute")
    parser.add_argument("--no-mutants", action="store_true", help="the promises alone")
    asked = parser.parse_args(words)
    if unknown := set(asked.which) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = [known[name] for name in known if not asked.which or name in asked.which]
    lacking = {one.id: reason for one in chosen if (reason := one.why_not()) is not None}
    began, load = monotonic(), os.getloadavg()[0]
    wanted = {one.id: _tasks(one, asked) for one in chosen if one.id not in lacking}
    bad = []
    for outcome in running.run(wanted, asked.workers):
        _show(outcome)
        if not outcome.ok:
            bad.append(outcome.promise.id)
    for name, reason in lacking.items():
        print(f"{name} NOT TRIED: {reason}.")
    how = f"NOT KEPT: {', '.join(bad)}" if bad else "kept"
    how += f", NOT TRIED: {', '.join(lacking)}" if lacking else ""
    took = f"{monotonic() - began:.0f} s, on a machine with load {load:.1f} before"
    print(f"what was promised was {how}, in {took}", flush=True)
    return 1 if bad else 0


def _tasks(promise: Property, asked: argparse.Namespace) -> list[running.Task]:
    many = asked.many or (promise.quick if asked.quick else promise.full)
    mutants = [
        number
        for number, mutant in enumerate(promise.mutants)
        if not asked.no_mutants and (mutant.quick or not asked.quick)
    ]
    return running.tasks(promise, Trial(many, asked.seed), mutants)


def _show(outcome: Outcome) -> None:
    parts, result = outcome.parts, outcome.result
    wall = max(one.ended for one in parts) - min(one.began for one in parts)
    cpu = sum(one.cpu for one in parts)
    print(f"{line(outcome.promise, result)} in {wall:.0f} s, {cpu:.0f} s of a core", flush=True)
    for problem in result.problems[:SHOWN]:
        print(f"   {problem}", flush=True)
    for error in outcome.errors[:SHOWN]:
        print(f"   THE TRIAL FAILED: {error}", flush=True)
    for mutant, done in outcome.mutants:
        print(f"   mutant {mutant.name}: {_notice(done)}", flush=True)


def _notice(done: Done) -> str:
    if done.error:
        return f"THE TRIAL FAILED: {done.error}"
    how = f"noticed by {done.found[:LONGEST]}" if done.found else "NOT NOTICED"
    return f"{how} in {done.ended - done.began:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
