"""Saved views of tables: each has a name, belongs to a person, and is an address.

Following the link shows it to anybody, as far as they may see what is there.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl

import orjson
import sqlalchemy as sa
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.database.tables import records
from server.http.forms import form_value
from server.office.page_parts import kinds, record_queries, table_query
from server.office.page_parts.office_request import Desk, Record, office_form
from server.office.record import act_forms
from sync.act import ulid

KIND = "saved_view"
MOST = 30  # of one person and one table
LONGEST = 40  # characters of a name


@office_form
def change(desk: Desk, sent: FormData) -> Response:
    """POST /office/views/<kind>: save the address as a view, or with `remove` forget one."""
    kind = kinds.open_to(desk.declarations, desk.request.path_params["kind"])
    path = path_of(desk, kind, form_value(sent, "table"))
    query = table_query.lasting(form_value(sent, "query"))
    if removed := form_value(sent, "remove"):
        record = desk.read(removed)
        if record["type"] != KIND:
            raise HTTPException(404)
        act_forms.submit(desk, record, "removed", {}, sent)
        return RedirectResponse(path, 303)
    name = form_value(sent, "name")[:LONGEST]
    if name:
        record = {"_id": _new_id(desk, sent), "type": KIND, "acts": {"last": None}}
        address = f"{path}?{query}" if query else path
        data = {"name": name, "table": kind, "address": address}
        act_forms.submit(desk, record, "saved", data, sent)
    return RedirectResponse(f"{path}?{query}" if query else path, 303)


def _new_id(desk: Desk, sent: FormData) -> str:
    """Return the id of the view that a form makes: sent twice, it makes one."""
    form_id = form_value(sent, "act_id")
    made = act_forms.fresh_act_id(desk, form_id)
    return f"{KIND}:{form_id.partition(':')[2] if made else ulid(desk.now, secrets.randbits(80))}"


def path_of(desk: Desk, kind: str, asked: str) -> str:
    """Return which of a kind's tables an address means: its own, or the one of every kind."""
    every = f"{kinds.DIRECTORY}/{kind}"
    own = kinds.table_path(desk.declarations, kind)
    return asked if asked in (own, every) else own


def mine(desk: Desk, kind: str) -> list[Record]:
    """Return the person's saved views of a kind's tables, by name."""
    rows = (
        sa.select(records.c.body)
        .where(records.c.type == KIND, records.c.state == "kept")
        .where(records.c.owner == desk.person["_id"], *record_queries.offered(desk, KIND))
    )
    with desk.site.reading() as connection:
        found = [orjson.loads(body) for body in connection.scalars(rows)]
    kept = [one for one in found if one.get("table") == kind and _leads_here(desk, kind, one)]
    return sorted(kept, key=lambda one: str(one.get("name", "")))[:MOST]


def _leads_here(desk: Desk, kind: str, view: Record) -> bool:
    """Say whether a view's address is one of the kind's tables: acts come from elsewhere too."""
    path = str(view.get("address", "")).partition("?")[0]
    return path_of(desk, kind, path) == path


def links(desk: Desk, kind: str, path: str, query: str) -> list[dict[str, Any]]:
    """Return the links of the saved views; the one whose address this is can be removed."""
    here = _same(f"{path}?{table_query.lasting(query)}")
    return [
        {
            "href": one["address"],
            "label": one["name"],
            "count": None,
            "current": _same(one["address"]) == here,
            "remove": one["_id"] if _same(one["address"]) == here else "",
            "seen": one["acts"]["last"],
        }
        for one in mine(desk, kind)
    ]


def _same(address: str) -> tuple[str, list[tuple[str, str]]]:
    path, _mark, query = address.partition("?")
    return path, sorted(parse_qsl(query))


def form(desk: Desk, kind: str, path: str, query: str) -> dict[str, Any]:
    """Return what the form that saves a view shows and sends."""
    return {
        "action": f"/office/views/{kind}",
        "path": path,
        "query": table_query.lasting(query),
        "act_id": act_forms.new_act_id(desk),
        "most": LONGEST,
    }
