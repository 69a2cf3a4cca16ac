"""The demo's complaints, each on another rung, its conflicting acts, and waits of this moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.demo.data import patients
from server.demo.data.people import DOCTORS
from server.demo.data.places import DEPARTMENTS
from server.demo.data.visit_generator import GuestStory, Life
from sync.act import Act, make
from sync.display_format import receipt, text_hash

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Delivered = tuple[int, Act]  # (ms at which it reached the server, the act)

# complaint, days since it was taken, hours until the first response, until it was settled
COURSES: tuple[tuple[int, float, float | None, float | None], ...] = (
    (0, 8.1, 18.7, None),
    (5, 6.2, 2.5, None),
    (3, 2.1, 1.2, None),
    (2, 1.15, None, None),
    (6, 4.3, 20.0, None),
    (9, 3.2, 5.5, None),
    (7, 1.9, 9.0, None),
    (10, 0.8, None, None),
    (11, 0.35, 3.0, None),
    (1, 0.1, None, None),
    (4, 7.4, 3.3, 26.0),
    (8, 9.0, 6.1, 47.0),
    (12, 5.2, 2.2, 21.0),
)


def complaints(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of every complaint up to `now` (ms)."""
    for number, days, answered, settled in COURSES:
        taken = now - int(days * DAY)
        for act in _course(life, number, taken, answered, settled):
            if act["at"] <= now:
                yield act["at"] + 2_000, act


def _course(
    life: Life, number: int, taken: int, answered: float | None, settled: float | None
) -> Iterator[Act]:
    words, reasons, wanted, severity, key = patients.COMPLAINTS[number]
    story = life.new("complaint", taken)
    guide = life.rng.choice(life.guides["place:lobby-1"])
    name, phone = patients.name(life.rng), patients.phone(life.rng)
    data = {
        "number": receipt(story.record, taken),
        "name": name,
        "salutation": life.rng.choice(("mr", "ms")),
        "phone": phone,
        "place": "place:lobby-1",
        "about_place": f"place:{key}",
        "reasons": list(reasons),
        "words": words,
        "wanted": list(wanted),
        "severity": severity,
        "readback": words,
        "signature": {"strokes": signature(life), "of": text_hash(words)},
    }
    yield story.tell(taken, guide, "complaint.taken", **data) | {"text": words}
    if answered is not None:
        agent = life.rng.choice(("person:shen", "person:ma", "person:yang"))
        answer = {"response": life.rng.choice(patients.RESPONSES), "means": "phone"}
        answered_at = taken + int(answered * HOUR)
        yield story.tell(
            answered_at, agent, "complaint.responded", satisfied=settled is not None, **answer
        )
    if settled is not None:
        how = {"resolution": life.rng.choice(patients.RESOLUTIONS), "attended_by": "吴温叙"}
        yield story.tell(
            taken + int(settled * HOUR), "person:wei", "complaint.settled", satisfied=True, **how
        )


def signature(life: Life) -> list[list[int]]:
    """Return the strokes of a random signature, in hundredths of the field."""
    strokes = []
    x = 40
    for _ in range(life.rng.randrange(3, 6)):
        points: list[int] = []
        y = life.rng.randrange(60, 140)
        for _ in range(life.rng.randrange(8, 22)):
            x += life.rng.randrange(-4, 12)
            y = min(190, max(10, y + life.rng.randrange(-22, 23)))
            points += [x, y]
        strokes.append(points)
        x += 20
    return strokes


def misfits(life: Life, now: int) -> Iterator[Delivered]:
    """Yield acts that conflict with each other, and acts their authors had no right to."""
    yield from _two_tablets(life, now)
    yield from _answered_after_the_end(life, now)
    yield from _not_their_post(life, now)


def _two_tablets(life: Life, now: int) -> Iterator[Delivered]:
    """Yield a wait that Qiao ended while Lin, offline, brought its patient water."""
    story = life.new("waiting", now - 22 * MINUTE)
    fields: dict[str, Any] = {"place": "place:guke-1", "doctor": "doctor:murong-qinglan"}
    fields |= {"department": "骨科", "name": "王桂兰", "salutation": "ms"}
    act = story.tell(now - 22 * MINUTE, "person:qiao", "waiting.started", **fields)
    yield act["at"] + 1_000, act
    apart = GuestStory(life, story.record)
    apart.last = story.last
    act = story.tell(now - 13 * MINUTE, "person:qiao", "waiting.ended", outcome="seen")
    yield act["at"] + 1_000, act
    act = apart.tell(now - 11 * MINUTE, "person:lin", "waiting.water_given")
    yield now - 6 * MINUTE, act


