"""`floorwalk` on the command line: a server from nothing, its people, starting and stopping."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from server import cli, serving
from server.database.tables import records
from tests.cast import made_site
from tests.clock import Clock
from tests.databases import url_in
from tests.limits import line_of
from tests.sources import ROOT

STARTS_WITHIN = 40  # s
PASSWORD = "a-long-password"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "FLOORWALK" not in name}
    own = {"FLOORWALK_DATA": str(folder), "FLOORWALK_DATABASE": url_in(folder)}
    return {**kept, **own, "FLOORWALK_SITE": "ward"}


def run(folder: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env=environment(folder),
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_lists_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for name in cli.COMMANDS:
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE)


def test_a_command_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dance"]) == 2
    assert "there is no command dance" in capsys.readouterr().err


def test_a_hospital_from_nothing(tmp_path: Path) -> None:
    empty = run(tmp_path, "person", "list")
    assert (empty.returncode, empty.stdout) == (0, "")
    add = ("person", "add", "--name", "吴建国", "--login", "Wu", "--post")
    wrong = run(tmp_path, *add, "king", said=PASSWORD)
    assert wrong.returncode == 1
    assert "There is no post king" in wrong.stderr
    short = run(tmp_path, *add, "admin", said="x")
    assert (short.returncode, "too short" in short.stderr) == (1, True)
    good = run(tmp_path, *add, "admin", said=PASSWORD)
    assert (good.returncode, "signs in as wu" in good.stdout) == (0, True), good.stderr
    again = run(tmp_path, *add, "admin", said=PASSWORD)
    assert (again.returncode, "login already" in again.stderr) == (1, True)
    listed = run(tmp_path, "person", "list").stdout
    assert re.search(r"^person:wu +wu +吴建国 +admin$", listed, re.MULTILINE)
    changed = run(tmp_path, "person", "password", "wu", said=PASSWORD + "!")
    assert changed.returncode == 0
    refold = run(tmp_path, "refold")
    assert re.match(r"\d+ records folded again from their acts, 0 of them changed", refold.stdout)
    assert run(tmp_path, "migrate").returncode == 0
    assert run(tmp_path, "device").stdout == ""


def test_refold_says_when_something_changed(tmp_path: Path) -> None:
    site = made_site(tmp_path, Clock())
    with site.writing() as connection:
        rows = connection.execute(sa.select(records.c.id, records.c.body)).all()
        for row in rows:
            damaged = {"history": b"\0", "body": row.body.replace(b"1", b"2")}
            connection.execute(sa.update(records).where(records.c.id == row.id).values(damaged))
    site.close()
    done = run(tmp_path, "refold")
    assert done.returncode == 1
    assert ", 0 of them" not in done.stdout


def test_a_stale_build_is_not_served(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(serving, "why_stale", lambda: "Run `make build`.")
    assert cli.main(["serve", "--data", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().out == "Run `make build`.\n"
    assert not (tmp_path / "none").exists()


def test_a_server_starts_answers_and_stops(tmp_path: Path, generated: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", "0"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = line_of(process, "the server to say where it is")
        address = re.search(r"http://127\.0\.0\.1:[1-9]\d+", first)
        assert address, first
        told = "".join(line_of(process, "what a new server says") for _ in range(2))
        assert "floorwalk person add" in told, "how the first account is made"
        ends = time.monotonic() + STARTS_WITHIN
        while httpx.get(f"{address[0]}/healthz", trust_env=False).status_code != 200:
            assert time.monotonic() < ends
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate(timeout=10)
