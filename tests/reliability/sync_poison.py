"""S8: one bad act in five hundred is quarantined and shown; the others arrive in the same turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.act import Act
from tests.reliability import history_script, mutants
from tests.reliability.device import Row
from tests.reliability.hospital_template import BOSS
from tests.reliability.oracle import Broken, must
from tests.reliability.registry import Property, Result, Trial, each
from tests.reliability.sync_histories import quiet
from tests.reliability.world import World

MANY = 500
SPOILED: tuple[Callable[[Act], Any], ...] = (
    lambda act: {**act, "at": "yesterday"},
    lambda act: {**act, "v": 99},
    lambda act: {**act, "site": "elsewhere"},
    lambda act: {**act, "device": 7},
    lambda act: {**act, "act": "waiting.levitated"},
    lambda act: {**act, "data": {**act["data"], "place": "place:area-2"}},
    lambda act: {**act, "data": {"place": 7}},
    lambda act: {**act, "record": "complaint:x"},
    lambda act: {**act, "data": {**act["data"], "rung": 3}},
    lambda act: {**act, "text": "x" * 20_000},
    lambda act: {**act, "_deleted": True},
    lambda act: {**act, "_rev": "9-ffffffffffffffffffffffffffffffff"},
)


def arrives(seed: int) -> str | None:
    """Try one tablet with a bad act somewhere among its acts; return what was wrong."""
    with quiet(), World(seed, devices=1) as world:
        device, luck = world.devices[0], world.luck
        device.skew = 0
        bad = luck.randrange(MANY)
        for number in range(MANY):
            world.clock.passes(ms=7)
            act = _sat_down(world, number)
            if number == bad:
                act = luck.choice(SPOILED)(act)
            device.disk.acts[act["_id"]] = Row(act, "waiting", world.clock())
            device.disk.base[act["record"]] = (None, 0)
        spoiled = list(device.disk.acts)[bad]
        try:
            _look(world, device.turn(world.line(device)), spoiled)
        except Broken as broken:
            return str(broken)
        except Exception as error:
            return f"the server failed: {type(error).__name__}: {error}"
    return None


def _sat_down(world: World, number: int) -> Act:
    record = f"waiting:{number:026d}"
    data = {"name": "张晓丽", "place": "place:lobby-1"}
    device, now = world.devices[0], world.clock()
    return history_script.made(world.luck, device, "waiting.started", record, data, now, None)


def _look(world: World, fate: str, spoiled: str) -> None:
    device, house = world.devices[0], world.house
    must(fate == "ok", f"the turn ended with {fate}")
    stored = {row[0] for row in house.rows("select id from acts where act = 'waiting.started'")}
    must(len(stored) == MANY - 1, f"{len(stored)} arrived")
    must(spoiled not in stored, "the bad one was taken in")
    apart = house.rows("select act_id, refusal from quarantine")
    must(len(apart) == 1, f"{len(apart)} are kept apart")
    must(device.disk.acts[spoiled].state == "refused", "its author's tablet does not know")
    refusal = apart[0][1]
    must(refusal in device.disk.view, "its author does not see it")
    must(refusal in world.oracle.visible(BOSS), "the office does not see it")


def blocks_nothing(trial: Trial) -> Result:
    """S8: so many times."""
    seeds = range(trial.seed, trial.seed + trial.many)
    found = each(arrives, seeds, trial, lambda problem: problem is not None)
    tried = list(zip(seeds, found, strict=False))
    problems = [f"seed {seed}: {problem}" for seed, problem in tried if problem is not None]
    good = len(tried) - len(problems)
    return Result({"runs": len(tried), "acts": MANY, "good": good}, problems)


PROPERTIES = [
    Property(
        "S8",
        "A poison act never blocks the rest",
        blocks_nothing,
        full=100,
        quick=4,
        mutants=mutants.POISON,
        seconds=12,
    )
]
