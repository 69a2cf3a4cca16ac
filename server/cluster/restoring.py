"""Fills a new, empty server from its database in the cluster: acts first, then folded records."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import attachment_stubs, own_ids, reference
from server.acts.site import Site
from server.acts.verdict import Refused
from server.cluster.download import arrive
from server.cluster.incoming_acts import IncomingActs, as_returned
from server.cluster.link_loop import OWNER, own
from server.cluster.upload import ATTACHED_AT, take_over
from server.database import tables
from server.database.store import Blob
from sync.act import Act
from sync.cluster_client import Cluster, Doc, batches

ACTS_AT_ONCE = 1_000  # of one request and transaction
RECORDS_AT_ONCE = 500
# Prefixes of documents in the cluster that are no records.
NO_RECORDS = ("act:", "post:", "_design/")

Told = Callable[[str, int, int], None]  # (what is done, number done, number of all)


class NotEmpty(ValueError):
    """The site has acts already, which a restore would mix with those of the cluster."""


@dataclass
class RestoredFromCluster:
    """What was restored, and how the folded records compare with the cluster's."""

    acts: int = 0
    kept_apart: int = 0
    records: int = 0
    identical: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # in the cluster, but no act makes them


def restore(site: Site, cluster: Cluster, told: Told) -> RestoredFromCluster:
    """Fill the site; raises NotEmpty or ClusterTrouble. An interrupted restore may be repeated."""
    with site.reading() as connection:
        begun = connection.execute(
            sa.select(tables.meta.c.value).where(tables.meta.c.key == "restoring")
        ).scalar()
        if begun is None and connection.execute(sa.select(tables.acts.c.id).limit(1)).first():
            raise NotEmpty
    total = int(cluster.info()["doc_count"])
    secret = (cluster.local(OWNER) or {}).get("secret")
    if isinstance(secret, str) and secret:
        own_ids.adopt(site, secret)
    own(cluster, site, take_over=True)
    _begin(site)
    done = RestoredFromCluster()
    _bring_acts(site, cluster, done, lambda number: told("acts", number, total))
    _fold(site, done, lambda number, of: told("records", number, of))
    _compare(site, cluster, done, lambda number: told("compared", number, done.records))
    with site.writing() as connection:
        connection.execute(sa.delete(tables.meta).where(tables.meta.c.key == "restoring"))
    return done


def _begin(site: Site) -> None:
    key = tables.meta.c.key
    with site.writing() as connection:
        if connection.execute(sa.select(key).where(key == "restoring")).first() is None:
            connection.execute(sa.insert(tables.meta).values(key="restoring", value="1"))


def _bring_acts(
    site: Site, cluster: Cluster, done: RestoredFromCluster, told: Callable[[int], None]
) -> None:
    kinds = set(site.declarations["records"])
    number = 0
    for page in pages(cluster, "act:", "act:\uffff", ACTS_AT_ONCE, docs=True):
        rows, strange = [], []
        for document in page:
            try:
                rows.append(_row(*as_returned(document, site.config.name, kinds)))
            except Refused:
                strange.append(document)
        _store(site, rows)
        verdicts = arrive(site, strange, IncomingActs.returned)
        done.kept_apart += sum(not verdict.good for verdict in verdicts)
        done.acts += len(rows)
        number += len(page)
        told(number)


def _row(act: Act, received_at: int) -> tuple[Any, ...]:
    moments = (act["at"], received_at)
    names = (act["by"], act["device"])
    return (act["_id"], act["record"], act["act"], *moments, *names, orjson.dumps(act))


def _store(site: Site, rows: list[tuple[Any, ...]]) -> None:
    """Store acts alone: their timers and reactions had their time when they happened."""
    with site.unit_of_work() as unit:
        stored = unit.store.known_acts([row[0] for row in rows])
        unit.store.add_acts([row for row in rows if row[0] not in stored])


