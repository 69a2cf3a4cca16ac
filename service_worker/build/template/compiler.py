"""Compiles a template's statements to JavaScript, by Jinja2's own analysis of where names live.

A template becomes `{root, blocks}`: functions of `E`, the rendering (render.js), of `context`, an
object whose prototypes are the outer contexts, and of `blocks`, the chains of overridden blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.idtracking import (
    VAR_LOAD_ALIAS,
    VAR_LOAD_PARAMETER,
    VAR_LOAD_RESOLVE,
    Symbols,
)
from jinja2.nodes import EvalContext
from markupsafe import escape

from service_worker.build.template import allowed
from service_worker.build.template.compiling import Frame
from service_worker.build.template.expressions import Expressions
from service_worker.build.template.source import (
    Source,
    exported_names,
    is_blank,
    pairs_of,
    read_source,
)

_AFTER_EXTENDS = (nodes.Assign, nodes.AssignBlock, nodes.Macro, nodes.Import, nodes.FromImport)


@dataclass
class TemplateCompiler(Expressions):
    """Turns one template into JavaScript."""

    source: Source = field(kw_only=True)
    references: set[str] = field(default_factory=set)
    own_names: set[str] = field(default_factory=set)
    serial: int = 0

    def compile(self) -> str:
        """Return the template as one JavaScript expression."""
        tree = self.source.tree
        self.look_around(tree)
        frame = Frame(Symbols(), toplevel=True)
        frame.symbols.analyze_node(tree)
        self.own_names = set(frame.symbols.stores)
        parent = self.parent_of(tree)
        body = list(self.child_body(tree)) if parent else tree.body
        lines = [*self.enter(tree, frame), *self.statements(body, frame)]
        result = f"E.extend({parent}, context, blocks)" if parent else "o"
        root = self.function("root", lines, result)
        blocks = ",\n".join(self.block(block) for block in tree.find_all(nodes.Block))
        return f"{{ {root},\nblocks: {{ {blocks} }} }}"

    def look_around(self, tree: nodes.Template) -> None:
        """Refuse what is refused anywhere, and learn what can be called."""
        seen: set[str] = set()
        given: set[str] = set()
        for node in tree.find_all(nodes.Node):
            if isinstance(node, nodes.Block):
                if node.name in seen or node.scoped or node.required:
                    self.fail(
                        node, f"Block “{node.name}” may stand once, neither scoped nor required"
                    )
                seen.add(node.name)
            elif isinstance(node, nodes.Macro):
                self.callables.add(node.name)
            elif isinstance(node, nodes.FromImport):
                self.take_macros(node)
            elif isinstance(node, nodes.Import):
                self.modules.add(node.target)
            elif isinstance(node, nodes.Name):
                self.check_name(node)
                given |= {node.name} if node.ctx != "load" else set()
        self.only_macros = (self.callables | self.modules) - given

    def take_macros(self, node: nodes.FromImport) -> None:
        """Learn what an import brings: wherever such a name stands, it is looked up anew."""
        known = exported_names(read_source(self.environment, self.literal_name(node)).tree)
        for name, alias in pairs_of(node):
            if name not in known:
                self.fail(node, f"{self.literal_name(node)} has no macro “{name}”")
            macro = f"{self.module(node)}.{name}"
            if self.imported.setdefault(alias, macro) != macro:
                self.fail(node, f"“{alias}” is two macros here", "Import one under another name")
            self.callables.add(alias)

    def check_name(self, node: nodes.Name) -> None:
        if not node.name.isascii():
            self.fail(node, f"The name “{node.name}” is not plain ASCII")
        if node.ctx != "load" and node.name in allowed.RESERVED | allowed.GLOBALS:
            self.fail(node, f"“{node.name}” has a meaning of its own")

    # Inheritance

    def parent_of(self, tree: nodes.Template) -> str | None:
        """Return the literal name of the template that this one extends."""
        extends = list(tree.find_all(nodes.Extends))
        if not extends:
            return None
        before = [node for node in tree.body if not is_blank(node)]
        if len(extends) > 1 or before[0] is not extends[0]:
            self.fail(extends[0], "“extends” stands once, at the beginning")
        return self.reference(extends[0], extends[0].template)

    def child_body(self, tree: nodes.Template) -> Iterator[nodes.Node]:
        """Yield what a child does outside its blocks; anything shown there would never be seen."""
        for node in tree.body:
            if isinstance(node, _AFTER_EXTENDS):
                yield node
            elif not is_blank(node) and not isinstance(node, nodes.Block | nodes.Extends):
                self.fail(node, "This stands outside the blocks and would never be shown")

    def block(self, node: nodes.Block) -> str:
        frame = Frame(Symbols(), block=node.name)
        frame.symbols.analyze_node(node)
        lines = [*self.enter(node, frame), *self.statements(node.body, frame)]
        # A name only where `super()` asks for it: without one all blocks are alike, and pack well.
        asks = any(name.name == "super" for name in node.find_all(nodes.Name))
        function = self.function(f"function block_{node.name}" if asks else "function", lines, "o")
        return f"{json.dumps(node.name)}: {function}"

    def function(self, name: str, lines: Iterable[str], result: str) -> str:
        body = "\n".join(['let o = ""', *lines, f"return {result}"])
        return f"{name}(E, context, blocks) {{\n{body}\n}}"

    def reference(self, node: nodes.Node, template: nodes.Expr) -> str:
        """Return the literal name of another template, which has to be there."""
        name = self.literal_text(node, template)
        self.references.add(json.loads(name))
        return name

    # Names

    def enter(self, node: nodes.Node, frame: Frame) -> Iterator[str]:
        """Declare the names that live in this frame, as Jinja2's enter_frame does."""
        for target, (action, source) in frame.symbols.loads.items():
            name = target.split("_", 2)[2]
            if name in allowed.GLOBALS:
                continue
            if action == VAR_LOAD_RESOLVE:
                self.check_taken(node, name, frame)
            if name in self.imported and name in self.only_macros:
                continue
            if action == VAR_LOAD_RESOLVE and name not in frame.symbols.stores:
                frame.symbols.refs[name] = f"context.{name}"
            elif action == VAR_LOAD_ALIAS:
                yield f"let {target} = {source}"
            elif name in self.only_macros and action != VAR_LOAD_RESOLVE:
                yield f"let {target}"
            elif action != VAR_LOAD_PARAMETER:
                # A name that is set further down starts as what the context has, so that an
                # include before that line sees what it would see in Jinja2.
                yield f"let {target} = context.{name}"

    def check_taken(self, node: nodes.Node, name: str, frame: Frame) -> None:
        where = next((n for n in node.find_all(nodes.Name) if n.name == name), node)
        if name in allowed.RESERVED and not (name == "super" and frame.block):
            instead = "An include cannot see it: {% set i = loop.index %}" if name == "loop" else ""
            self.fail(where, f"“{name}” means nothing here", instead)
        takes = self.source.takes
        if takes is not None and name != "super" and name not in takes | self.own_names:
            self.fail(where, f"“{name}” is not among what the template takes", "Add it to line 1")

    def assign(self, target: nodes.Node, value: str, frame: Frame) -> Iterator[str]:
        """Give a name, a namespace's attribute, or several names at once, a value."""
        if isinstance(target, nodes.Name):
            yield f"{frame.symbols.ref(target.name)} = {value}"
            if frame.toplevel:
                yield f"context.{target.name} = {frame.symbols.ref(target.name)}"
        elif isinstance(target, nodes.NSRef):
            yield f"R.assign({frame.symbols.ref(target.name)}, {json.dumps(target.attr)}, {value})"
        else:
            assert isinstance(target, nodes.Tuple)
            parts = self.temporary("parts")
            yield f"const {parts} = R.unpack({value}, {len(target.items)})"
            for index, item in enumerate(target.items):
                yield from self.assign(item, f"{parts}[{index}]", frame)

    def temporary(self, name: str) -> str:
        self.serial += 1
        return f"{name}{self.serial}"

    # Statements

    def statements(self, body: Iterable[nodes.Node], frame: Frame) -> Iterator[str]:
        for node in body:
            visit = getattr(self, f"statement_{type(node).__name__}", None)
            if visit is None:
                self.fail(node, f"“{type(node).__name__}” is not for templates")
            yield from visit(node, frame)

    def statement_Output(self, node: nodes.Output, frame: Frame) -> Iterator[str]:
        yield "o += " + " + ".join(self.shown(child, frame) for child in node.nodes)

    def shown(self, node: nodes.Expr, frame: Frame) -> str:
        """Return what the page shows of an expression, escaped."""
        if isinstance(node, nodes.TemplateData):
            return json.dumps(node.data, ensure_ascii=False)
        if isinstance(node, nodes.CondExpr):
            other = '""' if node.expr2 is None else self.shown(node.expr2, frame)
            test = self.condition(node.test, frame)
            return f"({test} ? {self.shown(node.expr1, frame)} : {other})"
        value = self.expression(node, frame)
        try:
            constant = node.as_const(EvalContext(self.environment, self.name))
        except Exception:
            # Not constant, or wrong: then it is so each time the page is shown.
            return f"R.shown({value})"
        if isinstance(constant, bool) or not isinstance(constant, str | int):
            self.fail(node, f"A template cannot show {constant!r}")
        return json.dumps(str(escape(constant)), ensure_ascii=False)

    def statement_If(self, node: nodes.If, frame: Frame) -> Iterator[str]:
        yield f"if ({self.condition(node.test, frame)}) {{"
        yield from self.statements(node.body, frame)
        for other in node.elif_:
            yield f"}} else if ({self.condition(other.test, frame)}) {{"
            yield from self.statements(other.body, frame)
        if node.else_:
            yield "} else {"
            yield from self.statements(node.else_, frame)
        yield "}"

    def statement_For(self, node: nodes.For, frame: Frame) -> Iterator[str]:
        if node.recursive:
            self.fail(node, "Recursive loops are not supported", "Write a macro that calls itself")
        if any(node.find_all(nodes.Block)):
            self.fail(node, "A block cannot stand in a loop", "Include a template")
        items, item = self.temporary("items"), self.temporary("item")
        yield "{"
        value = self.expression(node.iter, frame, read_at_once=True)
        yield f"const {items} = R.iterate({value}){self.kept(node, frame)}"
        inner = frame.inner()
        each = items
        if "loop" in find_undeclared(node.iter_child_nodes(only=("body",)), ("loop",)):
            each = inner.symbols.declare_parameter("loop")
            yield f"const {each} = R.loop({items})"
        inner.symbols.analyze_node(node, for_branch="body")
        yield f"for (const {item} of {each}) {{"
        yield from self.take(node.target, item, inner)
        yield from self.enter(node, inner)
        yield from self.statements(node.body, inner)
        yield "}"
        if node.else_:
            otherwise = frame.inner()
            otherwise.symbols.analyze_node(node, for_branch="else")
            yield f"if (!{items}.length) {{"
            yield from self.enter(node, otherwise)
            yield from self.statements(node.else_, otherwise)
            yield "}"
        yield "}"

    def kept(self, node: nodes.For, frame: Frame) -> str:
        """Return what keeps the items that the loop's own `if` lets through."""
        if node.test is None:
            return ""
        inner = frame.inner()
        inner.symbols.analyze_node(node, for_branch="test")
        lines = [*self.take(node.target, "item", inner), *self.enter(node, inner)]
        lines.append(f"return {self.condition(node.test, inner)}")
        return ".filter(item => {\n" + "\n".join(lines) + "\n})"

    def take(self, target: nodes.Node, value: str, frame: Frame) -> Iterator[str]:
        """Declare the names of a target and give them their values."""
        names = [target] if isinstance(target, nodes.Name) else target.find_all(nodes.Name)
        yield "let " + ", ".join(frame.symbols.ref(name.name) for name in names)
        yield from self.assign(target, value, frame)

    def statement_With(self, node: nodes.With, frame: Frame) -> Iterator[str]:
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        yield "{"
        yield from self.enter(node, inner)
        for target, value in zip(node.targets, node.values, strict=True):
            yield from self.take(target, self.expression(value, frame), inner)
        yield from self.statements(node.body, inner)
        yield "}"

    def statement_Assign(self, node: nodes.Assign, frame: Frame) -> Iterator[str]:
        yield from self.assign(node.target, self.expression(node.node, frame), frame)

    def statement_AssignBlock(self, node: nodes.AssignBlock, frame: Frame) -> Iterator[str]:
        if node.filter is not None:
            self.fail(node, "A filter on a set block is not supported", "Filter where it is used")
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        lines = [*self.enter(node, inner), *self.statements(node.body, inner)]
        body = "\n".join(['let o = ""', *lines, "return o"])
        yield from self.assign(node.target, f"R.capture(() => {{\n{body}\n}})", frame)

    # Macros

    def statement_Macro(self, node: nodes.Macro, frame: Frame) -> Iterator[str]:
        yield from self.assign(nodes.Name(node.name, "store"), self.macro(node, frame), frame)

    def statement_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> Iterator[str]:
        yield f"o += R.shown({self.visit_Call(node.call, frame, self.macro(node, frame))})"

    def macro(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> str:
        """Return a macro, or the body of a call block, as a function that gives markup."""
        inner = frame.inner()
        inner.block = None
        inner.symbols.analyze_node(node)
        refs = [inner.symbols.ref(argument.name) for argument in node.args]
        calls = "caller" in find_undeclared(node.body, ("caller",))
        parameters = [*refs, inner.symbols.declare_parameter("caller")] if calls else refs
        lines = list(self.enter(node, inner))
        required = len(refs) - len(node.defaults)
        for ref, default in zip(refs[required:], node.defaults, strict=True):
            lines.append(f"if ({ref} === R.OMITTED) {ref} = {self.expression(default, inner)}")
        lines += self.statements(node.body, inner)
        body = "\n".join(['let o = ""', *lines, "return o"])
        name = json.dumps(getattr(node, "name", "caller"))
        names = json.dumps([argument.name for argument in node.args])
        function = f"({', '.join(parameters)}) => {{\n{body}\n}}"
        return f"R.macro({name}, {names}, {required}, {json.dumps(calls)}, {function})"

    # Other templates

    def statement_Block(self, node: nodes.Block, frame: Frame) -> Iterator[str]:
        yield f"o += blocks.{node.name}[0](E, context, blocks)"

    def statement_Include(self, node: nodes.Include, frame: Frame) -> Iterator[str]:
        if node.ignore_missing or not node.with_context:
            self.fail(node, "An include is plain", 'Write {% include "name" %}')
        # Macros are imported where they are used, so they need not be handed on.
        hidden = allowed.RESERVED | allowed.GLOBALS | self.only_macros
        stores = frame.symbols.dump_stores().items()
        names = ", ".join(f"{name}: {ref}" for name, ref in stores if name not in hidden)
        yield f"o += E.include({self.reference(node, node.template)}, context, {{ {names} }})"

    def statement_Import(self, node: nodes.Import, frame: Frame) -> Iterator[str]:
        target = nodes.Name(node.target, "store")
        yield from self.assign(target, self.module(node), frame)

    def statement_FromImport(self, node: nodes.FromImport, frame: Frame) -> Iterator[str]:
        """Say nothing: `take_macros` knows what it brings. Only a name that is more is assigned."""
        for _, alias in pairs_of(node):
            if alias not in self.only_macros:
                yield from self.assign(nodes.Name(alias, "store"), self.imported[alias], frame)

    def module(self, node: nodes.Import | nodes.FromImport) -> str:
        if node.with_context:
            self.fail(node, "Macros do not see the context", "Pass them what they need")
        return f"E.module({self.reference(node, node.template)})"

    def literal_name(self, node: nodes.FromImport) -> str:
        return str(json.loads(self.literal_text(node, node.template)))
