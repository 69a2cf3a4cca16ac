"""Other databases for comparison, pouchdb-server and CouchDB: they only store documents."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from tests.peers.couch import Couch, database, real_couchdb


@dataclass(frozen=True)
class Peer:
    """An empty database of a peer; `pid` is its process where that is on this machine."""

    name: str
    database: str
    headers: dict[str, str]
    pid: int | None


def started(stack: ExitStack) -> Iterator[Peer]:
    """Yield npm's pouchdb-server on this disk, for which it does not wait, and COUCHDB_URL."""
    pouch = stack.enter_context(Couch(on_disk=True))
    made = stack.enter_context(database(pouch.url, "bench"))
    yield Peer("pouchdb-server", made.url, {}, pouch.pid)
    url = real_couchdb()
    if url is not None:
        made = stack.enter_context(database(url, "bench"))
        parts = urlsplit(made.url)
        account = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        yield Peer("CouchDB", bare, {"Authorization": f"Basic {account}"}, None)
