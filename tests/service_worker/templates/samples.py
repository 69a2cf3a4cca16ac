"""The floor app's own templates with the data that stands beside the tests, as it is and spoilt."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, nodes

from service_worker import build
from tests.service_worker.templates.both import Case
from tests.sources import ROOT

SAMPLES = ROOT / "tests" / "samples"
GALLERY = SAMPLES / "gallery"

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
    """Find the app's templates, and the pages of the gallery beside them."""
    return ChoiceLoader([FileSystemLoader(build.WEB), FileSystemLoader(GALLERY)])


def gallery(environment: Environment) -> list[str]:
    """Return the gallery's pages, as far as they are made of what the tablet has."""
    floor = set(build.floor_templates())
    names = sorted(path.name for path in GALLERY.glob("*.html"))
    return [name for name in names if needed_by(environment, name) <= floor]


def needed_by(environment: Environment, name: str) -> set[str]:
    """Return the templates that a template names."""
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    tree = environment.parse((GALLERY / name).read_text("utf-8"))
    named = (node.template for node in tree.find_all(kinds))
    return {node.value for node in named if isinstance(node, nodes.Const)}


def shows_something(environment: Environment, name: str) -> bool:
    """Return whether a template is more than a collection of macros."""
    tree = environment.parse((build.WEB / name).read_text("utf-8"))
    return any(shows(node) for node in tree.body)


def shows(node: nodes.Node) -> bool:
    """Return whether a node at the top of a template makes it a page or a part of one."""
    if isinstance(node, nodes.Extends | nodes.Include):
        return True
    text = (data.data.strip() for data in node.find_all(nodes.TemplateData))
    return not isinstance(node, _SHOWS_NOTHING) and any(text)


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
