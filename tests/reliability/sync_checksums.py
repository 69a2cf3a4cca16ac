"""S6: a tablet with one lost, surplus or altered row notices within a turn, and repairs it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from sync import checksums
from tests.reliability import mutants
from tests.reliability.device import Device
from tests.reliability.oracle import Broken, must
from tests.reliability.registry import Property, Result, Trial, each
from tests.reliability.server_clients import Asgi
from tests.reliability.sync_histories import quiet
from tests.reliability.world import World

STEPS = 10


def loses(luck: Random, device: Device) -> str:
    """The browser lost a row."""
    name = luck.choice(sorted(device.disk.view))
    del device.disk.view[name]
    return name


def confuses(luck: Random, device: Device) -> str:
    """A row is of an earlier or another revision."""
    name = luck.choice(sorted(device.disk.view))
    record, round_ = device.disk.view[name]
    wrong = f"{record['_rev'][:-32]}{luck.getrandbits(128):032x}"
    device.disk.view[name] = ({**record, "_rev": wrong}, round_)
    return name


def keeps(luck: Random, device: Device) -> str:
    """A row that was taken back is still there."""
    like = device.disk.view[luck.choice(sorted(device.disk.view))][0]
    name = f"waiting:{luck.getrandbits(80):026d}"
    rev = f"1-{luck.getrandbits(128):032x}"
    device.disk.view[name] = ({**like, "_id": name, "_rev": rev}, device.disk.round)
    return name


FAULTS: tuple[Callable[[Random, Device], str], ...] = (loses, confuses, keeps)


def agree(door: Asgi, device: Device) -> bool:
    """Compare and mend as verify.js does; return whether all was well before."""

    def ask(path: str, body: bytes = b"", **query: str) -> Any:
        method = "POST" if body else "GET"
        return orjson.loads(door.ask(device.person, device.id, method, path, query, body)[0])

    since = str(device.disk.checkpoint)
    ours = {name: record["_rev"] for name, (record, _) in device.disk.view.items()}
    sums = checksums.sums(ours.items())
    said = ask("_manifest", since=since)
    must("behind" not in said, "a tablet that has everything is told that it is behind")
    total = checksums.written(sum(sums) % checksums.WHOLE)
    if (said["count"], said["sum"]) == (len(ours), total):
        return True
    theirs = ask("_manifest", since=since, buckets="true")["buckets"]
    wrong = [n for n, one in enumerate(sums) if checksums.written(one) != theirs[n]]
    must(bool(wrong), "something is wrong, and no part of it is")
    revs = ask("_manifest", since=since, bucket=",".join(map(str, wrong)))["revs"]
    mine = {n: rev for n, rev in ours.items() if checksums.bucket_of(n) in wrong}
    rows: list[dict[str, Any]] = [{"id": name} for name in mine if name not in revs]
    lacking = [{"id": name} for name, rev in revs.items() if mine.get(name) != rev]
    if lacking:
        got = ask("_bulk_get", orjson.dumps({"docs": lacking}))
        rows += [{"id": one["id"], "doc": one["docs"][0]["ok"]} for one in got["results"]]
    device.take_page(rows)
    return False


def noticed(seed: int) -> str | None:
    """Spoil one row of one tablet; return what was wrong about the mending."""
    with quiet(), World(seed, door="asgi", devices=2) as world:
        assert isinstance(world.door, Asgi)
        try:
            for _ in range(STEPS):
                world.anything()
            world.heals()
            for device in world.devices:
                must(agree(world.door, device), "a tablet that holds everything is told otherwise")
            device = world.luck.choice(world.devices)
            fault = world.luck.choice(FAULTS)
            name = fault(world.luck, device)
            must(not agree(world.door, device), f"nobody noticed {fault.__name__} {name}")
            world.oracle.holds_everything(device)
        except Broken as broken:
            return str(broken)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return None


def proves(trial: Trial) -> Result:
    """S6: so many spoiled rows."""
    seeds = range(trial.seed, trial.seed + trial.many)
    tried = list(each(noticed, seeds, trial, lambda problem: problem is not None))
    problems = [f"seed {seed}: {p}" for seed, p in zip(seeds, tried, strict=False) if p]
    return Result({"spoiled": len(tried), "mended": len(tried) - len(problems)}, problems)


PROPERTIES = [
    Property(
        "S6",
        "A tablet can prove that it holds what its person sees, and mends what it does not",
        proves,
        full=100,
        quick=6,
        mutants=mutants.MANIFEST,
        seconds=7,
    )
]
