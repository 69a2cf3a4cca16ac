"""Makes a hospital's server for each simulated history from a template; kills and restores it."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pysqlite3

from server.acts.site import Site
from server.base.config import Config
from server.clocks import escalation, reaction_jobs, reactions
from server.database import engines
from sync.act import derived_id
from tests import memory_disk
from tests.cast import PLACES, SITE
from tests.clock import DAY, MORNING, Clock
from tests.reliability.registry import replaced

BOSS = "person:boss"
PEOPLE: dict[str, dict[str, Any]] = {
    "person:a": {"name": "林", "posts": ["guide"], "places": ["place:lobby-1"]},
    "person:b": {"name": "周", "posts": ["guide"], "places": ["place:lobby-2"]},
    "person:c": {"name": "陈", "posts": ["guide_supervisor"], "places": ["place:floor-1"]},
    "person:d": {"name": "何", "posts": ["cs_agent"], "places": ["place:site"]},
    "person:e": {"name": "孙", "posts": ["guide"], "places": ["place:floor-2"]},
    BOSS: {"name": "吴", "posts": ["cs_manager", "admin"], "places": ["place:site"]},
}
FILE = "floorwalk.db"
SECRET = "of the template"  # with which its server derives ids: the same in each process
_free: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def template() -> bytes:
    """Return the database of a site with places and people, on which nothing happened."""
    clock = Clock(MORNING)
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), clock)
        for record, data in (*PLACES.items(), *PEOPLE.items()):
            name, at = record.partition(":")[0] + ".added", clock() - DAY
            known = derived_id(SECRET, at, name, record)
            house.site.record_act(name, record, data, by="system:site", at=at, identifier=known)
        house.restore(house.backup())  # which gives it an epoch that is the same in each process
        said = house.backup()
        house.close()
    return said


# Compiling the server's statements takes longer than running them, so thousands of histories share
# an engine: its pool is empty between two lives of a server.
_connect = engines.connect
_engine = functools.cache(lambda url: _connect(url))


@contextlib.contextmanager
def in_memory() -> Iterator[Path]:
    """Lend an empty folder that costs no disk, where the machine has one."""
    lent = _free.pop() if _free else _folder()
    yield Path(lent.name)
    for file in Path(lent.name).iterdir():
        file.unlink()
    _free.append(lent)


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=memory_disk.folder(), prefix="fw")


class House:
    """The server of a folder. `site` is another object after each crash."""

    site: Site

    def __init__(self, folder: Path, clock: Callable[[], int], was: bytes | None = None) -> None:
        self.folder, self.clock = folder, clock
        self.file = folder / FILE
        self.lives = 0 if was is None else 1  # the template's own life was the first
        if was is not None:
            self.file.write_bytes(was)
        self._open()

    def _open(self) -> None:
        url = f"sqlite:///{self.file}"
        with replaced((engines, "connect", _engine)):
            self.site = Site(Config(self.folder, url, name=SITE, demo=True), self.clock)
        self.site.listens = reactions.LISTENS
        reaction_jobs.release(self.site)
        self.looks = pysqlite3.connect(f"file:{self.file}?mode=ro", uri=True, isolation_level=None)

    def close(self) -> None:
        """Stop politely."""
        self.looks.close()
        self.site.close()

    def crashes(self) -> None:
        """Lose everything that was not committed, and start again."""
        self.looks.close()
        self.site.engine.dispose()
        self._open()

    def beats(self) -> None:
        """Do once what the server's schedule does all the time."""
        escalation.tick(self.site)
        reaction_jobs.work(self.site, reactions.kinds(self.site), self.clock)

    # Another day

    def backup(self) -> bytes:
        """Return a copy of the database as it is now."""
        copy = self.folder / "copy.db"
        copy.unlink(missing_ok=True)
        with pysqlite3.connect(str(copy)) as target:
            source = pysqlite3.connect(str(self.file))
            source.backup(target)
            source.close()
        target.close()
        return copy.read_bytes()

    def restore(self, was: bytes) -> None:
        """Go back to an earlier day: the same hospital in another epoch."""
        self.looks.close()
        self.site.close()
        for name in (FILE, FILE + "-wal", FILE + "-shm"):
            (self.folder / name).unlink(missing_ok=True)
        self.file.write_bytes(was)
        self.lives += 1
        connection = pysqlite3.connect(str(self.file), isolation_level=None)
        epoch = f"{self.lives:06x}" + "0" * 26
        connection.execute("update meta set value = ? where key in ('epoch', 'uuid')", (epoch,))
        connection.execute("update meta set value = ? where key = 'secret'", (SECRET,))
        connection.close()
        self._open()

    # What is in it

    @property
    def epoch(self) -> str:
        """Which life of the database this is."""
        return str(self.site.meta["epoch"])

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Look into the database past everything that is being tried."""
        found: list[tuple[Any, ...]] = self.looks.execute(statement, parameters).fetchall()
        return found

    def records(self) -> dict[str, tuple[str, bytes]]:
        """Return {id: (rev, body)} of every record."""
        return {
            name: (rev, body) for name, rev, body in self.rows("select id, rev, body from records")
        }

    def person(self, identifier: str) -> dict[str, Any]:
        """Return the record of a person."""
        [(body,)] = self.rows("select body from records where id = ?", identifier)
        found: dict[str, Any] = orjson.loads(body)
        return found
