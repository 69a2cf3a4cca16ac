"""Parts that all tables of the office share: bands, views, paging, labels, the last act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.responses import Response

from server.http import pages as drawing
from server.office.page_parts import filters, record_queries, running_deadlines, time_words
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.office_request import Desk, Record

MOST_PLACES = 8  # options of the filter of places
BANDS = ("late", "soon", "later", "none")
QUIET_ACTS = ("revealed", "rung_reached", "rung_annulled", "filled")

Row = Callable[[Desk, Record, running_deadlines.Deadline | None], dict[str, Any]]


def asked(desk: Desk, *names: str) -> dict[str, str]:
    """Return the parameters of the address among `names`, cut to 200 characters."""
    query = desk.request.query_params
    return {name: query[name][:200] for name in names if query.get(name)}


def show(desk: Desk, kind: str, folder: str, table: dict[str, Any]) -> Response:
    """Return a table: the whole page, or only the live part when htmx fetches it again."""
    address = desk.request.url
    here = f"{address.path}?{address.query}" if address.query else address.path
    context = {"table": {**table, "here": here}}
    if drawing.wants_part(desk.request):
        return desk.fragment(f"{folder}/live_table.html", context)
    return desk.page(f"{folder}/list.html", context, kind)


def bands(
    desk: Desk,
    with_deadlines: list[tuple[running_deadlines.Deadline | None, Record]],
    labels: Mapping[str, str],
    row: Row,
    page: int = 0,
) -> list[dict[str, Any]]:
    """Return one page of rows, in bands by their most urgent deadline."""
    parted: dict[str, list[tuple[running_deadlines.Deadline | None, Record]]] = {
        name: [] for name in BANDS
    }
    for deadline, record in with_deadlines:
        parted[running_deadlines.band(deadline, desk.now)].append((deadline, record))
    drawn_bands, left, skip = [], record_queries.PAGE, page * record_queries.PAGE
    for name, part in parted.items():
        part.sort(key=lambda one: one[0].due_at if one[0] else one[1]["opened_at"])
        drawn = [row(desk, record, deadline) for deadline, record in part[skip : skip + left]]
        skip, left = max(0, skip - len(part)), left - len(drawn)
        if drawn:
            drawn_bands.append({"label": labels[name], "count": len(part), "rows": drawn})
    return drawn_bands


def page_number(asked: Mapping[str, str]) -> int:
    """Return the page of an open list that the address asks for, from 0."""
    number = asked.get("page", "")
    return (
        min(int(number), record_queries.MOST_OPEN // record_queries.PAGE)
        if number.isdecimal()
        else 0
    )


def numbered_pages(desk: Desk, path: str, asked: Mapping[str, str], number: int) -> dict[str, Any]:
    """Return the paging links of a list whose length is known."""
    here, last = page_number(asked), max(0, (number - 1) // record_queries.PAGE)
    values = {"here": here + 1, "all": last + 1}
    return {
        "next": filters.link(path, asked, page=str(here + 1)) if here < last else None,
        "first": filters.link(path, asked) if here else None,
        "say": desk.words.gettext("Page %(here)s of %(all)s") % values if last else "",
    }


def views(
    path: str, labels: Mapping[str, str], counts: Mapping[str, int], asked: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the links of a table's views; a view drops the filters of the others."""
    current = asked.get("view", "")
    return [
        {
            "href": f"{path}?view={view}" if view else path,
            "label": label,
            "count": counted(counts[view]),
            "current": view == current,
        }
        for view, label in labels.items()
    ]


def counted(number: int) -> str:
    """Return a count as text: 1,206, or 10,000+ where counting stopped."""
    return f"{number:,}" if number < record_queries.COUNTED else f"{record_queries.COUNTED:,}+"


def nothing_fits(desk: Desk) -> dict[str, str]:
    """Return the message of a table that filters emptied."""
    return {
        "title": desk.words.gettext("Nothing fits these filters"),
        "words": desk.words.gettext("Take one of them away, or search for something else."),
    }


def search(desk: Desk, path: str, asked: Mapping[str, str], say: str) -> dict[str, Any]:
    """Return the search box, which keeps the view and the filters."""
    hidden_fields = [
        {"name": name, "value": value}
        for name, value in asked.items()
        if name not in ("q", "page", "before")
    ]
    return {"path": path, "q": asked.get("q", ""), "kept": hidden_fields, "say": say}


def pages(desk: Desk, path: str, asked: Mapping[str, str], more: int | None) -> dict[str, Any]:
    """Return the paging links of a long list, by date."""
    say = ""
    if asked.get("q"):
        say = desk.words.gettext("The search goes through the newest %(n)s.") % {
            "n": f"{record_queries.SEARCHED:,}"
        }
    return {
        "next": filters.link(path, asked, before=str(more)) if more is not None else None,
        "first": filters.link(path, asked) if asked.get("before") else None,
        "say": say,
    }


def choices(desk: Desk, kind: str, name: str, values: Iterable[str]) -> Facet:
    """Return the filter of a declared choice."""
    return Facet(
        name,
        tuple(
            Option(
                value,
                choice_label(desk, kind, name, value),
                filters.equals(lambda row: row.get(name), value),
            )
            for value in values
        ),
    )


def places(desk: Desk, rows: list[Record], name: str, place_of: Callable[[Record], str]) -> Facet:
    """Return the filter of places: the MOST_PLACES that most rows have."""
    common = Counter(place_of(row) for row in rows if place_of(row)).most_common(MOST_PLACES)
    return Facet(
        name,
        tuple(
            Option(place, desk.name(place), filters.equals(place_of, place)) for place, _ in common
        ),
    )


def choice_label(desk: Desk, kind: str, name: str, value: Any) -> str:
    """Return the label of a choice."""
    for field in desk.declarations["records"][kind]["fields"]:
        if field["name"] == name:
            for choice, label in field["choices"]:
                if choice == value:
                    return desk.word(label)
    return str(value or "")


def act_label(desk: Desk, name: str) -> str:
    """Return the label of an act, also of the engine's own acts."""
    declared = desk.declarations["acts"].get(name)
    if declared is not None:
        return desk.word(declared["label"])
    _ = desk.words.gettext
    if not name:
        return _("something that is no entry")
    return {
        "undone": _("Taken back"),
        "decided": _("Decided"),
        "edited": _("Corrected"),
        "rung_reached": _("A rung was reached"),
        "rung_annulled": _("A rung no longer counts"),
        "filled": _("Copied from what it belongs to"),
        "merged": _("Merged with another entry"),
    }.get(name.partition(".")[2], name)


def last_act(desk: Desk, record: Record) -> str:
    """Return when and what the last act of a record was, leaving out quiet ones."""
    for entry in reversed(record["acts"]["recent"]):
        if entry["act"].partition(".")[2] not in QUIET_ACTS:
            when = time_words.ago(desk.words, desk.now, entry["at"])
            return f"{when} {act_label(desk, entry['act'])}"
    return ""
