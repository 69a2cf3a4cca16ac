"""Compiles the expressions of a template to JavaScript."""

from __future__ import annotations

import json
import re

from jinja2 import nodes

from service_worker.build.template import allowed
from service_worker.build.template.compiling import Frame
from service_worker.build.template.filters import Filters

_PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)s)")
_ARITHMETIC = {
    nodes.Add: "add",
    nodes.Sub: "subtract",
    nodes.Mul: "multiply",
    nodes.FloorDiv: "divide",
    nodes.Mod: "modulo",
}
_COMPARISONS = {
    "eq": "equal({0}, {1})",
    "ne": "!R.equal({0}, {1})",
    "lt": "less({0}, {1})",
    "gt": "less({1}, {0})",
    "lteq": "atMost({0}, {1})",
    "gteq": "atMost({1}, {0})",
    "in": "contains({1}, {0})",
    "notin": "!R.contains({1}, {0})",
}


class Expressions(Filters):
    """Turns one expression after the other into JavaScript."""

    def expression(self, node: nodes.Node, frame: Frame, *, read_at_once: bool = False) -> str:
        """Return the expression's value. Only what is read at once may be a generator."""
        if isinstance(node, nodes.Filter):
            return self.filter(node, frame, read_at_once=read_at_once)
        for kind, operation in _ARITHMETIC.items():
            if isinstance(node, kind):
                assert isinstance(node, nodes.BinExpr)
                return f"R.{operation}({self.list_of([node.left, node.right], frame)})"
        visit = getattr(self, f"visit_{type(node).__name__}", None)
        if visit is None:
            self.fail(node, f"“{type(node).__name__}” is not for templates")
        return str(visit(node, frame))

    def condition(self, node: nodes.Node, frame: Frame) -> str:
        """Return the expression as a JavaScript boolean."""
        if isinstance(node, nodes.And):
            return f"({self.condition(node.left, frame)} && {self.condition(node.right, frame)})"
        if isinstance(node, nodes.Or):
            return f"({self.condition(node.left, frame)} || {self.condition(node.right, frame)})"
        if isinstance(node, nodes.Not):
            return f"!{self.condition(node.node, frame)}"
        value = self.expression(node, frame)
        return value if isinstance(node, nodes.Compare | nodes.Test) else f"R.truthy({value})"

    # Values

    def visit_Const(self, node: nodes.Const, frame: Frame) -> str:
        return self.literal(node, node.value)

    def visit_TemplateData(self, node: nodes.TemplateData, frame: Frame) -> str:
        return f"R.markup({json.dumps(node.data, ensure_ascii=False)})"

    def visit_Name(self, node: nodes.Name, frame: Frame) -> str:
        if node.name == "loop":
            self.fail(node, "“loop” itself is no value", "Write loop.index and the like")
        if node.name in allowed.GLOBALS:
            self.fail(node, f"“{node.name}” is no value", "Call it")
        return self.reference_to(node.name, frame)

    def reference_to(self, name: str, frame: Frame) -> str:
        """Return how JavaScript says a name: a variable, the context's, or another's macro."""
        imported = self.imported.get(name) if name in self.only_macros else None
        return imported or frame.symbols.ref(name)

    def visit_List(self, node: nodes.List, frame: Frame) -> str:
        return f"[{self.list_of(node.items, frame)}]"

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> str:
        return f"R.tuple({self.list_of(node.items, frame)})"

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> str:
        pairs = []
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
                self.fail(node, "A key must be a literal text")
            if pair.key.value == "__proto__" or pair.key.value.isdigit():
                self.fail(node, f"“{pair.key.value}” cannot be a key")
            pairs.append(f"{json.dumps(pair.key.value)}: {self.expression(pair.value, frame)}")
        return f"{{{', '.join(pairs)}}}"

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> str:
        if node.expr2 is None:
            self.fail(node, "“x if y” without else is only for what is shown", "Write the else")
        return (
            f"({self.condition(node.test, frame)} ? {self.expression(node.expr1, frame)}"
            f" : {self.expression(node.expr2, frame)})"
        )

    def visit_And(self, node: nodes.And, frame: Frame) -> str:
        left, right = self.expression(node.left, frame), self.expression(node.right, frame)
        return f"R.both({left}, () => {right})"

    def visit_Or(self, node: nodes.Or, frame: Frame) -> str:
        left, right = self.expression(node.left, frame), self.expression(node.right, frame)
        return f"R.either({left}, () => {right})"

    def visit_Not(self, node: nodes.Not, frame: Frame) -> str:
        return self.condition(node, frame)

    def visit_Neg(self, node: nodes.Neg, frame: Frame) -> str:
        return f"R.negative({self.expression(node.node, frame)})"

    def visit_Pos(self, node: nodes.Pos, frame: Frame) -> str:
        return f"R.number({self.expression(node.node, frame)})"

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> str:
        return f"R.concat([{self.list_of(node.nodes, frame)}])"

    def visit_Div(self, node: nodes.Div, frame: Frame) -> str:
        self.fail(node, "“/” makes a number with a point", "Write // or let the view divide")

    def visit_Pow(self, node: nodes.Pow, frame: Frame) -> str:
        self.fail(node, "“**” is not for templates", "Let the view calculate")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> str:
        if len(node.ops) > 1:
            self.fail(node, "A chain of comparisons is not supported", "Write a < b and b < c")
        left = self.expression(node.expr, frame)
        right = self.expression(node.ops[0].expr, frame)
        call = _COMPARISONS[node.ops[0].op].format(left, right)
        return call if call.startswith("!") else f"R.{call}"

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> str:
        if self.is_loop(node.node, frame):
            if node.attr not in allowed.LOOP:
                self.fail(node, f"loop.{node.attr} is not supported")
            return f"{frame.symbols.ref('loop')}.{node.attr}"
        return f"R.attribute({self.expression(node.node, frame)}, {json.dumps(node.attr)})"

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> str:
        owner = self.expression(node.node, frame)
        if not isinstance(node.arg, nodes.Slice):
            return f"R.item({owner}, {self.expression(node.arg, frame)})"
        if node.arg.step is not None:
            self.fail(node, "A slice with a step is not supported")
        ends = [node.arg.start, node.arg.stop]
        start, stop = ["null" if end is None else self.expression(end, frame) for end in ends]
        return f"R.slice({owner}, {start}, {stop})"

    def is_loop(self, node: nodes.Expr, frame: Frame) -> bool:
        return isinstance(node, nodes.Name) and node.name == "loop" and frame.has_parameter("loop")

    # Calls

    def visit_Call(self, node: nodes.Call, frame: Frame, caller: str = "") -> str:
        self.no_stars(node)
        target = node.node
        if isinstance(target, nodes.Name):
            return self.call_of_name(node, target.name, frame, caller)
        if not isinstance(target, nodes.Getattr):
            self.fail(node, "Only macros and the known functions can be called")
        if self.is_loop(target.node, frame) and target.attr in allowed.LOOP_CALLS:
            return f"{frame.symbols.ref('loop')}.{target.attr}({self.list_of(node.args, frame)})"
        if not isinstance(target.node, nodes.Name) or target.node.name not in self.modules:
            instead = allowed.INSTEAD_OF_METHOD.get(target.attr, "Let the view decide it")
            self.fail(node, f"The method .{target.attr}() is not for templates", instead)
        return self.macro_call(node, self.expression(target, frame), frame, caller)

    def call_of_name(self, node: nodes.Call, name: str, frame: Frame, caller: str) -> str:
        if name in allowed.TRANSLATING:
            return self.translation(node, name, frame)
        if name == "namespace":
            if node.args:
                self.fail(node, "namespace() takes names only: namespace(found=false)")
            return f"R.namespace({self.named(node, frame)})"
        if name in ("icon", "range"):
            if node.kwargs:
                self.fail(node, f"{name}() takes its arguments by position")
            return f"R.{name}({self.list_of(node.args, frame)})"
        if name == "super" and frame.block is not None and not node.args and not node.kwargs:
            return f"E.parent(blocks, {json.dumps(frame.block)}, block_{frame.block}, context)"
        if name not in self.callables and not (name == "caller" and frame.has_parameter(name)):
            self.fail(node, f"“{name}” is no macro", "Import it, or write it as a filter")
        return self.macro_call(node, self.reference_to(name, frame), frame, caller)

    def macro_call(self, node: nodes.Call, macro: str, frame: Frame, caller: str) -> str:
        named = self.named(node, frame)
        rest = f", {named or 'null'}, {caller}" if caller else f", {named}" if named else ""
        return f"R.call({macro}, [{self.list_of(node.args, frame)}]{rest})"

    def named(self, node: nodes.Call, frame: Frame) -> str:
        pairs = (f"{json.dumps(k.key)}: {self.expression(k.value, frame)}" for k in node.kwargs)
        return f"{{{', '.join(pairs)}}}" if node.kwargs else ""

    def translation(self, node: nodes.Call, name: str, frame: Frame) -> str:
        """Return the call that translates. Data never becomes a sentence, so these are literals."""
        sentences = node.args[: allowed.TRANSLATING[name]]
        count = node.args[len(sentences) :]
        if len(sentences) < allowed.TRANSLATING[name] or len(count) != (name in allowed.COUNTING):
            self.fail(node, f"{name}() has too few or too many arguments")
        known = {keyword.key for keyword in node.kwargs}
        known |= {"num"} if name in allowed.COUNTING else set()
        known |= {"context"} if name.lstrip("n").startswith("p") else set()
        for sentence in sentences:
            if not isinstance(sentence, nodes.Const) or not sentence.value:
                self.fail(node, f"{name}() translates literal sentences only, never data")
            self.placeholders(node, sentence.value, known)
        function = "gettext" if name == "_" else name
        arguments = [self.list_of(node.args, frame), self.named(node, frame)]
        return f"E.{function}({', '.join(filter(None, arguments))})"

    def placeholders(self, node: nodes.Call, sentence: str, known: set[str]) -> None:
        if "%" in _PLACEHOLDER.sub("", sentence):
            self.fail(node, f"“{sentence}” has a stray %", "Write %% or %(name)s")
        unknown = {name for name in _PLACEHOLDER.findall(sentence) if name} - known
        if unknown:
            self.fail(
                node, f"“{sentence}” asks for {', '.join(sorted(unknown))}", "Pass it by name"
            )
