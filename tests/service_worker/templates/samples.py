"""Test data of the template tests: the samples, as they are and deliberately damaged."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, meta, nodes

from service_worker.build import pipeline
from service_worker.build.compile_template import CompileError, compile_all
from tests.service_worker.templates.both import Case
from tests.sources import ROOT

SAMPLES = ROOT / "tests" / "samples"
GALLERY = SAMPLES / "gallery"
PAGES = Path(__file__).with_name("pages")

# What a view never means to give, and one day does.
SPOILT: list[Any] = [
    *(None, "", "0", 0, 1, -1, 59, 2**41, True, False),
    '<script>alert("1&2")</script>',
    "it's </textarea><!--",
    "👩🏽‍⚕️ 🚑\U00010348",
    "غرفة الانتظار ‏١٢",
    "阿卜杜热合曼·买买提依明·" * 12,
    "   ",
    "a\u2028b\r\nc\td",
    "%(n)s %s {{ x }} ${y} \\n",
]

_SHOWS_NOTHING = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign)


def loader() -> ChoiceLoader:
    """Find the app's templates, the pages of the gallery, and a page of what neither shows."""
    folders = (pipeline.WEB, GALLERY, PAGES)
    return ChoiceLoader([FileSystemLoader(folder) for folder in folders])


def pages(environment: Environment) -> dict[str, Path]:
    """Return the sample file of every page that is made of the app's parts, if it compiles."""
    found = {}
    for path in sorted([*GALLERY.glob("*.html"), *PAGES.glob("*.html")]):
        if not is_refused(environment, path.name):
            found[path.name] = path.with_suffix(".json")
    return found


def is_refused(environment: Environment, name: str) -> bool:
    """Return whether a template, or what it needs, is for the server alone."""
    try:
        compile_all(environment, {name, *needed_by(environment, name)})
    except CompileError:
        return True
    return False


def needed_by(environment: Environment, name: str) -> set[str]:
    """Return the templates that a template names, and those that they name."""
    assert environment.loader is not None
    tree = environment.parse(environment.loader.get_source(environment, name)[0])
    named = {other for other in meta.find_referenced_templates(tree) if other}
    return named.union(*(needed_by(environment, other) for other in named))


def shows_something(environment: Environment, name: str) -> bool:
    """Return whether a template is more than a collection of macros."""
    tree = environment.parse((pipeline.WEB / name).read_text("utf-8"))
    return any(shows(node) for node in tree.body)


def shows(node: nodes.Node) -> bool:
    """Return whether a node at the top of a template makes it a page or a part of one."""
    if isinstance(node, nodes.Extends | nodes.Include):
        return True
    text = (data.data.strip() for data in node.find_all(nodes.TemplateData))
    return not isinstance(node, _SHOWS_NOTHING) and any(text)


def macros_of(environment: Environment, name: str) -> set[tuple[str, str]]:
    """Return a template's macros, as (file, name)."""
    path = str(pipeline.WEB / name)
    tree = environment.parse(Path(path).read_text("utf-8"))
    return {(path, macro.name) for macro in tree.find_all(nodes.Macro)}


def sample_file(name: str) -> Path:
    """Return where the sample data of a template stands."""
    return (SAMPLES / name).with_suffix(".json")


def samples(name: str, file: Path) -> Iterator[Case]:
    """Yield a case for each sample: a file has one context, or a list of them."""
    read = json.loads(file.read_text("utf-8"))
    for number, context in enumerate(read if isinstance(read, list) else [read]):
        yield Case(name, context, label=f"sample {number}")


def spoil(case: Case, dice: random.Random) -> Case:
    """Return the case with a few of its values lost, or turned into something else."""
    context = copy.deepcopy(case.context)
    done = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        places = list(walk(context))
        if not places:
            break
        box, key = dice.choice(places)
        done.append(f"{key}: {spoil_one(box, key, dice)}")
    locale = dice.choice(("en", "zh_Hans"))
    return Case(case.template, context, locale, f"{case.label}, {'; '.join(done)}")


def spoil_one(box: Any, key: Any, dice: random.Random) -> str:
    """Change one value in its place; return what it became."""
    value = box[key]
    if isinstance(box, dict) and dice.random() < 0.2:
        del box[key]
        return "missing"
    if isinstance(value, list):
        box[key] = dice.choice((None, [], value[:1], value + value, "text"))
    elif isinstance(value, dict):
        box[key] = dice.choice((None, {}, 5))
    else:
        box[key] = dice.choice(SPOILT)
    return repr(box[key])[:80]


def walk(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a context, as (list or dict, index or key)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from walk(inner)
