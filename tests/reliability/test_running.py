"""How the trials are scheduled, and what is reported of one that could not be held."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from tests.reliability import running
from tests.reliability.__main__ import _show
from tests.reliability.registry import Mutant, Property, Result, Trial, properties
from tests.reliability.running import Outcome, Task

MANY = Property("X1", "Counts its cases", lambda trial: Result({"n": trial.many}), 10, 1, parts=4)


@pytest.mark.parametrize("many", [1, 3, 4, 10, 1_003])
def test_parts_are_the_whole_without_gap_or_overlap(many: int) -> None:
    trials = [task.trial for task in running.tasks(MANY, Trial(many, 7), [])]
    tried = [seed for trial in trials for seed in range(trial.seed, trial.seed + trial.many)]
    assert tried == list(range(7, 7 + many))
    assert [trial.is_first for trial in trials] == [True] + [False] * (len(trials) - 1)
    assert len(trials) == min(many, 4)


def test_what_parts_count_adds_up() -> None:
    outcome = Outcome(MANY)
    outcome.parts = [
        running.Done(task, MANY.run(task.trial)) for task in running.tasks(MANY, Trial(10), [])
    ]
    assert outcome.ok and outcome.result.counts == {"n": 10}


def test_a_trial_that_cannot_be_held_is_no_promise_broken_and_no_mutant_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumbles(_: Trial) -> Result:
        raise OSError("no room to try it in")

    never = Mutant("nothing at all", nullcontext)
    broken = replace(MANY, run=stumbles, mutants=(never,))
    monkeypatch.setitem(properties(), "X1", broken)
    outcome = Outcome(broken, [running.attempted(Task("X1", Trial(1)))])
    outcome.mutants.append((never, running.attempted(Task("X1", Trial(0), 0))))
    assert not outcome.ok and not outcome.result.problems and outcome.errors
    _show(outcome)
    said = capsys.readouterr().out
    assert said.count("THE TRIAL FAILED") == 2 and said.count("OSError: no room to try it in") == 2
    assert "noticed by" not in said


def test_a_mutant_that_stumbles_over_itself_is_not_called_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumbles(_: Trial) -> Result:
        return Result({}, ["the server failed: TypeError: channels() takes 3 arguments"])

    old = Mutant("of a signature that was", nullcontext)
    monkeypatch.setitem(properties(), "X1", replace(MANY, run=stumbles, mutants=(old,)))
    done = running.attempted(Task("X1", Trial(0), 0))
    assert done.found is None and "the mutant itself is at fault" in str(done.error)
