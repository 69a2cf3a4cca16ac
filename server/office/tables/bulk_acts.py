"""One act said of several rows of a table: one form, and for each row an act of its own.

Each act is guarded as one from the record's own page, against the rights and the record as they are
when it is said. What does not go is said row by row with why; the others stand.
"""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.http.forms import form_value, form_values
from server.office.page_parts import kinds, table_query
from server.office.page_parts.form_errors import mistake
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import act_forms, labels
from server.office.tables import row_filters, row_pages, saved_views

MOST = 300  # rows of one form: several pages, and as much as one request carries
# Each of these is about one record: what is in it now decides what is said.
ALONE = ("changed", "edited")


def offered(desk: Desk, kind: str) -> list[dict[str, str]]:
    """Return {verb, label, sign} of the acts that the person may say of several records at once.

    What opens something, or rests on what somebody read, is said of each record by itself.
    """
    found = []
    for verb in act_forms.offered(desk, kind):
        declared = desk.declarations["acts"][f"{kind}.{verb}"]
        alone = declared["gate"] or declared["rests_on"] or verb in ALONE
        if not alone and desk.may(f"{kind}.{verb}"):
            found.append(
                {
                    "verb": verb,
                    "label": desk.word(declared["label"]),
                    "sign": declared["icon"] or "circle-check",
                }
            )
    return found


def may_reveal(desk: Desk, kind: str) -> bool:
    """Say whether a kind has private fields that the person may look at, with a record of it."""
    fields = desk.declarations["records"][kind]["fields"]
    name = f"{kind}.revealed"
    has = any(field["private"] for field in fields) and name in desk.declarations["acts"]
    return has and desk.may(name)


@office
def form(desk: Desk) -> Response:
    """GET /office/several/<kind>?do=<verb>&row=…: the form of an act for the chosen rows."""
    asked = desk.request.query_params
    kind = kinds.open_to(desk.declarations, desk.request.path_params["kind"])
    rows = list(dict.fromkeys(asked.getlist("row")))[:MOST]
    if asked.get("all"):
        rows = _all_rows(desk, kind, asked.get("table", ""), asked.get("query", ""))
    where = {"table": asked.get("table", ""), "query": asked.get("query", "")}
    if not rows:
        return RedirectResponse(_back(desk, kind, **where), 303)
    verb = _wanted(desk, kind, asked.get("do", ""))
    return _draw(desk, kind, verb, rows, where)


def _all_rows(desk: Desk, kind: str, table: str, written: str) -> list[str]:
    """Return the ids of what a table selects on all its pages, MOST at once."""
    path = saved_views.path_of(desk, kind, table)
    pairs = parse_qsl(written, keep_blank_values=True)
    query = table_query.read(kind, path, pairs, row_filters.names(desk, kind))
    selection = row_pages.select(desk, query)
    found = (one["_id"] for _now, chunk in row_pages.every(desk, selection) for one in chunk)
    return [*islice(found, MOST)]


@office_form
def say(desk: Desk, sent: FormData) -> Response:
    """POST /office/several/<kind>: the act, once for each row; what did not go is listed."""
    kind = kinds.open_to(desk.declarations, desk.request.path_params["kind"])
    verb = _wanted(desk, kind, form_value(sent, "do"))
    given = [value.split(" ") for value in form_values(sent, "row")][:MOST]
    rows = {one[0]: one[1] if len(one) == 2 else "" for one in given}
    where = {"table": form_value(sent, "table"), "query": form_value(sent, "query")}
    data, problems = act_forms.parse_form(desk, kind, verb, sent)
    form_id = form_value(sent, "act_id")
    if act_forms.fresh_act_id(desk, form_id) is None:
        problems[""] = mistake(desk, "stale_form")
    if problems or not rows:
        typed = act_forms.form(desk, _blank(kind), verb, data, problems, form_id)
        return _draw(desk, kind, verb, [*rows], where, typed, 422)
    done, left = [], []
    for identifier, seen in rows.items():
        why = _say_one(row_pages.anew(desk), kind, verb, identifier, seen, data, form_id)
        record = _seen(desk, kind, identifier)
        line = _line(desk, record, identifier)
        if why:
            left.append({**line, "why": why})
        else:
            done.append(line)
    context = {
        "label": desk.word(kinds.many(desk.declarations["records"][kind])),
        "title": _title(desk, kind, verb),
        "done": done,
        "left": left,
        "back": _back(desk, kind, **where),
    }
    return desk.page("parts/office/several_done.html", context, _menu_key(desk, kind))


