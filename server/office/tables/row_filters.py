"""The filters of a kind's table, from its declaration: state, deadline, period, place, owner, …

They are links with counts. A private field is no filter: each link would say who it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from server.database.tables import records
from server.office.page_parts import (
    filters,
    record_queries,
    running_deadlines,
    table_parts,
    time_words,
)
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from server.office.tables.columns import due_of, has_clock
from sync.display_format import DAY

MOST_FIELDS = 4  # fields with choices that get a filter
MOST_CHOICES = 12  # of such a field
MOST_NAMES = 30  # places, people or departments that a filter lists
GROUPED = ("department", "unit")  # texts and links that few values are given for
TAKEN_BACK = "undone"
PERIODS = {"today": 0, "week": 6, "month": 29, "year": 364}  # days before today


def names(desk: Desk, kind: str) -> tuple[str, ...]:
    """Return the parameters of the address that are filters of the kind."""
    declared = desk.declarations["records"][kind]
    fixed = ("state", "time", "period", "place", "owner")
    own = [field["name"] for field in (*_chosen_from(declared), *_grouped(declared))]
    return tuple(dict.fromkeys((*fixed, *own)))


def facets(desk: Desk, kind: str, rows: list[Record], asked: dict[str, str]) -> tuple[Facet, ...]:
    """Return the filters for these rows; those beyond states and deadlines are menus."""
    _ = desk.words.gettext
    declared = desk.declarations["records"][kind]
    made = [_states(desk, kind, asked)]
    if has_clock(desk, kind):
        made.append(_time(desk))
    made.append(_period(desk))
    made += [_field(desk, kind, field) for field in _chosen_from(declared)]
    column = records.c.place
    made.append(_named(desk, rows, asked, "place", _("Place"), column))
    made += [
        _named(desk, rows, asked, field["name"], desk.word(field["label"]))
        for field in _grouped(declared)
    ]
    made.append(_named(desk, rows, asked, "owner", _("Responsible"), records.c.owner))
    return tuple(facet for facet in made if facet.options)


def _states(desk: Desk, kind: str, asked: dict[str, str]) -> Facet:
    declared = desk.declarations["records"][kind]
    values = [state for state, _label in declared["states"]]
    is_whole = asked.get("view") == "all" or not record_queries.open_states(desk, kind)
    if desk.decides and is_whole:
        values.append(TAKEN_BACK)
    options = tuple(
        Option(
            state,
            labels.state(desk, {"type": kind, "state": state}),
            filters.equals(lambda row: row["state"], state),
            condition=records.c.state == state,
        )
        for state in dict.fromkeys(values)
    )
    return Facet("state", options if len(options) > 1 else ())


def _time(desk: Desk) -> Facet:
    _ = desk.words.gettext

    def banded(name: str) -> Callable[[Record], bool]:
        return lambda row: _band(desk, row) == name

    return Facet(
        "time",
        (
            Option("late", _("Overdue"), banded("late"), "over"),
            Option("soon", _("Within 24 hours"), banded("soon")),
        ),
    )


def _band(desk: Desk, row: Record) -> str:
    return running_deadlines.band(due_of(desk, row), desk.now)


def _period(desk: Desk) -> Facet:
    _ = desk.words.gettext
    said = {
        "today": _("Today"),
        "week": _("Last 7 days"),
        "month": _("Last 30 days"),
        "year": _("Last 365 days"),
    }

    def since(days: int) -> tuple[Callable[[Record], bool], sa.ColumnElement[bool]]:
        begins = time_words.day_begins(desk.now) - days * DAY
        return lambda row: row["opened_at"] >= begins, records.c.opened_at >= begins

    options = []
    for name, days in PERIODS.items():
        fits, condition = since(days)
        options.append(Option(name, said[name], fits, condition=condition))
    return Facet("period", tuple(options), label=_("Period"))


def _field(desk: Desk, kind: str, field: dict[str, Any]) -> Facet:
    name = field["name"]
    if field["kind"] == "flag":
        _ = desk.words.gettext
        options = [
            Option(value, label, filters.equals(lambda row: row.get(name), truth))
            for value, label, truth in (("yes", _("yes"), True), ("no", _("no"), False))
        ]
    else:
        options = [
            Option(
                value,
                table_parts.choice_label(desk, kind, name, value),
                _holds(name, value),
            )
            for value, _label in field["choices"]
        ]
    return Facet(name, tuple(options), label=desk.word(field["label"]))


def _holds(name: str, value: str) -> Callable[[Record], bool]:
    def fits(row: Record) -> bool:
        held = row.get(name)
        return value in held if isinstance(held, list) else held == value

    return fits


def _named(
    desk: Desk,
    rows: list[Record],
    asked: dict[str, str],
    name: str,
    label: str,
    column: sa.Column[Any] | None = None,
) -> Facet:
    """Return the filter of what most rows name, and of what the address names already."""
    held = Counter(row[name] for row in rows if isinstance(row.get(name), str) and row[name])
    common = [value for value, _number in held.most_common(MOST_NAMES)]
    values = dict.fromkeys([*common, *filter(None, [asked.get(name)])])
    options = (
        Option(
            value,
            (desk.name(value) if ":" in value else value),
            filters.equals(lambda row: row.get(name), value),
            condition=None if column is None else column == value,
        )
        for value in values
    )
    return Facet(name, tuple(options), label=label)


def _chosen_from(declared: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        field
        for field in declared["fields"]
        if not field["private"]
        if field["kind"] == "flag"
        or (field["kind"] in ("choice", "choices") and len(field["choices"]) <= MOST_CHOICES)
        if field["name"] not in RESERVED
    ]
    return found[:MOST_FIELDS]


def _grouped(declared: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        field
        for field in declared["fields"]
        if field["name"] in GROUPED and not field["private"] and field["kind"] in ("text", "link")
    ]


# Parameters of the address that are no field's.
RESERVED = ("view", "q", "sort", "columns", "column", "after", "add", "time", "period")
