"""People: the pages where an administrator adds them, and sets posts, places and passwords."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.acts.security_log import RIGHTS
from server.base import pinyin
from server.database.tables import sessions
from server.http import accounts, forms, second_factor
from server.http.forms import form_value
from server.office.page_parts import filters, table_parts, time_words
from server.office.page_parts.filters import Facet, Option
from server.office.page_parts.form_errors import mistake
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import act_forms, history, labels
from sync.posts import POSTS, SECURITY

PATH = "/office/people"
LOGIN = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,39}$")
FIELDS = ("name", "posts", "places", "units", "phone", "language", "active")
BY_NAME = pinyin.by_name(lambda one: str(one["name"]))
WIDE_PLACES = ("site", "floor", "lobby", "area", "ward")  # what people look after


@office
def page(desk: Desk) -> Response:
    """GET /office/people"""
    _only_admins(desk)
    return _draw_list(desk)


@office_form
def add(desk: Desk, sent: FormData) -> Response:
    """POST /office/people: add a person by an act; the password goes into the accounts alone."""
    _only_admins(desk)
    login, password = accounts.clean(form_value(sent, "login")), str(sent.get("password", ""))
    data, problems = _read(desk, sent)
    identifier = f"person:{login}"
    if not LOGIN.match(login):
        problems["login"] = desk.words.gettext("Small letters, digits, . - and _ only.")
    elif desk.site.record(identifier) is not None:
        problems["login"] = mistake(desk, "login_taken")
    if password and len(password) < 8:
        problems["password"] = mistake(desk, "too_short")
    problems |= _grants(desk, {}, data)
    if not problems:
        problems = desk.confirm(sent)
    if not problems:
        problems = _say(desk, "person.added", identifier, data)
    if not problems and password:
        problems = _set_password(desk, identifier, login, password)
    if problems:
        form = _form(desk, {**data, "login": login}, problems)
        return _draw_list(desk, form, 422)
    return RedirectResponse(f"{PATH}/{login}", 303)


@office
def one(desk: Desk) -> Response:
    """GET /office/people/<id>"""
    _only_admins(desk)
    return _draw_one(desk, _wanted(desk))


@office_form
def change(desk: Desk, sent: FormData) -> Response:
    """POST /office/people/<id>: change a person by one act; it holds from the next request on."""
    _only_admins(desk)
    person = _wanted(desk)
    data, problems = _read(desk, sent)
    data["active"] = form_value(sent, "active") == "yes"
    changed = {name: value for name, value in data.items() if value != person.get(name)}
    changed |= {
        name: None for name in FIELDS if name not in data and person.get(name) not in (None, [])
    }
    if person["_id"] == desk.person["_id"] and changed.get("active") is False:
        problems["active"] = desk.words.gettext("You cannot end your own work here.")
    problems |= _grants(desk, person, data)
    if not problems and not changed.keys().isdisjoint(RIGHTS["person"]):
        problems = desk.confirm(sent)
    if not problems and changed:
        problems = _say(desk, "person.changed", person["_id"], changed, form_value(sent, "seen"))
    if problems:
        return _draw_one(desk, person, {**data}, problems, 422)
    return RedirectResponse(f"{PATH}/{_login(person)}", 303)


@office_form
def password(desk: Desk, sent: FormData) -> Response:
    """POST /office/people/<id>/password: set a new one, which ends all sessions of the person."""
    _only_admins(desk)
    person = _wanted(desk)
    login = form_value(sent, "login") or _login(person)
    if not _may_touch(desk, person):
        raise HTTPException(404)
    problems = desk.confirm(sent)
    problems = problems or _set_password(desk, person["_id"], login, str(sent.get("password", "")))
    if problems:
        return _draw_one(desk, person, None, problems, 422)
    return RedirectResponse(f"{PATH}/{_login(person)}?set=1", 303)


@office_form
def factor(desk: Desk, sent: FormData) -> Response:
    """POST /office/people/<id>/factor: turn a second factor off whose phone is lost."""
    person = _wanted(desk)
    if not desk.is_admin or not _may_touch(desk, person):
        raise HTTPException(404)
    problems = desk.confirm(sent)
    if problems:
        return _draw_one(desk, person, None, problems, 422)
    second_factor.turn_off(desk.site, person["_id"], desk.person["_id"])
    return RedirectResponse(f"{PATH}/{_login(person)}?set=factor", 303)


def _may_touch(desk: Desk, person: Record) -> bool:
    """Say whether the person may change this account: an administrator's only an administrator."""
    return desk.guards or set(person.get("posts") or ()).isdisjoint(SECURITY)


