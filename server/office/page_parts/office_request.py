"""The desk: one office request with its person, rights and language, and how pages are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.acts import access
from server.acts.access import Rights
from server.acts.reference import Reference
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.database.tables import records
from server.http import confirmations, forms, own_account, pages
from server.office.page_parts import kinds
from service_worker.build.catalogue import Translator
from sync import copies, guards, ladder
from sync.check_act import fields_of
from sync.display_format import mask_name
from sync.posts import ADMINS, DECIDERS, OFFICE, SECURITY

DEVICE = "device:office"
NOTHING: dict[str, Any] = {"setters": {}, "acts": {"recent": []}}  # a record that nobody made

Record = dict[str, Any]
Handler = Callable[["Desk"], Response]
FormHandler = Callable[["Desk", FormData], Response]


@dataclass
class Desk:
    """One request of a person whose post opens the office; `now` (ms) is frozen for the page."""

    request: Request
    site: Site
    person: Record
    reference: Reference
    rights: Rights
    words: Translator
    now: int
    seq: int  # how far the database was before anything was read for this request

    @property
    def declarations(self) -> dict[str, Any]:
        """Everything declared."""
        return self.site.declarations

    @property
    def settings(self) -> dict[str, Any]:
        """The site's settings as they are now."""
        return self.reference.settings

    @property
    def calendar(self) -> dict[str, Any]:
        """The site's working-day calendar."""
        return self.reference.calendar

    @cached_property
    def is_admin(self) -> bool:
        """Say whether the person looks after people, settings and devices."""
        return self.rights.hold(*ADMINS)

    @cached_property
    def guards(self) -> bool:
        """Say whether the person looks after security: its log, accounts of administrators."""
        return self.rights.hold(*SECURITY)

    @cached_property
    def decides(self) -> bool:
        """Say whether the person decides about open questions and refusals."""
        return self.rights.hold(*DECIDERS)

    @cached_property
    def asks_password(self) -> bool:
        """Say whether what touches security needs the person's own password in its form."""
        return not confirmations.is_fresh(self.site, self.request)

    def confirm(self, sent: FormData) -> dict[str, str]:
        """Return {} if the person's password was given just now or stands in the form, else why
        not.
        """
        if not self.asks_password:
            return {}
        given = str(sent.get(confirmations.FIELD, ""))
        attempt = confirmations.confirm(self.site, self.request, self.person["_id"], given)
        if attempt.person is None:
            return {confirmations.FIELD: own_account.refusal(self.words, attempt)}
        self.__dict__["asks_password"] = False
        return {}

    def confirmation(self, problems: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what a form that asks for the password shows: {needed, problem}."""
        problem = (problems or {}).get(confirmations.FIELD)
        return {"needed": self.asks_password, "problem": problem}

    def may(self, act: str) -> bool:
        """Say whether the person's posts allow an act at all."""
        kind, _, verb = act.partition(".")
        plain = {"act": act, "data": {}, "record": f"{kind}:x"}
        if verb in ("undone", "decided", "edited") or act in self.declarations["acts"]:
            return access.may_say(self.declarations, plain, self.rights) is None
        return False

    def read(self, identifier: str) -> Record:
        """Return a record, or raise 404 as for one that does not exist."""
        record = self.site.record(identifier)
        if record is None or not self.sees(record):
            raise HTTPException(404)
        self.site.reads.add(self.person["_id"], 1, self.now)
        return record

    def sees(self, record: Record) -> bool:
        """Say whether the record is offered to the person."""
        if record.get("state") == "unknown":  # spoken of, and never made
            return False
        known = self.reference
        channels = access.channels_of(self.declarations, record, known.ancestors, known.knows)
        hides = [self.person["_id"]] if record["_id"] in self.hidden else []
        return access.may_see(self.rights, channels, hides=hides)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Return the ids of what is hidden from the person: complaints about them, for instance."""
        wanted = sa.select(records.c.id).where(access.hidden_from(self.person["_id"]))
        with self.site.reading() as connection:
            return frozenset(connection.scalars(wanted))

    def name(self, identifier: str | None) -> str:
        """Return what the record of an id is called; the server calls itself the system."""
        if not identifier:
            return ""
        if identifier.startswith("system:"):
            return self.words.gettext("System")
        record = self.reference.records.get(identifier) or self._elsewhere(identifier)
        return self.called(record) or _short(identifier)

    def called(self, record: Record) -> str:
        """Return what a record is called in a row, masked if that is private; empty for nothing."""
        declared = self.declarations["records"].get(record.get("type", ""))
        if declared is None:
            return ""
        name, value = kinds.called(declared, record)
        if not value and record.get("erased"):
            kind = self.word(declared["label"])
            return self.words.gettext("%(kind)s, erased") % {"kind": kind}
        if kinds.is_private(declared, name):
            return mask_name(value)
        return self._called(fields_of(declared).get(name, {}), value)

    def _called(self, field: dict[str, Any], value: str) -> str:
        """Return what a record is called by a field that is a link, a choice, or words of ours."""
        if field.get("kind") == "link":
            return self.name(value)
        chosen = dict(field.get("choices") or ()).get(value)
        return self.word(chosen or value) if chosen or field.get("shipped") else value

    def _elsewhere(self, identifier: str) -> Record:
        cached: dict[str, Record] = self.__dict__.setdefault("_read", {})
        if identifier not in cached:
            found = None if identifier in self.hidden else self.site.record(identifier)
            cached[identifier] = found or {}
        return cached[identifier]

    def through(self, identifier: str) -> str:
        """Return the id that an id stands for: a record that was merged leads to another."""
        passed = {identifier}
        while True:
            record = self.reference.records.get(identifier) or self._elsewhere(identifier)
            identifier, before = record.get("merged_into", identifier), identifier
            if identifier in passed:  # it leads no further, or two lead to each other
                return before
            passed.add(identifier)

    def href(self, identifier: Any) -> str:
        """Return where a record has its page."""
        return kinds.href(self.declarations, identifier)

    def word(self, declared: str) -> str:
        """Return a declared label, choice or meaning in the reader's language."""
        return self.words.gettext(declared)

    def listed(self, parts: Iterable[str]) -> str:
        """Join parts of a sentence in the reader's language."""
        return self.words.pgettext("between parts", ", ").join(parts)

    def all_of(self, names: Iterable[str]) -> str:
        """Join several names or choices in the reader's language."""
        return self.words.pgettext("between names", ", ").join(names)

    def position(self, record: Record) -> dict[str, Any]:
        """Return where a record stands on its ladders now, as sync.ladder.position."""
        return ladder.position(self.declarations, record, self.settings, self.calendar, self.now)

    def record_act(
        self,
        act: str,
        record: str,
        data: dict[str, Any],
        *,
        seen: str | None = None,
        text: str | None = None,
        identifier: str | None = None,
    ) -> Verdict:
        """Record an act in the person's own name; return the verdict.

        It says which answers of the record it replaces, as far as the person saw them.
        """
        over, declared = None, self.declarations["acts"].get(act)
        if data and declared is not None:
            before = self.site.record(record) or NOTHING
            data = {**self._copies(act, before, data), **data}
            answered = {**(declared["sets"] if declared["creates"] else {}), **data}
            over = guards.over(before, answered, seen or None)
        return self.site.record_act(
            act,
            record,
            data,
            by=self.person["_id"],
            seen=seen or None,
            over=over,
            text=text or None,
            identifier=identifier or None,
            device=DEVICE,
        )

    def _copies(self, act: str, before: Record, data: dict[str, Any]) -> dict[str, Any]:
        """Return what fields of the act take from links."""
        kind = self.declarations["records"][act.partition(".")[0]]
        wanted = copies.taken_from(kind, self.declarations["acts"][act], before, data)
        found = {}
        for name, (identifier, source) in wanted.items():
            linked = self.site.record(identifier)
            if linked is not None and self.sees(linked) and linked.get(source) is not None:
                found[name] = linked[source]
        return found

    def page(
        self, template: str, context: dict[str, Any], current: str = "", status: int = 200
    ) -> Response:
        """Return a page of the office with its menu, or the fragment that htmx asked for."""
        menu = self.request.app.state.menu(self, current)
        shell = {**pages.shell(self.request), "menu": menu, "current": current, "seq": self.seq}
        return pages.render(self.request, template, {"shell": shell, **context}, status)

    def fragment(self, template: str, context: dict[str, Any]) -> Response:
        """Return a part of a page, without layout and menu."""
        return pages.render(self.request, template, context)


def _short(identifier: str) -> str:
    return identifier.partition(":")[2][-6:]


def office(handler: Handler) -> Callable[[Request], Response]:
    """Return the endpoint of an office page: it redirects whoever has no desk."""

    @wraps(handler)
    def endpoint(request: Request) -> Response:
        desk = desk_or_redirect(request)
        return handler(desk) if isinstance(desk, Desk) else desk

    return endpoint


def office_form(handler: FormHandler) -> forms.Endpoint:
    """Return the endpoint of an office form: it redirects whoever has no desk."""

    @forms.form_endpoint
    @wraps(handler)
    def endpoint(request: Request, form: FormData) -> Response:
        desk = desk_or_redirect(request)
        return handler(desk, form) if isinstance(desk, Desk) else desk

    return endpoint


def desk_or_redirect(request: Request) -> Desk | Response:
    """Return the desk of a request, or the answer that sends the person elsewhere."""
    reader, site = pages.reader_of(request), pages.site_of(request)
    if reader.person is None:
        target = request.url.path if request.method == "GET" else "/office/"
        return RedirectResponse(f"/sign-in?target={quote(target)}", 303)
    # Before anything is read: what comes after it reaches the page as an event, seen or not.
    now, seq = site.now(), site.hub.seq
    reference = site.reference()
    rights = reference.rights(reader.person["_id"], now)
    if not rights.hold(*OFFICE):
        return RedirectResponse("/", 303) if not rights.posts else _not_here(request)
    return Desk(request, site, reader.person, reference, rights, reader.words, now, seq)


def _not_here(request: Request) -> Response:
    words = pages.reader_of(request).words
    problem = {
        "sign": "lock",
        "title": words.gettext("The office is not for your post"),
        "happened": words.gettext("Your post works on the floor, with the tablet."),
        "home_href": "/floor/lobby",
        "home_label": words.gettext("To the floor"),
    }
    return pages.render(request, "layout/problem.html", {"problem": problem}, 403)
