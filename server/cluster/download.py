"""What is meant for a hospital comes down from its database: acts it had lost, and letters.

The feed is read as ids alone. Our own acts come by again, are known and cost no more than that;
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
from server.cluster.arrivals import Arrivals
from server.database import tables
from sync.cluster_client import Changes, Checkpoint, Cluster, batches

ROWS_AT_ONCE = 1_000
DOCUMENTS_AT_ONCE = 200
LETTERS = "post:"  # the prefix of letters that were delivered


@dataclass
class Download:
    """What came down in a pass, and what the feed still has."""

    acts: int = 0
    kept_apart: int = 0
    pending: int = 0


def come_down(
    site: Site, cluster: Cluster, checkpoint: Checkpoint, goes_on: Callable[[Download], bool]
) -> Download:
    """Take in what the feed has since the checkpoint; `goes_on(so far)` may end it after a page."""
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
    known = _known(site, acts)
    _take_all(site, cluster, [act for act in acts if act not in known], Arrivals.returned, done)
    letters = [identifier for identifier in ids if identifier.startswith(LETTERS)]
    _take_all(site, cluster, letters, Arrivals.opened, done)


def _known(site: Site, ids: list[str]) -> set[str]:
    wanted = sa.select(tables.acts.c.id).where(tables.acts.c.id.in_(ids))
    with site.reading() as connection:
        return set(connection.execute(wanted).scalars())


Take = Callable[[Arrivals, list[Any], int], list[Verdict]]


def _take_all(site: Site, cluster: Cluster, ids: list[str], take: Take, done: Download) -> None:
    for some in batches(ids, DOCUMENTS_AT_ONCE):
        documents = list(cluster.documents(some).values())
        for verdict in arrive(site, documents, take):
            done.acts += verdict.state == "ok"
            done.kept_apart += not verdict.good


def arrive(site: Site, documents: list[Any], take: Take) -> list[Verdict]:
    """Take documents in; one that nobody could foresee is kept apart and harms no other."""
    if not documents:
        return []
    at = site.now()

    def run(intake: Intake) -> list[Verdict]:
        return take(Arrivals(intake.unit, intake.site), documents, at)

    try:
        return site.in_group_commit(run)
    except sa.exc.SQLAlchemyError:
        raise  # the database's fault, not the documents'
    except Exception:
        if len(documents) > 1:
            half = len(documents) // 2
            first = arrive(site, documents[:half], take)
            return first + arrive(site, documents[half:], take)

    def keep(intake: Intake) -> list[Verdict]:
        arrivals = Arrivals(intake.unit, intake.site)
        return arrivals.kept_apart(documents, "malformed", at)

    return site.in_group_commit(keep)
