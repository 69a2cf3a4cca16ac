"""The pages between a right password and being in: a code, a password of one's own, a factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.http import accounts, forms, second_factor, sign_in
from server.http.forms import form_endpoint, form_value
from server.http.pages import Context, reader_of, render, site_of

Drawing = Callable[..., Response]
Stage = Callable[[Request, accounts.Person, FormData], Response]


def _page(
    stage: str, draw: Callable[[Request, accounts.Person], Response]
) -> Callable[[Request], Response]:
    """Return the endpoint of a stage's page; whoever is not in that stage signs in again."""

    def endpoint(request: Request) -> Response:
        found = accounts.staged(site_of(request), request)
        return draw(request, found[0]) if found and found[1] == stage else _begin_again()

    return endpoint


def _form(stage: str) -> Callable[[Stage], forms.Endpoint]:
    """Return a decorator for the endpoint of a stage's form."""

    def decorate(handler: Stage) -> forms.Endpoint:
        @form_endpoint
        @wraps(handler)
        def endpoint(request: Request, form: FormData) -> Response:
            found = accounts.staged(site_of(request), request)
            if found is None or found[1] != stage:
                return _begin_again()
            return handler(request, found[0], form)

        return endpoint

    return decorate


def _begin_again() -> Response:
    return RedirectResponse("/sign-in", 303)


def _target(request: Request, form: FormData | None = None) -> str:
    asked = form_value(form, "target") if form else request.query_params.get("target")
    return sign_in.own_target(asked)


def _drawing(template: str) -> Drawing:
    """Return what draws a stage's form: empty, or with a problem and a status."""

    def draw(
        request: Request, _person: accounts.Person, problem: str = "", status: int = 200
    ) -> Response:
        context = {"form": {"target": _target(request), "problem": problem}}
        return render(request, template, context, status)

    return draw


# The second factor's code


_draw_code = _drawing("layout/server_code.html")
code_page = _page("code", _draw_code)


@_form("code")
def code(request: Request, person: accounts.Person, form: FormData) -> Response:
    """POST /sign-in/code: on with the sign-in; 422 for a wrong code, 429 for too many."""
    site, words = site_of(request), reader_of(request).words
    device = accounts.address_of(request)
    is_right, wait = second_factor.check(site, person["_id"], form_value(form, "code"), device)
    if not is_right:
        say = words.gettext("The code is wrong, or it was used before. Wait for the next one.")
        if wait:
            many = words.gettext("Too many wrong codes. Try again in %(n)s min.")
            say = many % {"n": -(-wait // 60)}
        return _draw_code(request, person, say, 429 if wait else 422)
    return _done(request, person, form, "code")


def _done(request: Request, person: accounts.Person, form: FormData, stage: str) -> Response:
    """End this stage's token, and go on with a new one."""
    site = site_of(request)
    accounts.end_session(site, request.cookies[accounts.cookie_name(site)])
    return sign_in.go_on(request, person, _target(request, form), stage)


# A password that nobody else knows


_draw_change = _drawing("layout/server_change.html")
change_page = _page("change", _draw_change)


@_form("change")
def change(request: Request, person: accounts.Person, form: FormData) -> Response:
    """POST /sign-in/change: keep the new password and go on; 422 when it will not do."""
    problem = change_password(request, person, form)
    if problem:
        return _draw_change(request, person, problem, 422)
    return sign_in.go_on(request, person, _target(request, form), "change")


def change_password(request: Request, person: accounts.Person, form: FormData) -> str:
    """Give a person the password they chose; return a sentence when it will not do."""
    site, words = site_of(request), reader_of(request).words
    fresh, again = str(form.get("password", "")), str(form.get("again", ""))
    if fresh != again:
        return words.gettext("The two passwords differ.")
    login = accounts.logins(site)[person["_id"]]
    if accounts.is_password(site, login, fresh):
        return words.gettext("That is the password you have. Choose another.")
    try:
        accounts.set_password(site, person["_id"], login, fresh, by=person["_id"])
    except ValueError as error:
        return {
            "too_short": words.gettext("At least 8 characters."),
            "too_long": words.gettext("Too long. Choose a shorter one."),
        }[str(error)]
    return ""


# A second factor, where it must be


def factor_context(request: Request, person: accounts.Person) -> Context:
    """Return what the page of a factor that is being turned on shows."""
    site = site_of(request)
    secret = second_factor.begin(site, person["_id"])
    login = accounts.logins(site)[person["_id"]]
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"picture": second_factor.picture(site, login, secret), "secret": spaced}


def _draw_enrol(
    request: Request, person: accounts.Person, problem: str = "", status: int = 200
) -> Response:
    form = {"target": _target(request), "problem": problem, "action": "/sign-in/enrol"}
    context = {"form": form, "factor": factor_context(request, person), "codes": []}
    return render(request, "layout/server_factor.html", context, status)


enrol_page = _page("enrol", _draw_enrol)


@_form("enrol")
def enrol(request: Request, person: accounts.Person, form: FormData) -> Response:
    """POST /sign-in/enrol: turn it on, show the recovery codes, and let the person in."""
    codes = second_factor.turn_on(site_of(request), person["_id"], form_value(form, "code"))
    if codes is None:
        words = reader_of(request).words
        say = words.gettext("The code is wrong, or it was used before. Wait for the next one.")
        return _draw_enrol(request, person, say, 422)
    after = _done(request, person, form, "enrol")
    return show_codes(request, codes, after.headers["location"], after)


def show_codes(request: Request, codes: list[str], on: str, after: Response | None) -> Response:
    """Return the page that shows recovery codes once; it sets the cookies of `after`."""
    form = {"target": "", "problem": "", "action": "", "on": on}
    context = {"form": form, "factor": {}, "codes": codes}
    page = render(request, "layout/server_factor.html", context)
    if after is not None:
        page.raw_headers.extend(pair for pair in after.raw_headers if pair[0] == b"set-cookie")
    return page
