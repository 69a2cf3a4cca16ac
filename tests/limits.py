"""How long a test waits: nothing waits for ever, and what did not come is said.

Here are waits for a thread, a process and a line of a pipe. Polling is `until` of tablet.py, calls
to a browser are bounded in browser.py, and a limit on each whole test, in pyproject.toml, stands
behind all of them.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
from typing import Protocol

PATIENCE = 60.0  # s; an answer that takes longer on a busy machine does not come at all
COMMAND = 180.0  # s that a program may take which compiles, migrates or copies


class NeverCame(AssertionError):
    """What was waited for did not come in time."""

    def __init__(self, what: str, patience: float) -> None:
        super().__init__(f"waited {patience:g} s for {what}")


class Joinable(Protocol):
    """A thread or a process."""

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""

    def is_alive(self) -> bool:
        """Say whether it still runs."""
        ...


def joined(*those: Joinable, what: str = "a thread to end", patience: float = PATIENCE) -> None:
    """Wait until all of these threads or processes have ended."""
    for one in those:
        one.join(patience)
        if one.is_alive():
            raise NeverCame(what, patience)


def line_of(process: subprocess.Popen[str], what: str, patience: float = PATIENCE) -> str:
    """Return the next line that a process says, "" when it ended; kill one that stays silent."""
    assert process.stdout is not None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(patience, give_up)
    timer.daemon = True
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    if late.is_set():
        raise NeverCame(what, patience)
    return line


def process_ended(pid: int, patience: float = PATIENCE) -> None:
    """Wait until a process that was forked here has ended, and take its status."""
    watching = os.pidfd_open(pid)
    try:
        if not select.select([watching], [], [], patience)[0]:
            raise NeverCame(f"process {pid} to end", patience)
        os.waitpid(pid, 0)
    finally:
        os.close(watching)
