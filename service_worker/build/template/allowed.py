"""What a template of the floor app may use, and what to write instead of the rest.

Everything here has a twin under render/ that gives the same text to the byte. Filters that Jinja2
makes lazily (a generator, good for one reading) are read at once, by a `for` or another filter.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any

from sync import display_format

REQUIRED = object()


@dataclass(frozen=True)
class Argument:
    """An argument of a filter. What decides how a filter works must be a literal."""

    name: str
    default: Any = REQUIRED
    literal: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter: its name in filters.js, what it takes, whether it makes or reads a generator."""

    js: str
    takes: tuple[Argument, ...] = ()
    lazy: bool = False
    reads: bool = False


def _option(name: str, default: Any = None) -> Argument:
    return Argument(name, default, literal=True)


_ATTRIBUTE = _option("attribute")
_CASE = _option("case_sensitive", False)
_FALLBACK = Filter("fallback", (Argument("default_value", ""), Argument("boolean", False)))
_LENGTH = Filter("length")
_ESCAPE = Filter("escape")

FILTERS: dict[str, Filter] = {
    "default": _FALLBACK,
    "d": _FALLBACK,
    "length": _LENGTH,
    "count": _LENGTH,
    "escape": _ESCAPE,
    "e": _ESCAPE,
    "abs": Filter("abs"),
    "batch": Filter(
        "batch", (Argument("linecount"), Argument("fill_with", None)), lazy=True, reads=True
    ),
    "dictsort": Filter("dictsort", (_CASE, _option("by", "key"), _option("reverse", False))),
    "first": Filter("first", reads=True),
    "groupby": Filter(
        "groupby",
        (Argument("attribute", literal=True), Argument("default", None), _CASE),
        reads=True,
    ),
    "items": Filter("items", lazy=True),
    "join": Filter("join", (Argument("d", ""), _ATTRIBUTE), reads=True),
    "last": Filter("last"),
    "list": Filter("list", reads=True),
    "lower": Filter("lower"),
    "max": Filter("max", (_CASE, _ATTRIBUTE), reads=True),
    "min": Filter("min", (_CASE, _ATTRIBUTE), reads=True),
    "replace": Filter("replace", (Argument("old"), Argument("new"))),
    "reverse": Filter("reverse", lazy=True),
    "sort": Filter("sort", (_option("reverse", False), _CASE, _ATTRIBUTE), reads=True),
    "string": Filter("string"),
    "sum": Filter("sum", (_ATTRIBUTE, Argument("start", 0)), reads=True),
    "tojson": Filter("tojson"),
    "trim": Filter("trim", (Argument("chars", None),)),
    "truncate": Filter(
        "truncate",
        (
            Argument("length", 255),
            Argument("killwords", False),
            Argument("end", "..."),
            Argument("leeway", 5),
        ),
    ),
    "unique": Filter("unique", (_CASE, _ATTRIBUTE), lazy=True, reads=True),
    "upper": Filter("upper"),
    "urlencode": Filter("urlencode"),
}

# Filters that take the name of another filter or test. They are all lazy and read lazy ones.
PICKING = {"map", "select", "reject", "selectattr", "rejectattr"}

# Tests, and how many arguments each takes.
TESTS: dict[str, tuple[str, int]] = {
    "boolean": ("boolean", 0),
    "defined": ("defined", 0),
    "divisibleby": ("divisibleby", 1),
    "eq": ("eq", 1),
    "==": ("eq", 1),
    "equalto": ("eq", 1),
    "even": ("even", 0),
    "false": ("isFalse", 0),
    "ge": ("ge", 1),
    ">=": ("ge", 1),
    "gt": ("gt", 1),
    ">": ("gt", 1),
    "greaterthan": ("gt", 1),
    "in": ("isIn", 1),
    "integer": ("integer", 0),
    "iterable": ("iterable", 0),
    "le": ("le", 1),
    "<=": ("le", 1),
    "lt": ("lt", 1),
    "<": ("lt", 1),
    "lessthan": ("lt", 1),
    "mapping": ("mapping", 0),
    "ne": ("ne", 1),
    "!=": ("ne", 1),
    "none": ("none", 0),
    "number": ("number", 0),
    "odd": ("odd", 0),
    "sequence": ("sequence", 0),
    "string": ("string", 0),
    "true": ("isTrue", 0),
    "undefined": ("notDefined", 0),
}

# The functions that translate, and how many of their arguments are sentences.
TRANSLATING = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
COUNTING = {"ngettext", "npgettext"}

LOOP = {
    *("index", "index0", "revindex", "revindex0", "first", "last", "length"),
    *("previtem", "nextitem"),
}
LOOP_CALLS = {"cycle", "changed"}

# Names with a meaning of their own, which no view may give and no template may set.
RESERVED = {"caller", "kwargs", "loop", "self", "super", "varargs"}
GLOBALS = {*TRANSLATING, "icon", "namespace", "range"}

INSTEAD_OF_FILTER = {
    "safe": "Markup belongs in templates and macros; data is always escaped",
    "float": "Let the view give whole numbers or finished text",
    "int": "Let the view give a whole number",
    "round": "Let the view round",
    "format": "Put the values into the sentence: _('%(n)s waiting', n=n)",
    "title": "Write the text as it should look, or let CSS do it",
    "capitalize": "Write the text as it should look, or let CSS do it",
    "wordwrap": "Let CSS wrap",
    "center": "Let CSS centre",
    "indent": "Let CSS indent",
    "filesizeformat": "Let the view give finished text",
    "xmlattr": "Write the attributes out, with {% if %} around those that may be absent",
    "attr": "Write x.name or x[name]",
    "random": "A page is the same each time",
    "pprint": "A template shows text, not data",
}

INSTEAD_OF_METHOD = {
    "items": "Write x|items",
    "keys": "Write {% for key in x %}",
    "values": "Write {% for key, value in x|items %}",
    "get": "Write x[key]|default(…)",
    "format": "Put the values into the sentence: _('%(n)s waiting', n=n)",
    "join": "Write x|join(…)",
    "upper": "Write x|upper",
    "lower": "Write x|lower",
    "strip": "Write x|trim",
    "replace": "Write x|replace(…)",
    "append": "Write x + [y]",
}


@cache
def format_kinds() -> dict[str, list[str]]:
    """Return what each filter of display_format takes: "text", "number", "?" if None will do."""
    return {name: kinds_of(function) for name, function in display_format.FILTERS.items()}


def kinds_of(function: Callable[..., Any]) -> list[str]:
    """Return the kinds of a function's arguments, from its type hints."""
    hints = typing.get_type_hints(function)
    return [_kind(hints[name]) for name in signature(function).parameters]


def _kind(hint: Any) -> str:
    optional = isinstance(hint, types.UnionType)
    main = (
        next(part for part in typing.get_args(hint) if part is not types.NoneType)
        if optional
        else hint
    )
    return {str: "text", int: "number"}[main] + ("?" if optional else "")
