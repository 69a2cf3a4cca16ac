"""A slower machine for some processes: a CPU cgroup where one works, stop and go where not."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

GROUP = Path("/sys/fs/cgroup/cpu/floorwalk-bench")
PERIOD = 10_000  # µs; short, so that a stop is no longer than a frame


@contextmanager
def third_of_a_core(pids: Callable[[], list[int]]) -> Iterator[str]:
    """Let the processes have a third of one core; yields how it is done."""
    if _cgroup_works():
        for pid in pids():
            (GROUP / "cgroup.procs").write_text(str(pid))
        yield "cgroup"
        return
    ended = threading.Event()
    thread = threading.Thread(target=_stop_and_go, args=(pids, ended), daemon=True)
    thread.start()
    try:
        yield "stop and go"
    finally:
        ended.set()
        thread.join()


def _cgroup_works() -> bool:
    """Say whether a quota is obeyed here; some sandboxes take it and do nothing."""
    try:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "cpu.cfs_period_us").write_text(str(PERIOD))
        (GROUP / "cpu.cfs_quota_us").write_text(str(PERIOD // 3))
    except OSError:
        return False
    child = os.fork()
    if child == 0:
        (GROUP / "cgroup.procs").write_text(str(os.getpid()))
        started = time.monotonic()
        while time.monotonic() - started < 0.3:
            pass
        os._exit(0 if time.process_time() < 0.2 else 1)
    return os.waitpid(child, 0)[1] == 0


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
