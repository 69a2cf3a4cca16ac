"""The page on which the office decides open questions and refusals."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.acts import open_questions
from server.http.forms import form_value
from server.office.page_parts import record_queries, table_parts, time_words
from server.office.page_parts.form_errors import mistake
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.reconciliation import conflicting_acts, refused_act, urgency
from server.office.record import act_forms
from server.office.record.history import device_name
from server.office.record.related import title

PATH = "/office/reconcile"
CHOICES = {"accept", "keep"}


@office
def page(desk: Desk) -> Response:
    """GET /office/reconcile: `about` is the id of the act in question, or of the open refusal."""
    _only_deciders(desk)
    return _draw(desk, desk.request.query_params.get("about", ""))


@office_form
def decide(desk: Desk, sent: FormData) -> Response:
    """POST /office/reconcile: decide; the decision is an act of the record or of the refusal."""
    _only_deciders(desk)
    record, about = desk.read(form_value(sent, "record")), form_value(sent, "about")
    if not _is_theirs(desk, record, about):
        raise HTTPException(404)
    choice, reason = form_value(sent, "choice"), form_value(sent, "reason")
    if not reason:
        return _draw(desk, about, mistake(desk, "required"), 422)
    if record["type"] == "refusal":
        verb = {"accept": "admitted", "keep": "dismissed"}.get(choice, "")
        problems = (
            act_forms.submit(desk, record, verb, {"reason": reason}, sent) if verb else {"": ""}
        )
    elif choice in CHOICES:
        data = {"about": about, "choice": choice, "reason": reason}
        problems = act_forms.submit(desk, record, "decided", data, sent)
    else:
        raise HTTPException(400)
    if problems:
        return _draw(desk, about, next(iter(problems.values())), 422, reason)
    return RedirectResponse(PATH, 303)


def _only_deciders(desk: Desk) -> None:
    if not desk.decides:
        raise HTTPException(404)


def _is_theirs(desk: Desk, record: Record, about: str) -> bool:
    """Say whether a question of a record is this person's to decide: never about an own act."""
    if record["type"] == "refusal":
        return True
    asked = (one for one in record["unsettled"] if one["act"] == about)
    own = any(one["by"] == desk.person["_id"] for one in asked)
    return not own and desk.may(f"{record['type']}.decided")


def _draw(
    desk: Desk, about: str, problem: str = "", status: int = 200, reason: str = ""
) -> Response:
    questions = [
        (record, question)
        for record in open_questions.unsettled(desk.site, desk.rights)
        for question in record["unsettled"]
        if _is_theirs(desk, record, question["act"])
    ]
    refusals = record_queries.open_ones(desk, "refusal")
    ranked = [
        (urgency.of_question(desk, record, question), _question_item(desk, record, question))
        for record, question in questions
    ]
    ranked += [(urgency.of_refusal(desk, one), _refusal_item(desk, one)) for one in refusals]
    items = [item for _urgency, item in sorted(ranked, key=lambda one: one[0])]
    chosen = about if any(item["about_id"] == about for item in items) else ""
    chosen = chosen or (items[0]["about_id"] if items else "")
    for item in items:
        item["current"] = item["about_id"] == chosen
    context: dict[str, Any] = {
        "items": items,
        "versus": None,
        "refused": None,
        "form": {
            "problem": problem,
            "reason": reason,
            "act_id": act_forms.new_act_id(desk),
            "reasons": _reasons(desk),
        },
    }
    for record, question in questions:
        if question["act"] == chosen:
            context["versus"] = conflicting_acts.versus(desk, record, question)
    for refusal in refusals:
        if refusal["_id"] == chosen:
            context["refused"] = refused_act.refused(desk, refusal)
    note = desk.words.gettext("%(n)s to decide, nothing is lost") % {"n": len(items)}
    context["note"] = note if items else ""
    return desk.page("features/reconcile/office/page.html", context, "reconcile", status)


def _question_item(desk: Desk, record: Record, question: dict[str, Any]) -> dict[str, Any]:
    name, _beside = title(desk, record)
    label = desk.word(desk.declarations["records"][record["type"]]["label"])
    values = {"kind": label, "act": table_parts.act_label(desk, question["name"])}
    return {
        "about_id": question["act"],
        "href": f"{PATH}?about={question['act']}",
        "name": desk.words.gettext("%(kind)s: %(act)s?") % values,
        "about": desk.listed(filter(None, (name[:24], device_name(desk, question["device"])))),
        "side": time_words.ago(desk.words, desk.now, question["at"]),
        "current": False,
    }


def _refusal_item(desk: Desk, refusal: Record) -> dict[str, Any]:
    values = {"act": table_parts.act_label(desk, refusal.get("act") or "")}
    who = desk.name(refusal.get("who"))
    about = (who, device_name(desk, refusal.get("device", "")))
    return {
        "about_id": refusal["_id"],
        "href": f"{PATH}?about={refusal['_id']}",
        "name": desk.words.gettext("Not taken in: %(act)s") % values,
        "about": desk.listed(one for one in about if one),
        "side": time_words.ago(desk.words, desk.now, refusal["opened_at"]),
        "current": False,
    }


def _reasons(desk: Desk) -> list[str]:
    _ = desk.words.gettext
    return [_("Asked both of them"), _("Seen by others"), _("The earlier one counts")]
