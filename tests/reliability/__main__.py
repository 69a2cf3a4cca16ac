"""`python -m tests.reliability [S1 S4 …] [--quick] [--seed N] [--many N] [--no-mutants]`.

Prints one line for each property and one for each mutant; ends with 1 when a promise was not kept
or a mutant was not noticed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from time import monotonic

from tests.reliability.registry import Property, Trial, cores, line, noticed, properties

SHOWN = 10  # problems of a property
LONGEST = 90  # letters of what gave a mutant away
HEAVY = "S1"  # takes as long as half of the others
WORKERS = (2, 1, 2)  # of the heavy one, of those that compute, of those that wait


def main(words: list[str] | None = None) -> int:
    """Run from the command line."""
    known = properties()
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="S1", help="properties; all without any")
    parser.add_argument("--quick", action="store_true", help="as few cases as `make test` tries")
    parser.add_argument("--seed", type=int, default=0, help="the first case")
    parser.add_argument("--many", type=int, help="this many cases")
    parser.add_argument("--workers", type=int, default=cores(), help="processes for each property")
    parser.add_argument("--no-mutants", action="store_true", help="the promises alone")
    asked = parser.parse_args(words)
    if unknown := set(asked.which) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if not (asked.which or asked.quick or asked.many):
        return _in_lanes(known, asked)
    good = True
    for promise in known.values():
        if not asked.which or promise.id in asked.which:
            many = asked.many or (promise.quick if asked.quick else promise.full)
            good &= _kept(promise, Trial(many, asked.seed, asked.workers))
            if not asked.no_mutants:
                good &= _gate(promise, asked.quick)
    return 0 if good else 1


def _in_lanes(known: dict[str, Property], asked: argparse.Namespace) -> int:
    """Try everything in three processes: the heavy one, those that compute, those that wait."""
    lanes: tuple[list[str], ...] = ([], [], [])
    for promise in known.values():
        lanes[0 if promise.id == HEAVY else 1 + promise.serial].append(promise.id)
    began, said = monotonic(), threading.Lock()
    more = ["--seed", str(asked.seed)] + asked.no_mutants * ["--no-mutants"]

    def listen(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for words in process.stdout:
            with said:
                print(words, end="", flush=True)

    processes, listening = [], []
    for lane, workers in zip(lanes, WORKERS, strict=True):
        command = [sys.executable, "-u", "-m", "tests.reliability", *lane, *more]
        command += ["--workers", str(workers)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        listening.append(threading.Thread(target=listen, args=(processes[-1],)))
        listening[-1].start()
    for thread in listening:
        thread.join()
    good = [process.wait() == 0 for process in processes]
    how = "kept" if all(good) else "NOT KEPT"
    print(f"everything that is promised was {how} in {monotonic() - began:.0f} s", flush=True)
    return 0 if all(good) else 1


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
