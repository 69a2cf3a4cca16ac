"""Backup and restore: saved while people work, restored, and completed from the tablets."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
import zstandard

from server import cli
from server.acts.attachment_stubs import path_of
from server.acts.site import Site
from server.base import folder_lock
from server.base.config import Config
from server.database.tables import acts, blobs, records, sessions
from server.operations.backup import archive, making, restoring
from server.operations.diagnosis import commands as doctor
from server.operations.diagnosis.finding import BAD
from tests.cast import SITE, Cast
from tests.clock import MORNING, Clock
from tests.limits import joined
from tests.server import database_rows
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH

FIRST = 40  # people who wait before the backup; as many come while it is made, and after it
PHOTO = b"bytes of a photo"


def stored(site: Site) -> dict[str, dict[str, Any]]:
    with site.reading() as connection:
        rows = connection.execute(sa.select(records.c.id, records.c.body))
        return {row.id: orjson.loads(row.body) for row in rows}


def act_ids(site: Site) -> set[str]:
    with site.reading() as connection:
        return set(connection.execute(sa.select(acts.c.id)).scalars())


def keep_photo(site: Site) -> str:
    name = hashlib.sha256(PHOTO).hexdigest()
    path = path_of(site.config.blobs, name)
    path.parent.mkdir(parents=True)
    path.write_bytes(PHOTO)
    with site.writing() as connection:
        row = {"sha256": name, "size": len(PHOTO), "kind": "image/png", "at": MORNING}
        connection.execute(sa.insert(blobs).values(row))
    return name


def wrong(config: Config) -> dict[str, str]:
    """Return what the doctor has to say, but for what the tests' own ground is."""
    found = doctor.examine(config, [], repair=False)
    ours = {"settings", "disk", "owner"}
    return {each.check: each.say for each in found if each.level == BAD and each.check not in ours}


def sit_down(cast: Cast, count: int) -> list[Any]:
    """Let people sit down with Lin, each by a push of their own; return the acts."""
    said = []
    for number in range(count):
        said.append(
            cast.lin.says(
                "waiting.started",
                cast.lin.new("waiting"),
                place="place:lobby-1",
                name=f"{number}",
            )
        )
        assert cast.lin.hands_in(said[-1])[0].good
    return said


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_the_drill(site: Site, cast: Cast, clock: Clock, tmp_path: Path) -> None:
    clockwork = Clockwork(site, clock)
    offered = sit_down(cast, FIRST)
    photo = keep_photo(site)
    clock.passes(minutes=6)
    clockwork.beats()
    first = database_rows.told(site)
    assert first, "rungs were told before the backup"
    offered.append(cast.lin.says("waiting.ended", offered[0]["record"], outcome="seen"))
    assert cast.lin.hands_in(offered[-1])[0].good

    begun, enough = threading.Event(), threading.Event()
    meanwhile: list[Any] = []

    def work() -> None:
        while not enough.is_set():
            meanwhile.extend(sit_down(cast, 1))
            begun.set()

    working = threading.Thread(target=work)
    working.start()
    assert begun.wait(30)
    made = making.make(site.config, tmp_path / "kept", MORNING)
    enough.set()
    joined(working)
    assert made.folded == made.manifest.counts["records"]
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in made.path.parent.iterdir() if path.name.startswith(".")] == []

    offered += meanwhile + sit_down(cast, FIRST)
    clock.passes(minutes=6)
    clockwork.beats()
    before, known, epoch = stored(site), act_ids(site), site.meta["epoch"]
    site.close()
    path_of(site.config.blobs, photo).unlink()

    with pytest.raises(restoring.RestoreRefused, match="acts, the newest of"):
        restoring.restore(made.path, site.config, MORNING, replace=False)
    with folder_lock.hold_folder(site.config.data), pytest.raises(folder_lock.FolderLocked):
        restoring.restore(made.path, site.config, MORNING, replace=True)
    done = restoring.restore(made.path, site.config, MORNING, replace=True)
    assert done.aside is not None
    assert wrong(site.config) == {}
    assert path_of(site.config.blobs, photo).read_bytes() == PHOTO

    again = Site(site.config, clock)
    try:
        assert again.meta["epoch"] not in (epoch, "")
        assert again.meta["uuid"] == site.meta["uuid"]
        had = act_ids(again)
        assert had < known
        assert {act["_id"] for act in offered[:FIRST]} <= had, "what was there before is there"
        assert database_rows.told(again) == first, "the ladders stand where they stood"
        back = Clockwork(again, clock)
        back.beats()
        # Each tablet offers what it sent: what is known already changes nothing.
        cast.lin.site = again
        assert all(verdict.good for verdict in cast.lin.hands_in(*offered))
        back.beats()
        assert back.beats() == 0
        twice = {rung: count for rung, count in database_rows.told(again).items() if count > 1}
        assert twice == {}, "nobody is told of a rung twice"
        assert database_rows.told(again) == told_of(before)
        assert {name: said["state"] for name, said in stored(again).items()} == {
            name: said["state"] for name, said in before.items()
        }
    finally:
        again.close()
    assert wrong(site.config) == {}


