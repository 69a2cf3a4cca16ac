"""`floorwalk doctor`: whatever is broken it reports and repairs, and then has nothing to report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.base import folder_lock
from server.base.config import Config
from server.clocks import escalation
from server.database import engines as opening
from server.database.tables import (
    acts,
    blobs,
    changes,
    counter,
    grants,
    jobs,
    meta,
    records,
    timers,
)
from server.operations.diagnosis import commands, machine
from server.operations.diagnosis.finding import BAD, MENDED, NOTE, Finding
from tests.cast import Cast
from tests.clock import Clock
from tests.server.conftest import BOTH

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)

# What a PostgreSQL of tests is told, and what temporary folders are on.
ITS_GROUND = {"settings", "disk"}


@dataclass
class Practice:
    """The doctor's room: a site with two people who wait and one complaint."""

    site: Site
    waiting: str

    def look(self, *, repair: bool = False) -> list[Finding]:
        found = commands.examine(self.site.config, [], repair=repair)
        return [each for each in found if each.check not in ITS_GROUND]

    def wrong(self, *, repair: bool = False, level: str = BAD) -> dict[str, str]:
        return {each.check: each.say for each in self.look(repair=repair) if each.level == level}

    def run(self, statement: sa.Executable) -> None:
        with self.site.writing() as connection:
            connection.execute(statement)


@pytest.fixture
def practice(site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr(
        "server.operations.diagnosis.commands.clock.of_folder", lambda folder: _Still(clock)
    )
    waiting = cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="3")
    clock.passes(minutes=6)
    escalation.tick(site)
    other = cast.lin.new("waiting")
    cast.lin.does("waiting.started", other, place="place:lobby-1", name="5")
    cast.wu.does("person.changed", "person:lin", places=["place:lobby-2"])
    made = Practice(site, waiting)
    assert made.wrong() == {}
    return made


@dataclass
class _Still:
    now: Clock


def changed(table: sa.Table, key: str, value: str, **values: object) -> Callable[[Practice], None]:
    column = table.c[key]
    return lambda practice: practice.run(
        sa.update(table).where(column == (value or practice.waiting)).values(**values)
    )


def gone(table: sa.Table, key: str, value: str = "") -> Callable[[Practice], None]:
    column = table.c[key]
    return lambda practice: practice.run(
        sa.delete(table).where(column == (value or practice.waiting))
    )


def a_row_that_no_record_explains(practice: Practice) -> None:
    row = {"channel": "person:zhao", "seq": 1, "record": practice.waiting, "removed": 0}
    practice.run(sa.insert(changes).values(row))


def a_body_that_is_no_json(practice: Practice) -> None:
    practice.run(sa.update(records).where(records.c.id == practice.waiting).values(body=b"{"))


def a_job_that_was_taken(practice: Practice) -> None:
    row = {"key": "k", "kind": "reaction", "payload": "{}", "run_after": 0, "attempts": 1}
    practice.run(sa.insert(jobs).values(**row, claimed_at=1))


def a_job_that_was_given_up(practice: Practice) -> None:
    row = {"key": "k", "kind": "reaction", "payload": "{}", "run_after": 0, "attempts": 5}
    practice.run(sa.insert(jobs).values(**row, failed="the network is away"))


def a_photo_that_rotted(practice: Practice) -> None:
    name = hashlib.sha256(b"as it was").hexdigest()
    path = practice.site.config.blobs / name[:2] / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"as it is")
    practice.run(sa.insert(blobs).values(sha256=name, size=9, kind="image/png", at=1))


def a_counter_that_went_back(practice: Practice) -> None:
    practice.run(sa.update(counter).values(seq=3))


