"""The one Jinja2 environment: the server renders with it, the build compiles with it.

Two environments would differ in some option, and the tablet then print other bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Protocol

from jinja2 import BaseLoader, Environment, StrictUndefined, Undefined
from jinja2.filters import _GroupTuple
from markupsafe import Markup

from service_worker.build.template.allowed import kinds_of
from service_worker.build.template.translation import Words
from sync.display_format import FILTERS

# Letters that turn the direction of what follows: shown, they would reach beyond their text.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
ICON = Markup('<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#{}"/></svg>')


class Catalogue(Protocol):
    """Where translations come from: gettext's own four functions, English in, the reader's out."""

    def gettext(self, message: str) -> str: ...
    def ngettext(self, singular: str, plural: str, number: int) -> str: ...
    def pgettext(self, context: str, message: str) -> str: ...
    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str: ...


class Missing(StrictUndefined):
    """What is not there may be asked about (`if x`, `x is defined`, `x|default`), nothing else."""

    __slots__ = ()
    __bool__ = Undefined.__bool__  # type: ignore[assignment]


class TemplateEnvironment(Environment):
    """Jinja2 without Python's methods: on plain data a dot is a key and nothing but a key.

    So `visit.title` is never a method of str, `page.items` never one of dict, and a template says
    the same whatever renders it. Other objects, such as macros' modules, keep their attributes.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self._nothing(obj, attribute)
        if type(obj) in _PLAIN:
            return self._nothing(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, Undefined):
            str(argument)  # raises
        if isinstance(obj, dict) or type(obj) in _PLAIN:
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self._nothing(obj, argument)
        return super().getitem(obj, argument)

    def _nothing(self, obj: Any, name: Any) -> Undefined:
        return self.undefined(obj=obj, name=name)


_PLAIN = {str, Markup, int, bool, float, type(None), list, tuple, _GroupTuple}


def make_environment(
    loader: BaseLoader,
    catalogue: Catalogue | None = None,
    globals: Mapping[str, Any] | None = None,
    filters: Mapping[str, Callable[..., Any]] | None = None,
) -> Environment:
    """Return the environment in which every template of Floorwalk means what it means.

    `catalogue` may look the reader's language up anew at each call. `globals` and `filters` are for
    pages that only the server renders: a floor template that uses them does not compile.
    """
    environment = TemplateEnvironment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=Missing,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    _install(environment, catalogue or Words())
    for name in ("cycler", "dict", "joiner", "lipsum"):
        del environment.globals[name]  # the tablet has none of them
    environment.globals["icon"] = icon
    environment.globals.update(globals or {})
    environment.filters.update({name: checked(filter) for name, filter in FILTERS.items()})
    environment.filters.update(filters or {})
    return environment


def printable(value: Any) -> Any:
    """Return what `{{ value }}` shows: text, whole numbers, and nothing for None.

    Raise TypeError for what no reader should ever see: True, a list, a number with a point.
    """
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return str(value)  # raises, but for an `x if y` without else
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"A template cannot show {value!r}.")
    if isinstance(value, str) and TURNING.search(value):
        return type(value)(TURNING.sub("", value))
    return value


def checked(filter: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter of display_format that refuses what it does not take, as runtime.js does."""
    kinds = kinds_of(filter)

    @wraps(filter)
    def check(*values: Any) -> Any:
        for kind, value in zip(kinds, values, strict=False):
            wanted = str if kind.startswith("text") else int
            if not isinstance(value, wanted) and not (kind.endswith("?") and value is None):
                raise TypeError(f"|{filter.__name__} takes no {value!r}.")
        return filter(*(str(value) if isinstance(value, Markup) else value for value in values))

    return check


def icon(name: str) -> Markup:
    """Return the picture of that name in the sprite."""
    if not isinstance(name, str):
        raise TypeError(f"An icon has a name, not {name!r}.")
    return ICON.format(name)


def _install(environment: Environment, catalogue: Catalogue) -> None:
    def ngettext(singular: str, plural: str, number: int) -> str:
        return catalogue.ngettext(singular, plural, _whole(number))

    def npgettext(context: str, singular: str, plural: str, number: int) -> str:
        return catalogue.npgettext(context, singular, plural, _whole(number))

    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, ngettext, newstyle=True, pgettext=catalogue.pgettext, npgettext=npgettext
    )


def _whole(number: int) -> int:
    if not isinstance(number, int):
        raise TypeError(f"How many is a whole number, not {number!r}.")
    return number
