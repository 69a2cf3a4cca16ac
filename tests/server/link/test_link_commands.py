"""`floorwalk link` on the command line: its questions, what it stores, its messages."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.base.clock import Clock as SiteClock
from server.clocks.periodic_tasks import Schedule
from server.cluster import account, link_loop
from server.database import tables
from tests.clock import Clock
from tests.network import Network
from tests.server.link.conftest import Cluster, Founds
from tests.server.link.proxy import Proxy
from tests.server.link.test_link import a_morning, same_up_there
from tests.server.test_commands import STARTS_WITHIN, environment
from tests.sources import ROOT


def link(
    site: str, folder: Path, *arguments: str, said: str = "", **variables: str
) -> tuple[int, str]:
    kept = {**environment(folder), "FLOORWALK_SITE": site, **variables}
    done = subprocess.run(
        [sys.executable, "-m", "server", "link", *arguments],
        cwd=ROOT,
        env=kept,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_link_is_added_looked_at_and_a_new_box_filled(
    founds: Founds, clock: Clock, cluster: Cluster, tmp_path: Path
) -> None:
    east = founds("east")
    a_morning(east, clock)
    folder, name = east.site.config.data, east.site.config.name
    account.remove(folder)
    assert "linked to no cluster" in link(name, folder, "status")[1]
    signs_in = {"FLOORWALK_LINK_NAME": cluster.name, "FLOORWALK_LINK_PASSWORD": cluster.password}
    code, said = link(name, folder, "add", cluster.url, **signs_in)
    assert code == 0 and f"site-{name}" in said
    kept = folder / account.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "password" not in repr(account.read(folder))

    code, said = link(name, folder, "now")
    assert code == 0 and "Up to date." in said and "0 records wait" in said
    records = len(east.records())
    code, said = link(name, tmp_path / "new", "restore", cluster.url, **signs_in)
    assert code == 0, said
    assert f"{records} of them are identical" in said and "compared 100%" in said
    code, said = link(name, tmp_path / "new", "restore", cluster.url, **signs_in)
    assert code == 1 and "empty folder" in said
    code, said = link(name, folder, "now")
    assert code == 1 and "Another server writes" in said


def test_a_server_that_is_killed_at_it_has_done_its_batches(
    founds: Founds, clock: Clock, proxy: Proxy
) -> None:
    east = founds("east", proxy.url, records_at_once=4)
    a_morning(east, clock, people=20)
    folder, name = east.site.config.data, east.site.config.name
    at_it = subprocess.Popen(
        [sys.executable, "-m", "server", "link", "now"],
        cwd=ROOT,
        env={**environment(folder), "FLOORWALK_SITE": name},
        stdout=subprocess.DEVNULL,
    )
    ends = time.monotonic() + STARTS_WITHIN
    while len(proxy.pushed) < 5:
        assert at_it.poll() is None and time.monotonic() < ends, "it did not begin"
        time.sleep(0.005)
    at_it.kill()
    at_it.wait(STARTS_WITHIN)
    assert "has the link in hand" in link(name, folder, "now")[1]
    with east.site.writing() as connection:  # a minute and a half later
        held = sa.update(tables.meta).where(tables.meta.c.key == "link_held")
        connection.execute(held.values(value="0"))
    before = sum(proxy.pushed)
    assert east.looks().state == "up_to_date"
    same_up_there(east)
    everything = len(east.database.docs())
    assert sum(proxy.pushed) - before < everything - 4, "what was written down was not sent again"


def test_the_server_looks_by_itself_and_a_cluster_that_is_silent_holds_nothing_up(
    founds: Founds, clock: Clock, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_loop, "PATIENCE", 0.2)
    network = Network(int(cluster.url.rpartition(":")[2]))
    east = founds("east", network.url, every_s=0)
    schedule = Schedule(east.site, Speedy(), tick_every=1)
    schedule.start()
    try:
        a_morning(east, clock)
        until(lambda: east.status()["state"] == "up_to_date" and not east.status()["waiting_up"])
        network.become("lie-fi")
        until(lambda: any(thread.name == "link" for thread in threading.enumerate()))
        ticked = schedule.ticked
        until(lambda: schedule.ticked > ticked + 500)
        assert schedule.alive()
    finally:
        schedule.stop()
        network.close()
    same_up_there(east)


class Speedy(SiteClock):
    """A clock at whose speed the link is poked many times a second."""

    speed = 20


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while not holds():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://east:secret@127.0.0.1:5984", "shell's history"),
        ("http://couch.example:5984", "use https"),
        ("couch.example", "must be like"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_an_address_that_would_harm_is_refused(tmp_path: Path, url: str, says: str) -> None:
    code, said = link("ward", tmp_path, "add", url)
    assert code == 1 and says in said and "Traceback" not in said
    assert not (tmp_path / account.FILE).exists()


def test_a_wrong_password_is_said_at_once_and_nothing_is_kept(
    cluster: Cluster, tmp_path: Path
) -> None:
    code, said = link("ward", tmp_path, "add", cluster.url, "--name", "nobody", said="wrong\n")
    assert code == 1 and "refused the name or the password" in said
    assert not (tmp_path / account.FILE).exists()
