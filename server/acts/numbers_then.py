"""Settings and calendar as they stood at a moment: what is counted later has its own numbers.

What a profile says is today's: a version that changes one says so itself.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.reference import Reference, reference
from server.database.store import Store
from sync import fold
from sync.act import Act
from sync.check_act import Declarations

KINDS = ("setting", "calendar")
KEPT = 64  # spans between two changes that are remembered

Numbers = tuple[dict[str, Any], dict[str, Any]]  # settings, calendar


@dataclass
class NumbersThen:
    """All acts of settings and calendars up to a seq of reference data, and what they add up to."""

    declarations: Declarations
    seq: int
    acts: list[list[Act]]  # of each record
    moments: list[int]  # ms of every act, ordered: between two of them nothing changes
    _known: dict[int, Numbers] = field(default_factory=dict)

    def at(self, moment: int) -> Numbers:
        """Return (settings, calendar) as they were at a moment (ms), as was known then."""
        span = bisect_right(self.moments, moment)
        known = self._known.get(span)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[span] = self._folded(moment)
        return known

    def _folded(self, moment: int) -> Numbers:
        made = [
            record
            for some in self.acts
            if (record := fold.fold(self.declarations, [a for a in some if a["at"] <= moment]))
        ]
        was = reference(self.declarations, self.seq, made, {})
        return was.settings, was.calendar


def read(connection: sa.Connection, declarations: Declarations, now: Reference) -> NumbersThen:
    """Return the acts of all settings and calendars that there are in a snapshot."""
    names = [name for name, record in now.records.items() if record["type"] in KINDS]
    stored = Store(connection).acts_of(names).values() if names else ()
    acts = [[orjson.loads(body) for body in bodies] for bodies in stored]
    moments = sorted({act["at"] for some in acts for act in some})
    return NumbersThen(declarations, now.seq, acts, moments)