def _fold(site: Site, done: RestoredFromCluster, told: Callable[[int, int], None]) -> None:
    """Fold reference data first: who is offered which record depends on it."""
    records = tables.acts.c.record
    with site.reading() as connection:
        ids = connection.execute(sa.select(records).distinct().order_by(records)).scalars().all()
    first = [record for record in ids if record.partition(":")[0] in reference.KINDS]
    others = [record for record in ids if record.partition(":")[0] not in reference.KINDS]
    for some in (*batches(first, RECORDS_AT_ONCE), *batches(others, RECORDS_AT_ONCE)):
        with site.unit_of_work() as unit:
            unit.look_up((), some)
            for record in some:
                unit.in_progress(record).fold_again()
            unit.finish()
        done.records += len(some)
        told(done.records, len(ids))


def _compare(
    site: Site, cluster: Cluster, done: RestoredFromCluster, told: Callable[[int], None]
) -> None:
    """Take over the cluster's revisions; a record that differs gets a new one on top."""
    for ids in _record_ids(cluster):
        documents = cluster.documents(ids, revs=True)
        _bring_attached(site, cluster, documents)
        here = _revisions_of(site, list(documents))
        done.missing += [record for record in documents if record not in here]
        shared = {record: doc for record, doc in documents.items() if record in here}
        for record, doc in shared.items():
            if here[record].partition("-")[2] == doc["_rev"].partition("-")[2]:
                done.identical += 1
            else:
                done.different.append(record)
        take_over(site, {record: doc["_revisions"] for record, doc in shared.items()})
        told(done.identical + len(done.different))


def _bring_attached(site: Site, cluster: Cluster, documents: dict[str, Doc]) -> None:
    """Fetch the photos and recordings of records, and store their stubs in the records."""
    attached = {
        record: attachment_stubs.stubs(doc)
        for record, doc in documents.items()
        if attachment_stubs.stubs(doc)
    }
    stubs_found: dict[str, attachment_stubs.Stubs] = {}
    blobs = []
    for record, stubs in attached.items():
        for name, stub in stubs.items():
            content = cluster.attachment(record, name)
            sha256 = name.partition(".")[0]
            if hashlib.sha256(content).hexdigest() != sha256:
                continue  # damaged in the cluster; the record then differs
            _keep(attachment_stubs.path_of(site.config.blobs, sha256), content)
            digest = attachment_stubs.digest_of(hashlib.md5(content, usedforsecurity=False))
            blobs.append(Blob(sha256, len(content), stub["content_type"], digest))
            whole = {"length": len(content), "digest": digest, "stub": True}
            revpos = documents[record].get(ATTACHED_AT, {}).get(name, stub["revpos"])
            described = {"content_type": stub["content_type"], "revpos": revpos}
            stubs_found.setdefault(record, {})[name] = {**described, **whole}
    if not stubs_found:
        return
    with site.unit_of_work() as unit:
        for blob in blobs:
            unit.store.add_blob(blob, "system:link", site.now())
        unit.look_up((), stubs_found)
        for record, stubs in stubs_found.items():
            work = unit.in_progress(record)
            work.attached, work.touched = stubs, True
        unit.finish()


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _record_ids(cluster: Cluster) -> Iterator[list[str]]:
    for first, last in (("", "act:"), ("act;", "\uffff")):
        for page in pages(cluster, first, last, RECORDS_AT_ONCE, docs=False):
            ids = [row["_id"] for row in page if not row["_id"].startswith(NO_RECORDS)]
            if ids:
                yield ids


def _revisions_of(site: Site, ids: list[str]) -> dict[str, str]:
    wanted = sa.select(tables.records.c.id, tables.records.c.rev)
    with site.reading() as connection:
        rows = connection.execute(wanted.where(tables.records.c.id.in_(ids))).all()
    return {row.id: row.rev for row in rows}


def pages(
    cluster: Cluster, first: str, last: str, size: int, *, docs: bool
) -> Iterator[list[dict[str, Any]]]:
    """Yield all documents between two ids, `size` at a time."""
    after = first
    while True:
        rows = cluster.page(after, last, size + 1, docs=docs)
        fresh = [row for row in rows if row["_id"] != after]
        if fresh:
            yield fresh
            after = fresh[-1]["_id"]
        if len(rows) <= size:
            return