def _grants(desk: Desk, person: Record, data: dict[str, Any]) -> dict[str, str]:
    """Return the problem of a post that the person may not give, or of whom they may not change."""
    if desk.guards or (_may_touch(desk, person) and _may_touch(desk, data)):
        return {}
    return {"posts": desk.words.gettext("Only an administrator gives or takes that post.")}


def _only_admins(desk: Desk) -> None:
    if not desk.is_admin:
        raise HTTPException(404)


def _wanted(desk: Desk) -> Record:
    person = desk.read(f"person:{desk.request.path_params['id']}")
    if person["state"] == "unknown":  # somebody spoke of them, nobody added them
        raise HTTPException(404)
    return person


def _login(person: Record) -> str:
    return str(person["_id"].partition(":")[2])


def _say(
    desk: Desk, act: str, identifier: str, data: dict[str, Any], seen: str = ""
) -> dict[str, str]:
    verdict = desk.record_act(act, identifier, data, seen=seen)
    if verdict.good:
        return {}
    fields = verdict.details.get("fields", {})
    field_problems = {name: mistake(desk, code) for name, code in fields.items()}
    return field_problems or {"": mistake(desk, verdict.code or "")}


def _set_password(desk: Desk, person: str, login: str, chosen: str) -> dict[str, str]:
    try:
        by = desk.person["_id"]
        must_change = person != by and not desk.site.config.demo
        accounts.set_password(desk.site, person, login, chosen, by=by, must_change=must_change)
    except ValueError as error:
        code = str(error)
        return {"login" if code == "login_taken" else "password": mistake(desk, code)}
    return {}


def _read(desk: Desk, sent: FormData) -> tuple[dict[str, Any], dict[str, str]]:
    data: dict[str, Any] = {
        "name": form_value(sent, "name"),
        "posts": forms.form_values(sent, "posts"),
        "places": forms.form_values(sent, "places"),
        "units": forms.form_values(sent, "units"),
        "phone": form_value(sent, "phone"),
        "language": form_value(sent, "language"),
    }
    problems = {} if data["name"] else {"name": mistake(desk, "required")}
    return {name: value for name, value in data.items() if value not in ("", [])}, problems


