"""What one was told: by which clock, about which record, seen or not yet."""

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
from server.office.page_parts.desk import Desk, Record, office, office_form
from server.office.record import labels
from sync.format import MINUTE

PATH = "/office/notices"
NEWEST = 100
LOOKED_THROUGH = 400  # rows of the person's own channel, where notices lie among their records


@office
def page(desk: Desk) -> Response:
    """GET /office/notices"""
    found = mine(desk)
    context = {
        "rows": [_row(desk, notice) for notice in found],
        "unseen": [notice["_id"] for notice in found if is_new(notice)],
    }
    if pages.wants_part(desk.request):
        return desk.fragment("features/notice/office/desk.html", context)
    return desk.page("features/notice/office/list.html", context, "notice")


@office_form
def seen(desk: Desk, sent: FormData) -> Response:
    """POST /office/notices: those that were on the page are seen; an act each."""
    known = {notice["_id"] for notice in mine(desk) if is_new(notice)}
    for identifier in form_values(sent, "notice"):
        if identifier in known:
            desk.record_act("notice.seen", identifier, {})
    return RedirectResponse(PATH, 303)


def mine(desk: Desk) -> list[Record]:
    """Return the person's newest notices, those that are not seen yet first."""
    ids = sa.select(changes.c.record).where(
        changes.c.channel == desk.person["_id"], changes.c.removed == 0
    )
    newest = ids.order_by(changes.c.seq.desc()).limit(LOOKED_THROUGH)
    with desk.site.reading() as connection:
        named = [one for one in connection.scalars(newest) if one.startswith("notice:")][:NEWEST]
        bodies = sa.select(records.c.body).where(records.c.id.in_(named))
        found = [orjson.loads(body) for body in connection.scalars(bodies)]
    found.sort(key=lambda notice: (not is_new(notice), -notice.get("told_at", 0)))
    return found


def is_new(notice: Record) -> bool:
    """Say whether it holds and was not seen yet."""
    return notice["state"] == "told" and "seen_at" not in notice


def unseen(desk: Desk) -> int:
    """Return how many of them wait to be seen."""
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
    """Return what somebody was told: the rung of a ladder, or the act that happened."""
    what = notice.get("what", "")
    if what in desk.declarations["ladders"]:
        return labels.rung(desk, what, notice.get("rung") or 1)
    if what in desk.declarations["acts"]:
        return table_parts.act_label(desk, what)
    return desk.words.gettext("A deadline moved") if what else ""
