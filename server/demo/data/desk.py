"""The demo's guides' desk: what it lends and gives away, reports, today's doctors and bookings."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from server.demo.data import patients, people
from server.demo.data.visit_generator import MINUTE, YOU, Life
from sync.act import Act, key_id
from sync.rules import WEEKDAYS

Delivered = tuple[int, Act]  # (ms at which it reached the server, the act)
SEED = 64  # a source of its own: the morning of visits stays as it is without the desk
DAY = 24 * 60 * MINUTE
OFFSET = 480 * MINUTE
LOBBY = "place:lobby-1"
MORNINGS_END, AFTERNOONS_BEGIN = 12, 13  # hours of the day
LETTERS = "一二三四五六日"  # of the days of a week
DAYS = dict(zip(LETTERS, WEEKDAYS, strict=True))

# key, name, sort, number, place, how many there should be
EQUIPMENT: tuple[tuple[str, str, str, str, str, int], ...] = (
    *((f"chair-{n}", f"轮椅 {n} 号", "wheelchair", f"LY-{n:02}", LOBBY, 1) for n in range(1, 7)),
    ("chair-7", "轮椅 7 号", "wheelchair", "LY-07", "place:floor-2", 1),
    ("trolley-1", "推车 1 号", "trolley", "TC-01", LOBBY, 1),
    ("trolley-2", "推车 2 号", "trolley", "TC-02", "place:lobby-2", 1),
    ("crutch-1", "腋拐 1 副", "walking_aid", "GZ-01", LOBBY, 1),
    ("umbrella-1", "爱心伞 1 号", "umbrella", "YS-01", LOBBY, 1),
    ("umbrella-2", "爱心伞 2 号", "umbrella", "YS-02", LOBBY, 1),
    ("leaflets-diabetes", "糖尿病宣传单", "leaflets", "", LOBBY, 100),
    ("leaflets-blood", "高血压宣传单", "leaflets", "", LOBBY, 100),
    ("cups", "一次性纸杯（条）", "goods", "", LOBBY, 12),
)
# item lent, minutes since, minutes until it was back (0: it is still out)
LOANS = (
    *(("chair-1", 190, 45), ("chair-2", 152, 0), ("chair-3", 84, 0), ("umbrella-1", 66, 0)),
    *(("trolley-1", 120, 25), ("chair-1", 58, 0), ("crutch-1", 40, 0), ("chair-4", 26, 0)),
)
TWICE = ("chair-4", 14)  # on another tablet, which had no network: the chair is out already
ITEMS = ("血常规", "凝血四项", "肝功能", "血糖、糖化血红蛋白", "C 反应蛋白", "尿常规", "甲状腺功能")
# minutes since the report was entered, minutes until it was handed out (0: it lies at the desk)
REPORTS = (
    *((150, 12), (138, 31), (121, 9), (102, 40), (96, 22), (77, 8), (63, 17), (55, 25)),
    *((44, 11), (38, 0), (31, 0), (24, 0), (17, 0), (9, 0), (4, 0)),
)
HANDOUTS = ("sheet", "leaflet", "water", "reading", "hygiene", "water", "sheet", "talk")
TOPICS = {"sheet": "糖尿病饮食", "leaflet": "就诊流程", "talk": "高血压用药", "hygiene": "七步洗手"}


def week(hours: str) -> dict[str, list[str]]:
    """Return {mornings, afternoons} of hours such as “周一至周五 8:00–12:00”."""
    days, _, times = hours.partition(" ")
    listed = days.removeprefix("周")
    if "至" in listed:
        first, last = (LETTERS.index(one.removeprefix("周")) for one in listed.split("至"))
        listed = LETTERS[first : last + 1]
    here = [DAYS[one] for one in (LETTERS if days == "每天" else listed) if one in DAYS]
    begins, ends = (int(one.partition(":")[0]) for one in times.split("–"))
    return {
        "mornings": here if begins < MORNINGS_END else [],
        "afternoons": here if ends > AFTERNOONS_BEGIN else [],
    }


def equipment() -> list[tuple[str, dict[str, Any]]]:
    """Return (id, fields) of what the desks have."""
    names = ("name", "sort", "number", "place", "should")
    return [
        (f"equipment:{key}", {k: v for k, v in zip(names, said, strict=True) if v})
        for key, *said in EQUIPMENT
    ]


def morning(life: Life, now: int) -> Iterator[Delivered]:
    """Yield what the desk entered up to `now` (ms)."""
    own = Life(Random(SEED), life.site)  # noqa: S311
    for source in (_loans, _counts, _reports, _doctors, _handouts):
        for at, act in source(own, now):
            yield at + 2_000, act


def _guide(life: Life) -> str:
    return life.rng.choice([YOU, *life.guides[LOBBY]])


def _loans(life: Life, now: int) -> Iterator[Delivered]:
    known = dict(equipment())
    late = [(*TWICE, 0)]
    for key, ago, back in (*LOANS, *late):
        item, at = known[f"equipment:{key}"], now - ago * MINUTE
        story, guide = life.new("loan", at), _guide(life)
        copied = {"item": item["name"], "number": item["number"]}
        who = {"name": patients.name(life.rng), "phone": patients.phone(life.rng)}
        said = {**copied, **who, "equipment": f"equipment:{key}", "place": LOBBY}
        delay = 11 * MINUTE if (key, ago) == TWICE else 0  # it was out of reach
        lent = story.tell(at, guide, "loan.lent", deposit="身份证", **said)
        yield at + delay, lent
        if back:
            yield at + back * MINUTE, story.tell(at + back * MINUTE, guide, "loan.returned")


def _counts(life: Life, now: int) -> Iterator[Delivered]:
    for key, stock in (("leaflets-diabetes", 100), ("leaflets-blood", 86), ("cups", 12)):
        story = life.story_of({"_id": f"equipment:{key}", "acts": {"last": None}})
        at = now - 158 * MINUTE
        yield at, story.tell(at, "person:gulnar", "equipment.counted", stock=stock)


def _reports(life: Life, now: int) -> Iterator[Delivered]:
    for number, (ago, given) in enumerate(REPORTS):
        at = now - ago * MINUTE
        story, guide = life.new("lab_report", at), _guide(life)
        read = {
            "name": patients.name(life.rng),
            "sex": life.rng.choice(("f", "m")),
            "item": life.rng.choice(ITEMS),
        }
        more = {"number": f"H-{at // DAY % 10_000}-{260 + number}", "place": LOBBY}
        yield at, story.tell(at, guide, "lab_report.registered", **read, **more)
        then = at + given * MINUTE
        if number == len(REPORTS) - 3:
            why = "单上写男，本人是女"
            yield then + MINUTE, story.tell(then + MINUTE, guide, "lab_report.withheld", reason=why)
        elif given:
            ticks = {"name_ok": "yes", "sex_ok": "yes", "item_ok": "yes"}
            yield then, story.tell(then, guide, "lab_report.issued", **ticks, **read)


def _doctors(life: Life, now: int) -> Iterator[Delivered]:
    """Today's doctors: most are here, one is late, one away with bookings that it touches."""
    today = (now + OFFSET) // DAY
    day = WEEKDAYS[(today + 3) % 7]  # 1 January 1970 was a Thursday
    here = [
        (row, session)
        for session in ("morning", "afternoon")
        for row in people.DOCTORS
        if day in week(row[6])[f"{session}s"]
    ]
    for n, (row, session) in enumerate(here):
        record = key_id("clinic", [f"doctor:{row[0]}", today, session])
        story = life.story_of({"_id": record, "acts": {"last": None}})
        at = now - (150 - n) * MINUTE
        if session == "morning" and n % 9 < 7:
            yield at, story.tell(at, _guide(life), "clinic.confirmed")
        is_gone = n in (3, len(here) - 2)
        many = 4 if is_gone else life.rng.choice((0, 1, 1, 2, 3))
        yield from _bookings(life, row[:2], (today, session), now, many)
        if is_gone:
            gone = now - 12 * MINUTE
            yield gone, story.tell(gone, YOU, "clinic.absent", reason="急诊手术，今天停诊")
        elif n == 7:
            said = {"expected": 570, "reason": "会诊，晚到半小时"}
            yield now - 25 * MINUTE, story.tell(now - 25 * MINUTE, YOU, "clinic.late", **said)


