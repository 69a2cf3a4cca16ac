"""Working-day calendars: publishes each year's days off and make-up days from `holidays`."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import holidays

from sync.act import derived_id
from sync.display_format import date_parts
from sync.worktime import DAY

if TYPE_CHECKING:
    from server.acts.site import Site

EPOCH = date(1970, 1, 1)


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
        "source": f"holidays {version('holidays')}",
    }


def seed(site: Site, now: int) -> None:
    """Publish last, this and next year where they are missing; correct a year that became official.

    A calendar that a person changed is left as it is: the site knows better. `now` is in ms.
    """
    this = date_parts(now, int(site.calendar()["offset"]))[0]
    for year in (this - 1, this, this + 1):
        record = site.record(f"calendar:{year}")
        calendar = arrangement(year)
        if record is None:
            _say(site, "calendar.published", year, calendar, now)
        elif calendar["official"] and not record.get("official") and _untouched(record):
            _say(site, "calendar.changed", year, calendar, now)


def _untouched(record: dict[str, Any]) -> bool:
    return all(setter[1].startswith("system:") for setter in record["setters"].values())


def _say(site: Site, name: str, year: int, calendar: dict[str, Any], now: int) -> None:
    first = (date(year, 1, 1) - EPOCH).days * DAY
    record = f"calendar:{year}"
    # Several servers seed at the same hour: the same year gives the same act, which counts once.
    identifier = derived_id(site.secret, first, name, record, str(calendar["official"]))
    site.record_act(name, record, calendar, by="system:site", at=now, identifier=identifier)
