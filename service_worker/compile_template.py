"""Compiles Jinja2 templates to JavaScript, so that the tablet renders exactly what the server would.

The templates' own syntax tree is compiled, by Jinja2's own rules of scope. What cannot be reproduced
to the byte is refused when the app is built, with the place and with what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment

from service_worker.template.environment import make_environment

__all__ = ["CompileError", "compile_all", "compile_template", "make_environment"]


class CompileError(ValueError):
    """A template says something that the tablet could not render exactly as the server would."""


def compile_template(environment: Environment, name: str) -> str:
    """Return the template as one JavaScript expression. Raise CompileError for what is refused."""
    raise CompileError(f"{name}: the compiler is not there yet")


def compile_all(environment: Environment, names: Iterable[str]) -> str:
    """Return an ES module that exports TEMPLATES, {name: template}."""
    return "export const TEMPLATES = {}\n"
