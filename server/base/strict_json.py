"""Reads JSON that both databases and every browser can keep; refuses what they would change.

Python's own reader takes the last of two equal keys, NaN, numbers of any length and half of a
surrogate pair. Each is stored by one part of the system and refused, or changed, by another.

What our tablets and most programs send is written in the shortest way. Text that a strict writer
would write exactly so again has nothing of the kind, and reading it so is four times as fast.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

DEEPEST = 32
LARGEST = 2**53  # what JavaScript counts exactly
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})|\x00")
_UNUSUAL = re.compile(rb"\\u0000|[0-9]{16}")  # what the shortest writing may have and we refuse


class BadJSON(ValueError):
    """What was sent is refused; `code` is a code of problems.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def loads(raw: bytes) -> Any:
    """Return the value; raises BadJSON."""
    value = _shortest(raw)
    return _any(raw) if value is None else value


def _shortest(raw: bytes) -> Any:
    """Return the value of text that is written in the shortest way, else None."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if orjson.dumps(value) != raw or _UNUSUAL.search(raw) or _is_deep(value):
        return None
    return value


def _is_deep(value: Any) -> bool:
    level = [value] if type(value) in (dict, list) else []
    for _ in range(DEEPEST):
        inside = [each.values() if type(each) is dict else each for each in level]
        level = [item for items in inside for item in items if type(item) in (dict, list)]
    return bool(level)


def _any(raw: bytes) -> Any:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadJSON("bad_text") from None
    _shallow(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except BadJSON:
        raise
    except (ValueError, RecursionError):
        raise BadJSON("bad_json") from None
    if _SUSPECT.search(text):
        _storable(value)
    return value


def _shallow(text: str) -> None:
    depth = 0
    for mark in _MARKS.finditer(text):
        first = text[mark.start()]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                raise BadJSON("too_deep")
        elif first in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJSON("duplicate_key")
    return found


def _constant(_name: str) -> Any:
    raise BadJSON("bad_number")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST:
        raise BadJSON("bad_number")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise BadJSON("bad_number")
    return number


def _storable(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise BadJSON("bad_text")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadJSON("bad_text") from None
    elif isinstance(value, list):
        for item in value:
            _storable(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _storable(key)
            _storable(item)
