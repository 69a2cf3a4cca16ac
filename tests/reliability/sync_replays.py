"""S7: every push is sent two to five times, old ones again in any order, and has one effect."""

from __future__ import annotations

from typing import Any

from sync.act import Act
from tests.reliability import mutants
from tests.reliability.device import Device
from tests.reliability.oracle import Broken
from tests.reliability.registry import Property, Result, Trial, each
from tests.reliability.server_clients import Pushed
from tests.reliability.sync_histories import past, quiet
from tests.reliability.world import STEPS, Outcome, World

TABLES = {
    "acts": "select id, body from acts order by id",
    "records": "select id, rev from records order by id",
    "quarantine": "select id, refusal, decided_at from quarantine order by id",
    "timers": "select * from timers order by record, ladder, rung",
    "jobs": "select key from jobs order by key",
}


class Stubborn(World):
    """A hospital whose network repeats everything."""

    def _push(self, device: Device, person: str, acts: list[Act]) -> Pushed:
        try:
            return super()._push(device, person, acts)
        finally:
            again = [self.network.posts[-1]] * self.luck.randrange(1, 5)
            again += self.luck.sample(self.network.posts, min(2, len(self.network.posts)))
            self.luck.shuffle(again)
            for post in again:
                self._hands_in(post)

    def repeats_all(self) -> bool:
        """Hand everything in again, in any order; return whether a refused act was good now."""
        before = {name: self.house.rows(wanted) for name, wanted in TABLES.items()}
        for _ in range(self.luck.randrange(2, 6)):
            for post in self.luck.sample(self.network.posts, len(self.network.posts)):
                self._hands_in(post)
            self.house.beats()
        self.oracle.looks()
        after = {name: self.house.rows(wanted) for name, wanted in TABLES.items()}
        known = {row[0] for row in before["acts"]}
        if any(row[0] in self.oracle.made for row in after["acts"] if row[0] not in known):
            return True  # it was out of its author's sight, or they had no right to it, until now
        for name in TABLES:
            if before[name] != after[name]:
                raise Broken(f"handing in again changed {name}: {_first(before, after, name)}")
        return False


def _first(before: dict[str, Any], after: dict[str, Any], name: str) -> Any:
    new = [row for row in after[name] if row not in before[name]]
    return (new or [row for row in before[name] if row not in after[name]])[0]


def lived(seed: int) -> Outcome:
    """Live a history through in which everything is handed in again and again."""
    with quiet(), Stubborn(seed) as world:
        problem = None
        try:
            for _ in range(STEPS):
                world.anything()
            world.heals()
            world.repeats_all()
        except Broken as broken:
            problem = f"step {world.step}: {broken}"
        except Exception as error:
            problem = f"step {world.step}: the server failed: {type(error).__name__}: {error}"
        return Outcome(seed, problem, world.trace, len(world.oracle.made), world.network.requests)


def shows_once(trial: Trial) -> Result:
    """S7: no escalation, notice, refusal or act twice."""
    many = max(1, trial.many // STEPS)
    seeds = [*past("S7"), *range(trial.seed, trial.seed + many)]
    counts = {"ops": 0, "acts": 0, "twice": 0}
    problems = []
    for outcome in each(lived, seeds, trial, lambda one: one.problem is not None):
        counts["ops"] += STEPS
        counts["acts"] += outcome.acts
        if outcome.problem is not None:
            problems.append(f"seed {outcome.seed}, {outcome.problem}")
    counts["twice"] = len(problems)
    return Result(counts, problems)


PROPERTIES = [
    Property(
        "S7",
        "Whatever is handed in again has no second effect",
        shows_once,
        full=2_000,
        quick=240,
        mutants=mutants.REPLAYS,
    )
]
