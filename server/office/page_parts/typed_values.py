"""Writes and reads values as people write them: a day, 08:00, 12.50, how many of five.

Maps, which are answered key by key, are written here as words; typed_maps.py has their forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.office.page_parts import typed_days
from sync import setting_values
from sync.field_kinds import CHECKS
from sync.text_folding import folded

# Kinds of fields that are written as settings are, by the unit of such a setting.
DRAWN_OR_TAKEN = ("blobs", "voice", "signature")
UNITS = {"hour": "hour", "money": "fen"}
MISTAKES = {
    "day": "not_a_day",
    "hour": "not_an_hour",
    "money": "not_money",
    "rating": "not_a_choice",
}


def is_typed(field: dict[str, Any]) -> bool:
    """Say whether the office's forms ask for a field: a camera and a pen are a tablet's."""
    return field["kind"] not in DRAWN_OR_TAKEN


def written(kind: str, value: Any) -> str:
    """Return a day, an hour, an amount or a rating as text: what `read` reads back."""
    if kind == "day":
        return typed_days.written([value])
    return setting_values.as_text(UNITS[kind], value) if kind in UNITS else str(value)


def read(kind: str, text: str) -> tuple[Any, str]:
    """Return (value, "") of what was typed, (the text, a problem code) of what is none."""
    try:
        return _read(kind, text), ""
    except ValueError:
        return text, MISTAKES[kind]


def _read(kind: str, text: str) -> int | None:
    if kind == "day":
        days = typed_days.read(text)
        if days is None or len(days) > 1:
            raise ValueError(text)
        return days[0] if days else None
    if kind == "money":
        text = folded(text).replace(",", "")
    value = setting_values.from_text(UNITS.get(kind, "n"), text)
    if value is not None and CHECKS[kind]({"min": None, "max": None}, value):
        raise ValueError(text)
    return value if value is None else int(value)


def map_words(
    field: dict[str, Any], value: dict[str, Any], word: Callable[[str], str]
) -> list[str]:
    """Return each answer of a map in words, `key: what was said`, in the order of its rows.

    The keys of lines that somebody wrote down say nothing.
    """
    rows, said = dict(field["rows"]), dict(field["choices"])
    if field["shipped"]:
        said |= {one: one for one in value.values() if isinstance(one, str)}
    order = [key for key in rows if key in value] + [key for key in value if key not in rows]
    is_lines = field["kind"] == "entries" and not field["items"] and not rows
    return [
        ("" if is_lines else f"{_word(rows, key, word)}: ") + _word(said, value[key], word)
        for key in order
        if value[key] is not None
    ]


def _word(labels: dict[str, str], value: Any, word: Callable[[str], str]) -> str:
    return word(labels[value]) if value in labels else str(value)
