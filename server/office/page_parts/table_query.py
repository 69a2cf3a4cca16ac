"""What the address of a table asks for: view, filters, columns, order, search, where in the list.

The whole state of a table is in its address, so that it can be shared, saved and gone back to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from server.office.page_parts import filters
from sync.field_kinds import UNSTORABLE

LONGEST = 200  # characters of a parameter
OWN = ("view", "q", "sort", "columns", "after", "add")  # what is no filter
PASSING = ("q", "after", "add", "page", "before")  # what a saved view leaves out

Cursor = list[Any]  # [value of the order's column, id] of the last row, or [number of rows]


@dataclass(frozen=True)
class TableQuery:
    """One table of a kind as its address asks for it."""

    kind: str
    path: str
    asked: dict[str, str]

    @property
    def view(self) -> str:
        """The view: open records, all of them, or one's own."""
        return self.asked.get("view", "")

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.asked.get("q", "")

    @property
    def sort(self) -> tuple[str, bool]:
        """(column, whether downwards); ("", False) for the order of the view."""
        said = self.asked.get("sort", "")
        return said.removeprefix("-"), said.startswith("-")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the chosen columns, none for those that are always shown."""
        return tuple(filter(None, self.asked.get("columns", "").split(",")))

    @property
    def after(self) -> Cursor | None:
        """Where the page begins; None for the first one, and for what nobody can read."""
        try:
            padded = self.asked.get("after", "") + "=="
            cursor = orjson.loads(base64.urlsafe_b64decode(padded))
        except (binascii.Error, ValueError):
            return None
        return cursor if isinstance(cursor, list) and 1 <= len(cursor) <= 2 else None

    def link(self, **changes: str | None) -> str:
        """Return the address with some parameters changed, on the first page."""
        return filters.link(self.path, self.asked, **changes)

    def at(self, cursor: Cursor) -> str:
        """Return the address of the page behind a row."""
        packed = base64.urlsafe_b64encode(orjson.dumps(cursor)).decode().rstrip("=")
        return filters.link(self.path, self.asked, after=packed)

    def written(self) -> str:
        """Return the query string of the address as it stands, without `add`."""
        return urlencode({name: value for name, value in self.asked.items() if name != "add"})


def read(
    kind: str, path: str, pairs: Iterable[tuple[str, str]], names: Iterable[str]
) -> TableQuery:
    """Return the query of an address; `names` are the filters that the kind has."""
    known = {*OWN, *names}
    # What no database can be asked for is not asked: an export could not say so any more.
    pairs = [(name, value) for name, value in pairs if not UNSTORABLE.search(value)]
    asked = {
        name: value[: LONGEST * 10 if name == "columns" else LONGEST]
        for name, value in pairs
        if name in known and value
    }
    columns = [value[:LONGEST] for name, value in pairs if name == "column"]
    if columns:
        asked["columns"] = ",".join(columns)[: LONGEST * 10]
    return TableQuery(kind, path, asked)


def lasting(text: str) -> str:
    """Return what of a query string a saved view keeps: never what was searched for."""
    pairs = [(name, value) for name, value in parse_qsl(text) if name not in PASSING]
    return urlencode(sorted(pairs))
