"""Tables of every declared kind of record, with adding one; drawn from the declarations alone."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.base import pinyin
from server.office.page_parts import (
    filters,
    kinds,
    record_queries,
    running_deadlines,
    table_parts,
    table_query,
    time_words,
)
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.page_parts.table_query import TableQuery
from server.office.record import act_forms
from server.office.tables import bulk_acts, columns, row_filters, row_pages, saved_views
from server.office.tables.columns import Column
from server.office.tables.row_pages import Selection
from sync.act import key_id, ulid
from sync.search_words import marked

EXCERPT = 64  # letters of a long text that a row shows


@office
def page(desk: Desk) -> Response:
    """GET /office/records"""
    books = [
        {"label": desk.word(label), "kinds": [_line(desk, kind) for kind in some]}
        for label, some in kinds.by_book(desk.declarations)
    ]
    return desk.page("parts/office/directory.html", {"books": books}, "records")


def _line(desk: Desk, kind: str) -> dict[str, Any]:
    declared = desk.declarations["records"][kind]
    return {
        "href": kinds.table_path(desk.declarations, kind),
        "label": desk.word(declared["label"]),
        "count": table_parts.counted(record_queries.count(desk, kind)),
        "acts": len(declared["acts"]),
        "fields": len(declared["fields"]),
    }


@office
def table(desk: Desk) -> Response:
    """GET /office/records/<kind>, and /office/<section> of a kind that has no table of its own."""
    kind, asked = _kind(desk), desk.request.query_params
    query = query_of(desk, kind, desk.request.url.path, asked.multi_items())
    if asked.getlist("column"):  # chosen in the form: the address says it in one word
        return RedirectResponse(query.link(), 303)
    return _draw(desk, query)


@office_form
def add(desk: Desk, sent: FormData) -> Response:
    """POST to the table of a kind: the act that makes such a record."""
    kind = _kind(desk)
    verb = _making(desk, kind)
    if not verb:
        raise HTTPException(404)
    data, problems = act_forms.parse_form(desk, kind, verb, sent)
    record = _unmade(kind, f"{kind}:{ulid(desk.now, secrets.randbits(80))}")
    if not problems and desk.declarations["records"][kind]["key"]:
        record = _unmade(kind, _keyed_id(desk, kind, data))
        problems = _there_already(desk, record, sent)
    problems = problems or act_forms.submit(desk, record, verb, data, sent)
    if problems:
        form = act_forms.form(desk, record, verb, data, problems, str(sent.get("act_id", "")))
        return _draw(desk, query_of(desk, kind, desk.request.url.path, []), form, 422)
    return RedirectResponse(desk.href(record["_id"]), 303)


def query_of(desk: Desk, kind: str, path: str, pairs: list[tuple[str, str]]) -> TableQuery:
    """Return what an address or a form asks for of a kind's table."""
    return table_query.read(kind, path, pairs, row_filters.names(desk, kind))


def _unmade(kind: str, identifier: str) -> Record:
    return {"_id": identifier, "type": kind, "acts": {"last": None}}


def _keyed_id(desk: Desk, kind: str, data: dict[str, Any]) -> str:
    """Return the id that whoever says the same key makes, on any tablet and at any desk."""
    return key_id(kind, [data[name] for name in desk.declarations["records"][kind]["key"]])


def _there_already(desk: Desk, record: Record, sent: FormData) -> dict[str, str]:
    """Return a problem where the record of a key is there: its page says what it has by now."""
    made = desk.site.record(record["_id"])
    if made is None or not desk.sees(made) or made["state"] == "undone":
        return {}
    act_id = act_forms.fresh_act_id(desk, str(sent.get("act_id", "")))
    if act_id is not None and act_forms.was_sent_before(desk, act_id, record["_id"]):
        return {}
    say = desk.words.gettext("There is one already: %(name)s. Search for it and go on there.")
    return {"": say % {"name": desk.called(made) or made["_id"].partition(":")[2]}}


def _kind(desk: Desk) -> str:
    """Return the kind that the address names: a section of its own, else its name."""
    params = desk.request.path_params
    kind = kinds.in_section(desk.declarations, params.get("section", "")) or params.get("kind", "")
    return kinds.open_to(desk.declarations, kind)


