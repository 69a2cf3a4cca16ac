"""Draws and reads fields that are answered key by key: a line for each item.

A form says the keys alone whose answer was changed on it; the others stay as somebody else said
them, even where they changed while the form was open. What stood there when it was drawn travels
with it, in one hidden field for each map.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import FormData

from server.http.forms import form_value
from server.office.page_parts.office_request import Desk, Record
from sync.field_kinds import MAPS, is_key, rows_of
from sync.text_folding import folded

BEFORE = ".was"  # ends the name of the hidden field; no key ends so without being typed as one


def is_map(field: dict[str, Any]) -> bool:
    """Say whether a field is answered key by key."""
    return field["kind"] in MAPS


def keys_of(field: dict[str, Any], record: Record) -> dict[str, str]:
    """Return {key: its label} of what a form asks: declared items, those of the record, or lines.

    Lines are under keys of their own: those that are there, and one more.
    """
    if field["rows"]:
        return {row[0]: row[1] for row in field["rows"]}
    held = record.get(field["items"]) or {}
    found = {one: one for one in held} if isinstance(held, list) else dict(held)
    found = {key: label if isinstance(label, str) else key for key, label in found.items()}
    found |= {key: key for key in record.get(field["name"]) or () if key not in found}
    if field["kind"] == "entries" and not field["items"]:
        free = (f"e{n}" for n in range(1, len(found) + 2) if f"e{n}" not in found)
        found[next(free)] = ""
    return {key: label for key, label in found.items() if is_key(key)}


def drawn(
    desk: Desk, field: dict[str, Any], record: Record, typed: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the lines of a map for the template, with what was typed over what stands there."""
    held = {} if field["private"] else record.get(field["name"]) or {}
    start = {**held, **(typed or {})}
    _ = desk.words.gettext
    lines = []
    for n, (key, label) in enumerate(keys_of(field, record).items(), 1):
        value = start.get(key)
        words = desk.word(label) if field["rows"] else desk.name(label) if ":" in label else label
        line: dict[str, Any] = {
            "name": f"{field['name']}.{key}",
            "label": words or _("Line %(n)s") % {"n": n},
            "kind": "number" if field["kind"] == "counts" else "text",
            "value": "" if value is None else value,
            "options": [],
        }
        if field["choices"]:
            line["options"] = [{"value": "", "label": "–", "chosen": value is None}] + [
                {"value": one, "label": desk.word(word), "chosen": one == value}
                for one, word in field["choices"]
            ]
        lines.append(line)
    was = json.dumps(held, ensure_ascii=False, sort_keys=True)
    return {"kind": "map", "lines": lines, "before": field["name"] + BEFORE, "was": was}


def read(field: dict[str, Any], sent: FormData) -> tuple[dict[str, Any], str]:
    """Return ({key: its new answer, None for one that was emptied}, a problem code or "")."""
    was = _before(sent, field["name"] + BEFORE)
    said: dict[str, Any] = {}
    problem = ""
    for name in sent:
        owner, dot, key = name.partition(".")
        if owner != field["name"] or not dot or not is_key(key) or name == owner + BEFORE:
            continue
        if (rows := rows_of(field)) and key not in rows:
            continue
        value, code = _value(field, form_value(sent, name))
        if value != was.get(key):
            said[key] = value
            problem = problem or code
    return said, problem


def _before(sent: FormData, name: str) -> dict[str, Any]:
    try:
        was = json.loads(form_value(sent, name) or "{}")
    except ValueError:
        return {}
    return was if isinstance(was, dict) else {}


def _value(field: dict[str, Any], text: str) -> tuple[Any, str]:
    if not text:
        return None, ""
    if field["kind"] == "counts":
        plain = folded(text)
        fits = plain.removeprefix("-").isascii() and plain.removeprefix("-").isdigit()
        return (int(plain), "") if fits and len(plain) < 12 else (text, "not_a_number")
    return text, ""
