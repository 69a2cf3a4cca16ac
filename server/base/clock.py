"""The site's clock: the machine's, or a scaled one for replays. Only this module reads the
machine's.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path

from server.base.cannot_start import CannotStart


def real_now() -> int:
    """Return the machine's clock in ms since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def moment(text: str) -> int:
    """Return the ms of a moment on the command line: a number, or 2026-11-25T08:00+08:00.

    A time without a zone is in the machine's own. Raises ValueError for anything else.
    """
    if text.isdigit():
        return int(text)
    return int(datetime.fromisoformat(text).astimezone().timestamp() * 1_000)


class Clock:
    """A clock that showed `shows` (ms) when the machine's showed `real`, `speed` times as fast.

    It is a pure function of the machine's clock: a server that was killed and started again on the
    same data goes on where it would be. Pass its `now` wherever the moment is needed.
    """

    def __init__(
        self, path: Path | None = None, shows: int = 0, real: int = 0, speed: int = 1
    ) -> None:
        self._path = path
        self._set = (shows, real, speed)  # replaced as a whole: threads read it

    @property
    def speed(self) -> int:
        """How many times as fast as the machine's clock it runs."""
        return self._set[2]

    def now(self) -> int:
        """Return the moment (ms) that it shows."""
        shows, real, speed = self._set
        return shows + (real_now() - real) * speed

    def runs_at(self, speed: int) -> None:
        """Go on from the present moment at another speed; the time never jumps."""
        self._set = (self.now(), real_now(), speed)
        self.keep()

    def keep(self) -> None:
        """Store its setting in the data folder, for the next start."""
        if self._path is None:
            return
        shows, real, speed = self._set
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"shows": shows, "real": real, "speed": speed}, file)
            file.flush()
            os.fsync(file.fileno())  # else a power cut leaves an empty file of that name
        fresh.replace(self._path)


def _setting(path: Path) -> dict[str, int]:
    """Return the setting in a file; raises CannotStart for one that is none."""
    try:
        setting = json.loads(path.read_text("utf-8"))
        return {name: int(setting[name]) for name in ("shows", "real", "speed")}
    except (ValueError, TypeError, KeyError):
        raise CannotStart(
            f"{path} cannot be read. It says how far the clock of a replay is; a hospital has none."
            " Put it back from a backup, or move it away to run on the machine's clock."
        ) from None


def of_folder(data: Path, speed: int | None = None, start_at: int | None = None) -> Clock:
    """Return the clock of a data folder; `speed` changes it from now on.

    A folder without a setting runs on the machine's time. `start_at` (ms) is where a new folder
    begins; in one that has begun, time never goes back.
    """
    path = data / "clock.json"
    if path.exists():
        clock = Clock(path, **_setting(path))
    elif start_at is not None:
        clock = Clock(path, start_at, real_now(), speed or 1)
        clock.keep()
    else:
        clock = Clock(path)
    if speed is not None and speed != clock.speed:
        clock.runs_at(speed)
    return clock
