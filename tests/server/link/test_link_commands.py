"""`floorwalk link` on the command line: what it asks, what it keeps, what it says."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.link import account
from tests.clock import Clock
from tests.server.link.conftest import Cluster, Founds
from tests.server.link.test_link import a_morning
from tests.server.test_commands import environment
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