def _form(desk: Desk, data: dict[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a person's form."""
    kind = "person"
    drawn = {}
    for name in FIELDS:
        field = labels.field(desk, kind, name)
        assert field is not None
        drawn[name] = act_forms.drawn_field(desk, field, data.get(name), problems.get(name))
    chosen = set(data.get("places", []))
    drawn["places"]["options"] = [
        {"value": place["_id"], "label": place["title"], "chosen": place["_id"] in chosen}
        for place in sorted(desk.reference.records.values(), key=lambda one: one.get("order", 0))
        if place["type"] == "place" and (place.get("kind") in WIDE_PLACES or place["_id"] in chosen)
    ]
    drawn["units"]["options"] = _units(desk, data.get("units", []))
    return {
        **drawn,
        "login": {"value": data.get("login", ""), "problem": problems.get("login")},
        "password": {"problem": problems.get("password")},
        "problem": problems.get("", ""),
        "problems": problems,
    }


def _units(desk: Desk, chosen: list[str]) -> list[dict[str, Any]]:
    """Return the units to choose from; one that nobody added stays, for somebody named it."""
    known = {r["_id"]: r["title"] for r in desk.reference.records.values() if r["type"] == "unit"}
    return [
        {"value": unit, "label": known.get(unit, unit), "chosen": unit in chosen}
        for unit in sorted({*known, *chosen}, key=lambda one: (one not in known, known.get(one)))
    ]


def _draw_list(desk: Desk, form: dict[str, Any] | None = None, status: int = 200) -> Response:
    asked = table_parts.asked(desk, "post", "here", "q", "add")
    logins = accounts.logins(desk.site)
    everybody = desk.reference.people()
    rows = [one for one in everybody if filters.finds(one, ("name", "_id"), asked.get("q", ""))]
    facets = (
        Facet(
            "here",
            (
                Option(
                    "yes", desk.words.gettext("Works here"), lambda row: bool(row.get("active"))
                ),
                Option(
                    "no", desk.words.gettext("No longer here"), lambda row: not row.get("active")
                ),
                Option(
                    "no_post",
                    desk.words.gettext("Without a post"),
                    lambda row: not row.get("posts"),
                ),
            ),
        ),
        Facet(
            "post",
            tuple(Option(post, desk.word(label), _holds(post)) for post, label in POSTS),
        ),
    )
    fitting = filters.fitting(rows, filters.chosen(facets, asked))
    if form is None and asked.get("add"):
        form = _form(desk, {}, {})
    context = {
        "groups": filters.chips(PATH, rows, facets, asked),
        "rows": [_row(desk, one, logins) for one in sorted(fitting, key=BY_NAME)],
        "search": table_parts.search(desk, PATH, asked, desk.words.gettext("Name, pinyin, login")),
        "note": desk.words.gettext("%(n)s people") % {"n": len(everybody)},
        "form": form,
        "confirm": desk.confirmation(form and form["problems"]),
    }
    return desk.page("features/person/office/list.html", context, "person", status)


def _holds(post: str) -> Any:
    return lambda row: post in row.get("posts", [])


def _row(desk: Desk, person: Record, logins: dict[str, str]) -> dict[str, Any]:
    posts = desk.declarations["posts"]
    return {
        "href": f"{PATH}/{_login(person)}",
        "name": person["name"],
        "login": logins.get(person["_id"], ""),
        "posts": desk.listed(
            desk.word(posts[post]) for post in person.get("posts", []) if post in posts
        ),
        "places": desk.listed(desk.name(place) for place in person.get("places", [])),
        "language": labels.value(desk, "person", "language", person.get("language")),
        "here": bool(person.get("active")),
        "last": table_parts.last_act(desk, person),
    }


def _draw_one(
    desk: Desk,
    person: Record,
    form_values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    login = accounts.logins(desk.site).get(person["_id"], "")
    data = {
        **(form_values if form_values is not None else person),
        "login": login or _login(person),
    }
    acts = history.acts_of(desk, person["_id"])
    context = {
        "one": {
            "href": f"{PATH}/{_login(person)}",
            "name": desk.name(person["_id"]),
            "has_login": bool(login),
            "seen": person["acts"]["last"] or "",
            "posts": _row(desk, person, {})["posts"],
            "password_set": desk.request.query_params.get("set") == "1",
            "factor": bool(login) and second_factor.is_on(desk.site, person["_id"]),
            "may_touch": _may_touch(desk, person),
            "sessions": _sessions(desk, person["_id"]),
        },
        "form": _form(desk, data, problems or {}),
        "confirm": desk.confirmation(problems),
        "story": history.history(desk, person, acts),
    }
    return desk.page("features/person/office/show.html", context, "person", status)


def _sessions(desk: Desk, person: str) -> list[dict[str, str]]:
    wanted = sa.select(sessions).where(
        sessions.c.person == person, sessions.c.expires_at > desk.now
    )
    with desk.site.reading() as connection:
        rows = connection.execute(wanted.order_by(sessions.c.seen_at.desc()).limit(10)).all()
    return [
        {
            "device": (row.device or "")[-4:],
            "since": time_words.ago(desk.words, desk.now, row.created_at),
            "seen": time_words.ago(desk.words, desk.now, row.seen_at),
        }
        for row in rows
    ]