def _answered_after_the_end(life: Life, now: int) -> Iterator[Delivered]:
    taken = now - int(1.6 * DAY)
    course = list(_course(life, 8, taken, 2.0, 30.0))
    for act in course:
        yield act["at"] + 2_000, act
    apart = GuestStory(life, course[0]["record"])
    apart.last = course[1]["_id"]
    act = apart.tell(
        taken + 31 * HOUR,
        "person:sheng",
        "complaint.responded",
        response=patients.RESPONSES[1],
        means="phone",
    )
    yield act["at"] + 3 * HOUR, act


def _not_their_post(life: Life, now: int) -> Iterator[Delivered]:
    for by, at, place in (
        ("person:zhao", now - 95 * MINUTE, "place:lobby-1"),
        ("person:long", now - 48 * MINUTE, "place:lobby-1"),
    ):
        story = life.new("complaint" if by == "person:zhao" else "arrival", at)
        if by == "person:zhao":
            fields: dict[str, Any] = {"place": place, "words": patients.COMPLAINTS[9][0]}
            act = story.tell(at, by, "complaint.taken", **fields)
        else:
            fields = {"place": place, "name": patients.name(life.rng), "question": "住院探视"}
            act = story.tell(at, by, "arrival.registered", **fields)
        yield at + 4 * MINUTE, act


def sitting_now(life: Life, now: int) -> Iterator[Delivered]:
    """Yield Lin's waits of this moment: one due for water soon, one now, two over 15 minutes."""
    asked = ((4.5, "water_given"), (14.2, "doctor_asked"), (15.0, "assistant_told"))
    course: tuple[tuple[float, str, int, tuple[tuple[float, str], ...]], ...] = (
        (23.8, "he-lianzhou", 3, ((4.0, "water_given"),)),
        (15.6, "duan-yan", 1, asked),
        (13.9, "bai-li", 1, ((4.8, "water_given"),)),
        (5.3, "murong-qinglan", 1, ()),
        (4.4, "feng-jin", 1, ()),
        (1.9, "yu-wen", 2, ()),
        (0.6, "an-ran", 2, ()),
    )
    names = {row[0]: row[1] for row in DEPARTMENTS}
    doctors = {row[0]: row for row in DOCTORS}
    for ago, doctor, room, deeds in course:
        sits = now - int(ago * MINUTE)
        key = doctors[doctor][3]
        visit = life.new("arrival", sits - 4 * MINUTE)
        who = {"name": patients.name(life.rng), "salutation": "child" if key == "erke" else "ms"}
        act = visit.tell(
            sits - 4 * MINUTE, "person:lin", "arrival.registered",
            place=f"place:{key}", department=names[key], next_stage="with_doctor",
            chief_complaint=life.rng.choice(patients.WHY[key]),
            phone=patients.phone(life.rng), **who,
        )  # fmt: skip
        yield act["at"] + 1_000, act
        story = life.new("waiting", sits)
        fields = {"place": f"place:{key}-{room}", "doctor": f"doctor:{doctor}"}
        fields |= {"department": names[key], "subject": visit.record}
        act = story.tell(sits, "person:lin", "waiting.started", **fields, **who)
        yield act["at"] + 1_000, act
        for after, verb in deeds:
            act = story.tell(sits + int(after * MINUTE), "person:lin", f"waiting.{verb}")
            yield act["at"] + 1_000, act


def noticed(life: Life, now: int) -> Iterator[Delivered]:
    """Yield a guest at the door who was asked to wait a moment and is not registered yet."""
    story = life.new("arrival", now - 2 * MINUTE)
    act = make(
        "arrival.registered",
        story.record,
        {"place": "place:lobby-1", "noticed": True, "question": "门口，穿灰外套的老先生"},
        at=now - 2 * MINUTE,
        by="person:lin",
        device=life.devices["person:lin"],
        site=life.site,
        random_bits=life.bits,
    )
    yield act["at"] + 1_000, act
