"""Upload to a hospital's database in the cluster: acts first, then the records they add up to."""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import attachment_stubs
from server.acts.record_in_progress import ID_BYTES
from server.acts.record_rows import REVISIONS
from server.acts.site import Site
from server.database import tables
from server.database.store import Stored
from sync.cluster_client import Checkpoint, Cluster, Failure
from sync.protocol import hashes, knows, revisions

REMEMBERED = 50_000  # ids of acts that are known to be in the cluster
ATTACHED_AT = "attached_at"  # our `revpos` of each photo: CouchDB sets its own on a push
ASKED_AT_ONCE = 1_000  # acts whose presence one request asks for


@dataclass
class UploadPage:
    """Records that changed, in the order of their seqs, and all their acts."""

    records: list[Any]  # rows of `records`
    acts: list[tuple[str, str, bytes]]  # (id, record, JSON as the cluster keeps it)
    last: int  # the seq of the last record


@dataclass
class Upload:
    """What a pass sent; `behind` are records of which a document was refused, and why."""

    acts: int = 0
    records: int = 0
    behind: dict[str, str] = field(default_factory=dict)


class UploadedRevisions:
    """Ids of acts that the cluster is known to have, so that it is not asked again."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._ids

    def add(self, identifiers: Iterable[str]) -> None:
        """Remember ids; the oldest beyond REMEMBERED are forgotten."""
        self._ids.update(dict.fromkeys(identifiers))
        while len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)


SentAct = tuple[str, str, bytes]  # (id, record, body as the cluster stores it)


def go_up(
    site: Site,
    cluster: Cluster,
    checkpoint: Checkpoint,
    memory: UploadedRevisions,
    at_once: int,
    goes_on: Callable[[Upload, int], bool],
) -> Upload:
    """Send changes since the checkpoint; `goes_on(so far, seq)` may end it after a batch."""
    done = Upload()
    while True:
        page = _page(site, int(checkpoint.since), at_once)
        if not page.records:
            return done
        _send(site, cluster, page, memory, done)
        checkpoint.save(
            str(page.last),
            site.now(),
            acts_written=done.acts,
            docs_written=done.acts + done.records,
            doc_write_failures=len(done.behind),
        )
        if not goes_on(done, page.last):
            return done


def again(
    site: Site, cluster: Cluster, memory: UploadedRevisions, records: Iterable[str]
) -> Upload:
    """Send records again that were refused, each by itself."""
    done = Upload()
    for record in records:
        with site.reading() as connection:
            rows = connection.execute(
                sa.select(tables.records).where(tables.records.c.id == record)
            ).all()
            page = UploadPage(list(rows), _acts_of(connection, [record]), 0)
        _send(site, cluster, page, memory, done)
    return done


def waiting(site: Site, since: int) -> int:
    """Return the number of records that changed after a seq."""
    changed = sa.select(sa.func.count()).where(tables.records.c.seq > since)
    with site.reading() as connection:
        return int(connection.execute(changed).scalar_one())


def as_sent(body: bytes, received_at: int) -> bytes:
    """Return an act as the cluster stores it: with the ms at which it arrived here."""
    return as_document({**orjson.loads(body), "received_at": received_at})


def as_document(doc: dict[str, Any]) -> bytes:
    """Return an immutable document as JSON; its one revision is the hash of its content."""
    plain = orjson.dumps(doc, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.md5(plain, usedforsecurity=False).hexdigest()
    return plain[:-1] + f',"_rev":"1-{digest}"}}'.encode()


def _page(site: Site, since: int, limit: int) -> UploadPage:
    records = tables.records
    with site.reading() as connection:
        wanted = sa.select(records).where(records.c.seq > since).order_by(records.c.seq)
        rows = list(connection.execute(wanted.limit(limit)).all())
        acts = _acts_of(connection, [row.id for row in rows])
    return UploadPage(rows, acts, rows[-1].seq if rows else since)


def _acts_of(connection: sa.Connection, records: list[str]) -> list[tuple[str, str, bytes]]:
    acts = tables.acts.c
    wanted = sa.select(acts.id, acts.record, acts.body, acts.received_at)
    wanted = wanted.where(acts.record.in_(records)).order_by(acts.id)
    rows = connection.execute(wanted).all()
    return [(row.id, row.record, as_sent(row.body, row.received_at)) for row in rows]


def _send(
    site: Site, cluster: Cluster, page: UploadPage, memory: UploadedRevisions, done: Upload
) -> None:
    wanted = [act for act in page.acts if act[0] not in memory]
    new: list[tuple[str, str, bytes]] = []
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        part = wanted[start : start + ASKED_AT_ONCE]
        there = cluster.revisions([act for act, _, _ in part])
        new += [act for act in part if act[0] not in there]
    new += _erased(cluster, page.acts)
    failures = cluster.send([(act, body) for act, _, body in new])
    of = {act: record for act, record, _ in page.acts}
    _left_behind(done, failures, of)
    failed = {failure.id for failure in failures}
    memory.add(act for act, _, _ in wanted if act not in failed)
    done.acts += len(new) - len(failures)
    _send_records(site, cluster, page.records, done)


def _erased(cluster: Cluster, acts: Iterable[SentAct]) -> list[SentAct]:
    """Return acts whose private values were erased, as children of what the cluster still has."""
    wanted = [act for act in acts if b'"erased":"erasure:' in act[2]]
    there = cluster.revisions([act for act, _, _ in wanted]) if wanted else {}
    again: list[SentAct] = []
    for act, record, body in wanted:
        rev = there.get(act, "")
        if rev.startswith("1-"):
            document = orjson.loads(body)
            old, new = rev[2:], str(document.pop("_rev"))[2:]
            document |= {"_rev": f"2-{new}", "_revisions": {"start": 2, "ids": [new, old]}}
            if new != old:
                again.append((act, record, orjson.dumps(document)))
    return again


def _send_records(site: Site, cluster: Cluster, rows: list[Any], done: Upload) -> None:
    """Send records; one whose revision in the cluster is not ours takes over its history first."""
    there = cluster.revisions([row.id for row in rows])
    news, strange = [], []
    for row in rows:
        rev = there.get(row.id)
        if rev == row.rev:
            continue
        if rev is None or knows(rev, row.gen, row.history):
            news.append((row, int(rev.partition("-")[0]) if rev else 0))
        else:
            strange.append(row.id)
    failures = cluster.send([(row.id, _with_history(site, row, gen)) for row, gen in news])
    if failures:  # E2.8, missing_stub: a photo thought to be there is not, so send all of them
        refused = {failure.id for failure in failures}
        whole = [(row.id, _with_history(site, row, 0)) for row, _ in news if row.id in refused]
        failures = cluster.send(whole)
    _left_behind(done, failures, {row.id: row.id for row in rows})
    done.records += len(news) - len(failures)
    if strange:  # taking over changes them, so that the next page sends them
        docs = cluster.documents(strange, revs=True)
        take_over(site, {record: doc["_revisions"] for record, doc in docs.items()})


def _with_history(site: Site, row: Any, gen: int) -> bytes:
    """Return a record with its history, and with the photos added after revision `gen`."""
    history = orjson.dumps(revisions(row.gen, row.history))
    body: bytes = row.body
    if f'"{attachment_stubs.MEMBER}"'.encode() in body:
        record = orjson.loads(body)
        stubs_sent = {
            name: stub if stub["revpos"] <= gen else _with_data(site, name, stub)
            for name, stub in attachment_stubs.stubs(record).items()
        }
        present = {name: attached for name, attached in stubs_sent.items() if attached is not None}
        since = {name: stub["revpos"] for name, stub in attachment_stubs.stubs(record).items()}
        body = orjson.dumps({**record, attachment_stubs.MEMBER: present, ATTACHED_AT: since})
    return body[:-1] + b',"_revisions":' + history + b"}"


def _with_data(site: Site, name: str, stub: dict[str, Any]) -> dict[str, Any] | None:
    path = attachment_stubs.path_of(site.config.blobs, name.partition(".")[0])
    if not path.is_file():
        return None
    data = base64.b64encode(path.read_bytes()).decode()
    described = {key: stub[key] for key in ("content_type", "digest", "revpos")}
    return {**described, "data": data}


def _left_behind(done: Upload, failures: Iterable[Failure], of: dict[str, str]) -> None:
    for failure in failures:
        done.behind[of.get(failure.id, failure.id)] = f"{failure.error}: {failure.reason}"[:200]


def take_over(site: Site, theirs: dict[str, dict[str, Any]]) -> None:
    """Let records' revisions continue those of the cluster; `theirs` is {id: _revisions}.

    This server was restored from an older copy, or is new: what it folded is the newest, and its
    revision must be a child of the cluster's, or the two would conflict for ever.
    """
    with site.unit_of_work() as unit:
        unit.look_up((), theirs)
        for record, revs in theirs.items():
            work = unit.in_progress(record)
            if work.stored is not None and _strange(work.stored, revs):
                work.stored.gen, work.stored.history = _grafted(work.stored, revs)
                work.touched = True
        unit.finish()


def _strange(stored: Stored, revs: dict[str, Any]) -> bool:
    """Say whether the cluster's newest revision is not in our history."""
    head = f"{revs['start']}-{revs['ids'][0]}"
    if stored.rev == head:
        return bool(hashes(stored.history)[: len(revs["ids"])] != revs["ids"])
    return not knows(head, stored.gen, stored.history)


def _grafted(stored: Stored, revs: dict[str, Any]) -> tuple[int, bytes]:
    """Return the generation and history on which the record's own revision is put."""
    start, above = int(revs["start"]), b"".join(map(bytes.fromhex, revs["ids"]))
    if above[:ID_BYTES] == stored.history[:ID_BYTES]:  # the same words: the same revision
        return start - 1, above[ID_BYTES:]
    for number in range(start + 1, stored.gen + 1):  # a number that was told before is passed
        between = f"{stored.id} {number}".encode()
        above = hashlib.md5(between, usedforsecurity=False).digest() + above
    return max(start, stored.gen), above[: REVISIONS * ID_BYTES]
