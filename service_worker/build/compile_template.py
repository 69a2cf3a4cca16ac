"""Compiles Jinja2 templates to JavaScript: the tablet renders exactly what the server would.

The templates' own syntax tree is compiled, by Jinja2's own rules of scope. What cannot be
reproduced to the byte is refused when the app is built, with the place and with what to write
instead. template/allowed.py lists what templates may use; render.js runs the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from jinja2 import Environment

from service_worker.build.template.compiler import TemplateCompiler
from service_worker.build.template.compiling import CompileError
from service_worker.build.template.environment import make_environment
from service_worker.build.template.source import read_source

__all__ = ["CompileError", "compile_all", "compile_template", "make_environment"]

IMPORTS = """\
import * as F from "../render/filters.js"
import * as R from "../render/runtime.js"
import * as T from "../render/tests.js"
"""
IMPORT_FORMAT = 'import { FILTERS as FORMAT } from "../rules/display_format.js"\n'


def compile_template(environment: Environment, name: str) -> str:
    """Return the template as one JavaScript expression. Raise CompileError for what is refused."""
    return _compiler(environment, name).compile()


def compile_all(environment: Environment, names: Iterable[str]) -> str:
    """Return an ES module that exports TEMPLATES, {name: template}, to lie in generated/.

    Raise CompileError also when a template needs another one that is not among the names.
    """
    known = list(names)
    uses_format, compiled = False, []
    for name in known:
        compiler = _compiler(environment, name)
        compiled.append(f"{json.dumps(name)}: {compiler.compile()}")
        uses_format = uses_format or compiler.uses_format
        for other in sorted(compiler.references - set(known)):
            raise CompileError(f"{name} needs {other}, which is not for the tablet.")
    head = IMPORTS + (IMPORT_FORMAT if uses_format else "")
    body = ",\n".join(compiled)
    return f"{head}\nexport const TEMPLATES = {{\n{body}\n}}\n"


def _compiler(environment: Environment, name: str) -> TemplateCompiler:
    source = read_source(environment, name)
    return TemplateCompiler(environment, name, source.path, source=source)