def told_of(found: dict[str, dict[str, Any]]) -> Counter[tuple[str, str, int]]:
    counted: Counter[tuple[str, str, int]] = Counter()
    for record in found.values():
        for ladder, steps in (record.get("rungs") or {}).items():
            for step in steps:
                for rung in (step["rung"], *step["skipped"]):
                    counted[record["_id"], ladder, rung] += 1
    return counted


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_backup_of_one_database_goes_into_the_other_and_back(
    site: Site, cast: Cast, tmp_path: Path
) -> None:
    sit_down(cast, 3)
    before = stored(site)
    made = making.make(site.config, tmp_path / "kept", MORNING)
    light = Config(tmp_path / "light", f"sqlite:///{tmp_path / 'light.db'}", name=SITE)
    assert restoring.restore(made.path, light, MORNING, replace=False).aside is None
    assert wrong(light) == {}
    copy = Site(light)
    assert stored(copy) == before
    copy.close()
    second = making.make(light, tmp_path / "kept", MORNING + 1_000)
    site.close()
    done = restoring.restore(second.path, site.config, MORNING, replace=True)
    assert str(done.aside).startswith("the schema replaced_")
    again = Site(site.config)
    assert stored(again) == before
    again.close()


def unpacked(packed: bytes) -> bytes | None:
    """Return what a reader gets out of a packed stream, None when he is told that it is harmed."""
    try:
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
    except zstandard.ZstdError:
        return None


