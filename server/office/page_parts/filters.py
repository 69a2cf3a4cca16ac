"""Filters of a table as links with counts; the whole state is in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from server.base import pinyin

Record = dict[str, Any]

PAGING = ("page", "before", "after")  # parameters that say where in a list one is


@dataclass(frozen=True)
class Option:
    """One value of a filter, and which records fit it."""

    value: str
    label: str
    fits: Callable[[Record], bool]
    state: str = ""  # calm, due or over: the shape drawn beside the label
    # What the database can leave out already; `fits` is asked all the same.
    condition: sa.ColumnElement[bool] | None = None


@dataclass(frozen=True)
class Facet:
    """A filter with its options; `always` also shows options that no record fits.

    One with a label is drawn as a menu that opens, not as chips beside each other.
    """

    name: str
    options: tuple[Option, ...]
    always: bool = False
    label: str = ""


def equals(read: Callable[[Record], Any], value: Any) -> Callable[[Record], bool]:
    """Return a test: is what `read` returns for a record this value?"""
    return lambda record: bool(read(record) == value)


def chosen(facets: Iterable[Facet], asked: Mapping[str, str]) -> dict[str, Option]:
    """Return {facet: option} that the address asks for; unknown values are ignored."""
    picked = {}
    for facet in facets:
        option = next((one for one in facet.options if one.value == asked.get(facet.name)), None)
        if option is not None:
            picked[facet.name] = option
    return picked


def fitting(
    rows: Iterable[Record], picked: Mapping[str, Option], but: str | None = None
) -> list[Record]:
    """Return the records that fit every picked option, except of the facet named `but`."""
    tests = [option.fits for name, option in picked.items() if name != but]
    return [record for record in rows if all(test(record) for test in tests)]


def chips(
    path: str, rows: list[Record], facets: Iterable[Facet], asked: Mapping[str, str]
) -> list[list[dict[str, Any]]]:
    """Return groups of links; each count is the number of rows after following the link."""
    facets = tuple(facets)
    picked = chosen(facets, asked)
    whole = {
        "href": link(path, asked, **{facet.name: None for facet in facets}),
        "label": "",
        "count": len(rows),
        "current": not picked,
        "state": "",
    }
    groups = (options(path, rows, facet, asked, picked) for facet in facets)
    return [[whole], *(group for group in groups if group)]


def options(
    path: str,
    rows: list[Record],
    facet: Facet,
    asked: Mapping[str, str],
    picked: Mapping[str, Option],
) -> list[dict[str, Any]]:
    """Return the links of one filter, those that a row fits, and the chosen one."""
    among = fitting(rows, picked, but=facet.name)
    group = []
    for option in facet.options:
        current = picked.get(facet.name) is option
        number = sum(1 for record in among if option.fits(record))
        if number or current or facet.always:
            target = None if current else option.value
            group.append(
                {
                    "href": link(path, asked, **{facet.name: target}),
                    "label": option.label,
                    "count": number,
                    "current": current,
                    "state": option.state,
                }
            )
    return group


def link(path: str, asked: Mapping[str, str], **changes: str | None) -> str:
    """Return the address with some parameters changed; None removes one, and paging starts anew."""
    parameters = {name: value for name, value in asked.items() if name not in PAGING}
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"{path}?{urlencode(parameters)}" if parameters else path


def finds(record: Record, names: Iterable[str], text: str) -> bool:
    """Say whether a record matches a search: each word in its texts, pinyin or digits."""
    texts = (str(record[name]) for name in (*names, "title") if record.get(name))
    return not text or pinyin.finds(text, pinyin.found_by(texts))
