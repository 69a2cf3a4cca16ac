"""Tables of every declared kind of record, with adding one; drawn from the declarations alone."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.base import pinyin
from server.database.tables import records
from server.office.page_parts import kinds, record_queries, table_parts, time_words
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import act_forms, labels
from sync.act import ulid

COLUMNS = 6
# What a row of a table can show in a cell.
SHORT = (
    "text",
    "choice",
    "choices",
    "flag",
    "moment",
    "link",
    "number",
    "names",
    "people",
    "phone",
)
LONG = 200  # characters; a longer text is for the record's page
KNOWN = records.c.state != "unknown"

Pages = dict[str, Any]


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
    return _draw(desk, _kind(desk))


@office_form
def add(desk: Desk, sent: FormData) -> Response:
    """POST to the table of a kind: the act that makes such a record."""
    kind = _kind(desk)
    verb = _making(desk, kind)
    if not verb:
        raise HTTPException(404)
    data, problems = act_forms.parse_form(desk, kind, verb, sent)
    record = _unmade(kind, f"{kind}:{ulid(desk.now, secrets.randbits(80))}")
    problems = problems or act_forms.submit(desk, record, verb, data, sent)
    if problems:
        form = act_forms.form(desk, record, verb, data, problems, str(sent.get("act_id", "")))
        return _draw(desk, kind, form, 422)
    return RedirectResponse(desk.href(record["_id"]), 303)


def _unmade(kind: str, identifier: str) -> Record:
    return {"_id": identifier, "type": kind, "acts": {"last": None}}


def _kind(desk: Desk) -> str:
    """Return the kind that the address names: a section of its own, else its name."""
    params, declared = desk.request.path_params, desk.declarations["records"]
    kind = kinds.in_section(desk.declarations, params.get("section", "")) or params.get("kind", "")
    if kind not in declared or (declared[kind]["section"] and "kind" in params):
        raise HTTPException(404)
    if declared[kind]["pages_for"]:
        raise HTTPException(404)  # what is for some posts alone has pages of its own
    return str(kind)


def _making(desk: Desk, kind: str) -> str:
    """Return the verb that makes a record of this kind, if the person's posts allow it."""
    for act in desk.declarations["records"][kind]["acts"]:
        if act["creates"] and not act["again"] and desk.may(f"{kind}.{act['name']}"):
            return str(act["name"])
    return ""


def _draw(desk: Desk, kind: str, form: act_forms.Form | None = None, status: int = 200) -> Response:
    asked = table_parts.asked(desk, "q", "before", "page", "add")
    declared, path = desk.declarations["records"][kind], kinds.table_path(desk.declarations, kind)
    of_page = _in_order if declared["ordered"] else _newest_first
    found, pages = of_page(desk, kind, asked)
    verb = _making(desk, kind)
    if form is None and asked.get("add") and verb:
        form = act_forms.form(desk, _unmade(kind, f"{kind}:new"), verb)
    shown = _columns(declared)
    context = {
        "kind": kind,
        "label": desk.word(declared["label"]),
        "columns": [desk.word(field["label"]) for field in shown],
        "rows": [_row(desk, kind, shown, record) for record in found],
        "pages": pages,
        "search": table_parts.search(desk, path, asked, desk.words.gettext("Search")),
        "may_add": bool(verb),
        "form": form,
        "path": path,
        "here": f"{path}?{query}" if (query := desk.request.url.query) else path,
    }
    menu_key = kind if kind in kinds.in_menu(desk.declarations) else "records"
    return desk.page("parts/office/any_kind_list.html", context, menu_key, status)


def _newest_first(desk: Desk, kind: str, asked: dict[str, str]) -> tuple[list[Record], Pages]:
    """Return a page of a kind's records, the newest first, and the links to the others."""
    before = int(asked["before"]) if asked.get("before", "").isdecimal() else None
    newest, more = record_queries.latest(desk, kind, KNOWN, before=before, text=asked.get("q", ""))
    path = kinds.table_path(desk.declarations, kind)
    return newest, table_parts.pages(desk, path, asked, more)


def _in_order(desk: Desk, kind: str, asked: dict[str, str]) -> tuple[list[Record], Pages]:
    """Return a page of a kind's records in their declared order, and the links to the others."""
    most, size = record_queries.MOST_OPEN, record_queries.PAGE
    every, _ = record_queries.latest(desk, kind, KNOWN, text=asked.get("q", ""), size=most)
    declared = desk.declarations["records"][kind]
    fields = [_field(declared, name) for name in declared["ordered"]]
    every.sort(key=lambda record: [_place(field, record) for field in fields])
    first = table_parts.page_number(asked) * size
    path = kinds.table_path(desk.declarations, kind)
    return every[first : first + size], table_parts.numbered_pages(desk, path, asked, len(every))


def _field(declared: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in declared["fields"] if field["name"] == name)


def _place(field: dict[str, Any], record: Record) -> tuple[bool, int, str]:
    """Return where a record stands by a field: choices as they are declared, texts by pinyin."""
    value = record.get(field["name"])
    values = [choice[0] for choice in field["choices"]]
    number = values.index(value) if value in values else 0
    return value is None, number, "" if values else pinyin.name_key(str(value or ""))


def _columns(declared: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields that fit into a table: short ones, never private ones."""
    fitting = [
        field
        for field in declared["fields"]
        if field["kind"] in SHORT and not field["private"] and (field["max"] or 0) <= LONG
    ]
    return fitting[:COLUMNS]


def _row(desk: Desk, kind: str, shown: list[dict[str, Any]], record: Record) -> dict[str, Any]:
    cells = [labels.value(desk, kind, field["name"], record.get(field["name"])) for field in shown]
    return {
        "href": desk.href(record["_id"]),
        "name": cells[0] or desk.called(record) or record["_id"].partition(":")[2],
        "cells": cells[1:],
        "state": labels.state(desk, record),
        "when": time_words.ago(desk.words, desk.now, record["opened_at"]),
    }
