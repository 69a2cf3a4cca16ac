"""Renders templates with Jinja2 in Python and compiled in Node, to compare the bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader

from service_worker.build.catalogue import Catalogue
from service_worker.build.compile_template import compile_all, make_environment
from service_worker.build.template.translation import Words
from tests.service_worker.node import Node
from tests.sources import ROOT

RUNTIME = ROOT / "service_worker"
SHOW = """\
import { render } from "./render/render.js"
const messages = %s
export const show = (name, view, locale) => render(name, view, { messages: messages[locale] })
"""


@dataclass
class Case:
    """A template, what it is given, and the language."""

    template: str
    context: dict[str, Any]
    locale: str = "en"
    label: str = ""


@dataclass
class Outcome:
    """What the two renderers made of a case: a text each, or None and why there is none."""

    case: Case
    python: str | None
    tablet: str | None
    because: str

    @property
    def agrees(self) -> bool:
        """Whether both gave the same text, or neither gave one."""
        return self.python == self.tablet

    def __str__(self) -> str:
        same, both = 0, (self.python or "", self.tablet or "")
        while same < min(map(len, both)) and both[0][same] == both[1][same]:
            same += 1
        part = slice(max(same - 60, 0), same + 60)
        shown = ["an error" if text is None else text[part] for text in (self.python, self.tablet)]
        lines = f"  Python: {shown[0]}\n  tablet: {shown[1]}\n  {self.because}"
        return f"{self.case.template} ({self.case.locale}) {self.case.label}\n{lines}"


class Both:
    """The same templates in both languages, in a folder of their own with a copy of the runtime."""

    def __init__(
        self,
        node: Node,
        folder: Path,
        loader: BaseLoader,
        names: Iterable[str],
        catalogues: dict[str, Catalogue],
    ) -> None:
        self.node, self.module = node, folder / "show.js"
        self.environments = {
            locale: make_environment(loader, Words(catalogue))
            for locale, catalogue in catalogues.items()
        }
        (folder / "generated").mkdir(parents=True)
        (folder / "package.json").write_text('{"type": "module"}')
        for room in ("render", "rules", "base"):  # what a compiled template and its runtime import
            shutil.copytree(RUNTIME / room, folder / room)
        compiled = compile_all(make_environment(loader), names)
        (folder / "generated" / "templates.js").write_text(compiled, "utf-8")
        self.module.write_text(SHOW % json.dumps(catalogues), "utf-8")

    def mutant(self, folder: Path, file: str, old: str, new: str) -> Path:
        """Write a copy whose runtime differs in one place; return its module."""
        shutil.copytree(self.module.parent, folder)
        path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} no longer says “{old}” once"
        path.write_text(text.replace(old, new), "utf-8")
        return folder / "show.js"

    def render(self, cases: list[Case]) -> list[Outcome]:
        """Render every case in both."""
        outcomes = []
        for case, result in zip(cases, self.on_tablet(self.module, cases), strict=True):
            text, because = self.in_python(case)
            because = f"{because} {result.get('error', '')}".strip()
            outcomes.append(Outcome(case, text, result.get("value"), because))
        return outcomes

    def on_tablet(self, module: Path, cases: list[Case]) -> list[dict[str, Any]]:
        """Return {"value": text} or {"error": why} for each case."""
        arguments: list[list[Any]] = [[case.template, case.context, case.locale] for case in cases]
        return self.node.calls(module, "show", arguments)

    def in_python(self, case: Case) -> tuple[str | None, str]:
        """Return what Jinja2 makes of a case, or None and why."""
        template = self.environments[case.locale].get_template(case.template)
        try:
            return template.render(case.context), ""
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"
