"""The state of replication: tablets that are behind, refused acts, slow requests, the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.cluster import link_loop
from server.database.tables import changes, devices
from server.http import pages, slow_requests
from server.office.page_parts import form_errors, time_words
from server.office.page_parts.office_request import Desk, office
from server.operations import site_stats
from sync.display_format import DAY, HOUR, MINUTE

LATE, VERY_LATE = 2 * MINUTE, 15 * MINUTE  # without asking for changes that there are
SHOWN = 60  # tablets, the ones behind first
COUNTED = 1_000  # missing changes that are counted; beyond, "more than"
DUE = 10_000  # ms that the tick may be late before the page shows it


@dataclass(frozen=True)
class Tile:
    """One figure at the head of the page; `state` is calm, due or over."""

    value: str
    label: str
    note: str = ""
    state: str = "calm"


@office
def page(desk: Desk) -> Response:
    """GET /office/replication"""
    if not desk.is_admin:
        raise HTTPException(404)
    now = site_stats.read(desk.site)
    context = {
        "here": str(desk.request.url.path),
        "tiles": [vars(tile) for tile in _tiles(desk, now)],
        "tablets": _tablets(desk, now.seq),
        "link": _link(desk),
        "refused": [
            {"why": form_errors.refusal(desk, code), "n": n}
            for code, n in sorted(now.refused.items(), key=lambda one: -one[1])
        ],
        "slow": _slow(desk),
        "limit": time_words.milliseconds(desk.site.config.slow_ms),
    }
    if pages.wants_part(desk.request):
        return desk.fragment("features/device/office/replication_live.html", context)
    return desk.page("features/device/office/replication.html", context, "replication")


def _tiles(desk: Desk, now: site_stats.Gauges) -> list[Tile]:
    _ = desk.words.gettext
    held = desk.request.app.state.request_counts.holding().get("changes", 0)
    oldest = time_words.length(desk.words, now.oldest_unsent) if now.unsent else ""
    late = now.lateness > DUE
    return [
        Tile(
            f"{now.devices - now.silent}",
            _("tablets in touch"),
            _("%(n)s silent since today") % {"n": now.silent} if now.silent else "",
            "due" if now.silent else "calm",
        ),
        Tile(
            str(now.unsent),
            _("entries still on tablets"),
            _("the oldest %(age)s old") % {"age": oldest} if oldest else "",
            "due" if now.oldest_unsent > VERY_LATE else "calm",
        ),
        Tile(str(held), _("wait for news right now")),
        Tile(
            str(sum(now.refused.values())),
            _("refused, not decided yet"),
            state="due" if now.refused else "calm",
        ),
        Tile(
            str(now.overdue),
            _("clocks that ran out, not told yet"),
            _("late by %(age)s") % {"age": time_words.length(desk.words, now.lateness)}
            if late
            else "",
            "over" if late else "calm",
        ),
        Tile(
            str(now.jobs_failed),
            _("messages given up"),
            state="over" if now.jobs_failed else "calm",
        ),
    ]


def _tablets(desk: Desk, newest: int) -> list[dict[str, Any]]:
    columns = devices.c
    with desk.site.reading() as connection:
        tablets = connection.execute(
            sa.select(devices)
            .where(columns.last_seen_at > desk.now - DAY)
            .order_by(columns.pulled_seq, columns.last_seen_at)
            .limit(SHOWN)
        ).all()
        rows = [_tablet(desk, connection, row, newest) for row in tablets]
    return sorted(rows, key=lambda row: (-row["behind"], row["at"]))


def _tablet(desk: Desk, connection: sa.Connection, row: Any, newest: int) -> dict[str, Any]:
    lacks = 0
    if row.pulled_seq is not None and row.person and row.pulled_seq < newest:
        lacks = _lacking(desk, connection, row.person, row.pulled_seq)
    silent = desk.now - (row.pulled_at or row.last_seen_at)
    return {
        "name": row.id.partition(":")[2][-4:],
        "person": desk.name(row.person),
        "person_href": f"/office/people/{(row.person or '').partition(':')[2]}",
        "at": row.pulled_at or 0,
        "pulled": time_words.ago(desk.words, desk.now, row.pulled_at) if row.pulled_at else "",
        "state": _state(silent) if lacks else "calm",
        "behind": lacks,
        "lacks": f"> {COUNTED}" if lacks > COUNTED else str(lacks),
        "waiting": row.waiting or 0,
    }


def _state(silent: int) -> str:
    if silent > VERY_LATE:
        return "over"
    return "due" if silent > LATE else "calm"


def _lacking(desk: Desk, connection: sa.Connection, person: str, since: int) -> int:
    """Return how many records changed for a person after a seq, COUNTED + 1 for more."""
    channels = sorted(desk.reference.rights(person, desk.now).channels)
    column = changes.c
    lacking = sa.select(column.record).where(column.channel.in_(channels), column.seq > since)
    some = lacking.distinct().limit(COUNTED + 1).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def _link(desk: Desk) -> dict[str, str] | None:
    """Return the state of the link to the cluster: {state, say, note}; None without one."""
    status = link_loop.status(desk.site)
    if not status["configured"]:
        return None
    _ = desk.words.gettext
    waiting = _("%(n)s records wait to go up") % {"n": status["waiting_up"]}
    if status["stopped"]:
        say, state = _("It stopped and waits for the IT department."), "over"
    elif status["error"]:
        say, state = _("The cluster cannot be reached; it is tried again by itself."), "due"
    else:
        say, state = _("Everything goes up and comes down."), "calm"
    return {"state": state, "say": say, "note": waiting if status["waiting_up"] else ""}


def _slow(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "at": time_words.ago(desk.words, desk.now, row.at),
            "length": time_words.milliseconds(row.ms),
            "route": f"{row.method} {row.route}",
            "status": row.status,
            "person": desk.name(row.person) if row.person else "",
            "device": (row.device or "").partition(":")[2][-4:],
            "request": row.request,
        }
        for row in slow_requests.slowest(desk.site, desk.now - 24 * HOUR)
    ]
