"""A template as it stands in its file, read by Jinja2, and what can be seen in it at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from service_worker.build.template.compiling import CompileError

_TAKES = re.compile(r"\A\{#-?\s*takes:(.*?)-?#\}", re.DOTALL)
_NAME = re.compile(r"\s*([a-z_][a-z0-9_]*)", re.IGNORECASE)


@dataclass
class Source:
    """A template as it stands in its file, and what Jinja2 makes of it."""

    path: str
    tree: nodes.Template
    takes: set[str] | None  # None when the first line does not say


def read_source(environment: Environment, name: str) -> Source:
    """Parse a template. Raise CompileError when it is missing or no template at all."""
    assert environment.loader is not None
    try:
        text, path, _ = environment.loader.get_source(environment, name)
        tree = environment.parse(text, name, path)
    except TemplateNotFound:
        raise CompileError(f"There is no template {name}.") from None
    except TemplateSyntaxError as error:
        raise CompileError(f"{error.filename or name}:{error.lineno}: {error.message}.") from error
    return Source(path or name, tree, takes_of(text))


def takes_of(text: str) -> set[str] | None:
    """Return the names in `{# takes: a, b #}`, the first line; a remark may follow each."""
    line = _TAKES.match(text)
    if line is None:
        return None
    names = (_NAME.match(part) for part in line[1].split(","))
    return {name[1] for name in names if name} - {"nothing"}


def is_blank(node: nodes.Node) -> bool:
    """Return whether a node is nothing but white space between tags."""
    return isinstance(node, nodes.Output) and all(
        isinstance(child, nodes.TemplateData) and not child.data.strip() for child in node.nodes
    )


def pairs_of(node: nodes.FromImport) -> list[tuple[str, str]]:
    """Return the imported names, each with the name that it gets here."""
    return [(name, name) if isinstance(name, str) else name for name in node.names]


def exported_names(tree: nodes.Template) -> set[str]:
    """Return what other templates can import: macros and what is set, outside of anything else."""
    names = {node.name for node in tree.body if isinstance(node, nodes.Macro)}
    for node in tree.body:
        if isinstance(node, nodes.Assign | nodes.AssignBlock) and isinstance(
            node.target, nodes.Name
        ):
            names.add(node.target.name)
    return {name for name in names if not name.startswith("_")}
