"""Every property with few cases, and the mutants that are noticed at once.

The whole of it is `make reliability`; one property is `python -m tests.reliability S1`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.reliability.registry import Mutant, Property, Trial, noticed, properties


def marked(promise: Property, *values: Any, name: str = "") -> Any:
    """Return a parameter; what kills servers or bends clocks is not tried beside anything."""
    marks: list[Any] = [pytest.mark.serial] if promise.serial else []
    if (reason := promise.why_not()) is not None:  # tests/conftest.py says so at the end
        marks.append(pytest.mark.skip(reason))
    return pytest.param(promise, *values, id=promise.id + name, marks=marks)


PROMISES = [marked(promise) for promise in properties().values()]
MUTANTS = [
    marked(promise, mutant, name=f"-{mutant.name.replace(' ', '-')}")
    for promise in properties().values()
    for mutant in promise.mutants
    if mutant.quick
]


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_kept(promise: Property) -> None:
    result = promise.run(Trial(promise.quick))
    assert result.ok, "\n".join(result.problems[:5])


@pytest.mark.parametrize(("promise", "mutant"), MUTANTS)
def test_a_fault_that_breaks_it_is_noticed(promise: Property, mutant: Mutant) -> None:
    assert noticed(promise, mutant), f"{promise.id} would not notice: {mutant.name}"