def _say_one(
    desk: Desk,
    kind: str,
    verb: str,
    identifier: str,
    seen: str,
    data: dict[str, Any],
    form_id: str,
) -> str:
    """Say the act of one record; return why it did not go, or ""."""
    _ = desk.words.gettext
    record = _seen(desk, kind, identifier)
    if record is None:
        return _("It is not there for you any more.")
    own_id = act_forms.id_of_part(form_id, identifier)
    if not act_forms.was_sent_before(desk, own_id, identifier):
        if record["acts"]["last"] != seen:
            return mistake(desk, "changed_meanwhile")
        if not act_forms.is_allowed(desk, record, verb):
            return _why_not(desk, record)
    sent = FormData([("act_id", own_id), ("seen", seen)])
    problems = act_forms.submit(desk, record, verb, data, sent)
    if problems:
        return next(iter(problems.values()))
    after = desk.site.record(identifier) or record
    random = own_id[-act_forms.RANDOM :]
    for question in after["unsettled"]:
        if question["act"].endswith(random):
            return labels.why_unsettled(desk, question["reason"])
    return ""


def _wanted(desk: Desk, kind: str, verb: str) -> str:
    """Return an act that may be said of several, or raise 404."""
    if verb not in [one["verb"] for one in offered(desk, kind)]:
        raise HTTPException(404)
    return verb


def _seen(desk: Desk, kind: str, identifier: str) -> Record | None:
    """Return a record of the kind if the person may see it."""
    if identifier.partition(":")[0] != kind:
        return None
    record = desk.site.record(identifier)
    return record if record is not None and desk.sees(record) else None


def _draw(
    desk: Desk,
    kind: str,
    verb: str,
    rows: list[str],
    where: dict[str, str],
    form: act_forms.Form | None = None,
    status: int = 200,
) -> Response:
    fitting, others = [], []
    for identifier in rows:
        record = _seen(desk, kind, identifier)
        line = _line(desk, record, identifier)
        if record is not None and act_forms.is_allowed(desk, record, verb):
            fitting.append({**line, "value": f"{identifier} {record['acts']['last']}"})
        else:
            why = desk.words.gettext("It is not there for you any more.")
            others.append({**line, "why": why if record is None else _why_not(desk, record)})
    context = {
        "kind": kind,
        "label": desk.word(kinds.many(desk.declarations["records"][kind])),
        "verb": verb,
        "title": _title(desk, kind, verb),
        "form": form or act_forms.form(desk, _blank(kind), verb),
        "fitting": fitting,
        "others": others,
        "where": where,
        "back": _back(desk, kind, **where),
    }
    return desk.page("parts/office/several.html", context, _menu_key(desk, kind), status)


def _blank(kind: str) -> Record:
    """Return a record without values: the form is about several, so it begins empty."""
    return {"_id": f"{kind}:several", "type": kind, "acts": {"last": None}}


def _line(desk: Desk, record: Record | None, identifier: str) -> dict[str, str]:
    if record is None:
        return {"name": identifier.partition(":")[2][-6:], "href": "", "state": ""}
    return {
        "name": desk.called(record) or identifier.partition(":")[2],
        "href": desk.href(identifier),
        "state": labels.state(desk, record),
    }


def _why_not(desk: Desk, record: Record) -> str:
    values = {"state": labels.state(desk, record)}
    return desk.words.gettext("This cannot be said of it now: %(state)s.") % values


def _title(desk: Desk, kind: str, verb: str) -> str:
    return desk.word(desk.declarations["acts"][f"{kind}.{verb}"]["label"])


def _menu_key(desk: Desk, kind: str) -> str:
    return kind if kind in kinds.in_menu(desk.declarations) else "records"


def _back(desk: Desk, kind: str, table: str, query: str) -> str:
    where = saved_views.path_of(desk, kind, table)
    return f"{where}?{query}" if query else where
