"""The demo's book of knowledge: a handbook, what is to be read, a meeting and its tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.demo.data import handbook_texts as texts
from server.demo.data.visit_generator import GuestStory, Life
from sync.act import Act, key_id

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EAST = 8 * HOUR  # of UTC, where the demo is

# unit, its sort, what it is called, its head, to whom it hands what it cannot solve
UNITS = (
    ("unit:house", "company", "市第一人民医院", "person:wu", "person:zhuge"),
    ("unit:service", "department", "客户服务部", "person:wei", "person:wu"),
    ("unit:guides-1", "group", "门诊一楼导医组", "person:chen", "person:wu"),
    ("unit:guides-3", "group", "三至五楼导医组", "person:gu", "person:wu"),
)
MEMBERS = {
    "unit:guides-1": ("lin", "chen", "qiao", "shi", "gulnar", "ouyang", "bao"),
    "unit:guides-3": ("gu", "tashi", "ye", "fu", "luo"),
    "unit:service": ("wei", "shen", "ma", "yang", "situ"),
}
AUTHOR, MANAGER, HEAD, GM = "person:shen", "person:wu", "person:chen", "person:huangfu"

Delivered = tuple[int, Act]


def units() -> list[tuple[str, dict[str, Any]]]:
    """Return the demo's departments and groups, with their heads."""
    names = ("kind", "name", "head", "unresolved")
    return [(key, dict(zip(names, fields, strict=True))) for key, *fields in UNITS]


def units_of(login: str) -> list[str]:
    """Return the groups that somebody belongs to."""
    return [unit for unit, members in MEMBERS.items() if login in members]


def acts(life: Life, now: int) -> Iterator[Delivered]:
    """Yield what was written, read, met about and filed up to `now` (ms)."""
    for source in (_articles, _must_read, _announcements, _meeting, _papers):
        for act in source(life, now):
            yield act["at"] + 1_500, act


def _day(at: int) -> int:
    return (at + EAST) // DAY


def _articles(life: Life, now: int) -> Iterator[Act]:
    for kind, title, days, left, words in texts.ARTICLES:
        until = {} if left is None else {"valid_until": _day(now) + left}
        data = {"kind": kind, "title": title, "words": words, "version": 1, **until}
        yield from _published(life, now - days * DAY, data, verified=_day(now) - days % 20)
    kind, title, days, words = texts.EXPIRED
    until = {"valid_until": _day(now) - 62}
    data = {"kind": kind, "title": title, "words": words, "version": 6, **until}
    yield from _published(life, now - days * DAY, data, verified=_day(now) - 70)


def _published(
    life: Life, at: int, data: dict[str, Any], *, verified: int, by: str = AUTHOR
) -> Iterator[Act]:
    """Yield a text from its draft until it holds."""
    story = life.new("article", at)
    yield story.tell(at, by, "article.drafted", **data)
    verb, who = ("enacted", GM) if data["kind"] == "regulation" else ("approved", MANAGER)
    grounds = ("title", "words", "valid_from", "valid_until", "unit", "place", "doctor", "photos")
    seen = {name: data[name] for name in grounds if name in data}
    yield story.tell(at + 20 * MINUTE, who, f"article.{verb}", **seen)
    yield story.tell(at + 40 * MINUTE, by, "article.published", verified_on=verified)


def _must_read(life: Life, now: int) -> Iterator[Act]:
    kind, title, words = texts.CAMPAIGN
    today = _day(now)
    data = {
        "kind": kind,
        "title": title,
        "words": words,
        "must_read": "read",
        "audience": ["guide", "guide_supervisor"],
        "known_by": today + 3,
        "valid_from": today + 4,
        "valid_until": today + 9,
    }
    yield from _published(life, now - 2 * HOUR, data, verified=today)
    title, words = texts.REGULATION
    data = {
        "kind": "regulation",
        "title": title,
        "words": words,
        "version": 2,
        "must_read": "sign",
        "audience": ["guide", "guide_supervisor", "cs_agent"],
        "valid_from": today,
    }
    yield from _published(life, now - 110 * MINUTE, data, verified=today, by="person:wei")


def _announcements(life: Life, now: int) -> Iterator[Act]:
    title, words = texts.ACTIVITY
    at = now - 100 * MINUTE
    story = life.new("announcement", at)
    said = {"title": title, "words": words, "from_day": _day(now) + 1, "until_day": _day(now) + 1}
    yield story.tell(at, AUTHOR, "announcement.drafted", kind="activity", **said)
    yield story.tell(at + 10 * MINUTE, MANAGER, "announcement.approved", **said)
    yield story.tell(at + 15 * MINUTE, AUTHOR, "announcement.published")


def _meeting(life: Life, now: int) -> Iterator[Act]:
    at = now - 90 * MINUTE
    story = GuestStory(life, key_id("meeting", ["other", "unit:guides-1", _day(now)]))
    called = {"kind": "other", "unit": "unit:guides-1", "day": _day(now)}
    yield story.tell(at, HEAD, "meeting.called", **called)
    yield story.tell(
        at + 15 * MINUTE,
        HEAD,
        "meeting.held",
        attended=[f"person:{one}" for one in MEMBERS["unit:guides-1"][:5]],
        looks={"clothes": "yes", "cap": "yes", "shoes": "yes", "stance": "yes"},
        summary="昨天大厅接待平稳，两次候诊送水超时，已说明原因。",
        plan="今天专家门诊多，二楼候诊区增加一人；下午消防演练前通知到人。",
    )
    for number, (problem, proposal) in enumerate(texts.PROBLEMS, 1):
        key = f"e{number}"
        yield story.tell(
            at + (20 + number) * MINUTE,
            HEAD,
            "meeting.item",
            items={key: problem},
            proposals={key: proposal},
        )


def _papers(life: Life, now: int) -> Iterator[Act]:
    paper = life.new("document", now - 9 * DAY)
    yield paper.tell(
        now - 9 * DAY,
        AUTHOR,
        "document.filed",
        title="十月满意度调查原表",
        kind="form",
        folder="2026 调查 10",
        number="DC-2026-117",
    )
    yield paper.tell(now - 6 * DAY, AUTHOR, "document.issued", issued_to=HEAD, purpose="写月度分析")
    memo = life.new("memo", now - DAY)
    yield memo.tell(
        now - DAY,
        "person:lin",
        "memo.raised",
        kind="suggestion",
        to=HEAD,
        subject="导医台加一台血压计",
        reason="常有老人要求量血压，现在要走到二楼。",
        proposal="向设备科申请一台，放在正门导医台。",
    )
    task = life.new("task", now - 30 * MINUTE)
    yield task.tell(
        now - 30 * MINUTE,
        HEAD,
        "task.raised",
        words="核对一楼各窗口的出诊时间牌",
        person="person:lin",
        limit_day=_day(now),
    )
