"""Mutation testing of the vectors: whatever small mistake is in a twin, some case notices it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.limits import COMMAND
from tests.sources import ROOT
from tests.vectors import generate

HERE = Path(__file__).resolve().parent
Mutant = tuple[str, str, str]  # (module, what it says, what it says by mistake)


def mutants_in(name: str) -> list[Mutant]:
    """Return the mutants of a file; its first block explains how they are written."""
    blocks = (HERE / "mutants" / name).read_text("utf-8").strip().split("\n\n")[1:]
    return [_mutant(block.split("\n")) for block in blocks]


def _mutant(lines: list[str]) -> Mutant:
    right = [line[2:] for line in lines if line.startswith("-")]
    wrong = [line[2:] for line in lines if line.startswith("+")]
    return lines[0], "\n".join(right), "\n".join(wrong)


def copies(source: Path, kind: str, mutants: list[Mutant], folder: Path) -> list[Path]:
    """Return a folder for each mutant, and before them one whose twins are unchanged."""
    stands_on = ("sha256",) if kind == "js" else ()
    names = [f"{one}.{kind}" for one in (*generate.MODULES, *generate.INNER, *stands_on)]
    texts = {name: (source / name).read_text("utf-8") for name in names}
    made = []
    for number, (module, right, wrong) in enumerate((("check_act", "", ""), *mutants)):
        place = folder / str(number)
        place.mkdir(parents=True)
        made.append(place)
        for name, text in texts.items():
            if name == f"{module}.{kind}":
                text = text.replace(right, wrong, 1)
            (place / name).write_text(text, "utf-8")
    return made


def not_in_the_source(source: Path, kind: str, mutants: list[Mutant]) -> list[Mutant]:
    """Return the mutants whose line has changed, or is no longer the only one."""
    return [
        mutant
        for mutant in mutants
        if (source / f"{mutant[0]}.{kind}").read_text("utf-8").count(mutant[1]) != 1
    ]


def asked(folders: list[Path], mutants: list[Mutant]) -> list[str]:
    """Return the folders, each with the module to ask first."""
    modules = ["check_act", *(generate.INNER.get(one, one) for one, _, _ in mutants)]
    return [f"{folder}={module}" for folder, module in zip(folders, modules, strict=True)]


def test_every_mistake_of_a_tablet_is_noticed(tmp_path: Path, node_path: Path) -> None:
    source = ROOT / "service_worker" / "rules"
    mutants = mutants_in("tablet.txt")
    assert len(mutants) >= 40
    assert not_in_the_source(source, "js", mutants) == []
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    folders = copies(source, "js", mutants, tmp_path)
    runner = HERE / "vectors_in_node.mjs"
    command = [node_path, runner, ROOT / "tests" / "vectors", *asked(folders, mutants)]
    lines = subprocess.run(
        command, check=True, capture_output=True, timeout=COMMAND
    ).stdout.splitlines()
    found = [json.loads(line)["failed"] for line in lines]
    assert found[0] == [], "what is unchanged passes"
    assert [m for m, failed in zip(mutants, found[1:], strict=True) if not failed] == []


def test_every_mistake_of_the_server_is_noticed(tmp_path: Path) -> None:
    source = ROOT / "sync"
    mutants = mutants_in("server.txt")
    assert len(mutants) >= 15
    assert not_in_the_source(source, "py", mutants) == []
    made = copies(source, "py", mutants, tmp_path / "mutants")
    folders = []
    for number, place in enumerate(made):
        folder = tmp_path / str(number)
        (folder / "sync").mkdir(parents=True)
        (folder / "sync" / "__init__.py").touch()
        for name in ("declare.py", "memoize.py"):  # what the twins stand on
            shutil.copy(source / name, folder / "sync")
        shutil.copytree(place, folder / "sync", dirs_exist_ok=True)
        folders.append(folder)
    command = [sys.executable, HERE / "mutants" / "ask_python.py", ROOT, *asked(folders, mutants)]
    lines = subprocess.run(
        command, check=True, capture_output=True, timeout=COMMAND
    ).stdout.splitlines()
    found = [json.loads(line)["failed"] for line in lines]
    assert found[0] is None, "what is unchanged passes"
    assert [m for m, failed in zip(mutants, found[1:], strict=True) if not failed] == []
