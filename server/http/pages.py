"""Draws pages on the server: the templates, the reader's language, and what every page shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from server.base.paths import is_checkout, web_folder
from service_worker.build import catalogue
from service_worker.build.catalogue import Translator
from service_worker.build.compile_template import make_environment
from sync import languages

if TYPE_CHECKING:
    from server.acts.site import Site

Context = dict[str, Any]

THEMES = ("light", "dark", "night")
YEAR = 365 * 24 * 3_600  # seconds


@dataclass(frozen=True)
class Reader:
    """Who reads a page, and how it looks to them."""

    person: dict[str, Any] | None
    language: str
    theme: str
    words: Translator


def site_of(request: Request) -> Site:
    """Return the hospital that this application serves."""
    site: Site = request.app.state.site
    return site


def reader_of(request: Request) -> Reader:
    """Return who reads; asked of the accounts once a request."""
    from server.http.accounts import (
        current_person,  # it draws nothing, but its pages are drawn here
    )

    known: Reader | None = getattr(request.state, "reader", None)
    if known is None:
        person = current_person(request)
        language = language_of(request, person)
        theme = request.cookies.get("floorwalk_theme", "")
        known = Reader(person, language, theme if theme in THEMES else "", words_in(language))
        request.state.reader = known
    return known


def language_of(request: Request, person: dict[str, Any] | None) -> str:
    """Return the language of a request: the person's own, the cookie's, the browser's first.

    A link of a page without a person may ask for one: `?language=en`.
    """
    said = [request.query_params.get("language"), (person or {}).get("language")]
    said.append(request.cookies.get("floorwalk_language"))
    for accepted in request.headers.get("accept-language", "").split(","):
        tag = accepted.partition(";")[0].strip().lower()
        said.append(languages.spoken(tag))
    return next((language for language in said if language in languages.NAMES), languages.NAMES[0])


@cache
def words_in(language: str) -> Translator:
    """Return the sentences of a language; English is what the sources say."""
    locales = web_folder() / "locales"
    known = catalogue.read(locales, language) if (locales / language).is_dir() else {}
    return Translator(known)


@cache
def environment(language: str) -> Environment:
    """Return the templates in a language."""
    made = make_environment(FileSystemLoader(web_folder()), words_in(language))
    made.auto_reload = is_checkout()
    return made


def shell(request: Request) -> Context:
    """Return what every layout shows: language, theme, hospital, person, moment."""
    reader, site = reader_of(request), site_of(request)
    posts = site.declarations["posts"]
    held = (reader.person or {}).get("posts", [])
    return {
        "lang": languages.TAGS[reader.language],
        "theme": reader.theme,
        "site": site_name(site),
        "person": (reader.person or {}).get("name", ""),
        "post": ", ".join(reader.words.gettext(posts[post]) for post in held[:1] if post in posts),
        "now": site.now(),
    }


def site_name(site: Site) -> str:
    """Return what the hospital calls itself: the name of the place that all others are inside."""
    places = site.reference().records.values()
    house = (place for place in places if place["type"] == "place" and place.get("kind") == "site")
    return str(next(house, {}).get("name") or site.config.name)


def text(request: Request, template: str, context: Context) -> str:
    """Return a template in the reader's language as text, for whoever sends it another way."""
    return environment(reader_of(request).language).get_template(template).render(context)


def render(
    request: Request, template: str, context: Context | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page or a fragment. Nothing of it may be kept by a cache: it names people."""
    whole = {"shell": shell(request), **(context or {})}
    headers = {"Cache-Control": "no-store", "Vary": "HX-Request-Type"}
    return HTMLResponse(text(request, template, whole), status, headers)


def wants_part(request: Request) -> bool:
    """Say whether htmx asks for the fragment alone and not for the page around it."""
    return request.headers.get("hx-request-type") == "partial"
