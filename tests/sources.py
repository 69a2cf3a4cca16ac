"""Lists and reads the project's own files, for the tests of its structure."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Files = dict[str, str]


@cache
def everything() -> tuple[str, ...]:
    """Return the name of every file that is in git or about to be, and still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


@cache
def read(name: str) -> str:
    """Return the text of a file."""
    return (ROOT / name).read_text("utf-8")


def files(*patterns: str, but: Iterable[str] = ()) -> Files:
    """Return {name: text} of the files whose name matches one of the patterns.

    A pattern is a path in which `*` stands for anything, slashes too.
    """
    wanted, unwanted = _matcher(patterns), _matcher(but)
    return {name: read(name) for name in everything() if wanted(name) and not unwanted(name)}


def lines_with(pattern: str, sources: Files) -> list[str]:
    """Return `file:line: text` of every line in which the pattern is found."""
    search = re.compile(pattern).search
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in sources.items()
        for number, line in enumerate(text.splitlines(), 1)
        if search(line)
    ]


def _matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    rules = [re.compile(re.escape(pattern).replace(r"\*", ".*")) for pattern in patterns]
    return lambda name: any(rule.fullmatch(name) for rule in rules)
