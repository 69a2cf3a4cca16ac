"""Values of settings: what sort a unit makes them, which fit, and how people write them.

A number stands as it is, money in fen, an hour as the minute of the day; a choice, posts and lists
are words. Nothing but what is declared fits, so that no value stops the hospital from working.
"""

from __future__ import annotations

import re
from typing import Any

from sync.posts import POSTS
from sync.text_folding import folded, whole_number

# Sorts that are no plain number, by unit; signed are numbers whose `least` is below nothing.
KINDS = {"fen": "money", "hour": "hour", "choice": "choice", "post": "posts", "list": "list"}
FIELDS = {"choice": "choice", "posts": "values", "list": "values"}  # of a setting's record
BETWEEN = re.compile(r"[,;\s\u3001]+")  # once folded; the last one parts words in Chinese
MOST_WORDS = 60  # letters of one word of a list


def kind_of(unit: str) -> str:
    """Return what sort of value a unit makes: number, money, hour, choice, posts or list."""
    return KINDS.get(unit, "number")


def field_of(unit: str) -> str:
    """Return the field of a setting's record that such a value stands in."""
    return FIELDS.get(kind_of(unit), "value")


def problem(setting: dict[str, Any], value: Any) -> str | None:
    """Return why a value may not be a declared setting's, as a code of check_act.py, or None."""
    if value is None or value == []:
        return None if setting["may_lack"] else "required"
    kind = kind_of(setting["unit"])
    if kind in ("posts", "list"):
        return _list_problem(setting, value, kind)
    if kind == "choice":
        return None if value in _choices(setting) else "not_a_choice"
    if not isinstance(value, int) or isinstance(value, bool):
        return "not_a_number"
    return _bounds_problem(setting, value)


def from_text(unit: str, text: str) -> Any:
    """Return the value that somebody wrote, None for nothing; lists are parted by commas or blanks.

    Raises ValueError for what is none: an hour is written 08:00, money 12.50.
    """
    said, kind = folded(text), kind_of(unit)
    if not said:
        return None
    if kind in ("posts", "list"):
        return [word for word in BETWEEN.split(said) if word]
    if kind == "choice":
        return said
    if kind == "hour" and (found := re.fullmatch("([0-9]{1,2}):([0-5][0-9])", said)):
        return int(found[1]) * 60 + int(found[2])
    if kind == "money" and (found := re.fullmatch(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,2}))?", said)):
        fen = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
        return -fen if found[1] else fen
    if kind != "number" or (number := whole_number(said)) is None:
        raise ValueError(text)
    return number


def as_text(unit: str, value: Any) -> str:
    """Return a value as people write it: what `from_text` reads back."""
    kind = kind_of(unit)
    if value is None:
        return ""
    if kind in ("posts", "list"):
        return ", ".join(value)
    if kind == "hour":
        return f"{value // 60:02}:{value % 60:02}"
    if kind == "money":
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
    return str(value)


def _choices(setting: dict[str, Any]) -> list[str]:
    return [choice[0] for choice in setting["choices"]]


def _list_problem(setting: dict[str, Any], value: Any, kind: str) -> str | None:
    if not isinstance(value, list) or len(set(map(str, value))) != len(value):
        return "not_a_list"
    known = [post for post, _label in POSTS] if kind == "posts" else _choices(setting)
    if known and not set(value) <= set(known):
        return "not_a_choice"
    if not all(isinstance(one, str) and 0 < len(one) <= MOST_WORDS for one in value):
        return "not_text"
    return _bounds_problem(setting, len(value))


def _bounds_problem(setting: dict[str, Any], number: int) -> str | None:
    if number < setting["least"]:
        return "too_small"
    return "too_big" if number > setting["most"] else None
