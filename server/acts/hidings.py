"""Whom records are hidden from in a transaction, and what moves when somebody is named in one.

A complaint never reaches whom it is about, nor does what came of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.acts import access
from server.acts.record_in_progress import RecordInProgress
from sync.check_act import Declarations
from sync.memoize import memoize
from sync.worktime import DAY

if TYPE_CHECKING:
    from server.acts.unit_of_work import UnitOfWork

DEEPEST = 5  # records about records about records; what is about itself hides nothing more


class Hidings:
    """Whom the records of a unit of work are hidden from."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.unit = unit

    def of(self, record: str) -> list[str]:
        """Return the people whom a record is hidden from, by all that is here of it.

        One that has to be folded again is hidden from whomever anything names: to fold it for each
        act would take the square of the time.
        """
        if record.partition(":")[0] not in _hidden_kinds(self.unit.declarations):
            return []
        work = self.unit.in_progress(record)
        if work.is_late:
            named = {
                one for act in work.new for one in access.named_in(self.unit.declarations, act)
            }
            return sorted(named.union(work.stored.hides if work.stored is not None else ()))
        if work.record is not None and (work.touched or work.stored is None):
            return self.of_work(work)
        return work.stored.hides if work.stored is not None else []

    def touch_what_moved(self) -> None:
        """Touch what is about records that are hidden from others than before."""
        looked: set[str] = set()
        touched = [work for work in self.unit.works.values() if work.touched and work.record]
        self.unit.look_up(
            (), access.linked_by_hiding(self.unit.declarations, (w.record for w in touched))
        )
        while moved := [
            work
            for work in list(self.unit.works.values())
            if work.touched and work.stored and work.id not in looked
            if self.of_work(work) != work.stored.hides
        ]:
            for work in moved:
                looked.add(work.id)
                kinds = _about_others(self.unit.declarations)
                since = (work.record or {}).get("opened_at", 0) - DAY
                followers = self.unit.store.about(kinds, work.id, since)
                self.unit.look_up((), followers)
                for follower in followers:
                    self.unit.works[follower].touched = True

    def of_work(self, work: RecordInProgress, depth: int = 0) -> list[str]:
        """Return whom a record is hidden from, and so whom what it is about is hidden from."""
        record = work.record
        if record is None or depth > DEEPEST:
            return []
        if record["type"] not in _hidden_kinds(self.unit.declarations):
            return []

        def of_others(identifier: str) -> list[str]:
            other = self.unit.in_progress(identifier)
            if other.touched or other.stored is None:
                return self.of_work(other, depth + 1)
            return other.stored.hides

        return access.hides_of(self.unit.declarations, record, of_others)

    def newly_hidden(self, work: RecordInProgress, hides: list[str]) -> list[str]:
        """Return the people who could see the record until now, or spoke of it themselves."""
        if not hides:
            return []
        before = work.stored
        held = {*before.channels, *before.past} if before else set()
        spoke = {act["by"] for act in work.new}
        return [
            person
            for person in hides
            if before is None or person not in before.hides or person in spoke
            if person in spoke or not held.isdisjoint(self.unit.reference.ever_held(person))
        ]


@memoize
def _hidden_kinds(declarations: Declarations) -> frozenset[str]:
    """Return the kinds whose records may be hidden from somebody."""
    return frozenset(
        kind for kind in declarations["records"] if access.hiding_fields(declarations, kind)
    )


@memoize
def _about_others(declarations: Declarations) -> list[str]:
    """Return the kinds that are hidden from whom the record is hidden that they are about."""
    return [
        kind
        for kind in declarations["records"]
        if not all(access.hiding_fields(declarations, kind).values())
    ]
