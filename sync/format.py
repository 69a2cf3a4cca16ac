"""How moments, lengths of time, names and numbers look; the same on the tablet and the server.

Only digits and marks are made here. Words belong to the templates, where they are translated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

OFFSET = 480  # minutes east of UTC: one time zone is in use all over China
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def date_parts(at: int, offset: int = OFFSET) -> list[int]:
    """Return [year, month, day, hour, minute, weekday from Monday = 0] on the site."""
    local = at + offset * MINUTE
    days, rest = local // DAY, local % DAY
    # Days to a civil date by Howard Hinnant's method: the years begin in March.
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return [year, month, day, rest // HOUR, rest % HOUR // MINUTE, (days + 3) % 7]


def _two(number: int) -> str:
    return f"0{number}" if number < 10 else str(number)


def clock(at: int | None, offset: int = OFFSET) -> str:
    """10:42, or nothing for no moment."""
    if at is None:
        return ""
    parts = date_parts(at, offset)
    return f"{_two(parts[3])}:{_two(parts[4])}"


def day(at: int | None, offset: int = OFFSET) -> str:
    """11-25"""
    if at is None:
        return ""
    parts = date_parts(at, offset)
    return f"{_two(parts[1])}-{_two(parts[2])}"


def date(at: int | None, offset: int = OFFSET) -> str:
    """2026-11-25"""
    if at is None:
        return ""
    return f"{date_parts(at, offset)[0]}-{day(at, offset)}"


def moment(at: int | None, offset: int = OFFSET) -> str:
    """11-25 10:42"""
    return "" if at is None else f"{day(at, offset)} {clock(at, offset)}"


def weekday(at: int, offset: int = OFFSET) -> int:
    """0 for Monday to 6 for Sunday."""
    return date_parts(at, offset)[5]


def countdown(length: int | None) -> str:
    """23:48, or 1:03:48 from an hour on; a length below nothing counts as nothing."""
    if length is None:
        return ""
    seconds = max(length, 0) // 1_000
    hours, minutes, rest = seconds // 3_600, seconds % 3_600 // 60, seconds % 60
    if hours:
        return f"{hours}:{_two(minutes)}:{_two(rest)}"
    return f"{minutes}:{_two(rest)}"


def minutes(length: int | None) -> int:
    """Whole minutes in a length of time, never below nothing."""
    return 0 if length is None else max(length, 0) // MINUTE


def seconds(length: int | None) -> int:
    """The seconds that are left over after whole minutes."""
    return 0 if length is None else max(length, 0) % MINUTE // 1_000


def mask_name(name: str | None) -> str:
    """Keep what the family name needs: 林** and 帕提**."""
    if not name:
        return ""
    letters = list(name)
    return "".join(letters[: 1 if len(letters) < 4 else 2]) + "**"


def mask_phone(phone: str | None) -> str:
    """139****0416; a short number keeps its last two digits."""
    if not phone:
        return ""
    if len(phone) < 8:
        return "****" + phone[-2:]
    return phone[:3] + "****" + phone[-4:]


def thousands(number: int | None) -> str:
    """12,345"""
    return "" if number is None else f"{number:,}"


def receipt(record: str, at: int, offset: int = OFFSET) -> str:
    """Return the number on a complaint's receipt: made on the tablet, never changed later.

    T, month and day, six digits from the record's own random id: two of a day's forty
    complaints share one about once in four years, and the id still tells them apart.
    """
    number = 0
    for letter in record:
        number = (number * 131 + ord(letter)) % 1_000_003
    return f"T-{day(at, offset).replace('-', '')}-{str(number % 1_000_000).rjust(6, '0')}"


def text_hash(text: str) -> str:
    """SHA-256 of the text in hexadecimal: what a signature is bound to."""
    return hashlib.sha256(text.encode()).hexdigest()


FILTERS: dict[str, Callable[..., Any]] = {
    "clock": clock,
    "day": day,
    "date": date,
    "moment": moment,
    "weekday": weekday,
    "countdown": countdown,
    "minutes": minutes,
    "seconds": seconds,
    "mask_name": mask_name,
    "mask_phone": mask_phone,
    "thousands": thousands,
}
