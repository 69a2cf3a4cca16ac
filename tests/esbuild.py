"""Bundles JavaScript for a test with esbuild: our modules and npm packages, for browser or Node."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from service_worker.build import node
from tests.limits import COMMAND

ESBUILD = node.FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild"


def bundle(source: str, *, platform: str = "browser", form: str = "iife") -> str:
    """Return one script. Imports are relative to service_worker/; packages go by their names."""
    command = [
        node.node_path(),
        ESBUILD,
        "--bundle",
        f"--format={form}",
        f"--platform={platform}",
        "--charset=utf8",
        "--log-level=warning",
        *(["--define:global=self"] if platform == "browser" else []),
    ]
    done = subprocess.run(
        command,
        input=source,
        cwd=node.FOLDER,
        text=True,
        capture_output=True,
        check=False,
        timeout=COMMAND,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_in_node(source: str, given: str = "") -> str:
    """Bundle a module, run it in Node with `given` on standard input, return what it printed."""
    with tempfile.TemporaryDirectory(prefix="floorwalk-node-") as folder:
        script = Path(folder) / "script.cjs"  # too long for an argument
        script.write_text(bundle(source, platform="node", form="cjs"), "utf-8")
        done = subprocess.run(
            [node.node_path(), script],
            input=given,
            text=True,
            capture_output=True,
            check=False,
            timeout=COMMAND,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout
