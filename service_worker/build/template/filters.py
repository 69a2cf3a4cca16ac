"""Compiles filters and tests to calls of their twins in render/filters.js and render/tests.js."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from jinja2 import nodes

from service_worker.build.template import allowed
from service_worker.build.template.allowed import Argument
from service_worker.build.template.compiling import Compiling, Frame


class Filters(Compiling):
    """Turns filters and tests into JavaScript."""

    def filter(self, node: nodes.Filter, frame: Frame, *, read_at_once: bool) -> str:
        """Return a filter's call; a generator only where it is read at once."""
        known = allowed.FILTERS.get(node.name)
        picks = node.name in allowed.PICKING
        if (picks or (known and known.lazy)) and not read_at_once:
            self.fail(node, f"|{node.name} can be read only once", "Add |list")
        if node.node is None:
            self.fail(node, "Filter blocks are not supported")
        reads = picks or (known is not None and known.reads)
        value = self.expression(node.node, frame, read_at_once=reads)
        if picks:
            return self.picking(node, value, frame)
        return self.filter_call(node, node.name, value, list(node.args), named_by(node), frame)

    def filter_call(
        self,
        node: nodes.Filter,
        name: str,
        value: str,
        args: list[nodes.Expr],
        named: dict[str, nodes.Expr],
        frame: Frame,
    ) -> str:
        """Return the call of a filter on a JavaScript value."""
        self.no_stars(node)
        kinds = allowed.format_kinds().get(name)
        if kinds:
            return self.format_call(node, name, kinds, [value, *self.values_of(args, frame)])
        known = allowed.FILTERS.get(name)
        if known is None:
            instead = allowed.INSTEAD_OF_FILTER.get(name, "")
            self.fail(node, f"The filter “{name}” is not for templates", instead)
        given = self.arguments(node, known.takes, args, named, frame)
        return f"F.{known.js}({', '.join([value, *given])})"

    def format_call(
        self, node: nodes.Filter, name: str, kinds: list[str], values: list[str]
    ) -> str:
        if node.kwargs or len(values) > len(kinds):
            self.fail(node, f"|{name} takes {len(kinds) - 1} arguments, by position")
        self.uses_format = True
        checked = (
            f"R.{'text' if kind.startswith('text') else 'whole'}"
            f"{'OrNone' if kind.endswith('?') else 'Only'}({value})"
            for kind, value in zip(kinds, values, strict=False)
        )
        return f"FORMAT.{name}({', '.join(checked)})"

    def values_of(self, args: list[nodes.Expr], frame: Frame) -> list[str]:
        return [self.expression(argument, frame) for argument in args]

    def arguments(
        self,
        node: nodes.Filter,
        takes: tuple[Argument, ...],
        args: list[nodes.Expr],
        named: dict[str, nodes.Expr],
        frame: Frame,
    ) -> Iterator[str]:
        """Yield the arguments in their order, with the defaults written out."""
        if len(args) > len(takes):
            self.fail(node, f"|{node.name} takes no more than {len(takes)} arguments")
        given = {argument.name: value for argument, value in zip(takes, args, strict=False)}
        for name, value in named.items():
            if name in given or name not in {argument.name for argument in takes}:
                self.fail(node, f"|{node.name} takes no argument “{name}” here")
            given[name] = value
        for argument in takes:
            if argument.name in given:
                value = given[argument.name]
                if argument.literal and not isinstance(value, nodes.Const):
                    self.fail(node, f"“{argument.name}” of |{node.name} must be a literal")
                yield self.expression(value, frame)
            elif argument.default is allowed.REQUIRED:
                self.fail(node, f"|{node.name} needs “{argument.name}”")
            else:
                yield self.literal(node, argument.default)

    def picking(self, node: nodes.Filter, value: str, frame: Frame) -> str:
        """Return the call of map, select, reject, selectattr or rejectattr."""
        self.no_stars(node)
        args, by_attribute = list(node.args), node.name.endswith("attr")
        if node.name == "map" and not args:
            takes = (Argument("attribute", literal=True), Argument("default", None))
            attribute = self.arguments(node, takes, [], named_by(node), frame)
            return f"F.mapAttribute({', '.join([value, *attribute])})"
        picked = [value]
        if by_attribute:
            picked.append(self.literal_text(node, args.pop(0) if args else None))
        if node.name == "map":
            name = json.loads(self.literal_text(node, args.pop(0)))
            if name in allowed.PICKING or getattr(allowed.FILTERS.get(name), "lazy", False):
                self.fail(node, f"|map cannot apply |{name}")
            call = self.filter_call(node, name, "x", args, named_by(node), frame)
        else:
            call = self.test_by_name(node, args, frame)
        return f"F.{node.name}({', '.join([*picked, f'x => {call}'])})"

    def test_by_name(self, node: nodes.Filter, args: list[nodes.Expr], frame: Frame) -> str:
        if not args:
            return "R.truthy(x)"
        name = json.loads(self.literal_text(node, args.pop(0)))
        return self.test_call(node, name, ["x", *self.values_of(args, frame)])

    def visit_Test(self, node: nodes.Test, frame: Frame) -> str:
        self.no_stars(node)
        return self.test_call(node, node.name, self.values_of([node.node, *node.args], frame))

    def test_call(self, node: nodes.Filter | nodes.Test, name: str, values: list[str]) -> str:
        if name not in allowed.TESTS or node.kwargs:
            self.fail(node, f"The test “{name}” is not for templates")
        function, takes = allowed.TESTS[name]
        if len(values) != takes + 1:
            self.fail(node, f"The test “{name}” takes {takes} arguments")
        return f"T.{function}({', '.join(values)})"


def named_by(node: nodes.Filter) -> dict[str, nodes.Expr]:
    """Return the arguments that are given by name."""
    # Jinja2 declares pairs here, but its parser makes keywords.
    keywords = cast(list[nodes.Keyword], node.kwargs)
    return {keyword.key: keyword.value for keyword in keywords}