def _making(desk: Desk, kind: str) -> str:
    """Return the verb that makes a record of this kind, if the person's posts allow it.

    What makes a record with a key may be said again; else `again` is for what is always there.
    """
    declared = desk.declarations["records"][kind]
    for act in declared["acts"]:
        if not act["creates"] or (act["again"] and not declared["key"]) or not act["in_office"]:
            continue
        if desk.may(f"{kind}.{act['name']}") and act_forms.can_say(desk, kind, act):
            return str(act["name"])
    return ""


def _draw(
    desk: Desk, query: TableQuery, form: act_forms.Form | None = None, status: int = 200
) -> Response:
    kind = query.kind
    declared = desk.declarations["records"][kind]
    selection = row_pages.select(desk, query)
    found = row_pages.page_of(desk, selection)
    verb = _making(desk, kind)
    if form is None and query.asked.get("add") and verb:
        form = act_forms.form(desk, _unmade(kind, f"{kind}:new"), verb)
    shown = columns.shown(desk, query)
    written = query.written()
    acts = bulk_acts.offered(desk, kind)
    context = {
        "kind": kind,
        "label": desk.word(kinds.many(declared)),
        "note": _note(desk, query),
        "views": _views(desk, selection),
        "keep": saved_views.form(desk, kind, query.path, written),
        "groups": _chips(desk, selection),
        "menus": _menus(selection),
        "columns": [_heading(query, column) for column in shown],
        "chooser": _chooser(desk, query, shown),
        "rows": [_row(desk, shown, record, query.text) for record in found.rows],
        "acts": acts,
        "query": written,
        "may_reveal": bulk_acts.may_reveal(desk, kind),
        "pages": _pages(desk, query, found),
        "search": _search(desk, query),
        "empty": _empty(desk, query),
        "may_add": query.link(add="1") if verb else "",
        "form": form,
        "path": query.path,
        "here": f"{query.path}?{written}" if written else query.path,
    }
    menu_key = kind if kind in kinds.in_menu(desk.declarations) else "records"
    return desk.page("parts/office/any_kind_list.html", context, menu_key, status)


def _note(desk: Desk, query: TableQuery) -> str:
    _ = desk.words.gettext
    column, down = query.sort
    if not column and row_pages.opens_by_clock(desk, query):
        return _("by the next deadline")
    if not column and desk.declarations["records"][query.kind]["ordered"]:
        return ""
    if not column or (column == columns.SINCE and down):
        return _("the newest first")
    return ""


def _views(desk: Desk, selection: Selection) -> list[dict[str, Any]]:
    """Return the views that every kind has, and the person's own."""
    _, query = desk.words.gettext, selection.query
    is_reference = desk.declarations["records"][query.kind]["reference"]
    labels = {"": _("All")} if is_reference else {"": _("All"), "mine": _("Mine")}
    if record_queries.open_states(desk, query.kind):
        labels = {"": _("Open"), "mine": _("Mine"), "all": _("All")}
    written = query.written()
    saved = saved_views.links(desk, query.kind, query.path, written)
    is_saved = any(one["current"] for one in saved)
    made = [
        {
            "href": f"{query.path}?view={view}" if view else query.path,
            "label": label,
            "count": table_parts.counted(_count(desk, query, view)),
            "current": view == query.view and not is_saved,
        }
        for view, label in labels.items()
    ]
    return made + saved


def _count(desk: Desk, query: TableQuery, view: str) -> int:
    asked = {"view": view} if view else {}
    return row_pages.count(desk, TableQuery(query.kind, query.path, asked))


def _chips(desk: Desk, selection: Selection) -> list[list[dict[str, Any]]]:
    query = selection.query
    shown = [facet for facet in selection.facets if not facet.label]
    groups = filters.chips(query.path, selection.sample, shown, query.asked)
    if any(facet.label and facet.name in selection.picked for facet in selection.facets):
        groups[0][0].update(current=False, href=_without(query, selection))
    told = [one for one in groups[1:] if len(one) > 1 or any(each["current"] for each in one)]
    return _uncounted([groups[0], *told], selection)


def _without(query: TableQuery, selection: Selection) -> str:
    return query.link(**{facet.name: None for facet in selection.facets})


def _menus(selection: Selection) -> list[dict[str, Any]]:
    """Return the filters that open: {label, chosen, options}."""
    query, made = selection.query, []
    for facet in selection.facets:
        picked = selection.picked.get(facet.name)
        options = filters.options(
            query.path, selection.sample, facet, query.asked, selection.picked
        )
        if facet.label and (len(options) > 1 or picked):
            chosen = picked.label if picked else ""
            made.append(
                {
                    "label": facet.label,
                    "chosen": chosen,
                    "options": _uncounted([options], selection)[0],
                    "none": query.link(**{facet.name: None}) if picked else "",
                }
            )
    return made


