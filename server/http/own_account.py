"""One's own account: the password, and the second factor, for whoever is signed in."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.http import accounts, confirmations, second_factor, sign_in, sign_in_stages
from server.http.forms import form_endpoint, form_value
from server.http.pages import reader_of, render, site_of
from service_worker.build.catalogue import Translator

PATH = "/account"
WRONG = 422


def page(request: Request) -> Response:
    """GET /account"""
    person = reader_of(request).person
    return _draw(request, person) if person else _sign_in()


@form_endpoint
def password(request: Request, form: FormData) -> Response:
    """POST /account/password: change it; every other sign-in of the person ends."""
    person = reader_of(request).person
    if person is None:
        return _sign_in()
    if site_of(request).config.demo or person["_id"] not in accounts.logins(site_of(request)):
        return _draw(request, person)
    problem = _confirmed(request, person, form) or sign_in_stages.change_password(
        request, person, form
    )
    if problem:
        return _draw(request, person, {"password": problem}, WRONG)
    return sign_in.go_on(request, person, f"{PATH}?done=password", "enrol")


@form_endpoint
def factor(request: Request, form: FormData) -> Response:
    """POST /account/factor: `step` is begin, on (with a code) or off."""
    person = reader_of(request).person
    if person is None:
        return _sign_in()
    site, step = site_of(request), form_value(form, "step")
    if site.config.demo or person["_id"] not in accounts.logins(site):
        return _draw(request, person)
    if step == "on":
        return _turn_on(request, person, form)
    if problem := _confirmed(request, person, form):
        return _draw(request, person, {"factor": problem}, WRONG)
    if step == "off":
        if second_factor.is_required(site, person.get("posts") or []):
            say = reader_of(request).words.gettext("Your post needs a second factor.")
            return _draw(request, person, {"factor": say}, WRONG)
        second_factor.turn_off(site, person["_id"], person["_id"])
        return RedirectResponse(f"{PATH}?done=off", 303)
    if second_factor.is_on(site, person["_id"]):
        return _draw(request, person)
    return _draw_factor(request, person)


def _turn_on(request: Request, person: accounts.Person, form: FormData) -> Response:
    codes = second_factor.turn_on(site_of(request), person["_id"], form_value(form, "code"))
    if codes is None:
        words = reader_of(request).words
        say = words.gettext("The code is wrong, or it was used before. Wait for the next one.")
        return _draw_factor(request, person, say, WRONG)
    return sign_in_stages.show_codes(request, codes, PATH, None)


def _sign_in() -> Response:
    return RedirectResponse("/sign-in", 303)


def _confirmed(request: Request, person: accounts.Person, form: FormData) -> str:
    """Return a sentence unless the person's own password is right."""
    words, given = reader_of(request).words, str(form.get(confirmations.FIELD, ""))
    attempt = confirmations.confirm(site_of(request), request, person["_id"], given)
    return "" if attempt.person else refusal(words, attempt)


def refusal(words: Translator, attempt: accounts.Attempt) -> str:
    """Return the sentence for a password that was asked again and was wrong."""
    if attempt.problem == "too_many":
        say = words.gettext("Too many wrong passwords. Try again in %(n)s min.")
        return say % {"n": -(-attempt.wait // 60)}
    return words.gettext("That is not your password.")


def _draw_factor(
    request: Request, person: accounts.Person, problem: str = "", status: int = 200
) -> Response:
    form = {"target": "", "problem": problem, "action": f"{PATH}/factor"}
    factor_shown = sign_in_stages.factor_context(request, person)
    context = {"form": form, "factor": factor_shown, "codes": []}
    return render(request, "layout/server_factor.html", context, status)


def _draw(
    request: Request,
    person: accounts.Person,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    site = site_of(request)
    login = accounts.logins(site).get(person["_id"], "")
    one = {
        "login": login,
        "demo": site.config.demo,
        "factor": bool(login) and second_factor.is_on(site, person["_id"]),
        "done": request.query_params.get("done", ""),
        "home": sign_in.home_of(person),
    }
    said = problems or {}
    asks = {name: {"needed": True, "problem": said.get(name)} for name in ("password", "factor")}
    context = {"one": one, "asks": asks}
    return render(request, "layout/server_account.html", context, status)
