"""Encrypted backups: the public key makes them, the private one alone opens them."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import cli
from server.acts.site import Site
from server.base.config import Config, sqlite_url
from server.operations.backup import making, restoring, sealing
from tests.cast import SITE, cast, made_site
from tests.clock import Clock
from tests.server.feed import sits_down

NAME = "司徒青云"


@pytest.fixture
def made(tmp_path: Path, clock: Clock) -> making.Made:
    """An encrypted backup, and `key` and `other`, two private keys."""
    public = sealing.make_key(tmp_path / "key")
    sealing.make_key(tmp_path / "other")
    site = made_site(tmp_path / "data", clock)
    sits_down(cast(site, clock).lin)
    site.record_act("place.added", "place:x", {"name": NAME, "kind": "room"}, by="system:site")
    backup = making.make(site.config, tmp_path / "to", clock(), [public])
    site.close()
    return backup


def put_back(made: making.Made, folder: Path, key: Path | None) -> restoring.RestoredBackup:
    config = Config(folder, sqlite_url(folder / "floorwalk.db"), name=SITE, demo=True)
    return restoring.restore(made.path, config, 1, replace=False, key=key)


def test_only_its_private_key_opens_it(made: making.Made, tmp_path: Path, clock: Clock) -> None:
    assert made.path.name.endswith(".tar.zst.age")
    assert made.path.read_bytes().startswith(b"age-encryption.org/v1")
    assert made.path.stat().st_mode & 0o777 == (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in (tmp_path / "to").iterdir()} == {
        made.path.name, made.path.name + ".sha256",
    }  # fmt: skip
    new = tmp_path / "new"
    for key, says in ((None, "--key"), (tmp_path / "other", "does not open")):
        with pytest.raises(sealing.BadKey, match=says):
            put_back(made, new, key)
    assert not (new / "floorwalk.db").exists()
    put_back(made, new, tmp_path / "key")
    assert not list(new.glob("*.zst")) and not list(new.glob(".restore-*"))
    site = Site(Config(new, sqlite_url(new / "floorwalk.db"), name=SITE, demo=True), clock)
    assert (site.record("place:x") or {})["name"] == NAME
    site.close()


def test_a_changed_or_cut_file_is_refused(made: making.Made, tmp_path: Path) -> None:
    whole = made.path.read_bytes()
    for number, spoiled in enumerate((whole[:-40], whole[:-9] + b"x" + whole[-8:])):
        made.path.write_bytes(spoiled)
        with pytest.raises((sealing.BadKey, restoring.archive.Damaged)):
            put_back(made, tmp_path / f"new-{number}", tmp_path / "key")


def test_the_commands_make_keep_and_open_them(
    tmp_path: Path,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = made_site(tmp_path / "data", clock)
    site.close()
    key = str(tmp_path / "key")
    assert cli.main(["backup", "--make-key", key]) == 0
    public = capsys.readouterr().out.split()[-1]
    assert cli.main(["backup", "--make-key", key]) == 1, "a key is never overwritten"
    where = ["--data", str(tmp_path / "data"), "--site", SITE]
    monkeypatch.setenv("FLOORWALK_DATABASE", site.config.database)
    to = ["--to", str(tmp_path / "to")]
    assert cli.main(["backup", *where, *to, "--encrypt-for", "age1nonsense"]) == 1
    assert cli.main(["backup", *where, *to, "--keep", "1", "--encrypt-for", public]) == 0
    (backup,) = (tmp_path / "to").glob("*.age")
    assert cli.main(["restore", str(backup), *where, "--replace"]) == 1
    assert "is encrypted" in capsys.readouterr().err
    assert cli.main(["restore", str(backup), *where, "--replace", "--key", key]) == 0
