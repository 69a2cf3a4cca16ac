"""A fake clock that stands until a test moves it."""

from __future__ import annotations

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Wednesday, 25 November 2026, 09:00 in China: an ordinary working morning.
MORNING = 1_795_568_400_000


class Clock:
    """Call it for the moment in ms; set `at` or let time pass."""

    def __init__(self, at: int = MORNING) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def passes(
        self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0, ms: int = 0
    ) -> int:
        """Let time pass and return the new moment."""
        self.at += days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + ms
        return self.at
