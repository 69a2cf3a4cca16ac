"""`python -m tests.reliability [S1 S4 …] [--quick] [--seed N] [--many N] [--no-mutants]`.

Prints one line for each property and one for each mutant; ends with 1 when a promise was not kept
or a mutant was not noticed.
"""

from __future__ import annotations

import argparse
import sys
from time import monotonic

from tests.reliability.registry import Property, Trial, cores, line, noticed, properties

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
    parser.add_argument("--no-mutants", action="store_true", help="the promises alone")
    asked = parser.parse_args(words)
    if unknown := set(asked.which) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    good = True
    for promise in known.values():
        if not asked.which or promise.id in asked.which:
            many = asked.many or (promise.quick if asked.quick else promise.full)
            good &= _kept(promise, Trial(many, asked.seed, cores()))
            if not asked.no_mutants:
                good &= _gate(promise, asked.quick)
    return 0 if good else 1


def _kept(promise: Property, trial: Trial) -> bool:
    began = monotonic()
    result = promise.run(trial)
    print(f"{line(promise, result)} in {monotonic() - began:.0f} s", flush=True)
    for problem in result.problems[:SHOWN]:
        print(f"   {problem}", flush=True)
    return result.ok


def _gate(promise: Property, quick: bool) -> bool:
    good = True
    for mutant in promise.mutants:
        if mutant.quick or not quick:
            began = monotonic()
            found = noticed(promise, mutant)
            how = f"noticed by {found[:LONGEST]}" if found else "NOT NOTICED"
            print(f"   mutant {mutant.name}: {how} in {monotonic() - began:.1f} s", flush=True)
            good &= found is not None
    return good


if __name__ == "__main__":
    sys.exit(main())
