"""Download from a hospital's database in the cluster: its own acts that it lost, and letters.

The feed is read as ids alone. Our own acts come by again and are recognised at no further cost;
records are never read, since acts make them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from server.acts.intake import Intake
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.cluster.incoming_acts import IncomingActs
from server.database import tables
from sync.cluster_client import Changes, Checkpoint, Cluster, batches

ROWS_AT_ONCE = 1_000  # ids of the feed in one request
DOCUMENTS_AT_ONCE = 200  # documents in one request, and in one transaction
LETTERS = "post:"  # the prefix of letters that were delivered


@dataclass
class Download:
    """What came down in a pass, and how many changes are still pending."""

    acts: int = 0
    kept_apart: int = 0
    pending: int = 0


def come_down(
    site: Site, cluster: Cluster, checkpoint: Checkpoint, goes_on: Callable[[Download], bool]
) -> Download:
    """Take in the changes since the checkpoint; `goes_on(so far)` may end it after a page."""
    done = Download()
    while True:
        page = cluster.changes(checkpoint.since, ROWS_AT_ONCE)
        done.pending = page.pending
        if page.rows:
            _take(site, cluster, page, done)
            checkpoint.save(
                page.last_seq,
                site.now(),
                docs_written=done.acts,
                doc_write_failures=done.kept_apart,
            )
        if len(page.rows) < ROWS_AT_ONCE or not goes_on(done):
            return done


def _take(site: Site, cluster: Cluster, page: Changes, done: Download) -> None:
    ids = [row["id"] for row in page.rows if not row.get("deleted")]
    acts = [identifier for identifier in ids if identifier.startswith("act:")]
    stored = _stored(site, acts)
    _take_all(
        site, cluster, [act for act in acts if act not in stored], IncomingActs.returned, done
    )
    letters = [identifier for identifier in ids if identifier.startswith(LETTERS)]
    _take_all(site, cluster, letters, IncomingActs.opened, done)


def _stored(site: Site, ids: list[str]) -> set[str]:
    wanted = sa.select(tables.acts.c.id).where(tables.acts.c.id.in_(ids))
    with site.reading() as connection:
        return set(connection.execute(wanted).scalars())


Take = Callable[[IncomingActs, list[Any], int], list[Verdict]]


def _take_all(site: Site, cluster: Cluster, ids: list[str], take: Take, done: Download) -> None:
    for some in batches(ids, DOCUMENTS_AT_ONCE):
        documents = list(cluster.documents(some).values())
        for verdict in arrive(site, documents, take):
            done.acts += verdict.state == "ok"
            done.kept_apart += not verdict.good


def arrive(site: Site, documents: list[Any], take: Take) -> list[Verdict]:
    """Take documents in; one that crashes the intake is quarantined and harms no other."""
    if not documents:
        return []
    at = site.now()

    def run(intake: Intake) -> list[Verdict]:
        return take(IncomingActs(intake.unit, intake.site), documents, at)

    try:
        return site.in_group_commit(run)
    except sa.exc.SQLAlchemyError:
        raise  # the database's fault, not the documents'
    except Exception:
        if len(documents) > 1:
            # Halving finds the bad document in a few transactions, and lets all others in.
            half = len(documents) // 2
            first = arrive(site, documents[:half], take)
            return first + arrive(site, documents[half:], take)

    def keep(intake: Intake) -> list[Verdict]:
        incoming = IncomingActs(intake.unit, intake.site)
        return incoming.kept_apart(documents, "malformed", at)

    return site.in_group_commit(keep)
