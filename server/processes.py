"""Several processes that answer on one port: starts them, and others in place of those that end.

They share what is due through the database and hear of each other's commits by its wire; nobody
is first among them.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from types import FrameType

log = logging.getLogger("floorwalk.processes")

SHORT = 5.0  # s; one that lives no longer did not start well
MOST_SHORT = 5  # such lives in a row, then something is wrong that another start will not mend
ENDS = (signal.SIGINT, signal.SIGTERM)
PAUSE = 1.0  # s before the next start after a short life

Serve = Callable[[bool], int]  # (whether it says where the site is) -> exit code


class Processes:
    """The parent of processes that serve; it does nothing else."""

    def __init__(self, count: int, serve: Serve) -> None:
        self._count = count
        self._serve = serve
        self._began: dict[int, float] = {}  # by process
        self._short = 0
        self._is_over = False

    def run(self) -> int:
        """Have them serve until this process is told to stop, or they do not start any more."""
        for number in ENDS:
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # what was made so far is never looked at again, so all share its memory
        for place in range(self._count):
            self._start(greets=place == 0)
        while self._began:
            pid, status = os.wait()
            began = self._began.pop(pid, None)
            if began is not None and not self._is_over:
                self._replace(pid, status, time.monotonic() - began)
        return 1 if self._short > MOST_SHORT else 0

    def _start(self, *, greets: bool) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        pid = os.fork()
        if pid == 0:
            code = 1
            for number in ENDS:  # what the parent does then is not the child's to do
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
            try:
                code = self._serve(greets)
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            except BaseException:
                log.exception("a process failed")
            finally:
                os._exit(code)
        self._began[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        if self._is_over:  # told to stop just before
            os.kill(pid, signal.SIGTERM)

    def _replace(self, pid: int, status: int, lived: float) -> None:
        code = os.waitstatus_to_exitcode(status)
        log.warning("a process ended", extra={"pid": pid, "code": code, "seconds": round(lived)})
        self._short = self._short + 1 if lived < SHORT else 0
        if self._short > MOST_SHORT:
            self._stop()
            return
        if self._short:
            time.sleep(PAUSE)
        if not self._is_over:
            self._start(greets=False)

    def _stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._is_over = True
        for pid in list(self._began):
            os.kill(pid, signal.SIGTERM)
