"""Whether acts can be taken in: a trial that is rolled back, and what became of real ones."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import sqlalchemy as sa

from server.database import engines
from server.database.store import Store

if TYPE_CHECKING:
    from server.acts.site import Site

BROKEN_FOR = 60.0  # s that the server counts as broken after the database failed
PROBED_EVERY = 2.0  # s between two trials of writing
PATIENCE = 2.0  # s that a trial waits for other writers


class WriteHealth:
    """What one process knows of its database; moments are of the monotonic clock (s)."""

    def __init__(self) -> None:
        self.broken_at: float | None = None
        self.probed_at = -PROBED_EVERY

    def note(self, error: Exception) -> None:
        """Remember that acts could not be stored, if that was the database's fault."""
        if engines.is_broken(error):
            self.broken_at = monotonic()

    def can_write(self, site: Site) -> bool:
        """Say whether acts can be taken in: none failed lately, and a trial of one does not.

        The trial is rolled back, but for a row of its own that is committed; it is made every
        PROBED_EVERY, whoever asks, and while others write it does not wait for long.
        """
        if self.broken_at is not None and monotonic() - self.broken_at < BROKEN_FOR:
            return False
        if monotonic() - self.probed_at < PROBED_EVERY:
            return True
        with site.writing_soon(PATIENCE) as is_my_turn:
            if not is_my_turn:
                return True  # others write, and what becomes of that will be known
            try:
                with site.writing() as connection:
                    Store(connection).try_out(str(site.now()))
            except sa.exc.SQLAlchemyError as error:
                return isinstance(error, sa.exc.DBAPIError) and engines.is_busy(error)
        self.probed_at = monotonic()
        return True
