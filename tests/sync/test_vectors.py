"""Runs the vectors, the cases that both languages answer alike, on Python."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.vectors import generate


def test_there_are_thousands_of_cases_with_names_of_their_own() -> None:
    names = [
        f"{module}: {one['call']}: {one['name']}"
        for module in generate.MODULES
        for one in generate.read(module)
    ]
    assert len(names) >= 2_000
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("module", generate.MODULES)
def test_python_answers_as_written(module: str) -> None:
    wrong, shared = [], generate.as_text(generate.SHARED)
    for one in generate.read(module):
        written = {key: one[key] for key in ("gives", "fails") if key in one}
        if generate.as_text(generate.answer(module, one)) != generate.as_text(written):
            wrong.append(one["name"])
    assert wrong == []
    assert generate.as_text(generate.SHARED) == shared, "what is shared was changed"


def test_the_files_are_what_the_generator_writes() -> None:
    """A rule that changes is a diff to look at: python -m tests.vectors.generate."""
    fresh = generate.generated()
    stale = [name for name, text in fresh.items() if generate.text_of(name) != text]
    assert stale == []
