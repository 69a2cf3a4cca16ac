"""The demo's beds and who lies in them, its units, courses and trainings, and who is away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.demo.data import patients
from server.demo.data.visit_generator import GuestStory, Life
from sync.act import Act, key_id

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EAST = 8 * HOUR  # ms that the house's clocks are ahead

Delivered = tuple[int, Act]  # (ms at which it reached the server, the act)

# id, name, head, deputy, members
UNITS = (
    ("unit:guides", "导医组", "chen", "gu", ("lin", "qiao", "shi", "gulnar", "ouyang", "long")),
    ("unit:service", "客服中心", "wu", "wei", ("shen", "ma", "yang", "sheng", "tong", "qu")),
)
LIES = (("bone", 1), ("bone", 2), ("bone", 4), ("bone", 5), ("bone", 8), ("surgery", 2))
COURSES = (
    ("course:newcomers", "新员工岗前培训", "new", None),
    ("course:etiquette", "服务礼仪与业务学习", "internal", None),
    ("course:fire", "消防与安全演练", "fire", None),
    ("course:typing", "打字", "typing", 80),
    ("course:flow", "服务流程图", "flow", 90),
)


def references() -> list[tuple[str, dict[str, Any]]]:
    """Return (id, fields) of the units; whom they name is there already."""
    return [
        (unit, {"name": name, "kind": "group", "head": f"person:{head}", "deputy": f"person:{two}"})
        for unit, name, head, two, _members in UNITS
    ]


def units_of(login: str) -> list[str]:
    """Return the units that somebody belongs to."""
    return [one for one, _name, head, two, some in UNITS if login in (head, two, *some)]


def stays(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of who lies in the wards: one came just now, one is leaving."""
    for n, (ward, bed) in enumerate(LIES):
        number = 20_260_000 + 37 * n
        story = GuestStory(life, key_id("stay", [number]))
        at = now - (n * 19 + 1) * HOUR
        data = {
            "number": number,
            "name": patients.name(life.rng),
            "sex": life.rng.choice(("m", "f")),
            "bed": f"place:ward-{ward}-b{bed}",
            "department": {"bone": "骨科", "surgery": "普外科"}[ward],
            "handed_to": "值班护士",
        }
        yield _late(story.tell(at, "person:long", "stay.admitted", **data))
        if n > 1:
            words = life.rng.choice(("睡得好，伤口不疼", "想早点吃上热饭", "医生查过房了"))
            asked = {"words": words, "again_on": (now + EAST) // DAY + n % 3}
            yield _late(story.tell(at + 3 * HOUR, "person:qu", "stay.asked", **asked))
        if n == len(LIES) - 1:
            yield _late(story.tell(now - 25 * MINUTE, "person:qu", "stay.discharged"))


def learned(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of courses, of a training that was held and one that is to come."""
    for course, name, kind, least in COURSES:
        data = {"name": name, "kind": kind} | ({} if least is None else {"pass": least})
        story = GuestStory(life, course)
        yield _late(story.tell(now - 40 * DAY, "person:wu", "course.published", **data))
    today = (now + EAST) // DAY
    held = life.new("training", now - 9 * DAY)
    plan = {"course": "course:typing", "place": "place:triage", "teacher": "陈若岚"}
    people = [f"person:{one}" for one in ("lin", "qiao", "shi", "gulnar")]
    begun = {**plan, "day": today - 2, "from_at": 1_020, "topic": "打字与登记", "people": people}
    yield _late(held.tell(now - 9 * DAY, "person:chen", "training.planned", **begun))
    done = {"attended": people[:3], "absent": people[3:], "ways": ["drill", "advice"]}
    yield _late(held.tell(now - 2 * DAY, "person:chen", "training.held", **done))
    for person, result in (("person:lin", 92), ("person:qiao", 71)):
        about = {"person": person, "kind": "typing", "because": held.record}
        key = [about[name] for name in ("person", "kind", "because")]
        one = GuestStory(life, key_id("assessment", key))
        due = {**about, "course": "course:typing"}
        yield _late(one.tell(now - 2 * DAY + HOUR, "person:chen", "assessment.due", **due))
        yield _late(one.tell(now - DAY, "person:chen", "assessment.taken", result=result))
    coming = life.new("training", now - 3 * DAY)
    plan = {"course": "course:fire", "place": "place:lobby-1", "teacher": "保卫科"}
    begun = {**plan, "day": today + 1, "from_at": 1_050, "topic": "灭火器与疏散", "people": people}
    yield _late(coming.tell(now - 3 * DAY, "person:wei", "training.planned", **begun))


def away(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of who asked to leave the post: one waits, one is away, one is back."""
    for login, ago, why, minutes in (
        ("gulnar", 4, "meal", 20),
        ("qiao", 9, "patient", 15),
        ("ouyang", 70, "restroom", 8),
    ):
        person, at = f"person:{login}", now - ago * MINUTE
        story = life.new("permit", at)
        data = {"why": why, "minutes": minutes, "unit": "unit:guides", "place": "place:lobby-1"}
        yield _late(story.tell(at, person, "permit.asked", **data))
        if login == "gulnar":
            continue
        grounds = {"minutes": minutes}
        yield _late(story.tell(at + MINUTE, "person:chen", "permit.allowed", **grounds))
        yield _late(story.tell(at + 2 * MINUTE, person, "permit.left"))
        if login == "ouyang":
            yield _late(story.tell(at + 9 * MINUTE, person, "permit.back"))


def _late(act: Act) -> Delivered:
    return act["at"] + 1_500, act
