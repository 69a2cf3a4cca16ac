"""The page of ward rounds: this week's as they go on, coverage by shift, levels by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response

from server.database.tables import records
from server.http import pages
from server.office.page_parts import kinds, record_queries, running_deadlines, time_words
from server.office.page_parts.office_request import Desk, Record, office
from server.office.record import labels
from sync import worktime
from sync.act import key_id
from sync.display_format import day
from sync.words import _

KIND, BESIDE, PATH = "round", "bedside", "/office/rounds"
WEEKS = 8  # of which the levels are shown
SHIFTS = (
    ("morning", _("Morning")),
    ("afternoon", _("Afternoon")),
    ("night", _("Evening and night")),
)

Asked = list[Record]


@office
def page(desk: Desk) -> Response:
    """GET /office/rounds"""
    first = _week_of(desk, worktime.local_day(desk.now, desk.calendar))
    weeks = [first - 7 * ago for ago in range(WEEKS - 1, -1, -1)]
    asked = _asked_since(desk, worktime.day_starts(weeks[0], desk.calendar))
    wards = _wards(desk)
    by_ward: dict[str, Asked] = defaultdict(list)
    for one in asked:
        by_ward[str(one.get("ward"))].append(one)
    begins = worktime.day_starts(first, desk.calendar)
    lie = _lying(desk)
    beds = {ward["_id"]: lie[ward["_id"]] or _beds(desk, ward["_id"]) for ward in wards}
    context = {
        "here": PATH,
        "shifts": [desk.word(label) for _name, label in SHIFTS],
        "now": [
            _this_week(desk, ward, first, _since(by_ward[ward["_id"]], begins), beds[ward["_id"]])
            for ward in wards
        ],
        "coverage": [
            _coverage(desk, ward, _since(by_ward[ward["_id"]], begins), beds[ward["_id"]])
            for ward in wards
        ],
        "weeks": [day(_noon(desk, one)) for one in weeks],
        "levels": [
            {"ward": desk.name(ward["_id"]), "cells": _levels(desk, by_ward[ward["_id"]], weeks)}
            for ward in wards
        ],
        "heard": _heard(desk, _since(asked, begins)),
    }
    if pages.wants_part(desk.request):
        return desk.fragment("features/round/office/live.html", context)
    return desk.page("features/round/office/list.html", context, KIND)


def _noon(desk: Desk, on: int) -> int:
    return worktime.day_starts(on, desk.calendar) + worktime.DAY // 2


def _week_of(desk: Desk, on: int) -> int:
    """Return the first day of the week of rounds that a day lies in."""
    first = (desk.settings["round.week_from"]["value"] or 1) - 1
    weekday = (on + 3) % 7  # 1970-01-01 was a Thursday
    return on - (weekday - first) % 7


def _wards(desk: Desk) -> list[Record]:
    places = (one for one in desk.reference.records.values() if one["type"] == "place")
    wards = [one for one in places if one.get("kind") == "ward"]
    return sorted(wards, key=lambda one: (one.get("order") or 0, one["_id"]))


def _beds(desk: Desk, ward: str) -> int:
    """Return how many beds a ward has; what it is said to have where they are not entered."""
    places = [one for one in desk.reference.records.values() if one["type"] == "place"]
    rooms = {one["_id"] for one in places if one.get("inside") == ward} | {ward}
    beds = [one for one in places if one.get("kind") == "bed" and one.get("inside") in rooms]
    return len(beds) or int((desk.reference.records.get(ward) or {}).get("beds") or 0)


def _lying(desk: Desk) -> Counter[str]:
    """Return how many people lie in each ward, as far as somebody entered it."""
    stays = record_queries.open_ones(desk, "stay")
    return Counter(str(one.get("ward")) for one in stays if one["state"] == "in_hospital")


def _asked_since(desk: Desk, begins: int) -> Asked:
    rows = sa.select(records.c.body).where(
        records.c.type == BESIDE,
        records.c.state == "asked",
        records.c.opened_at >= begins,
        *record_queries.offered(desk, BESIDE),
    )
    with desk.site.reading() as connection:
        return [orjson.loads(body) for body in connection.scalars(rows)]


def _since(asked: Asked, begins: int) -> Asked:
    return [one for one in asked if one["opened_at"] >= begins]


def _this_week(desk: Desk, ward: Record, first: int, asked: Asked, beds: int) -> dict[str, Any]:
    """Return the row of a ward: the round of its week, who walks it, how far they are."""
    found = desk.site.record(key_id(KIND, [ward["_id"], first, "week"]))
    record = found if found and found["state"] != "unknown" and desk.sees(found) else None
    of_round = [one for one in asked if record and one.get("round") == record["_id"]]
    low = desk.settings["round.low_from"]["value"] or 0
    return {
        "ward": desk.name(ward["_id"]),
        "href": kinds.href(desk.declarations, record["_id"]) if record else "",
        "state": _state(desk, record) if record else "",
        "clock": running_deadlines.as_cell(
            running_deadlines.most_urgent(desk, record) if record else None, desk.now
        ),
        "who": desk.all_of(sorted({desk.name(one.get("asked_by")) for one in of_round} - {""})),
        "asked": len({one["bed"] for one in of_round}),
        "beds": beds,
        "low": sum(1 for one in of_round if 0 < (one.get("satisfied") or 0) <= low),
        "absent": sum(1 for one in of_round if one.get("doctor_visited") == "absent"),
    }


def _state(desk: Desk, record: Record) -> str:
    is_walked = record["state"] == "due" and "begun_at" in record
    return desk.words.gettext("being walked") if is_walked else labels.state(desk, record)


def _coverage(desk: Desk, ward: Record, asked: Asked, beds: int) -> dict[str, Any]:
    """Return how many different beds were asked in each shift of the week, and in all of it."""
    by_shift: dict[str, set[str]] = defaultdict(set)
    for one in asked:
        by_shift[_shift(desk, one["asked_at"])].add(one["bed"])
    everywhere = set().union(*by_shift.values())
    return {
        "ward": desk.name(ward["_id"]),
        "cells": [_share(by_shift[name], beds) for name, _label in SHIFTS],
        "all": _share(everywhere, beds),
    }


def _share(beds_asked: Iterable[str], beds: int) -> dict[str, Any]:
    number = len(set(beds_asked))
    return {"n": number, "of": beds, "percent": number * 100 // beds if beds else None}


def _shift(desk: Desk, at: int) -> str:
    offset = int(desk.calendar["offset"]) * worktime.MINUTE
    minute = (at + offset) % worktime.DAY // worktime.MINUTE
    if minute < (desk.settings["clinic.morning_until"]["value"] or 0):
        return "morning"
    afternoon = desk.settings["clinic.afternoon_until"]["value"] or 0
    return "afternoon" if minute < afternoon else "night"


def _levels(desk: Desk, asked: Asked, weeks: list[int]) -> list[dict[str, Any]]:
    """Return for each week the average level of a ward and how many said one."""
    by_week: dict[int, list[int]] = defaultdict(list)
    for one in asked:
        if one.get("satisfied"):
            at = worktime.local_day(one["opened_at"], desk.calendar)
            by_week[_week_of(desk, at)].append(one["satisfied"])
    return [
        {"average": f"{sum(some) / len(some):.1f}" if some else "", "n": len(some)}
        for some in (by_week[week] for week in weeks)
    ]


def _heard(desk: Desk, asked: Asked) -> list[dict[str, str]]:
    """Return what patients said this week in their own words, the newest first."""
    said = sorted((one for one in asked if one.get("words")), key=lambda one: -one["opened_at"])
    return [
        {
            "href": kinds.href(desk.declarations, one["_id"]),
            "ward": desk.name(one.get("ward")),
            "bed": desk.name(one["bed"]),
            "words": one["words"],
            "ago": time_words.ago(desk.words, desk.now, one["opened_at"]),
        }
        for one in said[:12]
    ]
