"""D5 and D8: a backup is restored, and the tablets push again what it lacks."""

from __future__ import annotations

import os
import random
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.acts.site import Site
from server.base.clock import real_now
from server.base.config import Config
from server.clocks import escalation
from server.database.tables import records
from server.operations.backup import archive, copying, making, restoring, verifying
from server.operations.diagnosis import commands as doctor
from server.operations.diagnosis.finding import BAD
from tests.cast import SITE
from tests.reliability import mutants
from tests.reliability.process import Pusher, Server, hospital, pushed_to, running, stored
from tests.reliability.registry import Mutant, Property, Result, Trial, each, replaced
from tests.reliability.sync_histories import quiet
from tests.reliability.world import Broken, World
from tests.server import database_rows

SAMPLED = 1_000  # records that are compared after each drill
GROUND = {"settings", "disk", "owner", "tick", "time"}  # what it says of the tests' own folder
BEFORE, BETWEEN = 16, 24  # steps of a history


# D5


def drills(trial: Trial) -> Result:
    """Save a server while two tablets push, lose it, put it back: `many` times."""
    counts: dict[str, Any] = {"drills": 0, "acked": 0, "compared": 0, "lost": 0, "twice": 0}
    slowest = 0.0
    problems: list[str] = []
    for number in range(trial.many):
        with tempfile.TemporaryDirectory() as name:
            slowest = max(slowest, _drill(Path(name), trial.seed + number, counts, problems))
        counts["drills"] += 1
        if trial.until_red and problems:
            break
    counts["restore_s"] = round(slowest, 1)
    return Result(counts, problems)


def _drill(folder: Path, seed: int, counts: dict[str, Any], problems: list[str]) -> float:
    dice, house = random.Random(seed), folder / "house"
    house.mkdir()
    cookie, server = hospital(house), Server(house)
    config = Config(house, server.database, name=SITE)
    with pushed_to(server, cookie, dice) as pushers:
        time.sleep(dice.uniform(0.1, 0.6))
        before = [act for one in pushers for act in list(one.acknowledged)]
        try:
            made = making.make(config, folder / "kept", real_now())
        except Exception as error:  # whatever it is: there is none
            problems.append(f"no backup could be made: {error}")
            return 0.0
        time.sleep(dice.uniform(0.1, 0.4))
    acked = [act for one in pushers for act in one.acknowledged]
    counts["acked"] += len(acked)
    was = _records(config)
    for file in house.glob("floorwalk.db*"):
        os.truncate(file, 0)  # the disk is lost
    began = time.monotonic()
    try:
        restoring.restore(made.path, config, real_now(), replace=True)
    except Exception as error:
        problems.append(f"it could not be put back: {type(error).__name__}: {error}")
        return 0.0
    took = time.monotonic() - began
    _looks(config, before, was, counts, problems)
    _again(server, pushers, acked, counts, problems)
    found = doctor.examine(config, [], repair=False)
    ours = [one for one in found if one.check not in GROUND]
    problems += [f"the doctor: {one.say}" for one in ours if one.level == BAD]
    return took


def _records(config: Config) -> dict[str, bytes]:
    site = Site(config)
    with site.reading() as connection:
        rows = connection.execute(sa.select(records.c.id, records.c.body)).all()
    site.close()
    return {row.id: row.body for row in rows}


def _looks(
    config: Config,
    before: list[str],
    was: dict[str, bytes],
    counts: dict[str, Any],
    problems: list[str],
) -> None:
    """What was acknowledged before the backup is in it, byte for byte."""
    site = Site(config)
    if lacks := len(set(before) - stored(site, before)):
        problems.append(f"{lacks} acts from before the backup are not in it")
    site.close()
    now = _records(config)
    some = [name for name in now if name.startswith("waiting:")][:SAMPLED]
    counts["compared"] += len(some)
    problems += [f"{name} is another" for name in some if now[name] != was[name]][:3]


def _again(
    server: Server,
    pushers: list[Pusher],
    acked: list[str],
    counts: dict[str, Any],
    problems: list[str],
) -> None:
    """Have the tablets push again what they sent: all is stored once and notified once."""
    with running(server), server.connect() as connection:
        for one in pushers:
            one.offer_again(connection)
    minutes = 10 * 60_000
    site = Site(Config(server.folder, server.database, name=SITE), lambda: real_now() + minutes)
    if lost := len(set(acked) - stored(site, acked)):
        counts["lost"] += lost
        problems.append(f"{lost} acknowledged acts did not come back")
    escalation.tick(site)
    if escalation.tick(site):
        problems.append("a rung was told again")
    twice = [one for one, n in database_rows.told(site).items() if n > 1]
    counts["twice"] += len(twice)
    problems += [f"twice: {one}" for one in twice[:3]]
    if site.refold()[1]:
        problems.append("a record is not what its acts add up to")
    site.close()


def copies_the_file() -> AbstractContextManager[None]:
    """The backup is a copy of the database's file, and nobody opens it again."""

    def copy(engine: Any, path: Path) -> None:
        path.write_bytes(Path(engine.url.database).read_bytes())

    return replaced((copying, "snapshot", copy), (verifying, "verify", _believed))


def _believed(path: Path, scratch: Path) -> Any:
    with archive.members(path) as (manifest, listed):
        for member in listed:
            if member.name == archive.DATABASE:
                (scratch / archive.DATABASE).write_bytes(member.body.read())
    return manifest, 0


# D8


def gaps(trial: Trial) -> Result:
    """Live `many` histories in which an older day is put back in the middle."""
    seeds = range(trial.seed, trial.seed + trial.many)
    counts = {"seeds": 0, "acts": 0, "failed": 0}
    problems: list[str] = []
    for seed, acts, problem in each(_gap, seeds, trial, lambda one: one[2] is not None):
        counts["seeds"] += 1
        counts["acts"] += acts
        if problem is not None:
            counts["failed"] += 1
            problems.append(f"seed {seed}: {problem}")
    return Result(counts, problems)


def _gap(seed: int) -> tuple[int, int, str | None]:
    with quiet(), World(seed) as world:
        try:
            for _ in range(BEFORE):
                world.anything()
            world.does(world.is_backed_up)
            for _ in range(BETWEEN):
                world.anything()
            world.does(world.is_restored)
            world.heals()
        except Broken as broken:
            return seed, len(world.oracle.made), str(broken)
        return seed, len(world.oracle.made), None


PROPERTIES = [
    Property(
        "D5",
        "A backup that is made while people work is put back whole, and nobody is told twice",
        drills,
        full=8,
        quick=1,
        seconds=20,
        mutants=(Mutant("the file is copied as it is", copies_the_file, 3),),
        serial=True,
    ),
    Property(
        "D8",
        "What a restored server lacks, tablets offer again",
        gaps,
        full=100,
        quick=20,
        seconds=6,
        mutants=(
            Mutant(
                "nothing is offered again",
                mutants.instead(mutants.Device, "offer_again", lambda _: None),
                60,
                quick=True,
            ),
        ),
    ),
]
