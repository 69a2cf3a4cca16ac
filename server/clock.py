"""The one place that reads the machine's clock, and the scaled clock that replays run on."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path


def real_now() -> int:
    """Return the machine's clock in ms since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Clock:
    """A clock that showed `shows` when the machine's clock showed `real`, `speed` times as fast.

    It is a pure function of the machine's clock: a server that was killed and started again
    on the same data goes on where it would be.
    """

    shows: int = 0
    real: int = 0
    speed: int = 1

    def now(self) -> int:
        """Return the moment (ms) that the site's clock shows."""
        return self.shows + (real_now() - self.real) * self.speed


def clock(data: Path, speed: int | None = None, start_at: int | None = None) -> Clock:
    """Return the clock of a data folder; `speed` changes it from now on.

    A folder that was never told otherwise runs on the machine's own time. `start_at` (ms) is
    where a new folder begins; time never goes back in one that has begun.
    """
    kept = data / "clock.json"
    told = Clock(**json.loads(kept.read_text("utf-8"))) if kept.exists() else None
    if told is None and start_at is not None:
        told = Clock(start_at, real_now(), speed or 1)
    elif speed is not None and speed != (told or Clock()).speed:
        told = Clock((told or Clock()).now(), real_now(), speed)
    if told is None:
        return Clock()
    data.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new")
    fresh.write_text(json.dumps(told.__dict__), "utf-8")
    fresh.replace(kept)
    return told
