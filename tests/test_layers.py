"""Rooms import downwards only: the contracts of pyproject.toml hold, and they bite.

Each offence is planted in a copy of the tree, so that a contract that lost its teeth is noticed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import files

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
