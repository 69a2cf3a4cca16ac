"""The demo's morning in the book of quality: checks, notices, appearance, conduct and praise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.demo.data.stories import DAY, HOUR, MINUTE, Delivered
from server.demo.data.visit_generator import GuestStory, Life
from sync.act import key_id
from sync.settings import profile
from sync.shipped.checklists import CHECKLISTS, keyed
from sync.worktime import local_day

OFFSET = {"offset": 480}
COUNTED = {"wheelchairs": 6, "trolleys": 4, "umbrellas": 20, "sphygmomanometers": 2}
# id, what it is called, its head
UNITS = (("unit:nursing", "护理部", "person:bai"),)  # beside those of wards_and_colleagues


def units() -> list[tuple[str, dict[str, Any]]]:
    """Return (id, fields) of the departments whose appearance is looked at."""
    return [(one, {"name": name, "kind": "department", "head": head}) for one, name, head in UNITS]


def morning(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of the morning up to `now` (ms)."""
    for source in (_opening, _cleaning, _inspection, _notices, _looks, _people):
        for act in source(life, now):
            yield act["at"] + 2_000, act


def _sheet(
    life: Life, template: str, place: str, at: str, now: int
) -> tuple[GuestStory, dict[str, Any]]:
    """Return the story of a planned check, and the key that makes it: the plan makes the same."""
    hour = profile("hospital")[at]["value"]
    key = {"template": f"checklist:{template}", "place": place, "day": local_day(now, OFFSET)}
    key["hour"] = hour
    return GuestStory(life, key_id("check", [*key.values()])), key


