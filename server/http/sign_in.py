"""Pages for signing in and out, and where / leads."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.http import accounts
from server.http.forms import form_endpoint, form_value
from server.http.pages import (
    YEAR,
    Context,
    reader_of,
    render,
    site_of,
)
from sync.languages import LANGUAGES, NAMES
from sync.posts import OFFICE

# Our own pages; `//host` would lead to another site.
TARGET = re.compile(r"^/(floor|office)/[^\\]*$")
DEVICE = "floorwalk_device"
DEMO_PEOPLE = ("lin", "chen", "wu", "zhao")
DEMO_PASSWORD = "floorwalk"  # noqa: S105  (printed on the page of a site with invented people)


def page(request: Request) -> Response:
    """GET /sign-in: the form, or how to make the first account."""
    if accounts.nobody_yet(site_of(request)):
        return render(request, "layout/server_no_account.html", {"languages": languages(request)})
    return _remembering(request, _form(request, own_target(request.query_params.get("target"))))


@form_endpoint
def enter(request: Request, form: FormData) -> Response:
    """POST /sign-in: 303 to the wanted page; 422 for a wrong password, 429 for too many."""
    site, login = site_of(request), form_value(form, "login")
    password, target = str(form.get("password", "")), own_target(form_value(form, "target"))
    device, is_known_device = _device(request)
    attempt = accounts.sign_in(site, login, password, device, is_known_device=is_known_device)
    if attempt.person is None:
        return _refused(request, login, target, attempt)
    return go_on(request, attempt.person, target)


def go_on(
    request: Request, person: accounts.Person, target: str, done: str = ""
) -> RedirectResponse:
    """Let somebody in whose password was right, or lead them to the next stage; `done` is over."""
    site = site_of(request)
    stage = accounts.stage_after(site, person, done)
    agent = request.headers.get("user-agent", "")
    device_key = request.cookies.get(DEVICE) or secrets.token_urlsafe(16)
    token = accounts.begin_session(site, person["_id"], f"device:{device_key}", agent, stage)
    to = f"/sign-in/{stage}?{urlencode({'target': target})}" if stage else target
    answer = RedirectResponse(to or home_of(person), 303)
    # A tablet that was switched off in the middle of a shift goes on sending by itself.
    lasts = accounts.seconds_it_lasts(site)
    _set(request, answer, accounts.cookie_name(site), token, max_age=lasts)
    _set(request, answer, DEVICE, device_key, max_age=2 * YEAR)
    return answer


@form_endpoint
def leave(request: Request, form: FormData) -> Response:
    """POST /sign-out: end the session and go to the sign-in page."""
    site = site_of(request)
    name = accounts.cookie_name(site)
    if token := request.cookies.get(name):
        accounts.end_session(site, token)
    answer = RedirectResponse("/sign-in", 303)
    # "cache" only: storage holds the tablet's unsent acts, which outlive a sign-out.
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(name, path="/", secure=site.config.secure, httponly=True, samesite="lax")
    return answer


def home(request: Request) -> Response:
    """GET /: the office for those who only have a desk, the floor for the others."""
    person = reader_of(request).person
    if person is None:
        return RedirectResponse("/sign-in", 303)
    if not person.get("posts"):
        return render(request, "layout/server_no_post.html", {"languages": languages(request)}, 403)
    return RedirectResponse(home_of(person), 303)


def home_of(person: accounts.Person) -> str:
    """Return the page a person starts on: the office for desk posts alone, else the floor."""
    posts = set(person.get("posts", []))
    if not posts:
        return "/"
    return "/office/" if posts <= set(OFFICE) else "/floor/lobby"


def own_target(target: str | None) -> str:
    """Return the page that a form or link asks for, "" unless it is one of ours."""
    return target if target and TARGET.match(target) else ""


def languages(request: Request) -> list[Context]:
    """Return the links that change the language; each language is named in its own words."""
    here = reader_of(request).language
    return [
        {
            "href": f"{request.url.path}?language={one.name}",
            "lang": one.tag,
            "label": one.label,
            "current": one.name == here,
        }
        for one in LANGUAGES
    ]


def _form(
    request: Request, target: str, login: str = "", problem: str = "", status: int = 200
) -> Response:
    form = {"login": login, "target": target, "problem": problem, "people": _demo_people(request)}
    context = {"form": form, "languages": languages(request)}
    return render(request, "layout/sign_in.html", context, status)


def _refused(request: Request, login: str, target: str, attempt: accounts.Attempt) -> Response:
    words = reader_of(request).words
    if attempt.problem == "too_many":
        minutes = -(-attempt.wait // 60)
        say = words.gettext("Too many wrong passwords. Try again in %(n)s min.") % {"n": minutes}
        answer = _form(request, target, login, say, 429)
        answer.headers["Retry-After"] = str(attempt.wait)
        return answer
    say = words.gettext("Name or password is wrong. Check capital letters, or ask your office.")
    return _form(request, target, login, say, 422)


def _demo_people(request: Request) -> list[Context]:
    site = site_of(request)
    if not site.config.demo:
        return []
    words, posts = reader_of(request).words, site.declarations["posts"]
    rows = []
    for login in DEMO_PEOPLE:
        person = site.person(f"person:{login}")
        if person is not None:
            held = [words.gettext(posts[post]) for post in person.get("posts", [])[:1]]
            say = held[0] if held else words.gettext("No post yet")
            row = {"login": login, "name": person["name"], "say": say, "password": DEMO_PASSWORD}
            rows.append(row)
    return rows


def _device(request: Request) -> tuple[str, bool]:
    """Return what attempts are counted by, and whether it is a device known from a sign-in."""
    device_key = request.cookies.get(DEVICE)
    if device_key and accounts.device_is_known(site_of(request), f"device:{device_key}"):
        return f"device:{device_key}", True
    return accounts.address_of(request), False


def _remembering(request: Request, answer: Response) -> Response:
    """Set a cookie for the language that a link of the page asked for."""
    asked = request.query_params.get("language")
    if asked in NAMES:
        _set(request, answer, "floorwalk_language", asked, max_age=YEAR)
    return answer


def _set(
    request: Request, answer: Response, name: str, value: str, max_age: int | None = None
) -> None:
    secure = site_of(request).config.secure
    answer.set_cookie(name, value, max_age, path="/", secure=secure, httponly=True, samesite="lax")
