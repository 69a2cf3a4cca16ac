"""Several servers tick the same timers and are killed at it: everybody is notified exactly once."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from server.acts.site import Site
from server.base.clock import real_now
from server.base.config import Config
from server.clocks import escalation
from tests.cast import PEOPLE, PLACES, SITE, Tablet
from tests.clock import DAY, MINUTE, Clock
from tests.limits import PATIENCE, joined
from tests.server import database_rows
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH
from tests.sources import ROOT

PEOPLE_WAITING = 200
LASTS = 4.0  # s in which their clocks come due
KILLS = 12


def hospital(folder: Path, database: str) -> Site:
    site = Site(Config(folder, database, name=SITE), real_now)
    for record, data in (*PLACES.items(), *PEOPLE.items()):
        name = record.partition(":")[0] + ".added"
        site.record_act(name, record, data, by="system:site", at=real_now() - DAY)
    return site


def sit_down(site: Site) -> list[str]:
    """Let people sit down so that first and second rungs come due over the next seconds."""
    lin = Tablet("person:lin", site, real_now, "device:" + "0" * 25 + "L")
    found = []
    for number in range(PEOPLE_WAITING):
        waiting = lin.new("waiting")
        ago = 8 * MINUTE if number % 2 else 5 * MINUTE
        at = real_now() - ago + int(number * LASTS * 1_000 / PEOPLE_WAITING) + 500
        act = lin.says("waiting.started", waiting, at=at, place="place:lobby-1", name=f"{number}")
        # Known from its beginning: what is born late waits for its own distance.
        assert lin.hands_in(act, received_at=at)[0].good
        found.append(waiting)
    return found


def start(folder: Path, database: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.server.ticker", folder, database]
    return subprocess.Popen(command, cwd=ROOT)


@pytest.mark.serial
@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_three_servers_are_killed_at_their_ticks_and_everybody_is_told_once(
    tmp_path: Path, database: str
) -> None:
    site = hospital(tmp_path, database)
    waiting = sit_down(site)
    dice = random.Random(2)
    servers = [start(tmp_path, database) for _ in range(3)]
    try:
        ends = time.monotonic() + LASTS + 3
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.1, 2 * LASTS / KILLS))
            victim = servers.pop(dice.randrange(len(servers)))
            victim.kill()
            victim.wait(PATIENCE)
            servers.append(start(tmp_path, database))
        while time.monotonic() < ends:
            time.sleep(0.1)
        escalation.tick(site)
    finally:
        for server in servers:
            server.kill()
            server.wait(PATIENCE)
    counted = database_rows.told(site)
    expected = {(record, "waiting_water", 1) for record in waiting}
    expected |= {(record, "waiting_water", 2) for record in waiting[1::2]}
    assert set(counted) == expected
    assert max(counted.values()) == 1
    assert site.refold()[1] == 0
    site.close()


def test_a_server_that_is_told_to_stop_leaves_the_rest_to_the_next(
    site: Site, clock: Clock
) -> None:
    """After an outage thousands are due: stopping does not wait for all of them."""
    lin = Tablet("person:lin", site, clock, "device:" + "0" * 25 + "L")
    for number in range(150):
        lin.says("waiting.started", lin.new("waiting"), place="place:lobby-1", name=f"{number}")
    lin.hands_in()
    clock.passes(minutes=6)
    site.hub.close()
    assert escalation.tick(site) == escalation.BATCH
    assert sum(escalation.tick(site) for _ in range(3)) == 150 - escalation.BATCH


def test_two_threads_that_tick_at_once_tell_once(site: Site, clock: Clock) -> None:
    lin = Tablet("person:lin", site, clock, "device:" + "0" * 25 + "L")
    for number in range(150):
        said = {"place": "place:lobby-1", "name": str(number)}
        lin.says("waiting.started", lin.new("waiting"), **said)
    lin.hands_in()
    clock.passes(minutes=9)
    gate = threading.Barrier(4)
    counts = []

    def tick() -> None:
        gate.wait(PATIENCE)
        counts.append(escalation.tick(site))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    joined(*threads, what="the ticks")
    assert sum(counts) == 150
    clockwork = Clockwork(site, clock)
    assert clockwork.count("waiting.rung_reached") == 150
    assert clockwork.count("notice.told") == 150
