"""A15: what lies on the disk is its owner's alone, and what was cut off is said in a sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server import cli
from server.acts.site import Site
from server.base import cannot_start, clock, config, private_files, unfinished
from server.database import engines
from server.operations.backup import making, restoring
from server.operations.backup.scratch import LOCK, left_behind, scratch_folder
from server.operations.diagnosis import machine
from server.operations.diagnosis.finding import BAD, MENDED
from tests.cast import SITE, cast, made_site
from tests.clock import Clock
from tests.limits import COMMAND, PATIENCE, line_of
from tests.server.feed import sits_down
from tests.server.test_commands import PASSWORD, run
from tests.sources import ROOT


def in_a_file(folder: Path, clock: Clock) -> Site:
    """Return a site whose database is a file, wherever the others of this run are."""
    return made_site(folder, clock, database=f"sqlite:///{folder / 'floorwalk.db'}")


def said(folder: Path, *, repair: bool = False, level: str = BAD) -> list[str]:
    """Return what the doctor says of the ground, but for the room and file system of tests."""
    found = machine.ground(config.from_environment({}, data=str(folder)), repair=repair)
    return [one.say for one in found if one.level == level and one.check in ("owner", "left")]


def test_a_new_hospital_is_its_owner_s_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = os.umask(0o022)
    try:
        site = Site(config.from_environment({}, data=str(folder)))
        site.record_act("place.added", "place:x", {"name": "x", "kind": "room"}, by="system:site")
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        site.close()
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600} and {"floorwalk.db", "floorwalk.db-wal"} <= set(modes)
    assert said(folder) == []


def test_an_open_folder_is_said_and_mended(tmp_path: Path, clock: Clock) -> None:
    made_site(tmp_path, clock).close()
    (tmp_path / "blobs").mkdir()
    for name in ("clock.json", "blobs/x"):
        (tmp_path / name).write_text("{}")
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o755)
    first, second = said(tmp_path)
    assert "Others may look into" in first and "Others may read 2 files" in second
    assert len(said(tmp_path, repair=True, level=MENDED)) == 2
    assert said(tmp_path) == []
    assert (tmp_path / "blobs/x").stat().st_mode & 0o777 == 0o600


def test_copies_of_killed_backups_and_restores_are_swept(tmp_path: Path, clock: Clock) -> None:
    site = made_site(tmp_path / "data", clock)
    site.close()
    backups = tmp_path / "data" / "backups"
    backups.mkdir(mode=0o700)
    held = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(backups)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert held.stdout is not None
    used = Path(line_of(held, "the backup to begin").strip())
    old = backups / ".backup-ofbefore"  # by a version that held no lock
    old.mkdir()
    assert list(left_behind(backups)) == [old], "one that is at work is nobody's rubbish"
    held.kill()
    held.wait(PATIENCE)
    held.stdout.close()
    assert (used / "copy").exists() and sorted(left_behind(backups)) == sorted([used, old])
    assert "left 2 copies" in said(tmp_path / "data")[-1]
    made = making.make(site.config, backups, clock())
    assert not used.exists() and not old.exists()
    (tmp_path / "data" / ".restore-cut").mkdir()
    (tmp_path / "data" / "clock.json.restored").write_text("x")
    restoring.restore(made.path, site.config, clock(), replace=True)
    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert not {name for name in names if name.startswith(".restore-") or "restored" in name}


KILLED = """
import sys, time
from pathlib import Path
from server.operations.backup.scratch import scratch_folder
with scratch_folder(".backup-", Path(sys.argv[1])) as made:
    (made / "copy").write_text("everything")
    print(made, flush=True)
    time.sleep(60)
