"""`python -m tests.journeys.server_process [options of serve]`: the server, its clock obeying.

A line `pass 600000` on stdin lets ten minutes go by in a moment, ticks and all; it answers with
the moment that the clock shows then. FLOORWALK_STATIC names the folder of built files to hand out,
FLOORWALK_KINDS a module of the tests whose kinds of record are declared besides.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import time
from pathlib import Path
from unittest.mock import patch

from server import cli, serving
from server.clocks import periodic_tasks
from server.http import tablet_files
from sync.declare import Ladder, Record
from tests import invented_kind

MOMENT = 0.6  # s that the passing of any time takes

running: list[periodic_tasks.Schedule] = []


class Obedient(periodic_tasks.Schedule):
    """The server's schedule, kept where `obey` reaches it, so that its clock can be moved."""

    def start(self) -> None:
        """Begin to beat."""
        running.append(self)
        super().start()


def obey() -> None:
    """Read commands for the clock from standard input until it ends."""
    for line in sys.stdin:
        length = int(line.split()[1])
        beats = running[0]
        until = beats.clock.now() + length
        beats.runs_at(max(1, round(length / 1_000 / MOMENT)))
        while beats.clock.now() < until:
            time.sleep(0.005)
        beats.runs_at(1)
        print(beats.clock.now(), flush=True)


def more_kinds() -> contextlib.AbstractContextManager[None]:
    """Return the block in which the kinds of FLOORWALK_KINDS are declared."""
    if not (name := os.environ.get("FLOORWALK_KINDS")):
        return contextlib.nullcontext()
    found = vars(importlib.import_module(name)).values()
    return invented_kind.declared(*(one for one in found if isinstance(one, Record | Ladder)))


def main() -> int:
    """Serve until the process is ended."""
    folder = Path(os.environ["FLOORWALK_STATIC"])
    threading.Thread(target=obey, daemon=True).start()
    with (
        more_kinds(),
        patch.object(serving, "Schedule", Obedient),
        patch.object(serving, "why_stale", lambda: None),
        patch.object(tablet_files, "static_folder", lambda: folder),
    ):
        return cli.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
