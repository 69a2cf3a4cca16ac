"""The page of a record, and the forms on it: acts, notes, corrections, undoing, revealing."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.base.paths import web_folder
from server.http.forms import form_value
from server.office.page_parts import kinds, typed_maps, typed_values
from server.office.page_parts.form_errors import mistake, refusal
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import (
    act_forms,
    field_values,
    history,
    labels,
    related,
    upcoming_rungs,
    visit_journey,
)
from sync import guards, maps

Problems = dict[str, str]


@office
def page(desk: Desk) -> Response:
    """GET /office/<section>/<id>: `do` opens the form of an act, `edit` that of a field."""
    record = wanted(desk)
    asked = desk.request.query_params
    opened: dict[str, Any] = {}
    if act_forms.is_allowed(desk, record, asked.get("do", "")):
        opened["form"] = act_forms.form(desk, record, asked["do"])
    elif asked.get("edit"):
        opened["edit"] = _edit_form(desk, record, asked["edit"])
    return draw(desk, record, opened)


@office_form
def act(desk: Desk, sent: FormData) -> Response:
    """POST /office/<section>/<id>/do/<verb>"""
    record, verb = wanted(desk), desk.request.path_params["verb"]
    if verb not in act_forms.offered(desk, record["type"]):
        raise HTTPException(404)
    data, problems = act_forms.parse_form(desk, record["type"], verb, sent)
    if not problems:
        told = act_forms.only_changes(desk, record, verb, data) if verb == "changed" else data
        problems = act_forms.submit(desk, record, verb, told, sent)
    if not problems:
        return _again(desk)
    form = act_forms.form(desk, record, verb, data, problems, form_value(sent, "act_id"))
    return draw(desk, record, {"form": form}, 422)


@office_form
def note(desk: Desk, sent: FormData) -> Response:
    """POST /office/<section>/<id>/note"""
    record, words = wanted(desk), form_value(sent, "words")
    if f"{record['type']}.noted" not in desk.declarations["acts"]:
        raise HTTPException(404)
    problem = {} if words else {"": mistake(desk, "required")}
    problem = problem or act_forms.submit(desk, record, "noted", {}, sent, text=words)
    if not problem:
        return _again(desk)
    say = next(iter(problem.values()))  # that of an act may stand beside a field
    return draw(desk, record, {"note": {"words": words, "problem": say}}, 422)


@office_form
def edit(desk: Desk, sent: FormData) -> Response:
    """POST /office/<section>/<id>/edit: correct a field, unless somebody changed it meanwhile."""
    record, name = wanted(desk), form_value(sent, "field")
    field = labels.field(desk, record["type"], name)
    if field is None or not field["editable"] or not typed_values.is_typed(field):
        raise HTTPException(404)
    if not desk.may(f"{record['type']}.edited"):
        raise HTTPException(404)
    value, code = act_forms.parse(field, sent)
    problems: Problems = {}
    if code:
        problems = {"new": mistake(desk, code)}
    elif typed_maps.is_map(field):
        problems = _correct_keys(desk, record, name, value, sent)
    else:
        problems = _meanwhile(desk, record, name, sent)
        new = None if value in ("", []) else value
        data = {"field": name, "old": record.get(name), "new": new}
        problems = problems or act_forms.submit(desk, record, "edited", data, sent)
    if not problems:
        return _again(desk)
    say = problems.get("new") or problems.get("") or next(iter(problems.values()))
    form = _edit_form(desk, record, name, value, say, form_value(sent, "act_id"))
    return draw(desk, record, {"edit": form}, 422)


def _correct_keys(
    desk: Desk, record: Record, name: str, said: dict[str, Any], sent: FormData
) -> Problems:
    """Correct keys of a map, an act for each; none where somebody answered one meanwhile."""
    form_id, seen = form_value(sent, "act_id"), form_value(sent, "seen")
    paths = {f"{name}.{key}": value for key, value in said.items()}
    problems: Problems = {}
    if act_forms.fresh_act_id(desk, form_id) is None:
        return {"new": mistake(desk, "stale_form")}
    for path in paths:
        problems = problems or _meanwhile(desk, record, path, sent)
    for path, new in {} if problems else paths.items():
        data = {"field": path, "old": maps.read(record, path), "new": new}
        own_id = act_forms.id_of_part(form_id, path)
        one = FormData([("act_id", own_id), ("seen", seen)])
        problems = problems or act_forms.submit(desk, record, "edited", data, one)
    return problems


@office_form
def undo(desk: Desk, sent: FormData) -> Response:
    """POST /office/<section>/<id>/undo"""
    record = wanted(desk)
    problems = act_forms.submit(
        desk, record, "undone", {"undoes": form_value(sent, "undoes")}, sent
    )
    if problems:
        return draw(desk, record, {"trouble": next(iter(problems.values()))}, 422)
    return _again(desk)


@office_form
def reveal(desk: Desk, sent: FormData) -> Response:
    """POST /office/<section>/<id>/reveal: show a private value; the looking is stored as an act."""
    record = wanted(desk)
    if f"{record['type']}.revealed" not in desk.declarations["acts"]:
        raise HTTPException(404)
    verdict = desk.record_act(f"{record['type']}.revealed", record["_id"], {})
    if not verdict.good:
        say = refusal(desk, verdict.code or "")
        return draw(desk, record, {"trouble": say}, 422)
    return draw(desk, desk.read(record["_id"]), {"revealed": form_value(sent, "field")})


def wanted(desk: Desk) -> Record:
    """Return the record of the address; raises 404 when there is none for this person."""
    params = desk.request.path_params
    kind = kinds.in_section(desk.declarations, params.get("section", "")) or params.get("kind", "")
    declared = desk.declarations["records"].get(kind)
    if declared is None or declared["pages_for"]:
        raise HTTPException(404)  # what is for some posts alone has pages of its own
    return desk.read(f"{kind}:{params['id']}")


def draw(desk: Desk, record: Record, opened: dict[str, Any], status: int = 200) -> Response:
    """Return the page; `opened` holds the open form and what is wrong with it."""
    kind = record["type"]
    acts = history.acts_of(desk, record["_id"])
    name, beside = related.title(desk, record)
    one = {
        "id": record["_id"],
        "kind": kind,
        "here": desk.request.url.path if desk.request.method == "GET" else desk.href(record["_id"]),
        "address": desk.href(record["_id"]),
        "back": kinds.table_path(desk.declarations, kind),
        "label": desk.word(desk.declarations["records"][kind]["label"]),
        "title": name,
        "beside": beside,
        "state": labels.state(desk, record),
        "quote": record.get("words", ""),
        "facts": field_values.facts(desk, record, opened.get("revealed", "")),
        "missing": field_values.missing(desk, record),
        "signature": field_values.signature(desk, record),
        "photos": field_values.placed(desk, record, "photos"),
        "recordings": field_values.placed(desk, record, "recordings"),
        "related": related.related(desk, record),
        "offers": act_forms.actions(desk, record),
        "story": history.history(desk, record, acts),
        "count": record["acts"]["n"],
        "ahead": upcoming_rungs.ahead(desk, record),
        "may_note": f"{kind}.noted" in desk.declarations["acts"] and desk.may(f"{kind}.noted"),
        "act_id": act_forms.new_act_id(desk),
        "seen": record["acts"]["last"] or "",
    }
    one.update(_visit(desk, record, acts) if kind == "arrival" else {})
    closed = {"form": None, "edit": None, "note": None, "trouble": ""}
    context = {"one": one, "opened": {**closed, **opened}}
    menu_key = kind if kind in kinds.in_menu(desk.declarations) else "records"
    return desk.page(template(kind), context, menu_key, status)


def _visit(desk: Desk, record: Record, acts: list[history.Act]) -> dict[str, Any]:
    """Return a visit's stops, and the deadlines of its running wait: it has none of its own."""
    waits = related.waits_of(desk, record["_id"], record["opened_at"])
    running = [wait for wait in waits if wait["state"] == "waiting"]
    context: dict[str, Any] = {"stops": visit_journey.stops(desk, record, acts), "wait_href": ""}
    if running:
        context["ahead"] = upcoming_rungs.ahead(desk, running[-1])
        context["wait_href"] = desk.href(running[-1]["_id"])
    return context


