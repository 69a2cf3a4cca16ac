"""Exports of tables: every row of a view as CSV or XLSX, under the rights of each moment.

Private fields leave masked, unless whoever exports looks at them: then each record gets the act of
looking before its row is written, as if its page had been opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from server.acts import security_log
from server.http.forms import form_value
from server.office.page_parts import kinds, table_query
from server.office.page_parts.office_request import Desk, Record, office_form
from server.office.page_parts.table_query import TableQuery
from server.office.reports import sheet_files
from server.office.reports.sheet_files import Cell
from server.office.tables import bulk_acts, columns, record_tables, row_pages, saved_views
from server.office.tables.columns import Column
from server.office.tables.row_pages import Selection
from sync.display_format import date

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@office_form
def export(desk: Desk, sent: FormData) -> Response:
    """POST /office/export/<kind>: the rows of `query` as `format`; that they went is logged."""
    kind = kinds.open_to(desk.declarations, desk.request.path_params["kind"])
    form, reveal = form_value(sent, "format"), bool(form_value(sent, "reveal"))
    if form not in TYPES or (reveal and not bulk_acts.may_reveal(desk, kind)):
        raise HTTPException(404)
    path = saved_views.path_of(desk, kind, form_value(sent, "table"))
    query = record_tables.query_of(desk, kind, path, parse_qsl(form_value(sent, "query")))
    if reveal and (problems := desk.confirm(sent)):
        return _ask(desk, query, form, problems if form_value(sent, "confirm") else {})
    _log(desk, query, form, reveal)
    name = f"{kind}-{date(desk.now)}.{form}"
    rows = table_rows(desk, row_pages.select(desk, query), reveal=reveal)
    label = desk.word(kinds.many(desk.declarations["records"][kind]))
    parts = sheet_files.csv_parts(rows) if form == "csv" else sheet_files.xlsx_parts(rows, label)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(parts, 200, headers, TYPES[form])


def _ask(desk: Desk, query: TableQuery, form: str, problems: dict[str, str]) -> Response:
    """Ask for the person's password before private details leave in numbers."""
    kind = query.kind
    context = {
        "kind": kind,
        "label": desk.word(kinds.many(desk.declarations["records"][kind])),
        "path": query.path,
        "query": query.written(),
        "format": form,
        "confirm": desk.confirmation(problems),
        "back": query.link(),
    }
    return desk.page("parts/office/export_confirm.html", context, kind, 422)


def _log(desk: Desk, query: TableQuery, form: str, reveal: bool) -> None:
    """Log what was taken, without what was searched for: that may be a patient's name."""
    detail: dict[str, Any] = {"format": form, "private": reveal}
    if query.text:
        detail["searched"] = True
    if view := table_query.lasting(query.written()):
        detail["view"] = view
    with desk.site.writing() as connection:
        security_log.record_event(
            connection,
            "exported",
            desk.now,
            person=desk.person["_id"],
            subject=f"table:{query.kind}",
            detail=detail,
        )


def table_rows(desk: Desk, selection: Selection, *, reveal: bool = False) -> Iterator[list[Cell]]:
    """Yield the headings, then each record's row; each is read under the rights of its moment."""
    query = selection.query
    shown = columns.shown(desk, query)
    if reveal:  # what was asked for is there, chosen as a column or not
        every = columns.columns_of(desk, query.kind)
        shown = [column for column in every if column in shown or column.private]
    yield [column.label for column in shown]
    for now, found in row_pages.every(desk, selection):
        desk.site.reads.add(desk.person["_id"], len(found), now.now)
        for record in found:
            masked = not (reveal and _looks(now, record))
            yield [cell(now, record, column, masked=masked) for column in shown]


def _looks(desk: Desk, record: Record) -> bool:
    """Say whether the act of looking at a record's private details is stored, now."""
    kind = record["type"]
    if not desk.may(f"{kind}.revealed"):
        return False
    return desk.record_act(f"{kind}.revealed", record["_id"], {}).good


def cell(desk: Desk, record: Record, column: Column, *, masked: bool) -> Cell:
    """Return what a cell of an export holds."""
    counted = columns.number(desk, record, column)
    if counted is not None:
        return counted if counted[0] == "moment" else counted[1]
    return columns.words(desk, record, column, masked=masked)
