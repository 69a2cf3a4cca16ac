"""The link to a cluster: when it runs, when it waits, when it stops, and its stored state.

The schedule pokes it; the work is done in a thread of its own, so that nothing waits for the
cluster. Of several servers on one database one at a time holds the link.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.site import Site
from server.base.clock import real_now
from server.cluster import letters
from server.cluster.account import Linked, database_of, read
from server.cluster.download import Download, come_down
from server.cluster.upload import Upload, UploadedRevisions, again, go_up
from server.cluster.upload import waiting as waiting_since
from server.database import tables
from sync.cluster_client import Checkpoint, Cluster, ClusterTrouble, replication_id

log = logging.getLogger("floorwalk.link")

OWNER = "floorwalk-owner"  # the local document that names the server a database belongs to
HELD_FOR = 90_000  # ms for which a server holds the link without renewing it
SHORTEST_PAUSE = 5.0  # s at most before the first retry; doubled with each failure
LOCKED_PAUSE = 600.0  # s at least, while wrong guesses of anybody have locked the account
BEHIND_EVERY = 3_600_000  # ms between two tries of records that the cluster refused
MOST_BEHIND = 1_000  # such records that are remembered
MOST_UNDELIVERABLE = 100  # letters without an addressee that are remembered
STOPS = ("locked_out", "taken_over", "no_client")  # states that only a person can end
PATIENCE = 5  # s that a stopping server waits for the cluster's answer
HERE = ("system:link", "device:server")  # person and device of our checkpoints


@dataclass
class State:
    """The state of the link; stored after each batch, for other processes to read."""

    state: str = "new"  # new, up_to_date, behind, or the kind of a Trouble
    database: str = ""
    acts_up: int = 0
    records_up: int = 0
    acts_down: int = 0
    kept_apart: int = 0
    letters_carried: int = 0
    up_to: int = 0  # seq
    down_to: str = "0"
    pending_down: int = 0
    behind: dict[str, str] = field(default_factory=dict)  # record: why the cluster refused it
    undeliverable: list[str] = field(default_factory=list)
    tried_behind_at: int = 0
    ok_at: int | None = None
    error: str | None = None
    error_at: int | None = None
    next_at: int | None = None
    failures: int = 0
    mark: str = ""  # of the name and password that were refused


class Link:
    """One site's link. `poke` never blocks."""

    def __init__(self, site: Site, *, chance: Callable[[], float] = random.random) -> None:
        self.site = site
        self.state = load(site)
        self.is_elsewhere = False  # another server had the link at the last look
        self._chance = chance
        self._me = secrets.token_hex(8)
        self._memory = UploadedRevisions()
        self._cluster: tuple[Linked, Cluster] | None = None
        self._carried: dict[str, Checkpoint] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def poke(self) -> None:
        """Start a pass in a thread, unless one runs, it is too early, or there is no link."""
        if self._thread is not None and self._thread.is_alive():
            return
        linked = read(self.site.config.data)
        if linked is None or not self.may_try(linked):
            return
        self._thread = threading.Thread(target=self.turn, args=(linked,), name="link", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the current batch; a cluster that does not answer is not waited for."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
        if self._cluster is not None:
            self._cluster[1].close()
            self._cluster = None
            self._carried.clear()  # they write through it

    def may_try(self, linked: Linked) -> bool:
        """Say whether it is time; a refused password is not tried again until it is changed."""
        if self.state.state in STOPS and self.state.mark == linked.mark:
            return False
        return self.state.next_at is None or real_now() >= self.state.next_at

    def turn(self, linked: Linked, *, thorough: bool = False) -> State:
        """Run one pass: down, up, and letters to carry. Never raises; returns the state.

        `thorough` offers records that the cluster refused at once, and not only every hour.
        """
        self.is_elsewhere = not hold(self.site, self._me)
        if self.is_elsewhere:
            return self.state
        self.state = load(self.site)  # another server may have had the link
        if thorough:
            self.state.tried_behind_at = 0
        try:
            self._do(linked)
            self._went_well(linked)
        except ClusterTrouble as trouble:
            self._went_wrong(linked, trouble)
        except Exception as error:
            log.exception("link failed")
            self._went_wrong(
                linked, ClusterTrouble("broken", f"{type(error).__name__}: {error}"[:200])
            )
        finally:
            release(self.site, self._me)
        return self.state

    # One look

    def _do(self, linked: Linked) -> None:
        cluster = self._to(linked)
        self.state.database = cluster.database
        own(cluster, self.site)
        self._down(cluster)
        self._up(linked, cluster)
        if linked.carries and not self._stop.is_set():
            self._carry(linked, cluster)

    def _to(self, linked: Linked) -> Cluster:
        """Return the client, kept while the account file stays as it is."""
        if self._cluster is None or self._cluster[0] != linked:
            if self._cluster is not None:
                self._cluster[1].close()
            self._carried.clear()
            database = database_of(self.site.config.name)
            self._cluster = (linked, Cluster(linked.account, database, linked.batch_bytes))
        return self._cluster[1]

    def _down(self, cluster: Cluster) -> None:
        checkpoint = self._checkpoint("down", cluster, self.site.now())
        before = (self.state.acts_down, self.state.kept_apart)

        def goes_on(done: Download) -> bool:
            self.state.acts_down = before[0] + done.acts
            self.state.kept_apart = before[1] + done.kept_apart
            self.state.pending_down, self.state.down_to = done.pending, checkpoint.since
            return self._goes_on()

        goes_on(come_down(self.site, cluster, checkpoint, goes_on))

    def _up(self, linked: Linked, cluster: Cluster) -> None:
        checkpoint = self._checkpoint("up", cluster, self.site.now())
        before = (self.state.acts_up, self.state.records_up)

        def goes_on(done: Upload, seq: int) -> bool:
            self.state.acts_up = before[0] + done.acts
            self.state.records_up = before[1] + done.records
            self.state.behind.update(done.behind)
            self.state.up_to = seq
            return self._goes_on()

        done = go_up(self.site, cluster, checkpoint, self._memory, linked.records_at_once, goes_on)
        goes_on(done, int(checkpoint.since))
        self._again(cluster)

    def _again(self, cluster: Cluster) -> None:
        """Every BEHIND_EVERY, offer records again that the cluster refused."""
        now = real_now()
        if not self.state.behind or now - self.state.tried_behind_at < BEHIND_EVERY:
            return
        self.state.tried_behind_at = now
        some = list(self.state.behind)[:MOST_BEHIND]
        done = again(self.site, cluster, self._memory, some)
        self.state.behind = done.behind
        self.state.acts_up += done.acts
        self.state.records_up += done.records

    def _carry(self, linked: Linked, own_database: Cluster) -> None:
        names = [database_of(site) for site in linked.sites] or [
            name for name in own_database.names() if name.startswith("site-")
        ]
        clusters = {name.removeprefix("site-"): own_database.of(name) for name in names}

        def checkpoint_of(site: str) -> Checkpoint:
            # Kept over looks: to ask two hundred databases each time would be most of the work.
            if site not in self._carried:
                self._carried[site] = self._checkpoint("carry", clusters[site], self.site.now())
            return self._carried[site]

        carried, nowhere = letters.carry(
            self.site.config.name,
            clusters.__getitem__,
            checkpoint_of,
            sorted(clusters),
            self.site.now(),
        )
        self.state.letters_carried += carried
        self.state.undeliverable = [*self.state.undeliverable, *nowhere][-MOST_UNDELIVERABLE:]

    def _checkpoint(self, direction: str, cluster: Cluster, at: int) -> Checkpoint:
        here = (
            lambda name: local(self.site, name),
            lambda name, doc: put_local(self.site, name, doc),
        )
        there = (cluster.local, cluster.put_local)
        name = replication_id(direction, self.site.meta["uuid"], cluster.database)
        source, target = (here, there) if direction == "up" else (there, here)
        return Checkpoint(name, source, target, at)

    def _goes_on(self) -> bool:
        save(self.site, self.state)
        return not self._stop.is_set() and hold(self.site, self._me)

    # How it went

    def _went_well(self, linked: Linked) -> None:
        waits = self._stop.is_set() or self.state.pending_down
        self.state.state = "behind" if waits else "up_to_date"
        self.state.failures, self.state.error, self.state.error_at = 0, None, None
        self.state.ok_at = real_now()
        self.state.next_at = real_now() + linked.every_s * 1_000
        self.state.mark = linked.mark
        save(self.site, self.state)

    def _went_wrong(self, linked: Linked, trouble: ClusterTrouble) -> None:
        """Note a failure and when to retry, with jitter: 200 hospitals must not come together."""
        state = self.state
        longest = min(linked.longest_pause_s, SHORTEST_PAUSE * 2**state.failures)
        pause = max(self._chance() * longest, trouble.wait or 0.0)
        if trouble.kind == "locked_for_now":
            pause = LOCKED_PAUSE * (1 + self._chance())
        state.state, state.error, state.error_at = trouble.kind, trouble.reason, real_now()
        state.failures += 1
        state.next_at = None if trouble.kind in STOPS else real_now() + int(pause * 1_000)
        state.mark = linked.mark
        if trouble.kind != "away" or state.failures == 1:  # else once is enough
            log.warning("link", extra={"kind": trouble.kind, "reason": trouble.reason})
        save(self.site, state)


# Whose turn it is


def own(cluster: Cluster, site: Site, *, take_over: bool = False) -> None:
    """Claim the database for this server; raises ClusterTrouble when another one has it."""
    note = cluster.local(OWNER)
    uuid = site.meta["uuid"]
    if note is not None and note.get("server") == uuid and "secret" in note:
        return
    if note is not None and note.get("server") != uuid and not take_over:
        raise ClusterTrouble("taken_over", f"server {str(note.get('server'))[:8]} writes there")
    # A server that is filled from here gives its acts the ids that this one would have given.
    known = {"server": uuid, "site": site.config.name, "since": site.now(), "secret": site.secret}
    cluster.put_local(OWNER, known)


def hold(site: Site, who: str) -> bool:
    """Take or renew the link for HELD_FOR; say whether it is ours."""
    now = real_now()
    mine, key = f"{now + HELD_FOR:020d}|{who}", tables.meta.c.key == "link_held"
    free = sa.or_(tables.meta.c.value < f"{now:020d}", tables.meta.c.value.endswith(f"|{who}"))
    with site.writing() as connection:
        change = sa.update(tables.meta).where(key, free).values(value=mine)
        if connection.execute(change).rowcount:
            return True
        if connection.execute(sa.select(tables.meta.c.key).where(key)).first() is not None:
            return False
        connection.execute(sa.insert(tables.meta).values(key="link_held", value=mine))
    return True


def release(site: Site, who: str) -> None:
    """Give the link back to other servers."""
    ours = (tables.meta.c.key == "link_held") & tables.meta.c.value.endswith(f"|{who}")
    with site.writing() as connection:
        connection.execute(sa.update(tables.meta).where(ours).values(value="0"))


# What is written down


def load(site: Site) -> State:
    """Return the stored state of the link."""
    with site.reading() as connection:
        value = connection.execute(
            sa.select(tables.meta.c.value).where(tables.meta.c.key == "link_state")
        ).scalar()
    # Written by another version of the program, it may have members that this one does not know.
    fields = State.__dataclass_fields__
    stored = orjson.loads(value) if value else {}
    return State(**{name: stored[name] for name in stored if name in fields})


def save(site: Site, state: State) -> None:
    """Store the state of the link."""
    value, key = orjson.dumps(state).decode(), tables.meta.c.key == "link_state"
    with site.writing() as connection:
        change = sa.update(tables.meta).where(key).values(value=value)
        if connection.execute(change).rowcount == 0:
            connection.execute(sa.insert(tables.meta).values(key="link_state", value=value))


def local(site: Site, name: str) -> dict[str, Any] | None:
    """Return a checkpoint of our side, or None."""
    columns = tables.locals_.c
    wanted = sa.select(columns.body).where(
        columns.person == HERE[0], columns.device == HERE[1], columns.id == name
    )
    with site.reading() as connection:
        body = connection.execute(wanted).scalar()
    return None if body is None else orjson.loads(body)


def put_local(site: Site, name: str, doc: dict[str, Any]) -> None:
    """Store a checkpoint of our side."""
    columns, body = tables.locals_.c, orjson.dumps(doc)
    ours = (columns.person == HERE[0]) & (columns.device == HERE[1]) & (columns.id == name)
    with site.writing() as connection:
        if connection.execute(sa.update(tables.locals_).where(ours).values(body=body)).rowcount:
            return
        row = {"person": HERE[0], "device": HERE[1], "id": name, "body": body}
        connection.execute(sa.insert(tables.locals_).values(row))


def status(site: Site) -> dict[str, Any]:
    """Return the state of the link for pages and commands; `{"configured": False}` without one.

    `waiting_up` counts records changed since the last batch; `lag` is ms since the last good pass
    while something waits, 0 when nothing does.
    """
    linked = read(site.config.data)
    if linked is None:
        return {"configured": False}
    state = load(site)
    waiting = waiting_since(site, state.up_to)
    lag = real_now() - state.ok_at if state.ok_at and (waiting or state.error) else 0
    return {
        "configured": True,
        "url": linked.url,
        "name": linked.name,
        **{name: getattr(state, name) for name in State.__dataclass_fields__},
        "waiting_up": waiting,
        "lag": lag,
        "stopped": state.state in STOPS and state.mark == linked.mark,
    }
