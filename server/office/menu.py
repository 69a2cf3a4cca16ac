"""The office's menu: the pages that the person's posts open, each with a count of open items."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from server.acts import open_questions
from server.http import pages
from server.office import notices
from server.office.page_parts import kinds, record_queries
from server.office.page_parts.office_request import Desk, office

MOST_OPEN = 9  # kinds in the menu; of more, the book that one is in and those one opened
OPENED = "floorwalk_books"  # the cookie in which web/scripts/books.js keeps these


@dataclass(frozen=True)
class Entry:
    """One link of the menu; `live` is the kind whose records it counts."""

    key: str
    href: str
    sign: str
    label: str
    count: int = 0
    live: str = ""

    def drawn(self, current: str) -> dict[str, Any]:
        """Return the link for the template."""
        return {**asdict(self), "current": self.key == current}


@office
def side(desk: Desk) -> Response:
    """GET /office/menu: the menu alone, because a count in it changed."""
    current = desk.request.query_params.get("current", "")
    shell = {**pages.shell(desk.request), "menu": menu(desk, current), "current": current}
    return desk.fragment("parts/office/side.html", {"shell": shell})


def _link(desk: Desk, kind: str) -> Entry:
    declared = desk.declarations["records"][kind]
    path, label = kinds.table_path(desk.declarations, kind), desk.word(kinds.many(declared))
    number = record_queries.count_open(desk, kind)
    return Entry(kind, path, declared["icon"] or "file-text", label, number, kind)


def menu(desk: Desk, current: str) -> list[dict[str, Any]]:
    """Return the groups of the menu: {label, book, open, count, links}; kinds stand in their books.

    A link is {href, sign, label, count, live, current}; `live` is a kind. Where kinds are many
    the book that one is in is open, and those that the person opened.
    """
    _ = desk.words.gettext
    first = [
        Entry("board", "/office/", "presentation", _("Board")),
        Entry("notice", "/office/notices", "bell", _("Notices"), notices.unseen(desk), "notice"),
    ]
    shown = kinds.in_menu(desk.declarations)
    books = [
        (desk.word(label), [_link(desk, kind) for kind in some if kind in shown])
        for label, some in kinds.by_book(desk.declarations)
    ]
    groups = [(label, links) for label, links in books if links]
    many = len(shown) > MOST_OPEN
    groups = [("", first), *groups, (_("Back office"), _tools(desk))]
    books_of = {desk.word(label): book for book, label in desk.declarations["books"]}
    opened = desk.request.cookies.get(OPENED, "").split(".")
    return [
        {
            "label": label,
            "book": books_of.get(label, ""),
            "open": not (many and label)
            or books_of.get(label) in opened
            or any(link.key == current for link in links),
            "count": sum(link.count for link in links),
            "links": [link.drawn(current) for link in links],
        }
        for label, links in groups
    ]


def _tools(desk: Desk) -> list[Entry]:
    _ = desk.words.gettext
    links = []
    if desk.decides:
        waiting = open_questions.count(desk.site, desk.rights)
        links.append(
            Entry("reconcile", "/office/reconcile", "fork", _("Reconcile"), waiting, "refusal")
        )
    if desk.is_admin:
        links += [
            Entry("person", "/office/people", "users-round", _("People")),
            Entry("device", "/office/devices", "tablet", _("Tablets")),
            Entry("replication", "/office/replication", "refresh-cw", _("Replication")),
            Entry("setting", "/office/settings", "settings", _("Settings")),
        ]
    if desk.guards:
        links.append(Entry("security", "/office/security", "lock", _("Security log")))
    return [*links, Entry("records", "/office/records", "book-open", _("Directory"))]