def harm_a_byte(path: Path) -> None:
    """Harm the first byte behind the middle that counts: one in 300 says the same when changed,
    as where a run of zeros is copied from another place in it, and is no harm.
    """
    body = path.read_bytes()
    whole = unpacked(body)
    for place in range(len(body) // 2, len(body)):
        harmed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        if unpacked(harmed) != whole:
            path.write_bytes(harmed)
            break
    beside = path.with_name(path.name + ".sha256")
    beside.write_text(f"{archive.sha256_of(path)}  {path.name}\n")


def cut(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()
    path.write_bytes(path.read_bytes()[:-200])


def harm_and_forget_the_hash(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def something_else(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()
    path.write_bytes(b"a holiday picture")


def a_way_out_of_the_folder(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()
    rewritten(path, lambda name, body: ("files/../../out", body) if name[0] == "b" else None)


def another_photo(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()
    rewritten(path, lambda name, body: (name, b"changed") if name[0] == "b" else None)


def an_act_that_says_something_else(path: Path) -> None:
    """A database that is whole as a file, and whose records do not follow from its acts."""
    path.with_name(path.name + ".sha256").unlink()
    scratch = path.with_suffix(".db")

    def changed(name: str, body: bytes) -> tuple[str, bytes] | None:
        if name != archive.DATABASE:
            return None
        scratch.write_bytes(body)
        site = Site(Config(path.parent, f"sqlite:///{scratch}", name=SITE))
        with site.writing() as connection:
            connection.exec_driver_sql(
                "update acts set body = replace(body, '张三', '李四') where act = 'waiting.started'"
            )
        with site.engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        site.close()
        return name, scratch.read_bytes()

    rewritten(path, changed)


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Write a backup again, with members changed and the manifest true to them."""
    with archive.members(path) as (manifest, listed):
        found = [(member.name, member.body.read()) for member in listed]
    found = [change(name, body) or (name, body) for name, body in found]
    database = hashlib.sha256(dict(found)[archive.DATABASE]).hexdigest()
    said = orjson.dumps({**orjson.loads(manifest.packed()), "database": database})
    with (
        path.open("wb") as file,
        zstandard.ZstdCompressor().stream_writer(file) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for name, body in [(archive.MANIFEST, said), *found, (archive.END, b"")]:
            member = tarfile.TarInfo(name)
            member.size = len(body)

            tar.addfile(member, io.BytesIO(body))


HARM = {
    harm_a_byte: ".",
    cut: ".",
    harm_and_forget_the_hash: "not what its .sha256 says",
    something_else: "no backup",
    a_way_out_of_the_folder: "nothing called",
    another_photo: "is damaged",
    an_act_that_says_something_else: "do not follow from their acts",
}


def test_a_backup_that_is_not_whole_replaces_nothing(
    site: Site, cast: Cast, tmp_path: Path
) -> None:
    cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:lobby-1", name="张三")
    keep_photo(site)
    made = making.make(site.config, tmp_path / "kept", MORNING)
    whole = [(path, path.read_bytes()) for path in made.path.parent.iterdir()]
    empty = Config(tmp_path / "empty", f"sqlite:///{tmp_path / 'empty' / 'new.db'}", name=SITE)
    for harm, say in HARM.items():
        for path, body in whole:
            path.write_bytes(body)
        harm(made.path)
        with pytest.raises(archive.Damaged, match=say):
            restoring.restore(made.path, empty, MORNING, replace=True)
        assert sorted(path.name for path in empty.data.iterdir()) == [folder_lock.NAME], (
            harm.__name__
        )
    assert not (tmp_path / "out").exists()
    for path, body in whole:
        path.write_bytes(body)
    other = Config(empty.data, empty.database, name="elsewhere")
    with pytest.raises(restoring.RestoreRefused, match="is of the site demo"):
        restoring.restore(made.path, other, MORNING, replace=False)
    restoring.restore(made.path, empty, MORNING, replace=False)
    assert wrong(empty) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_the_command_line(
    site: Site,
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("server.base.clock.real_now", iter(range(MORNING, 1 << 60, 1_000)).__next__)
    for name in [name for name in os.environ if name.startswith("FLOORWALK")]:
        monkeypatch.delenv(name)
    sit_down(cast, 2)
    (site.config.data / "authority").mkdir()
    (site.config.data / "authority" / "root.key").write_text("a key")
    with site.writing() as connection:
        row = {"token_hash": "t", "person": "person:lin", "created_at": 1, "seen_at": 1}
        connection.execute(sa.insert(sessions).values(**row, expires_at=1 << 50))
    where = ["--data", str(tmp_path), "--site", SITE]
    kept = tmp_path / "backups"
    for _ in range(3):
        assert cli.main(["backup", *where, "--keep", "2"]) == 0
    assert "opened again and found whole" in capsys.readouterr().out
    names = sorted(path.name for path in kept.iterdir())
    assert len(names) == 4
    assert names[1] == names[0] + ".sha256"
    assert kept.stat().st_mode & 0o777 == 0o700
    site.close()
    newest = str(kept / names[2])
    assert cli.main(["restore", newest, *where]) == 1
    assert "--replace keeps it aside" in capsys.readouterr().err
    (tmp_path / "authority" / "root.key").unlink()
    assert cli.main(["restore", newest, *where, "--replace", "--sign-out"]) == 0
    said = capsys.readouterr().out
    assert "offers\nagain what it sent" in said
    assert "Everybody signs in again" in said
    key = tmp_path / "authority" / "root.key"
    assert (key.read_text(), key.stat().st_mode & 0o777) == ("a key", 0o600)
    again = Site(site.config)
    with again.reading() as connection:
        assert connection.execute(sa.select(sessions)).all() == []
    again.close()
    # A database by itself, as Litestream brings it back.
    bare = tmp_path / "litestream.db"
    bare.write_bytes((next(tmp_path.glob("replaced-*")) / "floorwalk.db").read_bytes())
    assert cli.main(["restore", str(bare), *where, "--replace"]) == 0
    assert "photos are where they were" in capsys.readouterr().out
    bare.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    assert cli.main(["restore", str(bare), *where, "--replace"]) == 1
    aside = next(tmp_path.glob("replaced-*"))
    assert (aside / "floorwalk.db").is_file()
    assert cli.main(["backup", "--data", str(tmp_path / "nowhere")]) == 1
    assert "no database" in capsys.readouterr().err
