"""Vectors of calendars, ladders and formats."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import Any

from sync.declare import Rung
from tests.vectors.generate import Case, case
from tests.vectors.imaginary_hospital import (
    CALENDARS,
    DAY,
    MINUTE,
    NATIONAL_DAY,
    NIGHT,
    OFFSET,
    SETTINGS,
)

HOUR = 60 * MINUTE


def cases() -> dict[str, list[Case]]:
    """Return the cases by module."""
    return {"worktime": _worktime(), "ladder": _ladder(), "display_format": _format()}


def _moments(random: Random, count: int) -> list[int]:
    """Return moments at and beside the ends of minutes, days and years, and some in between."""
    edges = [NIGHT, NIGHT + DAY, (NATIONAL_DAY - 1) * DAY - OFFSET * MINUTE, 0, -DAY, -1]
    near = [edge + more for edge in edges for more in (-1, 0, 1, 18 * HOUR)]
    spread = [random.randrange(1_577_836_800_000, 4_102_444_800_000) for _ in range(count)]
    return sorted({*near, *spread})


def _worktime() -> list[Case]:
    random = Random(3)
    found = [
        case(f"the day of {at}, {name}", "local_day", at, "$" + name)
        for at in _moments(random, 30)
        for name in ("plain", "west", "at midnight")
    ]
    found += [
        case(f"day {day} begins, {name}", "day_starts", day, "$" + name)
        for day in (-4, -1, 0, 1, 20_270, NATIONAL_DAY)
        for name in ("plain", "west")
    ]
    for name in CALENDARS:
        first = NATIONAL_DAY - 5 if name == "holiday" else 20_268
        for day in (*range(first, first + (18 if name == "holiday" else 7)), -1, -4):
            found.append(case(f"do they work on {day}? {name}", "is_working", day, "$" + name))
    return found + _hours() + _sums(random) + _strips(random) + _days_and_months(random)


def _hours() -> list[Case]:
    said = [
        (None, None, None),
        (480, 1_080, 1_111_100),
        (450, 990, 1_111_110),
        (0, 0, 111),
        (9_999, 9_999, 0),
        (1, 1, 20_000_000),
    ]
    found = [case("no setting of hours", "hours", {})]
    for opens, closes, week in [*said, (-1, -1, -5)]:
        values = {
            "calendar.opens": {"value": opens},
            "calendar.closes": {"value": closes},
            "calendar.week": {"value": week},
        }
        found.append(case(f"{opens} to {closes}, works {week}", "hours", values))
    return found


def _days_and_months(random: Random) -> list[Case]:
    found = []
    for name in ("plain", "west", "at midnight"):
        for day in (-1, 0, 20_270, NATIONAL_DAY):
            found.append(case(f"day {day} ends, {name}", "day_ends", day, "$" + name))
    for name in ("plain", "holiday", "never", "every day"):
        for amount in (-3, -1, 1, 4):
            said = case(f"{amount} from the holiday, {name}", "working_day", NATIONAL_DAY, amount)
            found.append({**said, "with": [*said["with"], "$" + name]})
    # The last days of months, leap years among them, and the days before the epoch.
    for day in (
        -1,
        0,
        30,
        58,
        59,
        19_782,
        20_269,
        20_270,
        47_540,
        *random.sample(range(50_000), 20),
    ):
        for amount in (-14, -1, 0, 1, 2, 12, 25):
            found.append(case(f"{amount} months from day {day}", "add_months", day, amount))
    for name in CALENDARS:
        base = NATIONAL_DAY * DAY - OFFSET * MINUTE if name == "holiday" else NIGHT
        for late in (-1, 0, 18 * HOUR - 1, 18 * HOUR, 18 * HOUR + 1, 24 * HOUR - 1):
            for unit, amount in (("ED", random.choice((0, 1, 5))), ("OD", random.choice((1, 2)))):
                named = f"{amount} {unit} from {late} after {base}, {name}"
                found.append(case(named, "add", base + late, amount, unit, "$" + name))
            back = random.choice(("s", "h", "cd", "mon", "WD", "ED", "OD"))
            named = f"2 {back} before {late} after {base}, {name}"
            found.append(case(named, "add", base + late, -2, back, "$" + name))
    return found


def _sums(random: Random) -> list[Case]:
    found = [
        case(f"{amount} {unit} from a summer night", "add", NIGHT, amount, unit, "$plain")
        for unit in ("s", "min", "h", "cd", "wk", "mon", "WD", "ED", "OD", "n", "month")
        for amount in (0, 1, 3, 100)
    ]
    for name in CALENDARS:
        base = NATIONAL_DAY * DAY - OFFSET * MINUTE if name == "holiday" else NIGHT
        for days in (-6, -4, -3, -2, -1, 0, 1, 5):
            for late in (0, 18 * HOUR, DAY - 1):
                amount = random.choice((1, 1, 2, 3, 5, 10))
                start = base + days * DAY + late
                named = f"{amount} working days from {start}, {name}"
                found.append(case(named, "add", start, amount, "WD", "$" + name))
    return found


def _strips(random: Random) -> list[Case]:
    found = []
    for name in ("plain", "holiday", "both off and worked", "west"):
        base = (NATIONAL_DAY - 4) * DAY if name == "holiday" else NIGHT
        for _ in range(8):
            start = base + random.randrange(3 * DAY)
            due = start + random.choice((0, HOUR, DAY, 5 * DAY, 14 * DAY))
            now = start + random.choice((-DAY, 0, HOUR, DAY, 6 * DAY))
            named = f"the days from {start} to {due}, {name}"
            found.append(case(named, "strip", start, due, now, "$" + name))
    found.append(case("due before it began", "strip", NIGHT, NIGHT - DAY, NIGHT, "$plain"))
    return found


# Ladders


def _ladder() -> list[Case]:
    random = Random(4)
    found = []
    records: dict[str, dict[str, Any]] = {
        "just sat down": {"started_at": NIGHT},
        "water given": {"started_at": NIGHT, "water_at": NIGHT + MINUTE},
        "asked and told": {"started_at": NIGHT, "asked_at": 1, "told_at": 2},
        "asked, not told": {"started_at": NIGHT, "asked_at": 1},
        "ended": {"started_at": NIGHT, "state": "ended"},
        "not started": {},
        "a start that is no moment": {"started_at": "08:00"},
        "a start that is true": {"started_at": True},
        "a complaint": {"taken_at": NIGHT, "state": "open"},
        "a complaint before the holiday": {"taken_at": (NATIONAL_DAY - 2) * DAY},
        "just after the beginning of time": {"started_at": -5 * MINUTE},
        "both": {"started_at": NIGHT, "taken_at": NIGHT},
        "a knob": {"started_at": NIGHT, "type": "knob"},
        "settled": {"taken_at": NIGHT, "state": "settled"},
    }
    minutes = (-1, 0, 4, 5, 7, 8, 14, 15, 29, 30, 60, 24 * 60 * 5)
    for about, given in records.items():
        record = {"type": "visit", "state": "waiting", **given}
        for named in SETTINGS:
            calendar = "$holiday" if "holiday" in about else "$plain"
            where = ("$declarations", record, "$" + named, calendar)
            found.append(case(f"{about}, {named}: clocks", "clocks", *where))
            found.append(case(f"{about}, {named}: next", "next_due", *where))
            for late in random.sample(minutes, 3):
                now = NIGHT + late * MINUTE + random.choice((-1, 0, 1))
                title = f"{about}, {named}: at {late} min"
                found.append(case(title, "position", *where, now))
    return found + _single_ladders() + _licences(random)


def _single_ladders() -> list[Case]:
    ladder = {
        "record": "visit",
        "starts": "started_at",
        "runs_while": {"state": "waiting"},
        "rungs": [
            asdict(Rung(after, "", tuple(after.split())))
            for after in ("", "water", "solve water second")
        ],
    }
    found = []
    for name, record in {
        "waiting": {"state": "waiting", "started_at": 1},
        "ended": {"state": "ended", "started_at": 1},
        "never started": {"state": "waiting"},
        "no whole moment": {"state": "waiting", "started_at": 1.5},
        "the epoch is a moment": {"state": "waiting", "started_at": 0},
    }.items():
        found.append(case(f"does it run? {name}", "runs", ladder, record))
    for calendar in ("plain", "holiday", "never"):
        record = {"type": "visit", "started_at": NIGHT}
        arguments = ("$declarations", ladder, record, "$as printed", "$" + calendar)
        found.append(case(f"three rungs, {calendar}", "rung_moments", *arguments))
    granted = {**ladder, "rungs": [asdict(Rung("granted", "", ("water",), minutes="more"))]}
    for more in (20, 0, None, "20", 1.5):
        record = {"type": "visit", "started_at": NIGHT, "more": more}
        arguments = ("$declarations", granted, record, "$as printed", "$plain")
        found.append(case(f"{more!r} more minutes", "rung_moments", *arguments))
    return found


def _licences(random: Random) -> list[Case]:
    """Return cases of rungs by a date, of such that count, and of such that are told again."""
    day, at = NATIONAL_DAY - 3, (NATIONAL_DAY - 3) * DAY - OFFSET * MINUTE
    step = {"due_at": at + 3 * DAY, "at": at + 3 * DAY + 5}
    told: dict[str, list[dict[str, Any]]] = {
        "nobody told": [],
        "once": [{"rung": 4, **step}],
        "twice": [{"rung": 4, **step}, {"rung": 4, "due_at": at + 15 * DAY, "at": at + 20 * DAY}],
        "annulled": [{"rung": 4, **step, "annulled_at": at}],
        "another rung": [{"rung": 3, **step}],
        "of an earlier start": [{"rung": 4, "due_at": at - 9 * DAY, "at": at - 9 * DAY}],
        "the last of a month": [{"rung": 5, "due_at": at + 33 * DAY, "at": at + 33 * DAY}],
    }
    records: dict[str, dict[str, Any]] = {
        "ends": {"ends_on": day},
        "ends at an hour": {"ends_on": "08:00"},
        "three tries": {"ends_on": day, "tries": 3},
        "two tries": {"ends_on": day, "tries": 2},
        "asked": {"ends_on": day, "asked_at": at + 3 * DAY},
        "lapsed": {"ends_on": day, "state": "lapsed"},
    }
    found = []
    for about, given in records.items():
        for climbed, steps in told.items():
            record = {
                "type": "licence",
                "state": "valid",
                "rungs": {"licence_lapse": steps},
                **given,
            }
            for named in ("as printed", "none of the new", "every two hours"):
                calendar = random.choice(("holiday", "west", "at midnight"))
                where = ("$declarations", record, "$" + named, "$" + calendar)
                title = f"a licence that {about}, {climbed}, {named}, {calendar}"
                found.append(case(f"{title}: clocks", "clocks", *where))
    record = {"type": "licence", "state": "valid", "ends_on": day}
    where = ("$declarations", record, "$backwards by working days", "$holiday")
    found.append(case("a licence is warned of three working days before", "clocks", *where))
    return found


# How things look


# As people write money, and what is none.
AMOUNTS = (
    *(
        "500",
        "1,280",
        "500元",
        "128.50",
        "128.49",
        "0.5",
        "５００",
        "１，２８０元",
        "¥ 1 280",
        "￥88块",
    ),
    *("12,34", "1,2345", "1.2万", "-5", "", "元", "1e3", "128.505", "9" * 12, "9" * 13, "1.280"),
)


def _format() -> list[Case]:
    random = Random(5)
    found = []
    first_of_march = 951_840_000_000  # 2000, a leap year
    moments = _moments(random, 25)
    moments += [first_of_march + more for more in (-DAY - 1, -DAY, -1, 0)]
    moments += [4_107_542_400_000 + more for more in (-DAY, -1, 0)]  # 2100 has no 29 February
    moments += [253_402_300_799_999, -62_135_596_800_000]
    for at in moments:
        offset = random.choice((480, 480, 0, -330, 840))
        found.append(case(f"the parts of {at} at {offset}", "date_parts", at, offset))
        for call in ("clock", "day", "date", "moment", "weekday"):
            found.append(case(f"{call} of {at}", call, at))
    for call in ("clock", "day", "date", "moment", "countdown", "minutes", "seconds", "thousands"):
        found.append(case(f"{call} of nothing", call, None))
    lengths = (-HOUR, -1, 0, 999, 1_000, 59_999, MINUTE, 599_999, 600_000, HOUR - 1, HOUR, HOUR + 1)
    for length in (*lengths, 10 * HOUR, DAY, 100 * HOUR + 5_000):
        for call in ("countdown", "minutes", "seconds"):
            found.append(case(f"{call} of {length}", call, length))
    for number in (0, 7, 999, 1_000, -999, -1_000, 12_345, 999_999, 1_000_000, 2**53 - 1, -1234567):
        found.append(case(f"{number} in thousands", "thousands", number))
    found += [case(f"the amount {said!r}", "read_amount", said) for said in AMOUNTS]
    names = (
        "",
        None,
        "林",
        "林小",
        "林小美",
        "帕提古丽",
        "欧阳小小",
        "𠮷田",
        "𠮷田正男",
        "👩‍⚕️",
        "Ann Lee",
    )
    found += [case(f"the name {name} masked", "mask_name", name) for name in names]
    phones = ("", None, "1", "12", "114", "1234567", "12345678", "13900000416", "+86 139 0000 0416")
    found += [case(f"the phone {phone} masked", "mask_phone", phone) for phone in phones]
    found.append(case("a phone with a rare character", "mask_phone", "𠮷234567"))
    for record in ("complaint:A", "complaint:B", "", "𠮷", "complaint:01M7Q5CQG00000000000000001"):
        for at in (NIGHT, NIGHT - 1):
            found.append(case(f"the receipt of {record!r} at {at}", "receipt", record, at))
    for words in ("", "abc", "等了一个小时没有人来", "𠮷", "a\nb", "é"):
        found.append(case(f"the hash of {words!r}", "text_hash", words))
    return found