def template(kind: str) -> str:
    """Return the template of a kind's page: its own, else the generic one."""
    own = f"features/{kind}/office/show.html"
    return own if (web_folder() / own).is_file() else "parts/office/show.html"


def _again(desk: Desk) -> Response:
    """Redirect to the record's page after an act."""
    return RedirectResponse(desk.href(wanted(desk)["_id"]), 303)


def _edit_form(
    desk: Desk,
    record: Record,
    name: str,
    typed: Any = None,
    problem: str = "",
    act_id: str = "",
) -> dict[str, Any] | None:
    """Return the form of one field. A private value is typed anew: showing it would be a reveal."""
    kind = record["type"]
    field = labels.field(desk, kind, name)
    if field is None or not field["editable"] or not typed_values.is_typed(field):
        return None
    if not desk.may(f"{kind}.edited"):
        return None
    start = typed if typed is not None else None if field["private"] else record.get(name)
    drawn = act_forms.drawn_field(desk, field, start, problem, record=record)
    if drawn.get("lines") == []:
        return None
    return {
        "field": drawn,
        "private": field["private"],
        "act_id": act_id or act_forms.new_act_id(desk),
        "seen": record["acts"]["last"] or "",
    }


def _meanwhile(desk: Desk, record: Record, name: str, sent: FormData) -> Problems:
    """Return a problem that says who changed the field after the form was opened, and to what."""
    setter = record["setters"].get(name)
    if setter is None or setter[1] == desk.person["_id"]:
        return {}
    if not guards.is_later(record, setter[0], form_value(sent, "seen") or None):
        return {}
    _label, words = labels.at_path(desk, record["type"], name, maps.read(record, name))
    values = {"who": desk.name(setter[1]), "value": words or "–"}
    say = desk.words.gettext("%(who)s changed this meanwhile to: %(value)s. Yours is still here.")
    return {"new": say % values}
