"""Check of the chain of acts: are they those that were taken in?"""

from __future__ import annotations

from collections.abc import Iterator

from server.database import chain
from server.operations.audit import chain_walk
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few


def check(inspected: Inspected) -> Iterator[Finding]:
    """Walk the chain, and say its head: who keeps that elsewhere can tell a rewritten history."""
    with inspected.site.reading() as connection:
        done = chain_walk.walk(
            connection, progress=lambda number, of: inspected.progress("acts", number, of)
        )
    if done.problems:
        yield Finding(
            BAD,
            "acts",
            f"{len(done.problems)} places in the chain of acts do not fit: {few(done.problems, 1)}",
            "Keep a copy of the data folder, and compare it with a backup.",
        )
        return
    head = chain.named(done.number, done.head)
    yield Finding(GOOD, "acts", f"{done.number} acts are as they were taken in; head {head}.")
