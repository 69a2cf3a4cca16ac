"""Check of records, timers and rights: are they what the acts add up to?

The unit of work writes a batch of records again from their acts; what that changes was wrong.
Unless it is to be repaired, the transaction is rolled back: check and repair are the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from server.acts.site import Site
from server.database.tables import grants, records, timers, uses
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few

PAGE = 200  # records of one transaction, for which other writers wait


@dataclass
class Differences:
    """Ids of records, timers and rights that differed, and of records that could not be folded."""

    count: int = 0
    records: list[str] = field(default_factory=list)
    timers: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, other: Differences) -> None:
        """Add the differences of another batch."""
        self.count += other.count
        self.records += other.records
        self.timers += other.timers
        self.rights += other.rights
        self.failed += other.failed


class _Back(Exception):
    """Raised to roll a transaction back."""


def check(inspected: Inspected) -> Iterator[Finding]:
    """Fold every record again, in batches."""
    site = inspected.site
    with site.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(records)).scalar_one()
    differences = Differences()
    after = ""
    while page := _page(site, after):
        differences.add(compare(site, page, keep=inspected.repair))
        after = page[-1]
        inspected.progress("fold", differences.count, total)
    for check_, names, say in (
        ("fold", differences.records, "records are not what their acts add up to"),
        ("clocks", differences.timers, "records have clocks that their ladders do not give"),
        ("rights", differences.rights, "people hold rights that their acts do not give"),
    ):
        if names:
            yield inspected.wrong(
                check_, f"{len(names)} of {differences.count} {say}: {few(names)}."
            )
    if differences.failed:
        yield Finding(
            BAD,
            "fold",
            f"{len(differences.failed)} records cannot be folded: {few(differences.failed)}.",
            "Keep a copy of the data folder and ask whoever looks after Floorwalk.",
        )
    if not (differences.records or differences.timers or differences.rights or differences.failed):
        say = f"{differences.count} records, their clocks and rights are what their acts add up to."
        yield Finding(GOOD, "fold", say)


def compare(site: Site, page: Sequence[str], *, keep: bool) -> Differences:
    """Fold records again; return what differs, and keep the result only if `keep`."""
    try:
        return _compare(site, page, keep=keep)
    except sa.exc.OperationalError:
        raise  # the database is busy or full: that is no record's fault
    except Exception:
        if len(page) == 1:
            return Differences(1, failed=list(page))
    differences = Differences()
    for record in page:
        differences.add(compare(site, [record], keep=keep))
    return differences


def _compare(site: Site, page: Sequence[str], *, keep: bool) -> Differences:
    differences = Differences(len(page))
    with suppress(_Back), site.unit_of_work() as unit:
        connection = unit.store.connection
        before = _beside(connection, page)
        unit.look_up((), page)
        for record in page:
            unit.in_progress(record).fold_again()
        unit.finish()
        rewritten = sa.select(records.c.id).where(records.c.seq > unit.seq)
        differences.records = sorted(connection.execute(rewritten).scalars())
        after = _beside(connection, page)
        moved = [name for name in page if before[name] != after[name]]
        differences.timers = [name for name in moved if before[name][0] != after[name][0]]
        differences.rights = [name for name in moved if before[name][1] != after[name][1]]
        if not keep:
            raise _Back
    return differences


def _beside(connection: sa.Connection, page: Sequence[str]) -> dict[str, tuple[set[Any], set[Any]]]:
    """Return {record: (its timers, what a person holds and which blobs it uses)}."""
    rows_beside: dict[str, tuple[set[Any], set[Any]]] = {name: (set(), set()) for name in page}
    for row in connection.execute(sa.select(timers).where(timers.c.record.in_(page))):
        rows_beside[row.record][0].add(tuple(row))
    for row in connection.execute(sa.select(grants).where(grants.c.person.in_(page))):
        rows_beside[row.person][1].add(tuple(row))
    for row in connection.execute(sa.select(uses).where(uses.c.record.in_(page))):
        rows_beside[row.record][1].add(tuple(row))
    return rows_beside


def _page(site: Site, after: str) -> list[str]:
    wanted = sa.select(records.c.id).where(records.c.id > after).order_by(records.c.id).limit(PAGE)
    with site.reading() as connection:
        return list(connection.execute(wanted).scalars())