def _bookings(
    life: Life, who: tuple[str, str], when: tuple[int, str], now: int, many: int
) -> Iterator[Delivered]:
    (doctor, name), (today, session) = who, when
    for _ in range(many):
        at = now - DAY - life.rng.randrange(10, 500) * MINUTE
        story, guide = life.new("appointment", at), _guide(life)
        first, last = (480, 700) if session == "morning" else (840, 1_040)
        said = {
            "name": patients.name(life.rng),
            "phone": patients.phone(life.rng),
            "doctor": f"doctor:{doctor}",
            "doctor_name": name,
            "day": today,
            "session": session,
            "hour": life.rng.randrange(first, last, 20),
            "place": LOBBY,
        }
        if life.rng.random() < 0.3:
            said["needs_help"] = [life.rng.choice(("elderly", "wheelchair", "disabled"))]
        yield at, story.tell(at, guide, "appointment.booked", **said)
        if life.rng.random() < 0.35 and session == "morning":
            came = now - life.rng.randrange(30, 150) * MINUTE
            yield came, story.tell(came, guide, "appointment.came")


def _handouts(life: Life, now: int) -> Iterator[Delivered]:
    for n in range(24):
        what = HANDOUTS[n % len(HANDOUTS)]
        at = now - (6 + n * 6) * MINUTE
        said: dict[str, Any] = {"what": what, "number": life.rng.choice((1, 1, 2, 3))}
        if what in TOPICS:
            said["topic"] = TOPICS[what]
        story = life.new("handout", at)
        yield at, story.tell(at, _guide(life), "handout.given", place=LOBBY, **said)
