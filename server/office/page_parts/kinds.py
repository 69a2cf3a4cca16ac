"""Kinds of records as they are declared: where their pages are, and what is written beside them."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

from sync.books import ENGINE

Declarations = dict[str, Any]
DIRECTORY = "/office/records"


def table_path(declarations: Declarations, kind: str) -> str:
    """Return where the table of a kind is, and above which path its records have their pages."""
    declared = declarations["records"].get(kind)
    section = declared["section"] if declared else ""
    return f"/office/{section}" if section else f"{DIRECTORY}/{kind}"


def href(declarations: Declarations, identifier: Any) -> str:
    """Return where a record has its page in the office; nothing for what is no id."""
    kind, _, rest = str(identifier or "").partition(":")
    return f"{table_path(declarations, kind)}/{rest}" if rest else ""


def in_section(declarations: Declarations, section: str) -> str:
    """Return the kind whose pages are in a section; empty when none is declared to be there."""
    kinds = declarations["records"].items()
    return next((kind for kind, one in kinds if section and one["section"] == section), "")


def open_to(declarations: Declarations, kind: str) -> str:
    """Return a kind that has a table and pages for whoever sees its records, or raise 404.

    What is for some posts alone has pages of its own, which ask for more.
    """
    declared = declarations["records"].get(kind)
    if declared is None or declared["pages_for"]:
        raise HTTPException(404)
    return kind


def in_menu(declarations: Declarations) -> list[str]:
    """Return the kinds that the menu links to: what the program keeps is reached otherwise."""
    return [
        kind
        for kind, one in declarations["records"].items()
        if not one["pages_for"] and one["book"] != ENGINE
    ]


def by_book(declarations: Declarations) -> list[tuple[str, list[str]]]:
    """Return (label of a book, its kinds) in the order of the books, without empty ones."""
    kinds = declarations["records"].items()
    groups = [
        (label, [kind for kind, one in kinds if one["book"] == book])
        for book, label in declarations["books"]
    ]
    return [(label, some) for label, some in groups if some]


def is_private(declared: dict[str, Any], name: str) -> bool:
    """Return whether a field of a kind is personal."""
    return any(field["private"] for field in declared["fields"] if field["name"] == name)


def called(declared: dict[str, Any], record: dict[str, Any]) -> tuple[str, str]:
    """Return (name, value) of the field that a record is called by, or two empty words."""
    for name in declared["called"] or declared["title"]:
        if record.get(name):
            return name, str(record[name])
    return "", ""


def many(declared: dict[str, Any]) -> str:
    """Return the label of several of a kind."""
    return str(declared["many"] or declared["label"])
