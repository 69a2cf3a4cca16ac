"""What carries each rule of the regulations: kinds, acts, ladders, plans, templates, tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.base.paths import ROOT
from sync.rules import acts_of

ID = re.compile(r"(?<![\w-])[A-Z]{1,2}-\d\d(?![\w-])")
NAME = re.compile(r"`([a-z_]+(?:\.[a-z_]+)?)`")
ROW = re.compile(r"^\| ([A-Z]{1,2}-\d\d) \| .+ \| (.+) \|$", re.MULTILINE)
# Where files that carry rules lie, by what they are.
FILES = (
    ("kind", "sync/features/*.py"),
    ("template", "web/**/*.html"),
    ("article", "web/articles/**/*.md"),
    ("test", "tests/*/**/test_*.py"),
)

Carried = dict[str, list[tuple[str, str]]]


def carriers(declarations: dict[str, Any]) -> Carried:
    """Return {rule id: [(what carries it, its name)]}, as far as files of this machine say."""
    found: Carried = {}
    for rule, what, name in [*_declared(declarations), *_said_on_the_page(declarations), *_named()]:
        carried = found.setdefault(rule, [])
        if (what, name) not in carried:
            carried.append((what, name))
    return {rule: sorted(found[rule]) for rule in sorted(found)}


def _declared(declarations: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, rule in declarations["rules"].items():
        for one in ID.findall(rule["rule"]):
            yield one, rule["form"], name
            for act in acts_of(rule):
                yield one, "act", act
                yield one, "kind", act.partition(".")[0]
    for name, ladder in declarations["ladders"].items():
        for one in ID.findall(ladder["rule"]):
            yield one, "ladder", name
            yield one, "kind", ladder["record"]
    for key, setting in declarations["settings"].items():
        for one in ID.findall(setting["rule"]):
            yield one, "setting", key


def _said_on_the_page(declarations: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    page = Path(ROOT) / "docs" / "rules.md"
    text = page.read_text("utf-8") if page.is_file() else ""
    for rule, where in ROW.findall(text):
        for name in NAME.findall(where):
            if name in declarations["acts"]:
                yield rule, "act", name
            if name.partition(".")[0] in declarations["records"]:
                yield rule, "kind", name.partition(".")[0]


def _named() -> Iterator[tuple[str, str, str]]:
    for what, pattern in FILES:
        for file in sorted(Path(ROOT).glob(pattern)):
            if "node_modules" not in file.parts:
                name = file.stem if what == "kind" else str(file.relative_to(ROOT))
                for rule in ID.findall(file.read_text("utf-8")):
                    yield rule, what, name


def lines(declarations: dict[str, Any]) -> Iterator[str]:
    """Yield every rule of the server's own, then what carries each rule of the regulations."""
    yield "Rules that the server keeps"
    for name, rule in declarations["rules"].items():
        said = ", ".join(acts_of(rule))
        yield f"  {name} ({rule['rule'] or 'no id'}): {rule['form']} of {rule['of']} → {said}"
    yield "\nRules of the regulations, and what carries each"
    for rule, carried in carriers(declarations).items():
        yield f"  {rule}"
        for what in dict.fromkeys(what for what, _ in carried):
            yield f"    {what:9} {', '.join(name for kind, name in carried if kind == what)}"
