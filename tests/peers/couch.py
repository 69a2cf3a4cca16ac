"""Starts another database server as a replication peer: pouchdb-server, or a CouchDB that is named.

`Couch` starts pouchdb-server on a free port of this machine, with everything in memory. A test
that asks for the fixture `couch` runs against it, and once more against the CouchDB that the
variable COUCHDB_URL names (with an administrator's name and password in it), where there is one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from service_worker.build.node import node_path
from tests.limits import PATIENCE

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "node_modules" / "pouchdb-server" / "bin" / "pouchdb-server"
STARTS_WITHIN = 60  # s, on a machine with much else to do
TRIES = 3  # for a port that somebody else took meanwhile


class Couch:
    """A running pouchdb-server; `url` is its address. It keeps nothing when it is closed."""

    def __init__(self, *, on_disk: bool = False) -> None:
        self._on_disk = on_disk
        if not PROGRAM.is_file():
            raise SystemExit("pouchdb-server is not installed: run `make install`.")
        self._folder = Path(tempfile.mkdtemp(prefix="couch"))
        for left in reversed(range(TRIES)):
            self.port = _free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            self._process = self._start()
            if self._answers():
                return
            if not left:
                self.close()
                raise AssertionError(f"pouchdb-server did not start:\n{self.log()}")

    def _start(self) -> subprocess.Popen[bytes]:
        # A rejected promise that nobody waits for would end it, as of Node 15.
        environment = {**os.environ, "NODE_OPTIONS": "--unhandled-rejections=warn"}
        where = ["--no-stdout-logs", "--host", "127.0.0.1", "--port", str(self.port)]
        where += ["--dir", str(self._folder)] if self._on_disk else ["--in-memory"]
        with (self._folder / "out.txt").open("wb") as out:
            return subprocess.Popen(
                [node_path(), PROGRAM, *where],
                cwd=self._folder,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def _answers(self) -> bool:
        ends = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < ends and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(self.url, timeout=5, trust_env=False).json().get("express-pouchdb"):
                    return True
            time.sleep(0.05)
        self._process.kill()
        self._process.wait(PATIENCE)
        return False

    @property
    def pid(self) -> int:
        """The process id, to measure its memory and CPU."""
        return self._process.pid

    def log(self) -> str:
        """Return what it has logged."""
        return "\n".join(
            (self._folder / name).read_text("utf-8", errors="replace")
            for name in ("out.txt", "log.txt")
            if (self._folder / name).is_file()
        )

    def close(self) -> None:
        """End it, and whatever it wrote."""
        self._process.kill()
        self._process.wait(PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Couch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Database:
    """One database of a server, made empty; its methods are what tests ask of it."""

    def __init__(self, server: str, name: str) -> None:
        split = urlsplit(server)
        self.name, self.server = name, server.rstrip("/")
        self.url = f"{self.server}/{name}"
        account = (split.username or "", split.password or "") if split.username else None
        self._client = httpx.Client(auth=account, timeout=60, trust_env=False)
        self.call("PUT", "")

    def call(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """Ask for a path below the database; raises httpx.HTTPStatusError when it is refused."""
        address = f"{self.url}/{path}" if path else self.url
        answer = self._client.request(method, address, json=body, params=parameters)
        answer.raise_for_status()
        return answer.json()

    def docs(self) -> dict[str, dict[str, Any]]:
        """Return every document by its id."""
        rows = self.call("GET", "_all_docs", include_docs="true")["rows"]
        return {row["id"]: row["doc"] for row in rows}

    def close(self) -> None:
        """Remove the database."""
        with contextlib.suppress(httpx.HTTPError):
            self._client.delete(self.url)
        self._client.close()


def real_couchdb() -> str | None:
    """Return the address of the CouchDB that tests may use."""
    return os.environ.get("COUCHDB_URL") or None


@contextlib.contextmanager
def database(server: str, name: str = "test") -> Iterator[Database]:
    """Make a database with a name that nobody else has; remove it at the end."""
    made = Database(server, f"{name}-{secrets.token_hex(6)}")
    try:
        yield made
    finally:
        made.close()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
