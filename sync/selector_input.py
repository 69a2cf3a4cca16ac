"""Validates a peer's Mango selector and rewrites it as sync.selector reads it."""

from __future__ import annotations

from typing import Any

from sync.selector import TESTS

MOST_CLAUSES = 200  # of a selector; it is tried on every row of the feed
LISTS = ("$in", "$nin", "$and", "$or")


def plain(selector: Any) -> dict[str, Any]:
    """Return the selector with nested objects as dotted keys; raises ValueError for others."""
    if _size(selector) > MOST_CLAUSES:
        raise ValueError("the selector is too long")
    return {"$and": _clauses(selector, "")}


def _size(part: Any) -> int:
    if isinstance(part, dict):
        return len(part) + sum(map(_size, part.values()))
    return len(part) + sum(map(_size, part)) if isinstance(part, list) else 0


def _clauses(part: Any, path: str) -> list[dict[str, Any]]:
    if not isinstance(part, dict):
        raise ValueError("a selector must be an object")
    return [clause for key, want in part.items() for clause in _clause(key, want, path)]


def _clause(key: str, want: Any, path: str) -> list[dict[str, Any]]:
    if key in LISTS and not isinstance(want, list):
        raise ValueError(f"{key} must be a list")
    if key in ("$and", "$or"):
        return [{key: [{"$and": _clauses(each, path)} for each in want]}]
    if key == "$not":
        return [{key: {"$and": _clauses(want, path)}}]
    if key.startswith("$"):
        if key not in TESTS or not path:
            raise ValueError(f"{key} is not offered")
        return [{path: {key: want}}]
    path = f"{path}.{key}" if path else key
    return _clauses(want, path) if isinstance(want, dict) and want else [{path: {"$eq": want}}]
