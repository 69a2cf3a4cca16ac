"""Do READMEs, glossary and changelog say what is there? Documents held against the tree.

Each rule is a function from texts to a list of offences, so that it can be shown a planted one.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable
from fnmatch import filter as fitting
from pathlib import PurePosixPath

import pytest

from tests.sources import Files, everything, files, read

README_LINES = 40
MODULE = re.compile(r"(?:server|service_worker|sync)/.*\.(?:py|js|mjs)")
# Modules that come in numbers and say themselves what they are: a README names them together.
NAMED_TOGETHER = re.compile(r"sync/features/|/versions/\d|/__init__\.py$|\.config\.mjs$")

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
# What is meant as a path of ours; `<name>` is to be filled in.
PATHS = re.compile(
    r"(?:[\w./*-]*[\w*]\.(?:py|js|mjs|html|css|md|toml|po|txt|mako))|(?:\.\./)*[\w-][\w./-]*/"
    r"|(?:server|service_worker|sync|web|tests|docs)/[\w./-]+"
)
MADE = {"generated/", "service_worker/generated/", "blobs/"}  # by the build, and by a server

ROW = re.compile(r"^\| ([^|]+) \|(?:[^|]+\|){2} ([^|]+) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)")
VERSION = re.compile(r"^## (\d+\.\d+\.\d+)\b", re.MULTILINE)

PAGES = files("*.md")
MODULES = [one for one in everything() if MODULE.fullmatch(one) and not NAMED_TOGETHER.search(one)]


def said(page: str) -> list[str]:
    """Return the words in backticks, one by one; what stands in a fence is an example."""
    return [
        word.strip(",;:()") for span in SPAN.findall(FENCE.sub("", page)) for word in span.split()
    ]


def unnamed(modules: list[str], pages: Files) -> list[str]:
    """Return rooms without a README of one screen, and modules that their README does not name.

    A room is a folder of `server/` or `service_worker/`; what lies below belongs to it unless it
    has a README of its own.
    """
    parts = [path.split("/") for path in modules]
    rooms = {"/".join(part[:2]) for part in parts if len(part) > 2} | {part[0] for part in parts}
    lines = {room: len(pages.get(f"{room}/README.md", "").splitlines()) for room in sorted(rooms)}
    offences = [
        f"{room}/README.md: {n} lines" for room, n in lines.items() if not 0 < n <= README_LINES
    ]
    for path in modules:
        above = [f"{folder}/README.md" for folder in PurePosixPath(path).parents]
        readme = next((page for page in above if page in pages), above[0])
        words = said(pages.get(readme, ""))
        below = posixpath.relpath(path, posixpath.dirname(readme))
        if below not in words and posixpath.basename(path) not in words:
            offences.append(f"{readme}: {below}")
    return offences


def gone(pages: Files, tree: Iterable[str]) -> list[str]:
    """Return the links, and the paths in backticks, that lead nowhere.

    A path begins at the root, at the page's own folder, or at the folder of the root that it is
    in; in a README a name may also lie deeper in the folder that it is about.
    """
    there = {*tree, *(str(folder) for name in tree for folder in PurePosixPath(name).parents)}
    offences = []
    for page, text in pages.items():
        here = posixpath.dirname(page)
        quoted = [word for word in said(text) if PATHS.fullmatch(word) and word not in MADE]
        for word in [*quoted, *LINK.findall(text)]:
            places = ("", here, here.partition("/")[0])
            wanted = [posixpath.normpath(posixpath.join(place, word)) for place in places]
            if here and page.endswith("README.md"):
                wanted.append(f"{here}/*/{word.rstrip('/')}")
            if not any(one in there or ("*" in one and fitting(there, one)) for one in wanted):
                offences.append(f"{page}: {word}")
    return offences


def untrue_words(glossary: str, sources: Files) -> list[str]:
    """Return the words of the glossary that the file named beside them does not have."""
    offences = []
    for words, where in ROW.findall(glossary):
        path = "".join(SPAN.findall(where)[:1])
        text = f"{path} {sources.get(path, '')}".lower()
        for word in re.findall(r"\w[\w ]*", words.lower()):
            spelt = {word.strip(), word.strip().replace(" ", "_"), word.replace(" ", "")}
            if words != "our word" and not any(one in text for one in spelt):
                offences.append(f"{word.strip()}: {path or where}")
    return offences


def wrong_version(changelog: str, project: str) -> list[str]:
    """Return the versions of the changelog when the newest is not the project's."""
    found = VERSION.findall(changelog)
    wanted = tomllib.loads(project)["project"]["version"]
    return [] if found[:1] == [wanted] else [f"{found}, not {wanted}"]


def test_a_room_explains_itself_on_one_screen_and_names_its_modules() -> None:
    assert unnamed(MODULES, PAGES) == []
    page = {"server/acts/README.md": "`site.py` `desk/`", "server/README.md": "`cli.py`"}
    known = ["server/acts/site.py", "server/cli.py"]
    assert unnamed(known, page) == []
    assert unnamed([*known, "server/acts/new.py"], page) == ["server/acts/README.md: new.py"]
    assert "server/fresh/README.md: 0 lines" in unnamed(["server/fresh/new.py"], page)
    long = {**page, "server/acts/README.md": "`site.py`\n" * (README_LINES + 1)}
    assert unnamed(known, long) == ["server/acts/README.md: 41 lines"]


def test_every_path_that_a_page_names_is_there() -> None:
    assert gone(PAGES, everything()) == []


@pytest.mark.parametrize(
    ("page", "text", "offences"),
    [
        ("server/acts/README.md", "`site.py`, `../base/` and `<name>.js`", 0),
        ("server/acts/README.md", "`notify.py`", 1),
        ("server/office/README.md", "`office_request.py`, `record/labels.py`", 0),
        ("docs/x.md", "`server/acts/intake.py` and `sync/*.py`", 0),
        ("docs/x.md", "`intake.py` or [it](intake.md)", 2),
        ("README.md", "`tests/nowhere` and `server/ledger.py hub.py`", 3),
        ("README.md", "```\n`server/ledger.py`\n```\n`multipart/related`", 0),
    ],
)
def test_a_path_that_is_gone_is_found(page: str, text: str, offences: int) -> None:
    assert len(gone({page: text}, everything())) == offences


def test_every_word_of_the_glossary_is_said_where_it_says() -> None:
    page, sources = read("docs/glossary.md"), files("*.py", "*.js", "*.html", "*.toml", "docs/*.md")
    assert len(ROW.findall(page)) >= 60
    assert untrue_words(page, sources) == []
    assert untrue_words("| act | event | a fact | `x.py` |", {"x.py": "ACT"}) == []
    assert untrue_words("| deed | event | a fact | `x.py` |", {"x.py": "ACT"}) == ["deed: x.py"]
    assert untrue_words("| act | event | a fact | somewhere |", {}) == ["act: somewhere"]


def test_the_newest_version_of_the_changelog_is_the_projects() -> None:
    assert wrong_version(read("CHANGELOG.md"), read("pyproject.toml")) == []
    project = '[project]\nversion = "0.2.0"'
    assert wrong_version("## 0.2.0 — today\n## 0.1.0 — then", project) == []
    assert wrong_version("## 0.1.0 — then", project)