def _uncounted(
    groups: list[list[dict[str, Any]]], selection: Selection
) -> list[list[dict[str, Any]]]:
    """Take the counts away where not all records were counted, or a search leaves some out."""
    if not selection.is_whole or selection.query.text:
        for group in groups:
            for one in group:
                one["count"] = None
    return groups


def _heading(query: TableQuery, column: Column) -> dict[str, Any]:
    """Return a column's heading; its link turns the order round."""
    by, down = query.sort
    chosen = by == column.name
    can = column.sortable or column.name == columns.DUE
    href = query.link(sort=column.name if chosen and down else f"-{column.name}") if can else ""
    if can and not chosen and column.kind != "moment":
        href = query.link(sort=column.name)
    return {
        "label": column.label,
        "href": href,
        "sorted": ("descending" if down else "ascending") if chosen else "",
        "kind": column.kind,
    }


def _chooser(desk: Desk, query: TableQuery, shown: list[Column]) -> dict[str, Any]:
    names = {column.name for column in shown}
    kept = [
        {"name": name, "value": value}
        for name, value in query.asked.items()
        if name not in ("columns", "after", "add")
    ]
    return {
        "options": [
            {"value": column.name, "label": column.label, "chosen": column.name in names}
            for column in columns.columns_of(desk, query.kind)
        ],
        "kept": kept,
        "usual": query.link(columns=None) if query.columns else "",
    }


def _row(desk: Desk, shown: list[Column], record: Record, asked: str) -> dict[str, Any]:
    cells = [_cell(desk, column, record) for column in shown]
    return {
        "found": _found(desk, record, asked),
        "id": record["_id"],
        "href": desk.href(record["_id"]),
        "name": cells[0]["words"] or desk.called(record) or record["_id"].partition(":")[2],
        "cells": cells,
    }


def _found(desk: Desk, record: Record, asked: str) -> list[dict[str, Any]]:
    """Return what a search found of a long text, in parts, what was asked for marked."""
    full = desk.declarations["records"][record["type"]]["full_text"] if asked else ()
    text = next((record[name] for name in full if record.get(name)), "")
    parts = marked(pinyin.readings(), text, asked, EXCERPT) if text else []
    return [{"words": words, "hit": hit} for words, hit in parts]


def _cell(desk: Desk, column: Column, record: Record) -> dict[str, Any]:
    if column.name == columns.DUE:
        clock = running_deadlines.as_cell(columns.due_of(desk, record), desk.now)
        return {"kind": "due", "clock": clock, "words": ""}
    said = columns.words(desk, record, column)
    if column.name == columns.SINCE:
        said = time_words.ago(desk.words, desk.now, record["opened_at"])
    return {"kind": column.kind, "words": said[: columns.LONG]}


def _pages(desk: Desk, query: TableQuery, found: row_pages.RowPage) -> dict[str, Any]:
    say = ""
    if query.text and found.after is not None and len(found.rows) < record_queries.PAGE:
        say = desk.words.gettext("%(n)s records were looked at. The next page goes on.") % {
            "n": f"{record_queries.SEARCHED:,}"
        }
    return {
        "next": query.at(found.after) if found.after is not None else None,
        "first": query.link() if query.after is not None else None,
        "say": say,
    }


def _search(desk: Desk, query: TableQuery) -> dict[str, Any]:
    asked = {name: value for name, value in query.asked.items() if name not in ("after", "add")}
    return table_parts.search(desk, query.path, asked, desk.words.gettext("Search"))


def _empty(desk: Desk, query: TableQuery) -> dict[str, Any]:
    _ = desk.words.gettext
    if set(query.asked) - {"view", "columns", "sort", "add"}:
        return table_parts.nothing_fits(desk)
    others = _count(desk, query, "all") if query.view != "all" else 0
    if others and record_queries.open_states(desk, query.kind):
        label = _("All") + f" {table_parts.counted(others)}"
        link = {"href": f"{query.path}?view=all", "label": label}
        mine = query.view == "mine"
        title = _("Nothing of yours here") if mine else _("Nothing open here")
        return {"title": title, "words": _("The others are under “All”."), "link": link}
    return {
        "title": _("Nothing here yet"),
        "words": _("What people enter of this kind appears here."),
    }
