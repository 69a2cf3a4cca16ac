"""Runs several server processes on one port, and replaces those that die.

They share what is due through the database and hear of each other's commits by its announcements;
none of them is the first.
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

SHORT = 5.0  # s; a process that lives no longer did not start well
MOST_SHORT = 5  # such processes in a row, after which starting another will not help
ENDS = (signal.SIGINT, signal.SIGTERM)
PAUSE = 1.0  # s before a start that follows a short life

Serve = Callable[[bool], int]  # (whether it says where the site is) -> exit code


class Processes:
    """The parent of the serving processes; it does nothing else."""

    def __init__(self, count: int, serve: Serve) -> None:
        self._count = count
        self._serve = serve
        self._began: dict[int, float] = {}  # by process
        self._short = 0
        self._is_over = False

    def run(self) -> int:
        """Keep them running until this process is told to stop, or starting fails."""
        for number in ENDS:
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # the collector then writes to none of these pages, and forks share them
        for index in range(self._count):
            self._start(greets=index == 0)
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
            for number in ENDS:  # the parent's handler would stop the child's siblings
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
        if self._is_over:  # told to stop while the signals were blocked
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
