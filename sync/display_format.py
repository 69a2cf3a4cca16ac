"""Formats moments, durations, names and numbers, alike on the tablet and the server.

Only digits and marks are made here; words belong to the templates, where they are translated. Twin:
service_worker/rules/display_format.js.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from typing import Any

OFFSET = 480  # minutes east of UTC: one time zone is in use all over China
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# The last letters: yuan, as it is written on paper, and as it is said.
WHOLE, UNITS = r"[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3}", r"[\u5143\u5706\u5757]"
AMOUNT = re.compile(rf"\xa5?({WHOLE})(?:\.([0-9]{{1,2}}))?{UNITS}?")


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
    """Return the time of day: 10:42, or "" for None."""
    if at is None:
        return ""
    parts = date_parts(at, offset)
    return f"{_two(parts[3])}:{_two(parts[4])}"


def day(at: int | None, offset: int = OFFSET) -> str:
    """Return month and day: 11-25"""
    if at is None:
        return ""
    parts = date_parts(at, offset)
    return f"{_two(parts[1])}-{_two(parts[2])}"


def date(at: int | None, offset: int = OFFSET) -> str:
    """Return the date: 2026-11-25"""
    if at is None:
        return ""
    return f"{date_parts(at, offset)[0]}-{day(at, offset)}"


def moment(at: int | None, offset: int = OFFSET) -> str:
    """Return day and time: 11-25 10:42"""
    return "" if at is None else f"{day(at, offset)} {clock(at, offset)}"


def weekday(at: int, offset: int = OFFSET) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return date_parts(at, offset)[5]


def countdown(length: int | None) -> str:
    """Return a duration (ms): 23:48, or 1:03:48 from an hour on; negative ones count as 0."""
    if length is None:
        return ""
    seconds = max(length, 0) // 1_000
    hours, minutes, rest = seconds // 3_600, seconds % 3_600 // 60, seconds % 60
    if hours:
        return f"{hours}:{_two(minutes)}:{_two(rest)}"
    return f"{minutes}:{_two(rest)}"


def minutes(length: int | None) -> int:
    """Return the whole minutes of a duration (ms), at least 0."""
    return 0 if length is None else max(length, 0) // MINUTE


def seconds(length: int | None) -> int:
    """Return the seconds of a duration (ms) beyond whole minutes."""
    return 0 if length is None else max(length, 0) % MINUTE // 1_000


def mask_name(name: str | None) -> str:
    """Return the family name and a mask: 林** and 帕提**."""
    if not name:
        return ""
    letters = list(name)
    return "".join(letters[: 1 if len(letters) < 4 else 2]) + "**"


def mask_phone(phone: str | None) -> str:
    """Return a masked phone number: 139****0416; a short one keeps its last two digits."""
    if not phone:
        return ""
    if len(phone) < 8:
        return "****" + phone[-2:]
    return phone[:3] + "****" + phone[-4:]


def thousands(number: int | None) -> str:
    """Return a number with separators: 12,345"""
    return "" if number is None else f"{number:,}"


def read_amount(text: str) -> int | None:
    """Return an amount as people write it, in whole yuan: `1,280`, `500` with its unit, `128.50`.

    None for what is no amount. Half a yuan counts as a whole one: what is kept is shown while it
    is typed, and read back.
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    found = AMOUNT.fullmatch(plain)
    if found is None:
        return None
    whole, tenths = found[1].replace(",", ""), found[2] or ""
    return int(whole) + (tenths[:1] >= "5")


def receipt(record: str, at: int, offset: int = OFFSET) -> str:
    """Return the number on a complaint's receipt: made on the tablet, never changed later.

    T, month and day, and six digits from the record's random id: of a day's forty complaints two
    share one about once in four years, and the id still tells them apart.
    """
    number = 0
    for letter in record:
        number = (number * 131 + ord(letter)) % 1_000_003
    return f"T-{day(at, offset).replace('-', '')}-{str(number % 1_000_000).rjust(6, '0')}"


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal, to which a signature is bound."""
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
