"""Renders HTML pages: templates in the reader's language, and what every page's frame shows."""

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
YEAR = 365 * 24 * 3_600  # s


@dataclass(frozen=True)
class Reader:
    """The person who reads a page (None before sign-in), with language, theme and translator."""

    person: dict[str, Any] | None
    language: str
    theme: str
    words: Translator


def site_of(request: Request) -> Site:
    """Return the site that this application serves."""
    site: Site = request.app.state.site
    return site


def reader_of(request: Request) -> Reader:
    """Return who reads a page; looked up once for each request."""
    from server.http.accounts import (
        current_person,  # it draws nothing, but its pages are drawn here
    )

    reader: Reader | None = getattr(request.state, "reader", None)
    if reader is None:
        person = current_person(request)
        language = language_of(request, person)
        theme = request.cookies.get("floorwalk_theme", "")
        reader = Reader(person, language, theme if theme in THEMES else "", words_in(language))
        request.state.reader = reader
    return reader


def language_of(request: Request, person: dict[str, Any] | None) -> str:
    """Return the language of a request: of the link, the person, the cookie, or the browser.

    A link on a page without a person may ask for one: `?language=en`.
    """
    candidates = [request.query_params.get("language"), (person or {}).get("language")]
    candidates.append(request.cookies.get("floorwalk_language"))
    for accepted in request.headers.get("accept-language", "").split(","):
        tag = accepted.partition(";")[0].strip().lower()
        candidates.append(languages.spoken(tag))
    return next(
        (language for language in candidates if language in languages.NAMES), languages.NAMES[0]
    )


@cache
def words_in(language: str) -> Translator:
    """Return the translator of a language; English is what the sources themselves say."""
    locales = web_folder() / "locales"
    messages = catalogue.read(locales, language) if (locales / language).is_dir() else {}
    return Translator(messages)


@cache
def environment(language: str) -> Environment:
    """Return the template environment of a language."""
    templates = make_environment(FileSystemLoader(web_folder()), words_in(language))
    templates.auto_reload = is_checkout()
    return templates


def shell(request: Request) -> Context:
    """Return what every layout shows: language, theme, hospital, person, post, moment (ms)."""
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
    """Return the hospital's own name: that of the place of kind `site`, else the configured one."""
    places = site.reference().records.values()
    house = (place for place in places if place["type"] == "place" and place.get("kind") == "site")
    return str(next(house, {}).get("name") or site.config.name)


def text(request: Request, template: str, context: Context) -> str:
    """Return a rendered template as text, in the reader's language."""
    return environment(reader_of(request).language).get_template(template).render(context)


def render(
    request: Request, template: str, context: Context | None = None, status: int = 200
) -> HTMLResponse:
    """Return a rendered page or fragment; it names people, so no cache may keep it."""
    whole = {"shell": shell(request), **(context or {})}
    headers = {"Cache-Control": "no-store", "Vary": "HX-Request-Type"}
    return HTMLResponse(text(request, template, whole), status, headers)


def wants_part(request: Request) -> bool:
    """Say whether htmx asks for a fragment without the page around it."""
    return request.headers.get("hx-request-type") == "partial"
