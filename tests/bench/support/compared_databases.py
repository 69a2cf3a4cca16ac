"""Other databases for comparison, pouchdb-server and CouchDB: they only store documents."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from tests.peers.couch import Couch, database, real_couchdb


@dataclass(frozen=True)
class Peer:
    """A database server; `pid` is its process where that is known."""

    name: str
    server: str  # its address, with an administrator's name and password where it has one
    headers: dict[str, str]
    pid: int | None

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Lend an empty database: its address, without name and password."""
        with database(self.server, "bench") as made:
            parts = urlsplit(made.url)
            yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def started(stack: ExitStack) -> Iterator[Peer]:
    """Yield npm's pouchdb-server on this disk, for which it does not wait, and COUCHDB_URL."""
    pouch = stack.enter_context(Couch(on_disk=True))
    yield Peer("pouchdb-server", pouch.url, {}, pouch.pid)
    url = real_couchdb()
    if url is not None:
        parts = urlsplit(url)
        account = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        yield Peer("CouchDB", url, {"Authorization": f"Basic {account}"}, None)
