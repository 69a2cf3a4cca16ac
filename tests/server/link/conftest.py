"""Fixtures of the cluster's tests: hospitals that share pouchdb-server or the named CouchDB."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.acts.site import Site
from server.clocks import reaction_jobs, reactions
from server.cluster import account
from server.cluster.account import Linked
from server.cluster.link_loop import Link, State, status
from tests.cast import Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.peers.couch import Couch, Database, real_couchdb
from tests.server import database_rows
from tests.server.link.proxy import Proxy, between

PEERS = ["pouchdb-server", *(["couchdb"] if real_couchdb() else [])]


@dataclass
class Cluster:
    """The cluster of one test; its databases are removed at the end."""

    url: str
    name: str = ""
    password: str = ""
    _made: list[Database] = field(default_factory=list)

    @property
    def server(self) -> str:
        """The address with the administrator's name and password, for what tests ask themselves."""
        sign = f"{self.name}:{self.password}@" if self.name else ""
        return self.url.replace("://", f"://{sign}", 1)

    def database(self, site: str) -> Database:
        """Return a site's database, made if need be."""
        for known in self._made:
            if known.name == f"site-{site}":
                return known
        made = Database(self.server, f"site-{site}")
        self._made.append(made)
        return made

    def close(self) -> None:
        """Remove what was made."""
        for made in self._made:
            made.close()


@dataclass
class Hospital:
    """A site that is linked."""

    site: Site
    cast: Cast
    linked: Linked
    database: Database

    def looks(self, *, thorough: bool = False, chance: float = 1.0) -> State:
        """Look at the cluster as a server just started would; `chance` is what is drawn by lot."""
        link = Link(self.site, chance=lambda: chance)
        link.turn(self.linked, thorough=thorough)
        link.stop()
        return link.state

    def works(self) -> None:
        """Do what follows from acts."""
        now = self.site.now()
        reaction_jobs.work(self.site, reactions.kinds(self.site), lambda: now)

    def records(self) -> dict[str, tuple[Any, ...]]:
        """Return what makes a record the same: its revision, history and body."""
        rows = database_rows.rows(self.site, "records")
        return {row["id"]: (row["rev"], bytes(row["history"]), bytes(row["body"])) for row in rows}

    def acts(self) -> set[str]:
        """Return the ids of its acts."""
        return {row["id"] for row in database_rows.rows(self.site, "acts")}

    def status(self) -> dict[str, Any]:
        """Return how the link stands."""
        return status(self.site)


@pytest.fixture(scope="session")
def pouchdb_server() -> Iterator[str]:
    """One pouchdb-server for all tests of a process."""
    with Couch() as couch:
        yield couch.url


@pytest.fixture(params=PEERS)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster."""
    if request.param == "couchdb":
        split = urlsplit(str(real_couchdb()))
        address = f"{split.scheme}://{split.hostname}:{split.port or 5984}"
        made = Cluster(address, split.username or "", split.password or "")
    else:
        made = Cluster(request.getfixturevalue("pouchdb_server"))
    yield made
    made.close()


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    """Something between the site and the cluster that can be told to fail."""
    with between(cluster.url) as made:
        yield made


Founds = Callable[..., Hospital]


@pytest.fixture
def founds(tmp_path: Path, clock: Clock, cluster: Cluster) -> Iterator[Founds]:
    """Make a hospital with a name nobody else has, linked to the cluster or to what is between."""
    made: list[Site] = []

    def found(name: str, url: str | None = None, **options: Any) -> Hospital:
        full = f"{name}-{secrets.token_hex(4)}" if "-" not in name else name
        site = made_site(tmp_path / f"{full}-{len(made)}", clock, name=full)
        site.listens = reactions.LISTENS
        made.append(site)
        linked = Linked(url or cluster.url, cluster.name, cluster.password, **options)
        account.write(site.config.data, linked)
        return Hospital(site, make_cast(site, clock), linked, cluster.database(full))

    yield found
    for site in made:
        site.close()
