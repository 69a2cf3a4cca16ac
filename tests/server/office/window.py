"""A browser without scripts: it signs in, opens pages, and submits the forms that it was shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

OURS = {"sec-fetch-site": "same-origin"}
PASSWORD = "floorwalk"


@dataclass
class Form:
    """A form as a page shows it: where it goes, and what stands in it already."""

    action: str
    method: str
    fields: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._href = ""
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get"), {}))
        elif tag == "input" and self.forms:
            chosen = "checked" in given or given.get("type") not in ("radio", "checkbox")
            if chosen and given.get("name"):
                self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "a":
            self._href = given.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = ""

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text:
            self.words.append(text)
            if self._href:
                self.links.setdefault(text, self._href)


@dataclass
class Page:
    """What a person sees of an answer; it is read when somebody looks."""

    status: int
    html: str
    address: str

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader

    @property
    def text(self) -> str:
        """Return all its words."""
        return " ".join(self._read.words)

    @property
    def forms(self) -> list[Form]:
        """Return its forms."""
        return self._read.forms

    @property
    def links(self) -> dict[str, str]:
        """Return where each of its links leads, by the link's words."""
        return self._read.links

    def form(self, action: str) -> Form:
        """Return the form that is sent to an address which ends like that."""
        sent = (form for form in self.forms if form.method == "post")
        return next(form for form in sent if form.action.endswith(action))

    def row(self, words: str) -> str:
        """Return the text of the first table row that has these words."""
        rows = re.findall(r"<tr\b.*?</tr>", self.html, re.DOTALL)
        found = next(row for row in rows if words in row)
        return " ".join(re.sub(r"<[^>]+>", " ", found).split())


class Window:
    """One browser; what it was sent as cookies it keeps."""

    def __init__(self, app: Any, language: str = "en") -> None:
        self.client = TestClient(app, headers={"accept": "text/html", "accept-language": language})

    def signs_in(self, login: str, password: str = PASSWORD) -> Page:
        """Fill in the sign-in form."""
        return self.sends("/sign-in", login=login, password=password)

    def is_let_in(self, login: str) -> None:
        """Sign in, and look at no page yet."""
        sent = {"login": login, "password": PASSWORD}
        answer = self.client.post("/sign-in", data=sent, headers=OURS, follow_redirects=False)
        assert answer.status_code == 303, answer.text

    def opens(self, path: str, **headers: str) -> Page:
        """Open an address and go where it leads."""
        return self._page(self.client.get(path, headers=headers))

    def sends(self, path: str, **fields: Any) -> Page:
        """Send a form, as a page of ours would."""
        return self._page(self.client.post(path, data=fields, headers=OURS))

    def fills_in(self, page: Page, action: str, **fields: Any) -> Page:
        """Fill in a form of a page and send it."""
        form = page.form(action)
        return self.sends(form.action, **{**form.fields, **fields})

    def _page(self, answer: Any) -> Page:
        return Page(answer.status_code, answer.text, answer.url.path)
