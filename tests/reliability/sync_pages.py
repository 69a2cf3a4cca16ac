"""S9: whatever the intake let pass, in whatever order, no page of the office fails."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from server.office.page_parts import typed_days
from server.office.record import history, labels
from tests.reliability.registry import Mutant, Property, Result, Trial, each, replaced
from tests.security.test_pages_survive_any_record import failing

HISTORIES = 50  # of one case: its site's lists show them all


def opened(seed: int) -> list[str]:
    """Live a case and open every page; return what failed."""
    with tempfile.TemporaryDirectory() as folder:
        return failing(Path(folder), seed, HISTORIES)


def nothing_fails(trial: Trial) -> Result:
    """S9: so many times."""
    seeds = range(trial.seed, trial.seed + trial.many)
    found = list(each(opened, seeds, trial, bool))
    problems = [
        f"seed {seed}: {bad}" for seed, failed in zip(seeds, found, strict=False) for bad in failed
    ]
    return Result({"histories": len(found) * HISTORIES, "failed": len(problems)}, problems)


def days_are_dates() -> AbstractContextManager[None]:
    """Each day that a record holds is taken for one that a calendar has."""
    return replaced(
        (typed_days, "_day", lambda day: (typed_days.EPOCH + timedelta(days=day)).isoformat())
    )


def members_are_trusted() -> AbstractContextManager[None]:
    """What an act says is shown as if it were of the kind that it should be."""
    return replaced(
        (history, "_told", lambda teller, *given: teller(*given)),
        (labels, "form_problem", lambda *given: None),
    )


PROPERTIES = [
    Property(
        "S9",
        "No record makes a page fail",
        nothing_fails,
        full=100,
        quick=1,
        mutants=(
            Mutant("every number is a day", days_are_dates, 10),
            Mutant("every member is trusted", members_are_trusted, 40),
        ),
        seconds=130,
        parts=10,
    )
]
