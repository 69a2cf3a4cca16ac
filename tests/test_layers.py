"""Rooms import downwards only, on the server and on the tablet; these rules hold, and they bite.

The server's are the contracts of pyproject.toml; each offence is planted in a copy of the tree, so
that a contract that lost its teeth is noticed. The tablet's stand here: a module of the worker may
import from its own room and from those named before it.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import Files, files

LINTER = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"


def broken_contracts(tree: Path) -> str:
    """Return what import-linter says of a tree that breaks a contract, "" when it keeps them."""
    done = subprocess.run(
        [sys.executable, "-c", LINTER],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    for name, text in files("*.py", "pyproject.toml", but=["tests/*"]).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_the_tree_keeps_its_contracts(copied_tree: Path) -> None:
    assert broken_contracts(copied_tree) == ""


@pytest.mark.parametrize(
    ("room", "upward"),
    [
        ("server/base", "from server.http import pages"),
        ("server/acts", "from server.replication import blobs"),
        ("server/http", "from server.office.page_parts import desk"),
        ("server/office/page_parts", "from server.office.record import history"),
        ("sync", "from server.base import clock"),
    ],
)
def test_a_backward_import_is_caught(copied_tree: Path, room: str, upward: str) -> None:
    (copied_tree / room / "planted.py").write_text(f'"""Planted."""\n\n{upward}\n', "utf-8")
    assert f"{room.replace('/', '.')}.planted" in broken_contracts(copied_tree)


# What stands in service_worker/ itself may import from every room.
ROOMS_OF_THE_WORKER = ["rules", "base", "store", "sync", "render", "models", "screens", "features"]
IMPORT = re.compile(r"""\b(?:from|import)\s*\(?["'](\.[^"']+)["']""")


def room_of(path: str) -> str:
    """Return the room of a file of the worker, "" for what stands in service_worker/ itself."""
    return path.split("/")[1] if path.count("/") > 1 else ""


def backward_imports(sources: Files) -> list[str]:
    """Return the imports of the worker's modules that run upwards, or into a room nobody named."""
    order = [*ROOMS_OF_THE_WORKER, ""]
    offences = []
    for name, text in sources.items():
        for specifier in IMPORT.findall(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), specifier))
            there = room_of(target)
            if there == "generated":
                continue
            if there not in order or order.index(there) > order.index(room_of(name)):
                offences.append(f"{name}: {specifier}")
    return offences


def test_the_worker_imports_downwards_only() -> None:
    sources = files("service_worker/*.js")
    assert {room_of(name) for name in sources} == {*ROOMS_OF_THE_WORKER, ""}
    assert backward_imports(sources) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("service_worker/store/x.js", 'import { sync } from "../sync/replicate.js"'),
        ("service_worker/features/x.js", 'import { hear } from "../page_messages.js"'),
        ("service_worker/rules/x.js", 'const late = await import("../models/reference.js")'),
        ("service_worker/models/x.js", 'export * from "../screens/forms.js"'),
    ],
)
def test_a_backward_import_of_the_worker_is_caught(name: str, line: str) -> None:
    assert len(backward_imports({name: line})) == 1
