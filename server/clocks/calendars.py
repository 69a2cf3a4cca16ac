"""Working-day calendars: publishes each year's days off and make-up days from `holidays`."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import holidays
import orjson

from server.acts.access import SYSTEM_ACTOR
from server.acts.delivery import in_app
from server.acts.duty import RollCall
from server.acts.recipients import Telling, find_recipients
from sync.act import Act, derived_id
from sync.display_format import date_parts
from sync.posts import ADMINS
from sync.worktime import DAY

if TYPE_CHECKING:
    from server.acts.site import Site

EPOCH = date(1970, 1, 1)
LIBRARY = "holidays "  # and its version: the source of a year


def arrangement(year: int) -> dict[str, Any]:
    """Return the calendar of China for a year, as a record of kind `calendar` holds it (C-03,
    X-28).

    `{"off", "work", "official", "source"}`, days counted from 1970-01-01: `off` are weekdays
    without work and rest days that are holidays as well, `work` the make-up days at a weekend. It
    is official when the library knows which days were swapped: every arrangement that was announced
    swaps some, and a computed one none.
    """
    china = holidays.country_holidays("CN", years=year)
    made_up = [day for day in china.weekend_workdays if day.year == year]
    return {
        "off": sorted((day - EPOCH).days for day in china if day.year == year),
        "work": sorted((day - EPOCH).days for day in made_up),
        "official": bool(made_up),
        "source": f"{LIBRARY}{version('holidays')}",
    }


def seed(site: Site, now: int) -> None:
    """Publish last, this and next year where they are missing; correct what was announced anew.

    A year of ours is mended when the library announces another arrangement. One that a person
    changed is left as it is, for the site knows better; administrators are told that an official
    arrangement says otherwise (X-28). `now` is in ms.
    """
    this = date_parts(now, int(site.calendar()["offset"]))[0]
    for year in (this - 1, this, this + 1):
        record = site.record(f"calendar:{year}")
        calendar = arrangement(year)
        if record is None:
            _say(site, "calendar.published", year, calendar, now)
        elif not calendar["official"] or not _differs(record, calendar):
            continue
        elif _untouched(record):
            _say(site, "calendar.changed", year, calendar, now)
        elif record.get("announced") != calendar["source"]:
            _say(site, "calendar.announced", year, {"announced": calendar["source"]}, now)


def tell(site: Site, act: Act, now: int) -> None:
    """Tell administrators that a year they changed was announced otherwise; twice shows once."""
    record = site.record(act["record"])
    if record is None:
        return
    duties = RollCall(site, now)
    telling = Telling(site.declarations, site.reference(), record, (), now, duties)
    told, _ = find_recipients(telling, ADMINS)
    notices = [
        in_app.notice_act(
            record,
            person,
            what=act["act"],
            at=now,
            moment=(act["at"], act["_id"]),
            site=site.config.name,
            secret=site.secret,
            post=post,
            reason=record.get("announced"),
        )
        for person, post in told.items()
    ]
    site.accept(notices, SYSTEM_ACTOR, received_at=now)


def _differs(record: dict[str, Any], calendar: dict[str, Any]) -> bool:
    """Say whether a stored year has other days than the library, which is not an older one.

    Servers of different ages may share a database: the newest library has the word.
    """
    if all(record.get(part) == calendar[part] for part in ("off", "work", "official")):
        return False
    return _release(calendar["source"]) >= _release(str(record.get("source") or ""))


def _release(source: str) -> tuple[int, ...]:
    numbers = source.removeprefix(LIBRARY).split(".") if source.startswith(LIBRARY) else ()
    return tuple(int(part) for part in numbers if part.isdecimal())


def _untouched(record: dict[str, Any]) -> bool:
    setters = (record["setters"].get(part, ("", "system:"))[1] for part in ("off", "work"))
    return all(by.startswith("system:") for by in setters)


def _say(site: Site, name: str, year: int, calendar: dict[str, Any], now: int) -> None:
    first = (date(year, 1, 1) - EPOCH).days * DAY
    record = f"calendar:{year}"
    # Several servers seed at the same hour: the same days give the same act, which counts once.
    days = orjson.dumps(calendar, option=orjson.OPT_SORT_KEYS).decode()
    identifier = derived_id(site.secret, first, name, record, days)
    acts = (site.record(record) or {"acts": {"last": None, "recent": []}})["acts"]
    last = acts["last"]
    now = max([now, *(past["at"] + 1 for past in acts["recent"])])  # it comes after what it mends
    site.record_act(
        name, record, calendar, by="system:site", at=now, seen=last, identifier=identifier
    )
