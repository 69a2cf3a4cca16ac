"""A hospital for journeys: its server is a process of its own, its clock is set by the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.site import Site
from server.base import clock
from server.database import engines
from server.database.tables import acts, records
from server.http import accounts
from tests.cast import PEOPLE, SITE, made_site
from tests.clock import MORNING, Clock
from tests.databases import url_in
from tests.sources import ROOT
from tests.tablet import until

Record = dict[str, Any]

STARTS_WITHIN = 30  # s
PASSWORD = "floorwalk"
PLACES: dict[str, Record] = {
    "place:room-3": {"name": "三诊室", "kind": "room", "inside": "place:lobby-1", "order": 3},
    "place:pharmacy": {"name": "西药房", "kind": "desk", "inside": "place:lobby-1", "order": 9},
}
DOCTOR = {"name": "何连舟", "department": "骨科", "place": "place:room-3", "rank": "chief"}


class Hospital:
    """Lin, Chen, Wu and Zhao work here.

    `built` is the folder that the build writes; the hospital has a copy that an update may change.
    `start_at` (ms) is what its clock shows when it opens first; `url` names its database, which is
    otherwise that of the folder.
    """

    def __init__(
        self, folder: Path, built: Path, start_at: int = MORNING, url: str | None = None
    ) -> None:
        self.folder = folder
        self.port = _free_port()
        self.static = folder / "static"
        until(lambda: (built / "static" / "manifest.json").is_file(), "a build to be whole")
        shutil.copytree(built / "static", self.static)
        self.process: subprocess.Popen[str] | None = None
        self._start_at = start_at
        self._said: Queue[str] = Queue()
        self.database = url or url_in(folder)
        self._engine = engines.connect(self.database)
        with self._site(start_at) as site:
            for record, data in {**PLACES, "doctor:he": DOCTOR}.items():
                name = record.partition(":")[0] + ".added"
                assert site.record_act(name, record, data, by="system:site", at=start_at).good
            for person in PEOPLE:
                accounts.set_password(site, person, person.partition(":")[2], PASSWORD)

    @property
    def url(self) -> str:
        """Where the office reaches it."""
        return f"http://127.0.0.1:{self.port}"

    # The process

    def start(self) -> Hospital:
        """Open; return when it answers."""
        command = [sys.executable, "-m", "tests.journeys.server_process"]
        options = ["--port", str(self.port), "--data", str(self.folder)]
        own = {
            "FLOORWALK_SITE": SITE,
            "FLOORWALK_STATIC": str(self.static),
            "FLOORWALK_DATABASE": self.database,
        }
        with (self.folder / "server.base.json_log").open("a") as log:
            self.process = subprocess.Popen(
                [*command, *options, "--start-at", str(self._start_at)],
                cwd=ROOT,
                env={**os.environ, **own},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        threading.Thread(target=self._hear, args=(self.process,), daemon=True).start()
        greeting = self._said.get(timeout=STARTS_WITHIN)
        assert "Floorwalk is at" in greeting, greeting
        return self

    def stop(self) -> None:
        """Close as one should."""
        self._end(signal.SIGTERM)
        self._engine.dispose()

    def kill(self) -> None:
        """The power fails."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(STARTS_WITHIN)
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
            self.process = None

    def _hear(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                self._said.put(line)
        except ValueError:
            pass  # It was closed.

    # Time

    def passes(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> int:
        """Let time go by while the server runs; return what its clock shows then."""
        assert self.process is not None and self.process.stdin is not None
        length = ((days * 24 + hours) * 60 + minutes) * 60_000
        self.process.stdin.write(f"pass {length}\n")
        self.process.stdin.flush()
        while True:
            said = self._said.get(timeout=STARTS_WITHIN)
            if said.strip().isdecimal():
                return int(said)

    def sleeps(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> None:
        """Let time go by while there is no server."""
        assert self.process is None
        kept = self.folder / "clock.json"
        clock = orjson.loads(kept.read_bytes())
        clock["shows"] += ((days * 24 + hours) * 60 + minutes) * 60_000
        kept.write_bytes(orjson.dumps(clock))

    def now(self) -> int:
        """Return the moment (ms) that its clock shows."""
        return clock.of_folder(self.folder).now()

    def does(self, name: str, record: str, data: Record, *, by: str) -> None:
        """Make an act as a person of the office, as if on another machine of the site."""
        with self._site(self.now()) as site:
            known = site.record(record) or {"acts": {"last": None}}
            verdict = site.record_act(name, record, data, by=by, seen=known["acts"]["last"])
        assert verdict.good, verdict

    # What it knows

    def record(self, identifier: str) -> Record | None:
        """Return a record as the server has it."""
        with engines.reading(self._engine) as connection:
            wanted = sa.select(records.c.body).where(records.c.id == identifier)
            body = connection.execute(wanted).scalar_one_or_none()
        return None if body is None else orjson.loads(body)

    def records(self, kind: str) -> list[Record]:
        """Return all records of a kind, in the order in which they were made."""
        with engines.reading(self._engine) as connection:
            wanted = sa.select(records.c.body).where(records.c.type == kind)
            found = [orjson.loads(body) for body in connection.execute(wanted).scalars()]
        return sorted(found, key=lambda record: record["opened_at"])

    def acts(self, record: str, name: str | None = None) -> list[Record]:
        """Return the acts of a record in the order of their moments."""
        with engines.reading(self._engine) as connection:
            wanted = sa.select(acts.c.body).where(acts.c.record == record)
            found = [orjson.loads(body) for body in connection.execute(wanted).scalars()]
        named = [act for act in found if name is None or act["act"] == name]
        return sorted(named, key=lambda act: (act["at"], act["_id"]))

    def comes_to_have(self, identifier: str, *fields: str, **values: Any) -> Record:
        """Wait until a record has these fields, and these with these values; return it."""

        def has() -> Record | None:
            record = self.record(identifier)
            if record is None or any(name not in record for name in fields):
                return None
            agrees = all(record.get(name) == value for name, value in values.items())
            return record if agrees else None

        return until(has, f"{identifier} to have {[*fields, *values]}")  # type: ignore[no-any-return]

    @contextmanager
    def _site(self, at: int) -> Iterator[Site]:
        site = made_site(self.folder, Clock(at), database=self.database)
        try:
            yield site
        finally:
            site.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
