"""Strict JSON: refuses what the databases or browsers would store otherwise than it was sent.

Python's own reader accepts the last of two equal keys, NaN, numbers of any length and half of a
surrogate pair. Each is stored by one part of the system and refused, or changed, by another.

Most programs send JSON in its shortest form. Text that a strict writer would write exactly so again
has nothing of the kind, and reading it so is four times as fast.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

DEEPEST = 32  # levels of nesting; no act has more than a few
LARGEST = 2**53  # up to which JavaScript's numbers are exact
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})|\x00")
# Both may be in the shortest form, and need a closer look. A long text is searched for either ten
# times as fast when every digit is the same letter: no expression has to be tried at each.
_NUL, _LONG_NUMBER = rb"\u0000", b"0" * 16
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")


class BadJSON(ValueError):
    """JSON that is refused; `code` is one of http/problems.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def loads(raw: bytes) -> Any:
    """Return the value of a JSON text; raises BadJSON."""
    value = _shortest(raw)
    return _any(raw) if value is None else value


def _shortest(raw: bytes) -> Any:
    """Return the value of a text in the shortest form, else None."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if orjson.dumps(value) != raw or _is_unusual(raw) or _is_deep(value):
        return None
    return value


def _is_unusual(raw: bytes) -> bool:
    return _NUL in raw or _LONG_NUMBER in raw.translate(_DIGITS_ALIKE)


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
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJSON("duplicate_key")
    return members


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
