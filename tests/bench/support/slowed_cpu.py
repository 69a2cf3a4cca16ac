"""Slows processes down to a share of a core: by a CPU cgroup, else by SIGSTOP and SIGCONT."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.limits import joined, process_ended

GROUP = Path("/sys/fs/cgroup/cpu/floorwalk-bench")
PERIOD = 10_000  # µs; short, so that a stop is no longer than a frame


@contextmanager
def third_of_a_core(pids: Callable[[], list[int]]) -> Iterator[str]:
    """Let the processes, and those that come after them, have a third of a core; yields how."""
    ended = threading.Event()
    how, work = ("cgroup", _keep_in_group) if _cgroup_works() else ("stop and go", _stop_and_go)
    thread = threading.Thread(target=work, args=(pids, ended), daemon=True)
    thread.start()
    try:
        yield how
    finally:
        ended.set()
        joined(thread)


def _cgroup_works() -> bool:
    """Say whether a quota is obeyed here; some sandboxes take it and do nothing."""
    try:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "cpu.cfs_period_us").write_text(str(PERIOD))
        (GROUP / "cpu.cfs_quota_us").write_text(str(PERIOD // 3))
        before = _throttled()
        child = os.fork()
        if child == 0:
            (GROUP / "cgroup.procs").write_text(str(os.getpid()))
            started = time.process_time()
            while time.process_time() - started < 0.1:
                pass
            os._exit(0)
        process_ended(child)
    except (OSError, StopIteration):
        return False
    return _throttled() > before


def _throttled() -> int:
    lines = (GROUP / "cpu.stat").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("nr_throttled")).split()[1])


def _keep_in_group(pids: Callable[[], list[int]], ended: threading.Event) -> None:
    """Move the processes in as they come."""
    while not ended.is_set():
        for pid in pids():
            try:
                (GROUP / "cgroup.procs").write_text(str(pid))
            except OSError:
                continue  # It has ended.
        time.sleep(0.01)


def _stop_and_go(pids: Callable[[], list[int]], ended: threading.Event) -> None:
    """Two parts of every period stopped, one part running, for all processes at once.

    The browser uses several cores at times: while it runs it may take them all, so this is a third
    of the machine's time and no less than a third of a core.
    """
    known: list[int] = []
    looked = 0.0
    while not ended.is_set():
        if time.monotonic() - looked > 0.5:
            known, looked = pids(), time.monotonic()
        _send(known, signal.SIGSTOP)
        time.sleep(PERIOD * 2 / 3 / 1e6)
        _send(known, signal.SIGCONT)
        time.sleep(PERIOD / 3 / 1e6)
    _send(pids(), signal.SIGCONT)


def _send(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            continue