"""


def test_a_scratch_folder_goes_with_its_block(tmp_path: Path) -> None:
    with scratch_folder(".backup-", tmp_path) as made:
        assert (made / LOCK).exists() and made.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut_at", range(4))
def test_a_restore_that_is_cut_never_starts_as_an_empty_hospital(
    tmp_path: Path, clock: Clock, cut_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = in_a_file(tmp_path / "data", clock)
    sits_down(cast(site, clock).lin)
    records = len(site.people())
    made = making.make(site.config, tmp_path / "backups", clock())
    raw = site.engine.raw_connection()  # open, so that -wal and -shm lie there
    count = 0
    rename = Path.rename

    def cut(path: Path, target: Any) -> Path:
        nonlocal count
        if path.name.startswith("floorwalk.db"):
            if count == cut_at:
                raise KeyboardInterrupt
            count += 1
        return rename(path, target)

    with monkeypatch.context() as power:
        power.setattr(Path, "rename", cut)
        try:
            restoring.restore(made.path, site.config, clock(), replace=True)
            was_cut = False
        except KeyboardInterrupt:
            was_cut = True
    raw.close()
    site.close()
    assert was_cut
    with pytest.raises(cannot_start.CannotStart, match="Run the same floorwalk restore again"):
        Site(site.config, clock)
    answer = run(tmp_path / "data", "person", "list")
    assert answer.returncode == 1 and "was cut off" in answer.stderr
    assert "Traceback" not in answer.stderr
    restoring.restore(made.path, site.config, clock.passes(seconds=5), replace=True)
    again = Site(site.config, clock)
    assert len(again.people()) == records and not (tmp_path / "data" / unfinished.NAME).exists()
    again.close()


def test_a_newer_database_and_an_empty_clock_are_sentences(tmp_path: Path, clock: Clock) -> None:
    site = made_site(tmp_path, clock)
    with site.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    site.close()
    newer = run(tmp_path, "person", "list")
    assert newer.returncode == 1 and "use the newer program" in newer.stderr
    (tmp_path / "clock.json").write_text("")
    empty = run(tmp_path, "person", "list")
    assert empty.returncode == 1 and "clock.json cannot be read" in empty.stderr
    assert "Traceback" not in newer.stderr + empty.stderr


def test_a_clock_is_kept_whole(tmp_path: Path) -> None:
    kept = clock.of_folder(tmp_path, speed=3, start_at=5)
    assert clock.of_folder(tmp_path).speed == kept.speed == 3


NAMES = ("ward?east", "ward#west", "100%25 ward", "a b", "病区")


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_no_address(tmp_path: Path, clock: Clock, name: str) -> None:
    """found.md §1: data folders ward?east and ward?west shared one database beside them."""
    folder = tmp_path / name
    site = Site(config.from_environment({}, data=str(folder)), clock)
    site.record_act("place.added", "place:x", {"name": name, "kind": "room"}, by="system:site")
    assert (folder / "floorwalk.db").is_file()
    to = tmp_path / f"to {name}"
    made = making.make(site.config, to, clock())
    site.close()
    shutil.rmtree(folder)
    restoring.restore(made.path, site.config, clock(), replace=False)
    again = Site(site.config, clock)
    assert (again.record("place:x") or {})["name"] == name
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"to {name}"])


def test_the_command_takes_such_folders_too(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "q?x"
    made_site(tmp_path, clock, database=str(config.sqlite_url(tmp_path / "other.db"))).close()
    Site(config.from_environment({}, data=str(folder)), clock).close()
    where = ["--data", str(folder)]
    assert cli.main(["backup", *where, "--to", str(folder / "b?c")]) == 0
    cli.main(["doctor", *where])
    assert "The database is whole" in capsys.readouterr().out


@pytest.mark.parametrize(
    "raw",
    [
        "密码 pass\r\n".encode("utf-8-sig"),
        "密码 pass\n".encode("utf-16"),
        b"\xfe\xff" + "密码 pass\r\n".encode("utf-16-be"),
        "密码 pass".encode(),
    ],
)
def test_a_password_file_is_read_as_any_editor_saves_it(raw: bytes) -> None:
    """found.md §1, last row."""
    assert private_files.first_line(raw) == "密码 pass"


def test_a_password_that_is_piped_in_may_have_a_mark(tmp_path: Path) -> None:
    words = ("--name", "钱", "--login", "qian", "--post", "admin")
    command = [sys.executable, "-m", "server", "person", "add", *words, "--own"]
    done = subprocess.run(
        [*command, "--data", str(tmp_path)],
        input=PASSWORD.encode("utf-16"), cwd=ROOT, capture_output=True, check=False,
        timeout=COMMAND,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    site = Site(config.from_environment({}, data=str(tmp_path)))
    from server.http import accounts

    assert accounts.is_password(site, "qian", PASSWORD)
    site.close()


def test_a_file_that_is_no_text_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="Save it as UTF-8"):
        private_files.first_line(b"\x81\x82\xff")


def test_the_database_of_another_name_is_found(tmp_path: Path, clock: Clock) -> None:
    site = in_a_file(tmp_path, clock)
    assert site.config.is_sqlite and site.config.file.is_file()
    with engines.connect(site.config.url).connect() as connection:
        assert connection.execute(sa.text("select 1")).scalar() == 1
    assert site.config.name == SITE
    site.close()