BREAKS: dict[str, tuple[str, Callable[[Practice], None]]] = {
    "a body that is no JSON": ("records", a_body_that_is_no_json),
    "a body with another state": ("records", changed(records, "id", "", state="done")),
    "a deadline of its own": ("records", changed(records, "id", "", due_at=5)),
    "a person without a row": ("records", gone(records, "id", "person:zhao")),
    "a clock that moved": ("clocks", changed(timers, "record", "", due_at=7)),
    "a clock that is gone": ("clocks", gone(timers, "record")),
    "rights that nobody gave": (
        "rights",
        changed(grants, "person", "person:zhao", posts='["admin"]'),
    ),
    "a record in no channel": ("channels", gone(changes, "record")),
    "a row for somebody else": ("channels", a_row_that_no_record_explains),
    "a counter that went back": ("channels", a_counter_that_went_back),
    "a job that was taken": ("jobs", a_job_that_was_taken),
    "a job that was given up": ("jobs", a_job_that_was_given_up),
    "a photo that rotted": ("photos", a_photo_that_rotted),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_breaks_is_found_and_mended(practice: Practice, broken: str) -> None:
    check, harm = BREAKS[broken]
    before = practice.site.record(practice.waiting)
    harm(practice)
    found = practice.wrong()
    assert check in found, found
    mended = practice.wrong(repair=True, level=MENDED)
    assert check in mended, mended
    again = [each for each in practice.look(repair=True) if each.level in (BAD, MENDED)]
    assert again == [], "a second time nothing is left"
    after = practice.site.record(practice.waiting)
    assert before is not None and after is not None
    assert {**after, "_rev": ""} == {**before, "_rev": ""}


def test_looking_changes_nothing(practice: Practice) -> None:
    changed(timers, "record", "", due_at=7)(practice)
    gone(changes, "record")(practice)
    found = practice.look()
    assert {"clocks", "channels"} <= {each.check for each in found if each.level == BAD}
    assert practice.look() == found


def test_whoever_went_past_a_gap_hears_of_it(practice: Practice) -> None:
    site = practice.site
    with site.reading() as connection:
        newest = connection.execute(sa.select(counter.c.seq)).scalar_one()
    gone(changes, "record")(practice)
    practice.look(repair=True)
    wanted = sa.select(changes.c.channel).where(
        changes.c.record == practice.waiting, changes.c.seq > newest, changes.c.removed == 0
    )
    with site.reading() as connection:
        assert "place:lobby-1" in set(connection.execute(wanted).scalars())


def test_what_cannot_be_mended_is_not_said_to_be(practice: Practice) -> None:
    practice.run(sa.update(acts).where(acts.c.act == "person.changed").values(body=b"{}"))
    assert "acts" in practice.wrong()
    assert "acts" in practice.wrong(repair=True)
    practice.run(sa.delete(acts).where(acts.c.record == practice.waiting))
    practice.run(sa.update(records).where(records.c.id == practice.waiting).values(body=b"{"))
    assert "have no acts" in practice.wrong(repair=True)["records"]


def test_the_clocks_need_a_server_and_a_server_its_tick(practice: Practice, clock: Clock) -> None:
    clock.passes(minutes=30)
    assert "people are told when a server runs" in practice.wrong(level=NOTE)["clocks"]
    with folder_lock.hold_folder(practice.site.config.data):
        found = practice.wrong()
        assert "nobody looks after its clocks" in found["tick"]
        assert "nobody was told" in found["clocks"]
        escalation.tick(practice.site)
        practice.run(sa.insert(meta).values(key="last_tick", value=str(clock())))
        assert practice.wrong() == {}


def test_a_machine_whose_clock_went_back_is_told_so(practice: Practice, clock: Clock) -> None:
    clock.passes(days=-2)
    assert "after what this machine's clock says" in practice.wrong()["time"]


def test_a_newer_database_is_left_alone(practice: Practice) -> None:
    with practice.site.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    assert "9999" in practice.wrong(repair=True)["version"]


def test_the_ground_it_stands_on(
    practice: Practice, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Config(tmp_path, database)
    tmp_path.chmod(0o755)
    found = {each.check: each for each in machine.ground(settings, repair=False)}
    assert "Others may look into" in found["owner"].say
    assert [each.level for each in machine.ground(settings, repair=True)].count(MENDED) == 1
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(machine, "LEAST_FREE", 1 << 60)
    monkeypatch.setattr(machine, "PASSING", ())  # tests may lie on a disk of memory
    found = {each.check: each for each in machine.ground(settings, repair=False)}
    assert "when it is full" in found["disk"].do
    said = {each.check: each.say for each in machine.whole(practice.site.engine)}
    if database.startswith("sqlite"):
        assert "settings" not in said
    else:
        name = sa.make_url(database).database
        practice.run(sa.text(f'alter database "{name}" set synchronous_commit = off'))
        engine = opening.connect(database)
        said = {each.check: each.say for each in machine.whole(engine)}
        engine.dispose()
        assert "synchronous_commit" in said["settings"]


MOUNTS = """\
23 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 23 0:33 / /srv rw,relatime shared:9 - nfs4 store:/ward rw
41 40 254:2 / /srv/local\\040disk rw,relatime - xfs /dev/vdb rw
"""


def test_a_file_system_is_known_by_where_it_is_mounted(database: str) -> None:
    assert machine.file_system(Path("/srv/floorwalk"), MOUNTS) == "nfs4"
    assert machine.file_system(Path("/srv/local disk/floorwalk"), MOUNTS) == "xfs"
    assert machine.file_system(Path("/var/lib"), MOUNTS) == "ext4"


def test_a_database_that_does_not_wait_for_the_disk_is_found(
    practice: Practice, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.startswith("sqlite"):
        return
    careless = tuple(each.replace("FULL", "NORMAL") for each in opening.PRAGMAS)
    monkeypatch.setattr(opening, "PRAGMAS", careless)
    said = {each.check: each.say for each in machine.whole(opening.connect(database))}
    assert "a power cut loses" in said["settings"]


def test_a_damaged_file_is_said_to_be_damaged(practice: Practice, database: str) -> None:
    if not database.startswith("sqlite"):
        return
    practice.site.close()
    path = practice.site.config.data / "floorwalk.db"
    body = bytearray(path.read_bytes())
    body[20_000:40_000] = b"x" * 20_000
    path.write_bytes(body)
    assert "restore the newest backup" in [each.do for each in practice.look()][-1]
