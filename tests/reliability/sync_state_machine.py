"""S3: the simulated hospital as a hypothesis state machine, which shrinks what it finds."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.reliability import history_script, mutants
from tests.reliability.oracle import Broken
from tests.reliability.registry import Property, Result, Trial, each
from tests.reliability.sync_histories import quiet
from tests.reliability.world import DEVICES, FAULTS, STEPS, TABLETS, World

SHARES = 8  # of the examples, each with a seed of its own
tablets = st.integers(0, DEVICES - 1)
people = st.sampled_from(TABLETS)
moods = st.lists(st.sampled_from([None, *dict.fromkeys(FAULTS)]), max_size=4)


class Hospital(RuleBasedStateMachine):
    """Each rule is one step of a history; the oracle looks after each."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(0)
        self.broken = False

    def _does(self, what: str, *args: Any) -> None:
        try:
            self.world.does(getattr(self.world, what), *args)
        except Broken:
            self.broken = True
            raise

    @rule(tablet=tablets)
    def keeps(self, tablet: int) -> None:
        self._does("keeps", self.world.devices[tablet])

    @rule(tablet=tablets, faults=moods)
    def turns(self, tablet: int, faults: list[str | None]) -> None:
        self._does("turns", self.world.devices[tablet], faults)

    @rule(tablet=tablets, person=people)
    def changes_hands(self, tablet: int, person: str) -> None:
        self._does("changes_hands", self.world.devices[tablet], person)

    @rule(minutes=st.sampled_from((3, 6, 11, 40, 250)))
    def passes(self, minutes: int) -> None:
        self._does("passes", minutes)

    @rule(person=people, number=st.integers(0, len(history_script.GRANTS) - 1))
    def grants(self, person: str, number: int) -> None:
        self._does("grants", person, number)

    @rule(
        what=st.sampled_from(
            ("arrives", "repeats", "decides", "server_dies", "is_backed_up", "is_restored")
        )
    )
    def happens(self, what: str) -> None:
        self._does(what)

    def teardown(self) -> None:
        try:
            if not self.broken:
                self.world.heals()
        finally:
            self.world.__exit__()


def examples(share: tuple[int, int, bool]) -> str | None:
    """Try (seed, many, whether to shorten); return what was found, as a little program."""
    number, many, shorten = share
    phases = [Phase.generate, *([Phase.shrink] if shorten else [])]
    kept = settings(
        max_examples=many,
        stateful_step_count=STEPS,
        derandomize=False,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    said = io.StringIO()
    with quiet(), redirect_stdout(said):
        try:
            run_state_machine_as_test(seed(number)(Hospital), settings=kept)
        except Exception as found:
            steps = "\n".join(getattr(found, "__notes__", []))
            return f"{type(found).__name__}: {found}\n{steps}"
    return None


def least(trial: Trial) -> Result:
    """S3: nothing is found; if something were, this is where the shortest history is shown."""
    shares = 1 if trial.until_red else min(SHARES, trial.many)
    cases = [
        (trial.seed + share, trial.many // shares, not trial.until_red) for share in range(shares)
    ]
    found = list(each(examples, cases, trial, lambda one: one is not None))
    problems = [one for one in found if one is not None]
    tried = sum(many for _, many, _ in cases)
    return Result({"examples": tried, "steps": STEPS, "found": len(problems)}, problems)


PROPERTIES = [
    Property(
        "S3",
        "Rules drawn by hypothesis find nothing either, and would show the least that breaks it",
        least,
        full=1_000,
        quick=24,
        mutants=mutants.RULES,
        seconds=45,
    )
]
