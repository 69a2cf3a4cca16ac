"""Replays a recorded day against a demo server that is killed with SIGKILL on the way.

    python -m tests.reliability.replay_with_kills --replay FILE --day 2019-11-04 --kills 3

Prints the line of `floorwalk simulate`; the server's log goes to the folder it says.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.databases import url_in
from tests.limits import PATIENCE
from tests.sources import ROOT

START_WITHIN = 150.0  # s; a first start replays a morning, ten seconds of a core of its own
# Nobody opens a page here, so the tablet's part may be as old as it likes.
WITHOUT_TABLETS = (
    "import sys; from server import cli, serving; serving.why_stale = lambda: None;"
    " sys.exit(cli.main(sys.argv[1:]))"
)


class Server:
    """A demo in a process of its own, on a scaled clock."""

    def __init__(self, data: Path, speed: int) -> None:
        self.data = data
        self.speed = speed
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is well."""
        command = [sys.executable, "-c", WITHOUT_TABLETS, "demo", "--port", str(self.port)]
        command += ["--data", str(self.data), "--speed", str(self.speed)]
        own = {**os.environ, "FLOORWALK_DATABASE": url_in(self.data)}
        with (self.data.parent / "server.base.json_log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=log)
        ends = time.monotonic() + START_WITHIN
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                break
            if is_well(self.url):
                return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError((self.data.parent / "server.base.json_log").read_text("utf-8")[-2_000:])

    def kill(self) -> None:
        """Send SIGKILL: the server cannot finish anything."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)


def is_well(url: str) -> bool:
    """Return whether the server's health check succeeds."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def replay(
    folder: Path,
    file: Path,
    day: str,
    *,
    speed: int,
    tablets: int,
    kills: list[float],
    seed: int = 1,
    visits: int | None = None,
) -> dict[str, Any]:
    """Replay a day; `kills` are the seconds after its beginning at which the server dies."""
    server = Server(folder / "data", speed)
    server.data.mkdir(parents=True, exist_ok=True)
    server.start()
    command = [sys.executable, "-m", "server", "simulate", "--replay", str(file), "--day", day]
    command += ["--speed", str(speed), "--tablets", str(tablets), "--url", server.url]
    command += ["--seed", str(seed), *(["--visits", str(visits)] if visits else [])]
    began = time.monotonic()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    simulation = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    try:
        for at in sorted(kills):
            time.sleep(max(began + at - time.monotonic(), 0))
            if simulation.poll() is None:
                server.kill()
                server.start()
        out, aside = simulation.communicate(timeout=1_800)
    finally:
        simulation.kill()
        server.kill()
    sys.stderr.write(aside.decode())
    if simulation.returncode not in (0, 1):
        raise RuntimeError(aside.decode()[-2_000:])
    line: dict[str, Any] = json.loads(out)
    return line


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replay", type=Path, required=True)
    parser.add_argument("--day", default="2019-11-04")
    parser.add_argument("--speed", type=int, default=300)
    parser.add_argument("--tablets", type=int, default=20)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--within", type=float, default=150.0, help="s in which the kills fall")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    dice = random.Random(args.seed)
    kills = [dice.uniform(10, args.within) for _ in range(args.kills)]
    folder = Path(tempfile.mkdtemp(prefix="floorwalk-replay-"))
    sys.stderr.write(f"{folder}, kills after {', '.join(f'{at:.0f} s' for at in sorted(kills))}\n")
    line = replay(
        folder,
        args.replay,
        args.day,
        speed=args.speed,
        tablets=args.tablets,
        kills=kills,
        seed=args.seed,
    )
    print(json.dumps(line))
    return 1 if any(line[name] for name in ("lost", "duplicated", "duplicates", "missed")) else 0


if __name__ == "__main__":
    raise SystemExit(main())
