"""The site's reference data in memory: people, places, settings and calendar as they are now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.acts import numbers_then, reference
from server.acts.access import Rights
from server.acts.numbers_then import NumbersThen
from server.acts.reference import Reference
from server.database import tables

if TYPE_CHECKING:
    from server.acts.change_hub import ChangeHub
    from sync.check_act import Declarations

LOOKED_AT_EVERY = 0.5  # s that reference data counts before its seq is compared again
SURE_FOR = 1.0  # s that it counts for callers that must not block


class SiteReference:
    """The part of a site that knows its reference data; two threads may ask at once."""

    hub: ChangeHub
    declarations: Declarations
    now: Callable[[], int]  # ms
    reading: Callable[[], AbstractContextManager[sa.Connection]]

    def __init__(self) -> None:
        self._reference: Reference | None = None
        # The hub's seq, and when (s), the reference data was last compared with the database.
        self._looked = (-1, 0.0)
        self._learning = threading.Lock()
        self._numbers_then: NumbersThen | None = None

    def reference(self) -> Reference:
        """Return people, places, settings and calendar as they are now.

        What this process commits is seen at once, what another one does within half a second.
        """
        snapshot, (seq, looked_at) = self._reference, self._looked
        if (
            snapshot is not None
            and seq == self.hub.seq
            and monotonic() - looked_at < LOOKED_AT_EVERY
        ):
            return snapshot
        # Taken before reading: what is committed meanwhile must count as not looked at.
        looked = (self.hub.seq, monotonic())
        with self.reading() as connection:
            seq = connection.execute(sa.select(tables.counter.c.reference)).scalar_one()
            snapshot = self._read_reference(connection, seq)
        self._looked = looked
        return snapshot

    def cached_reference(self) -> Reference | None:
        """Return the reference data from memory, or None when the database must be asked."""
        snapshot, (seq, looked_at) = self._reference, self._looked
        return snapshot if seq == self.hub.seq and monotonic() - looked_at < SURE_FOR else None

    def _read_reference(self, connection: sa.Connection, seq: int) -> Reference:
        current = self._reference
        if current is not None and current.seq == seq:
            return current
        snapshot = reference.stored(connection, self.declarations, seq)
        self._learn(snapshot)
        return snapshot

    def _learn(self, snapshot: Reference) -> None:
        """Keep a snapshot unless a newer one is here: two threads may have read one."""
        with self._learning:
            if self._reference is None or self._reference.seq <= snapshot.seq:
                self._reference = snapshot

    def settings(self) -> dict[str, Any]:
        """Return every setting as it is now: {key: {"value", "unit", "meaning", "rule"}}."""
        return self.reference().settings

    def calendar(self) -> dict[str, Any]:
        """Return the site's calendar, as sync.worktime reads it."""
        return self.reference().calendar

    def settings_at(self, moment: int) -> dict[str, Any]:
        """Return every setting as it was at a moment (ms)."""
        return self._numbers_at().at(moment)[0]

    def calendar_at(self, moment: int) -> dict[str, Any]:
        """Return the site's calendar as it was at a moment (ms)."""
        return self._numbers_at().at(moment)[1]

    def _numbers_at(self) -> NumbersThen:
        """Return what is known of earlier numbers; read anew when reference data changed."""
        now, then = self.reference(), self._numbers_then
        if then is None or then.seq != now.seq:
            with self.reading() as connection:
                then = self._numbers_then = numbers_then.read(connection, self.declarations, now)
        return then

    def person(self, identifier: str) -> dict[str, Any] | None:
        """Return a person's record, or None."""
        return self.reference().records.get(identifier)

    def people(self) -> list[dict[str, Any]]:
        """Return every person's record, by id."""
        return self.reference().people()

    def rights(self, person: str, at: int | None = None) -> Rights:
        """Return what a person may do and see, now or at a moment (ms)."""
        return self.reference().rights(person, self.now() if at is None else at)
