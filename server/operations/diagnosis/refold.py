"""Whether every record, its clocks and its rights are what its acts add up to.

The unit writes a batch of records again from their acts; what that changes is what was wrong.
Unless it is to be mended, the transaction is taken back: the check and the repair are one.
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

PAGE = 200  # records whose transaction others wait for


@dataclass
class Differences:
    """What was not as the acts say; ids of records, and of those that could not be folded."""

    count: int = 0
    records: list[str] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, other: Differences) -> None:
        """Add what another batch had."""
        self.count += other.count
        self.records += other.records
        self.clocks += other.clocks
        self.rights += other.rights
        self.failed += other.failed


class _Back(Exception):
    """Takes a transaction back."""


def check(patient: Inspected) -> Iterator[Finding]:
    """Fold every record again, in batches."""
    site = patient.site
    with site.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(records)).scalar_one()
    found = Differences()
    after = ""
    while page := _page(site, after):
        found.add(compare(site, page, keep=patient.repair))
        after = page[-1]
        patient.progress("fold", found.count, total)
    for check_, names, say in (
        ("fold", found.records, "records are not what their acts add up to"),
        ("clocks", found.clocks, "records have clocks that their ladders do not give"),
        ("rights", found.rights, "people hold rights that their acts do not give"),
    ):
        if names:
            yield patient.wrong(check_, f"{len(names)} of {found.count} {say}: {few(names)}.")
    if found.failed:
        yield Finding(
            BAD,
            "fold",
            f"{len(found.failed)} records cannot be folded: {few(found.failed)}.",
            "Keep a copy of the data folder and ask whoever looks after Floorwalk.",
        )
    if not (found.records or found.clocks or found.rights or found.failed):
        say = f"{found.count} records, their clocks and rights are what their acts add up to."
        yield Finding(GOOD, "fold", say)


def compare(site: Site, page: Sequence[str], *, keep: bool) -> Differences:
    """Fold records again; return what differs, and let it stay written only if asked to."""
    try:
        return _compare(site, page, keep=keep)
    except sa.exc.OperationalError:
        raise  # the database is busy or full: that is no record's fault
    except Exception:
        if len(page) == 1:
            return Differences(1, failed=list(page))
    found = Differences()
    for record in page:
        found.add(compare(site, [record], keep=keep))
    return found


def _compare(site: Site, page: Sequence[str], *, keep: bool) -> Differences:
    found = Differences(len(page))
    with suppress(_Back), site.unit_of_work() as unit:
        connection = unit.store.connection
        before = _beside(connection, page)
        unit.look_up((), page)
        for record in page:
            unit.in_progress(record).fold_again()
        unit.finish()
        rewritten = sa.select(records.c.id).where(records.c.seq > unit.seq)
        found.records = sorted(connection.execute(rewritten).scalars())
        after = _beside(connection, page)
        moved = [name for name in page if before[name] != after[name]]
        found.clocks = [name for name in moved if before[name][0] != after[name][0]]
        found.rights = [name for name in moved if before[name][1] != after[name][1]]
        if not keep:
            raise _Back
    return found


def _beside(connection: sa.Connection, page: Sequence[str]) -> dict[str, tuple[set[Any], set[Any]]]:
    """Return the clocks of each record, and what a person holds or a record uses."""
    found: dict[str, tuple[set[Any], set[Any]]] = {name: (set(), set()) for name in page}
    for row in connection.execute(sa.select(timers).where(timers.c.record.in_(page))):
        found[row.record][0].add(tuple(row))
    for row in connection.execute(sa.select(grants).where(grants.c.person.in_(page))):
        found[row.person][1].add(tuple(row))
    for row in connection.execute(sa.select(uses).where(uses.c.record.in_(page))):
        found[row.record][1].add(tuple(row))
    return found


def _page(site: Site, after: str) -> list[str]:
    wanted = sa.select(records.c.id).where(records.c.id > after).order_by(records.c.id).limit(PAGE)
    with site.reading() as connection:
        return list(connection.execute(wanted).scalars())
