"""The one place that reads the machine's clock, and the scaled clock that replays run on."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path


def real_now() -> int:
    """Return the machine's clock in ms since the epoch."""
    return time.time_ns() // 1_000_000


def moment(said: str) -> int:
    """Return the ms that a command line names: a number of them, or 2026-11-25T08:00+08:00.

    A time without a zone is the machine's own. Raises ValueError for anything else.
    """
    if said.isdigit():
        return int(said)
    return int(datetime.fromisoformat(said).astimezone().timestamp() * 1_000)


class Clock:
    """A clock that showed `shows` when the machine's clock showed `real`, `speed` times as fast.

    It is a pure function of the machine's clock: a server that was killed and started again on
    the same data goes on where it would be. Give `now` to whatever asks for the moment.
    """

    def __init__(
        self, kept: Path | None = None, shows: int = 0, real: int = 0, speed: int = 1
    ) -> None:
        self._kept = kept
        self._set = (shows, real, speed)  # replaced as a whole: threads read it

    @property
    def speed(self) -> int:
        """How many times faster than the machine's clock it runs."""
        return self._set[2]

    def now(self) -> int:
        """Return the moment (ms) that it shows."""
        shows, real, speed = self._set
        return shows + (real_now() - real) * speed

    def runs_at(self, speed: int) -> None:
        """Go on from the present moment at another speed; time never jumps."""
        self._set = (self.now(), real_now(), speed)
        self.keep()

    def keep(self) -> None:
        """Write down how it is set, so that the next start finds it."""
        if self._kept is None:
            return
        shows, real, speed = self._set
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._kept.with_suffix(".new")
        fresh.write_text(json.dumps({"shows": shows, "real": real, "speed": speed}), "utf-8")
        fresh.replace(self._kept)


def of_folder(data: Path, speed: int | None = None, start_at: int | None = None) -> Clock:
    """Return the clock of a data folder; `speed` changes it from now on.

    A folder that was never told otherwise runs on the machine's own time. `start_at` (ms) is
    where a new folder begins; time never goes back in one that has begun.
    """
    kept = data / "clock.json"
    if kept.exists():
        clock = Clock(kept, **json.loads(kept.read_text("utf-8")))
    elif start_at is not None:
        clock = Clock(kept, start_at, real_now(), speed or 1)
        clock.keep()
    else:
        clock = Clock(kept)
    if speed is not None and speed != clock.speed:
        clock.runs_at(speed)
    return clock
