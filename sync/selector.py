"""Mango selectors, the one condition language: the part that CouchDB and PouchDB both document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Selector = dict[str, Any]
MISSING: Any = object()


def matches(selector: Selector, document: dict[str, Any]) -> bool:
    """Say whether the document fits; a dot in a key reaches into objects."""
    return all(_clause(key, want, document) for key, want in selector.items())


def _clause(key: str, want: Any, document: dict[str, Any]) -> bool:
    if key == "$and":
        return all(matches(part, document) for part in want)
    if key == "$or":
        return any(matches(part, document) for part in want)
    if key == "$not":
        return not matches(want, document)
    value: Any = document
    for part in key.split("."):
        value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
    if isinstance(want, dict) and any(name.startswith("$") for name in want):
        return all(TESTS[name](value, argument) for name, argument in want.items())
    return TESTS["$eq"](value, want)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: true is not 1, lists and objects are compared member by member."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _ordered(left: Any, right: Any) -> bool:
    for kind in (str, int):
        if isinstance(left, kind) and isinstance(right, kind):
            return not isinstance(left, bool) and not isinstance(right, bool)
    return False


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, want: value is not MISSING and same(value, want),
    "$ne": lambda value, want: value is not MISSING and not same(value, want),
    "$in": lambda value, want: value is not MISSING and any(same(value, w) for w in want),
    "$nin": lambda value, want: value is not MISSING and not any(same(value, w) for w in want),
    "$exists": lambda value, want: (value is not MISSING) is want,
    "$gt": lambda value, want: _ordered(value, want) and value > want,
    "$gte": lambda value, want: _ordered(value, want) and value >= want,
    "$lt": lambda value, want: _ordered(value, want) and value < want,
    "$lte": lambda value, want: _ordered(value, want) and value <= want,
}
