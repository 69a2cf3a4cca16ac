"""Tests of the READMEs: every room explains itself, and no README names what is gone.

Each rule is a function from sources to a list of offences, and is shown a planted offence.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection

import pytest

from tests.sources import Files, everything, files, read

README_LINES = 40
PARENTS = ("server", "service_worker")  # each of their folders is a room
MODULE = re.compile(r"(?!.*/?__init__\.py).*\.(?:py|js|mjs)")
FILE_NAME = re.compile(r"[\w./-]+\.(?:py|js|mjs|toml|html)")
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)")


def rooms(tree: Collection[str]) -> set[str]:
    """Return `sync`, `server`, `service_worker` and each folder with modules in these two."""
    modules = [name.split("/") for name in tree if MODULE.fullmatch(name)]
    inner = {"/".join(path[:2]) for path in modules if path[0] in PARENTS and len(path) > 2}
    return {"sync", *PARENTS, *inner}


def quoted_names(text: str) -> set[str]:
    return {word for quoted in QUOTED.findall(text) for word in quoted.split()}


def unexplained(readmes: Files, tree: Collection[str]) -> list[str]:
    """Return rooms without a README of one screen, and modules or explained folders it misses."""
    offences = []
    for room in sorted(rooms(tree)):
        text = readmes.get(f"{room}/README.md", "")
        if not 0 < len(text.splitlines()) <= README_LINES:
            offences.append(f"{room}: not one screen")
        named = quoted_names(text)
        modules = [name for name in tree if name.startswith(f"{room}/") and MODULE.fullmatch(name)]
        for inside in (name.removeprefix(f"{room}/") for name in modules):
            folders = [inside[: at.end()] for at in re.finditer("/", inside)]
            told = next((one for one in folders if f"{room}/{one}README.md" in readmes), None)
            last = posixpath.basename(inside)
            if not named & ({told} if told else {inside, last, posixpath.splitext(last)[0]}):
                offences.append(f"{room}/README.md: {told or inside}")
    return offences


def gone(pages: Files, tree: Collection[str]) -> list[str]:
    """Return the links of pages and the file names of READMEs for which there is no file.

    A name is of a file in the README's folder or below, a relative path, or a path from the root.
    """
    known = {*tree, *(posixpath.dirname(name) for name in tree)}
    offences = []
    for page, text in pages.items():
        here = posixpath.dirname(page)
        inside = (name for name in tree if not here or name.startswith(f"{here}/"))
        below = {posixpath.basename(name) for name in inside}
        for name in filter(FILE_NAME.fullmatch, sorted(quoted_names(text))):
            places = {name, posixpath.normpath(posixpath.join(here, name))}
            if page.endswith("README.md") and name not in below and not places & known:
                offences.append(f"{page}: {name}")
        for link in LINK.findall(text):
            target = posixpath.normpath(posixpath.join(here, link))
            if "://" not in link and target not in known:
                offences.append(f"{page}: {link}")
    return offences


def test_every_room_explains_itself_and_each_of_its_modules() -> None:
    assert unexplained(files("*README.md"), everything()) == []


SILENT, LONG, UNNAMED = "", "`box.py`\n" * 41, "A box: box.py"


@pytest.mark.parametrize(
    ("text", "offence"),
    [(SILENT, ": not one screen"), (LONG, ": not one screen"), (UNNAMED, "/README.md: box.py")],
)
def test_a_room_that_does_not_explain_itself_is_found(text: str, offence: str) -> None:
    found = unexplained({"server/attic/README.md": text}, ["server/attic/box.py"])
    assert f"server/attic{offence}" in found


def test_no_readme_and_no_page_of_docs_names_what_is_gone() -> None:
    assert gone(files("*.md"), everything()) == []


@pytest.mark.parametrize("text", ["`ledger.py`", "`../acts/ledger.py`", "[it](ledger.md)"])
def test_a_name_of_what_is_gone_is_found(text: str) -> None:
    assert len(gone({"server/acts/README.md": text}, ["server/acts/intake.py"])) == 1


def newest_version(changes: str) -> str:
    return next(iter(re.findall(r"(?m)^## \[?v?(\d[\w.]*)", changes)), "")


def test_the_newest_delivery_of_the_changelog_is_the_one_that_is_packaged() -> None:
    packaged = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert newest_version(read("CHANGELOG.md")) == packaged
    assert newest_version("# Changes\n\n## 0.3.0 (soon)\n\n## 0.2.0\n") == "0.3.0"
