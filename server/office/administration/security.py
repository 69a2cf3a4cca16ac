"""The security log, for those who look after security: a table with filters, and its export."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.acts import erasure, security_log
from server.acts.security_log import KINDS, EventFilter
from server.http.forms import form_value
from server.office.page_parts import filters, table_parts, time_words, typed_days
from server.office.page_parts.form_errors import mistake
from server.office.page_parts.office_request import Desk, office, office_form
from server.office.record.upcoming_rungs import amount
from sync.display_format import clock, date
from sync.posts import POSTS

PATH = "/office/security"
PAGE = 200  # events of one page
MOST_READS = 50  # rows of people and days beside them


@office
def page(desk: Desk) -> Response:
    """GET /office/security?person=&kind=&day=: the newest events first."""
    _only_guards(desk)
    return _draw(desk)


@office_form
def export(desk: Desk, sent: FormData) -> Response:
    """POST /office/security/export: the same as CSV; that it was taken is an event too."""
    _only_guards(desk)
    if problems := desk.confirm(sent):
        return _draw(desk, problems, 422)
    asked = {name: form_value(sent, name) for name in ("person", "kind", "day")}
    with desk.site.writing() as connection:
        text = security_log.as_csv(connection, _wanted(desk, asked))
        security_log.record_event(
            connection,
            "exported",
            desk.now,
            person=desk.person["_id"],
            subject="security_log",
            detail={name: value for name, value in asked.items() if value},
        )
    name = f"security-{date(desk.now)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, 200, headers, "text/csv; charset=utf-8")


@office_form
def erase(desk: Desk, sent: FormData) -> Response:
    """POST /office/security/erase: a record's private details, for good, by its id."""
    _only_guards(desk)
    record, reason = form_value(sent, "record"), form_value(sent, "reason")
    problems = {} if reason else {"reason": mistake(desk, "required")}
    if desk.site.record(record) is None:
        problems["record"] = desk.words.gettext("There is no such record.")
    problems = problems or desk.confirm(sent)
    if problems:
        return _draw(desk, {**problems, "": "erase"}, 422)
    erasure.erase(desk.site, record, by=desk.person["_id"], reason=reason)
    return RedirectResponse(f"{PATH}?kind=erased", 303)


def _only_guards(desk: Desk) -> None:
    if not desk.guards:
        raise HTTPException(404)


def _wanted(desk: Desk, asked: dict[str, str]) -> EventFilter:
    """Return what the address or the form asks for; a login stands for its person."""
    person, kind = asked.get("person", ""), asked.get("kind", "")
    if person and ":" not in person:
        person = _person(desk, person)
    days = typed_days.read(asked.get("day", ""))
    return EventFilter(person or None, kind if kind in KINDS else None, days[0] if days else None)


def _person(desk: Desk, text: str) -> str:
    found = [
        one["_id"]
        for one in desk.reference.people()
        if text in (one.get("name"), one["_id"].partition(":")[2])
    ]
    return found[0] if found else f"person:{text}"


def _draw(desk: Desk, problems: dict[str, str] | None = None, status: int = 200) -> Response:
    asked = table_parts.asked(desk, "person", "kind", "day", "before")
    wanted = _wanted(desk, asked)
    with desk.site.reading() as connection:
        rows = security_log.events(
            connection, wanted, before=asked.get("before", ""), limit=PAGE + 1
        )
        reads = security_log.reads_of(connection, wanted, MOST_READS)
    more = filters.link(PATH, asked, before=rows[PAGE - 1].id) if len(rows) > PAGE else None
    first = filters.link(PATH, asked) if asked.get("before") else None
    kept = desk.settings["security.log_kept"]
    context = {
        "path": PATH,
        "asked": {name: asked.get(name, "") for name in ("person", "kind", "day")},
        "kinds": [
            {"value": kind, "label": desk.word(label), "chosen": kind == wanted.kind}
            for kind, label in KINDS.items()
        ],
        "rows": [_row(desk, row) for row in rows[:PAGE]],
        "reads": [
            {"day": typed_days.written([row.day]), "who": desk.name(row.person), "n": row.records}
            for row in reads
        ],
        "note": desk.words.gettext("kept for %(time)s")
        % {"time": amount(desk, kept["value"], kept["unit"])},
        "confirm": desk.confirmation(problems),
        "erasing": {"record": None, "reason": None, **(problems or {})},
        "pages": {"next": more, "first": first, "say": ""},
    }
    return desk.page("features/security/office/list.html", context, "security", status)


def _row(desk: Desk, row: Any) -> dict[str, str]:
    return {
        "id": row.id,
        "at": f"{date(row.at)} {clock(row.at)}",
        "ago": time_words.ago(desk.words, desk.now, row.at),
        "kind": desk.word(KINDS.get(row.kind, row.kind)),
        "who": desk.name(row.person) if row.person else "",
        "login": row.login or "",
        "address": row.address or "",
        "device": (row.device or "").partition(":")[2][-4:],
        "about": _about(desk, row.subject or ""),
        "detail": _detail(desk, orjson.loads(row.detail)),
    }


def _about(desk: Desk, subject: str) -> str:
    """Return a person's name, else the bare id: what a record is called may be a patient's name."""
    return desk.name(subject) if subject in desk.reference.records else subject


def _detail(desk: Desk, detail: dict[str, Any]) -> str:
    parts = []
    for name, value in detail.items():
        if isinstance(value, list) and len(value) == 2:  # what it was, and what it is
            old, new = (_value(desk, one) for one in value)
            parts.append(f"{name}: {old} → {new}")
        else:
            parts.append(f"{name}: {_value(desk, value)}")
    return desk.listed(parts)


def _value(desk: Desk, value: Any) -> str:
    labels = dict(POSTS)
    values = value if isinstance(value, list) else [] if value is None else [value]
    said = [
        desk.word(labels[one])
        if one in labels
        else desk.name(one)
        if isinstance(one, str) and ":" in one
        else str(one)
        for one in values
    ]
    return desk.all_of(said) or "–"