def _ticks(template: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(CHECKLISTS[template]["items"], "yes") | keyed(template, others)


def _taken(template: str) -> dict[str, Any]:
    said, names = CHECKLISTS[template], ("items", "goods", "review", "findings")
    return {"version": 1, **{name: said[name] for name in names if name in said}}


def _photos(life: Life) -> list[str]:
    """Return a photo that is still on the tablet of whoever took it."""
    return [f"{life.bits():064x}"]


def _opening(life: Life, now: int) -> Iterator[Any]:
    story, key = _sheet(life, "opening", "place:lobby-1", "opening.from", now)
    began = now - 150 * MINUTE
    yield story.tell(began, "person:lin", "check.begun", **key)
    yield story.tell(
        began + 8 * MINUTE,
        "person:lin",
        "check.completed",
        ticks=_ticks("opening", lamps="no", air="na", rain="na"),
        notes=keyed("opening", {"lamps": "骨科引导灯不亮，先立了“骨科请右转”的牌"}),
        counts=keyed("opening", COUNTED, "goods"),
        **_taken("opening"),
    )
    story, key = _sheet(life, "opening", "place:lobby-2", "opening.from", now)
    yield story.tell(began + MINUTE, "person:meng", "check.begun", **key)
    yield story.tell(
        began + 9 * MINUTE,
        "person:qi",
        "check.completed",
        ticks=_ticks("opening", rain="na"),
        counts=keyed("opening", COUNTED, "goods"),
        **_taken("opening"),
    )


def _cleaning(life: Life, now: int) -> Iterator[Any]:
    story, key = _sheet(life, "cleaning", "place:lobby-1", "cleaning.from", now)
    began, taken = now - 140 * MINUTE, _taken("cleaning")
    yield story.tell(began, "person:gulnar", "check.begun", **key)
    yield story.tell(
        began + 12 * MINUTE,
        "person:gulnar",
        "check.completed",
        ticks=_ticks("cleaning"),
        **taken,
    )
    yield story.tell(began + 20 * MINUTE, "person:chen", "check.checked_ok")
    story, key = _sheet(life, "cleaning", "place:lobby-2", "cleaning.from", now)
    yield story.tell(began, "person:meng", "check.begun", **key)
    yield story.tell(
        began + 10 * MINUTE,
        "person:meng",
        "check.completed",
        ticks=_ticks("cleaning"),
        **taken,
    )
    yield story.tell(
        now - 12 * MINUTE, "person:chen", "check.checked_redo", reason="水槽里有茶叶渣，再擦一遍"
    )


def _inspection(life: Life, now: int) -> Iterator[Any]:
    story, key = _sheet(life, "public_area", "place:lobby-1", "inspection.first_from", now)
    seen = ("floors", "lobby", "lifts", "pantries")
    ticks = dict.fromkeys(seen, "yes") | {"washrooms": "no"}
    yield story.tell(now - 40 * MINUTE, "person:chen", "check.begun", **key)
    yield story.tell(
        now - 18 * MINUTE,
        "person:chen",
        "check.marked",
        ticks=keyed("public_area", ticks),
        notes=keyed("public_area", {"washrooms": "2 楼洗手间水池下一滩水"}),
        **_taken("public_area"),
    )


def _notices(life: Life, now: int) -> Iterator[Any]:
    """Yield a notice that failed once and is late, and one that waits to be looked at again."""
    today = local_day(now, OFFSET)
    story = life.new("rectification", now - 3 * DAY)
    at = now - 3 * DAY
    yield story.tell(
        at,
        "person:chen",
        "rectification.found",
        place="place:floor-2",
        finding="消防通道堆了 6 个纸箱",
        words="器械科的纸箱，挡住半边门",
    )
    yield story.tell(
        at + 10 * MINUTE,
        "person:chen",
        "rectification.issued",
        responsible="person:duan",
        finding="消防通道堆了 6 个纸箱",
        limit_on=today - 2,
    )
    yield story.tell(at + HOUR, "person:duan", "rectification.acknowledged")
    yield story.tell(
        at + DAY,
        "person:duan",
        "rectification.reported_done",
        done="已搬走",
        done_photos=_photos(life),
    )
    yield story.tell(
        at + DAY + 2 * HOUR,
        "person:chen",
        "rectification.recheck_failed",
        reason="只搬走一半，门还是开不全",
        limit_on=today - 1,
    )
    story = life.new("rectification", now - DAY)
    at = now - DAY
    yield story.tell(
        at,
        "person:gu",
        "rectification.found",
        place="place:floor-3",
        finding="茶水间开水器不热",
        words="三楼东侧",
    )
    yield story.tell(
        at + 20 * MINUTE,
        "person:gu",
        "rectification.issued",
        responsible="person:xie",
        finding="茶水间开水器不热",
        limit_on=today + 1,
    )
    yield story.tell(at + 2 * HOUR, "person:xie", "rectification.acknowledged")
    yield story.tell(
        now - 50 * MINUTE,
        "person:xie",
        "rectification.reported_done",
        done="换了加热管，水温 96 度",
        done_photos=_photos(life),
    )


def _looks(life: Life, now: int) -> Iterator[Any]:
    """Yield an appearance check before the shift, and what two people must answer for."""
    today = local_day(now, OFFSET)
    key = {"unit": "unit:guides", "day": today, "round": "shift"}
    key["template"] = "checklist:appearance_hospital"
    story = GuestStory(life, key_id("appearance", [*key.values()]))
    items = CHECKLISTS["appearance_hospital"]["items"]
    yield story.tell(now - 170 * MINUTE, "person:chen", "appearance.begun", **key)
    yield story.tell(
        now - 165 * MINUTE,
        "person:chen",
        "appearance.done",
        ticks=_ticks("appearance_hospital", badge="no"),
        notes=keyed("appearance_hospital", {"badge": "一人没戴工牌，当场戴好"}),
        people=["person:lin", "person:shi", "person:gulnar", "person:ouyang"],
        items=items,
        version=1,
    )
    source = {"source": story.record, "unit": "unit:guides", "day": today}
    for minutes, person, words, clause, amount, corrected in (
        (160, "person:ouyang", "没戴工牌", "clause:appearance", 1_000, True),
        (
            55,
            "person:shi",
            "穿工作服去食堂，说是给病人送饭",
            "clause:uniform_outside",
            2_000,
            False,
        ),
    ):
        story = life.new("conduct", now - minutes * MINUTE)
        yield story.tell(
            now - minutes * MINUTE,
            "person:chen",
            "conduct.proposed",
            person=person,
            kind="appearance",
            words=words,
            clause=clause,
            amount=amount,
            corrected=corrected,
            **source,
        )


def _people(life: Life, now: int) -> Iterator[Any]:
    story = life.new("praise", now - 2 * DAY)
    words = "护送老人一直到诊室门口，很耐心"
    yield story.tell(
        now - 2 * DAY,
        "person:shen",
        "praise.proposed",
        people=["person:gulnar"],
        how="banner",
        words=words,
        unit="unit:guides",
    )
    yield story.tell(now - DAY, "person:wei", "praise.confirmed", people=["person:gulnar"])
    story = life.new("praise", now - 3 * HOUR)
    yield story.tell(
        now - 3 * HOUR,
        "person:qiao",
        "praise.proposed",
        people=["person:lin", "person:shi"],
        how="book",
        words="两位导医都很热心",
    )
