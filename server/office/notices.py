"""The page of the person's own notices: which rung, about which record, seen or not yet."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server.database.tables import changes, records
from server.http import pages
from server.http.forms import form_values
from server.office.page_parts import table_parts, time_words
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import labels
from sync.display_format import MINUTE

PATH = "/office/notices"
NEWEST = 100  # notices of the page
LOOKED_THROUGH = 400  # rows of the person's channel, which holds other records too


@office
def page(desk: Desk) -> Response:
    """GET /office/notices: the newest notices, unseen ones first."""
    notices = mine(desk)
    context = {
        "rows": [_row(desk, notice) for notice in notices],
        "unseen": [notice["_id"] for notice in notices if is_new(notice)],
    }
    if pages.wants_part(desk.request):
        return desk.fragment("features/notice/office/live_list.html", context)
    return desk.page("features/notice/office/list.html", context, "notice")


@office_form
def seen(desk: Desk, sent: FormData) -> Response:
    """POST /office/notices: mark those that were on the page as seen, by an act each."""
    new_ids = {notice["_id"] for notice in mine(desk) if is_new(notice)}
    for identifier in form_values(sent, "notice"):
        if identifier in new_ids:
            desk.record_act("notice.seen", identifier, {})
    return RedirectResponse(PATH, 303)


def mine(desk: Desk) -> list[Record]:
    """Return the person's NEWEST notices, unseen ones first."""
    ids = sa.select(changes.c.record).where(
        changes.c.channel == desk.person["_id"], changes.c.removed == 0
    )
    newest = ids.order_by(changes.c.seq.desc()).limit(LOOKED_THROUGH)
    with desk.site.reading() as connection:
        named = [one for one in connection.scalars(newest) if one.startswith("notice:")][:NEWEST]
        bodies = sa.select(records.c.body).where(records.c.id.in_(named))
        notices = [orjson.loads(body) for body in connection.scalars(bodies)]
    notices.sort(key=lambda notice: (not is_new(notice), -notice.get("told_at", 0)))
    return notices


def is_new(notice: Record) -> bool:
    """Say whether a notice is valid and unseen."""
    return notice["state"] == "told" and "seen_at" not in notice


def unseen(desk: Desk) -> int:
    """Return the number of the person's unseen notices."""
    return sum(1 for notice in mine(desk) if is_new(notice))


def _row(desk: Desk, notice: Record) -> dict[str, Any]:
    about, late = notice.get("about", ""), notice.get("late_by") or 0
    title = _what(desk, notice)
    told = {"post": labels.posts(desk, [notice["post"]])} if notice.get("post") else None
    parts = [
        desk.name(notice.get("place")),
        desk.words.gettext("told as %(post)s") % told if told and told["post"] else "",
    ]
    if late >= MINUTE:
        length = {"length": time_words.length(desk.words, late)}
        parts.append(desk.words.gettext("the server was away, %(length)s late") % length)
    return {
        "id": notice["_id"],
        "href": desk.href(about),
        "title": title,
        "name": desk.name(about),
        "about": desk.listed(part for part in parts if part),
        "when": time_words.ago(desk.words, desk.now, notice.get("told_at") or notice["opened_at"]),
        "new": is_new(notice),
        "over": notice["state"] == "annulled",
    }


def _what(desk: Desk, notice: Record) -> str:
    """Return the text of a notice: its rung, or the act that happened."""
    what = notice.get("what", "")
    if what in desk.declarations["ladders"]:
        return labels.rung(desk, what, notice.get("rung") or 1)
    if what in desk.declarations["acts"]:
        return table_parts.act_label(desk, what)
    return desk.words.gettext("A deadline moved") if what else ""
