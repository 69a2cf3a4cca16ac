"""The base of the template compiler's parts: its frame (scope) and its errors."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, NoReturn

from jinja2 import Environment, nodes
from jinja2.idtracking import VAR_LOAD_PARAMETER, Symbols

LARGEST_WHOLE = 2**53 - 1


class CompileError(ValueError):
    """A template says something that the tablet could not render exactly as the server would."""


@dataclass
class Frame:
    """Where in a template we are: which names are known here, and what may be called."""

    symbols: Symbols
    toplevel: bool = False
    block: str | None = None

    def inner(self) -> Frame:
        return Frame(Symbols(self.symbols), block=self.block)

    def has_parameter(self, name: str) -> bool:
        """Return whether a `for` or a macro around us gives this name."""
        ref = self.symbols.find_ref(name)
        return ref is not None and self.symbols.find_load(ref) == (VAR_LOAD_PARAMETER, None)


@dataclass
class Compiling(ABC):
    """Knows the template that is being compiled."""

    environment: Environment
    name: str
    path: str
    callables: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)
    only_macros: set[str] = field(default_factory=set)
    uses_format: bool = False

    @abstractmethod
    def expression(self, node: nodes.Node, frame: Frame, *, read_at_once: bool = False) -> str:
        """Return the expression's value. Only what is read at once may be a generator."""

    def fail(self, node: nodes.Node, what: str, instead: str = "") -> NoReturn:
        """Refuse, saying where, what, and what to write instead."""
        advice = f" {instead}." if instead else ""
        # Some nodes are Jinja2's own and stand nowhere; what is in them does.
        lines = (each.lineno for each in (node, *node.find_all(nodes.Node)) if each.lineno)
        raise CompileError(f"{self.path}:{next(lines, 1)}: {what}.{advice}")

    def list_of(self, items: list[nodes.Expr], frame: Frame) -> str:
        """Return the values, with commas between them."""
        return ", ".join(self.expression(item, frame) for item in items)

    def literal(self, node: nodes.Node, value: Any) -> str:
        if isinstance(value, float):
            self.fail(node, "Python and JavaScript write numbers with a point differently")
        if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
            self.fail(node, "JavaScript has no whole numbers that large")
        return json.dumps(value, ensure_ascii=False)

    def literal_text(self, node: nodes.Node, value: nodes.Expr | None) -> str:
        if not isinstance(value, nodes.Const) or not isinstance(value.value, str):
            self.fail(node, "The name must be a literal text")
        return json.dumps(value.value, ensure_ascii=False)

    def no_stars(self, node: nodes.Call | nodes.Filter | nodes.Test) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail(node, "Arguments with * and ** are not supported")
