"""The office's menu: the pages that the person's posts open, each with a count of open items."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from server.acts import open_questions
from server.http import pages
from server.office import notices
from server.office.page_parts import kinds, record_queries
from server.office.page_parts.office_request import Desk, office

COUNTED = {"notice": "notice", "reconcile": "refusal"}  # links that count records of the engine


@office
def side(desk: Desk) -> Response:
    """GET /office/menu: the menu alone, because a count in it changed."""
    current = desk.request.query_params.get("current", "")
    shell = {**pages.shell(desk.request), "menu": menu(desk, current), "current": current}
    return desk.fragment("parts/office/side.html", {"shell": shell})


def _link(desk: Desk, kind: str) -> tuple[str, str, str, str, int]:
    declared = desk.declarations["records"][kind]
    path, label = kinds.table_path(desk.declarations, kind), desk.word(kinds.many(declared))
    return kind, path, declared["icon"], label, record_queries.count_open(desk, kind)


def menu(desk: Desk, current: str) -> list[dict[str, Any]]:
    """Return the links of the menu: {href, sign, label, count, live, current}; `live` is a kind."""
    _ = desk.words.gettext
    links: list[tuple[str, str, str, str, int]] = [
        ("board", "/office/", "presentation", _("Board"), 0),
        ("notice", "/office/notices", "bell", _("Notices"), notices.unseen(desk)),
        *(_link(desk, kind) for kind in kinds.in_menu(desk.declarations)),
    ]
    if desk.decides:
        waiting = open_questions.count(desk.site, desk.rights)
        links.append(("reconcile", "/office/reconcile", "fork", _("Reconcile"), waiting))
    if desk.is_admin:
        links += [
            ("person", "/office/people", "users-round", _("People"), 0),
            ("device", "/office/devices", "tablet", _("Tablets"), 0),
            ("replication", "/office/replication", "refresh-cw", _("Replication"), 0),
            ("setting", "/office/settings", "settings", _("Settings"), 0),
        ]
    if desk.guards:
        links.append(("security", "/office/security", "lock", _("Security log"), 0))
    links.append(("records", "/office/records", "book-open", _("Directory"), 0))
    live = {**COUNTED, **{kind: kind for kind in kinds.in_menu(desk.declarations)}}
    return [
        {
            "href": href,
            "sign": sign,
            "label": label,
            "count": number,
            "live": live.get(key, ""),
            "current": key == current,
        }
        for key, href, sign, label, number in links
    ]
