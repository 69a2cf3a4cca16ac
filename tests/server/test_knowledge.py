"""The book of knowledge on the server: each test holds the rule whose id its name begins with."""

from __future__ import annotations

from typing import Any

import pytest

from server.acts import access, shipped
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.base import pinyin
from server.database.store import Store
from server.rules import settle, waking
from sync.act import key_id
from sync.display_format import text_hash
from sync.ladder import clocks
from sync.search_words import marked
from sync.settings import profile
from sync.shipped.articles import articles
from sync.statements import is_withdrawn
from tests.cast import Cast, Tablet
from tests.clock import DAY, HOUR, SECOND, Clock
from tests.server.clockwork import Clockwork
from tests.sync.telling import day, moment, shown

TEXT = {"title": "医保报销需要哪些材料", "words": "带医保卡、身份证。\n到 1 楼收费处 5 号窗。"}
GROUP = "unit:lobby"


@pytest.fixture(autouse=True)
def _begun(site: Site, cast: Cast) -> None:
    waking.start(site)
    unit = {"name": "大厅组", "kind": "group", "head": "person:chen", "unresolved": "person:wu"}
    site.record_act("unit.added", GROUP, unit, by="system:site")
    for one in ("lin", "chen"):
        site.record_act("person.changed", f"person:{one}", {"units": [GROUP]}, by="system:site")


def does(tablet: Tablet, act: str, record: str, /, **said: Any) -> Verdict:
    """Let somebody say something a second after what was said before."""
    assert isinstance(tablet.clock, Clock)
    tablet.clock.passes(ms=SECOND)
    return tablet.does(act, record, **said)


def settles(site: Site) -> None:
    for _ in range(20):
        if not settle.work(site):
            return
    raise AssertionError("the rules never come to rest")


def of_kind(site: Site, kind: str) -> list[dict[str, Any]]:
    with site.reading() as connection:
        ids = Store(connection).ids_of(kind, "", 1_000)
    return [record for one in ids if (record := site.record(one)) is not None]


def publishes(site: Site, cast: Cast, **more: Any) -> str:
    """Let Chen write an article, Wu approve it, and Chen put it into force."""
    record = cast.chen.new("article")
    data = {"kind": "policy", **TEXT, **more}
    assert does(cast.chen, "article.drafted", record, **data).good
    names = ("title", "words", "photos", "unit", "place", "doctor", "valid_from", "valid_until")
    seen = {name: data[name] for name in names if name in data}
    if data["kind"] == "regulation":
        by = "person:gm"
        site.record_act("person.added", by, {"name": "某", "posts": ["gm"]}, by="system:site")
        verdict = site.record_act("article.enacted", record, seen, by=by)
    else:
        verdict = does(cast.wu, "article.approved", record, **seen)
    assert verdict.good, verdict
    assert does(cast.chen, "article.published", record, verified_on=day("2026-11-25")).good
    settles(site)
    return record


def test_DC_01_a_text_is_approved_by_another_and_stands_as_it_was_read(
    site: Site, cast: Cast
) -> None:
    record = cast.chen.new("article")
    does(cast.chen, "article.drafted", record, kind="policy", **TEXT)
    seen = dict(TEXT)
    does(cast.chen, "article.rewritten", record, words="别的")
    does(cast.wu, "article.approved", record, **seen)
    found = site.record(record)
    assert found is not None and found["state"] == "draft", "he read another text"
    does(cast.wu, "article.approved", record, **{**seen, "words": "别的"})
    assert (site.record(record) or {})["state"] == "approved"
    does(cast.chen, "article.rewritten", record, words="改了")
    assert (site.record(record) or {})["words"] == "别的", "what was approved stands"


def test_DC_01_a_regulation_in_force_is_announced_and_takes_the_old_one_away(
    site: Site, cast: Cast
) -> None:
    since = day("2026-12-01")
    old = publishes(site, cast, kind="regulation", version=1, valid_from=since - 300)
    new = publishes(site, cast, kind="regulation", version=2, valid_from=since, replaces=old)
    assert (site.record(old) or {})["standing"] == "replaced"
    announced = of_kind(site, "announcement")
    assert {(one["article"], one["state"], one["from_day"]) for one in announced} == {
        (old, "published", since - 300),
        (new, "published", since),
    }
    without = cast.chen.new("article")
    refused = does(cast.chen, "article.drafted", without, kind="regulation", **TEXT)
    assert refused.details == {"fields": {"version": "required", "valid_from": "required"}}


@pytest.mark.parametrize("how", ["read", "sign"])
def test_KB_05_whoever_must_know_it_has_a_receipt_and_their_head_hears_who_did_not(
    site: Site, cast: Cast, clock: Clock, how: str
) -> None:
    more = {"kind": "campaign", "must_read": how, "audience": ["guide"], "known_by": 20_790}
    record = publishes(site, cast, **more)
    receipt = key_id("receipt", [record, "person:lin"])
    found = site.record(receipt)
    assert found is not None and (found["state"], found["how"]) == ("due", how)
    assert found["title"] == TEXT["title"]
    assert {one["person"] for one in of_kind(site, "receipt")} == {
        one["_id"] for one in site.reference().people() if "guide" in (one.get("posts") or ())
    }
    clockwork = Clockwork(site, clock)
    clock.at = moment("2026-11-30 18:00")
    clockwork.beats()
    steps = clockwork.steps(receipt, "receipt_due")
    assert "person:chen" in steps[-1]["told"], "the head of the group"


def test_DC_02_P_08_nobody_confirms_for_somebody_else_and_a_signature_is_over_the_text(
    site: Site, cast: Cast
) -> None:
    record = publishes(site, cast, must_read="sign", audience=["guide"])
    receipt = key_id("receipt", [record, "person:lin"])
    ink = {"strokes": [[0, 0, 200, 100]], "of": "0" * 64}
    does(cast.chen, "receipt.signed", receipt, signature=ink)
    does(cast.lin, "receipt.read", receipt)
    assert (site.record(receipt) or {})["state"] == "due", "it is to be signed, and by her"
    assert does(cast.lin, "receipt.signed", receipt, signature=ink, text="x").code != "", (
        "wrong text"
    )
    said = "签字确认已知晓：医保报销需要哪些材料。"
    ink["of"] = text_hash(said)
    assert does(cast.lin, "receipt.signed", receipt, signature=ink, text=said).good
    assert (site.record(receipt) or {})["state"] == "signed"


def test_KB_05_who_does_not_work_here_any_more_owes_no_receipt(site: Site, cast: Cast) -> None:
    record = publishes(site, cast, must_read="read", audience=["guide"])
    site.record_act("person.changed", "person:lin", {"active": False}, by="system:site")
    settles(site)
    assert is_withdrawn(site.record(key_id("receipt", [record, "person:lin"])) or {})


def test_KB_07_what_holds_for_a_time_warns_and_is_over_by_itself(
    site: Site, cast: Cast, clock: Clock
) -> None:
    without = cast.chen.new("article")
    refused = does(cast.chen, "article.drafted", without, kind="supplier", **TEXT)
    assert refused.details == {"fields": {"valid_until": "required"}}
    record = publishes(site, cast, kind="supplier", valid_until=day("2026-12-09"))
    clockwork = Clockwork(site, clock)
    for at in ("2026-12-02 18:00", "2026-12-09 17:59"):
        clock.at = moment(at)
        clockwork.beats()
    assert (site.record(record) or {})["state"] == "in_force"
    clock.at = moment("2026-12-09 18:00")
    clockwork.beats()
    found = site.record(record) or {}
    assert (found["state"], shown(found["expired_at"])) == ("expired", "2026-12-09 18:00")


def test_KB_02_and_DC_03_what_is_right_is_asked_again_and_rules_are_looked_over(
    site: Site, cast: Cast
) -> None:
    fact, rule = publishes(site, cast), publishes(site, cast, kind="standard")

    def runs(record: str) -> set[str]:
        found = clocks(
            site.declarations, site.record(record) or {}, site.settings(), site.calendar()
        )
        return {one["ladder"] for one in found}

    assert (runs(fact), runs(rule)) == ({"article_verify"}, {"article_review"})


def test_KB_01_a_site_begins_with_the_rules_that_are_texts_once(site: Site) -> None:
    assert shipped.ship(site, site.now()) > len(articles("article")) > 25
    assert shipped.ship(site, site.now()) == 0
    found = site.record("article:site-apologise-first") or {}
    assert (found["state"], found["title"]) == ("in_force", "先致歉")


def test_KB_11_a_search_finds_texts_by_their_words_and_initials_and_marks_them() -> None:
    words = pinyin.found_by([TEXT["title"]], [TEXT["words"]])
    for question in ("报销", "ybbx", "医保 材料", "yibao", "收费处", "sfc", "5号窗", "身份证 报销"):
        assert pinyin.finds(question, words), question
    assert not pinyin.finds("停车", words)
    hits = marked(pinyin.readings(), TEXT["title"], "ybbx")
    assert [part for part, hit in hits if hit] == ["医保报销"]


def test_N_05_an_activity_is_announced_to_all_before_its_day(
    site: Site, cast: Cast, clock: Clock
) -> None:
    record = cast.chen.new("announcement")
    said = {"title": "消防演练", "words": "请到场", "from_day": day("2026-11-27")}
    refused = does(
        cast.chen,
        "announcement.drafted",
        cast.chen.new("announcement"),
        kind="activity",
        title="x",
        words="y",
    )
    assert refused.code == "malformed" or "from_day" in str(refused.details)
    does(cast.chen, "announcement.drafted", record, kind="activity", **said)
    clockwork = Clockwork(site, clock)
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    assert "person:wu" in clockwork.steps(record, "announcement_in_time")[0]["told"]
    does(cast.wu, "announcement.approved", record, **said)
    does(cast.chen, "announcement.published", record)
    assert "all" in offered_in(site, record)


def offered_in(site: Site, record: str) -> list[str]:
    found = site.record(record)
    assert found is not None
    return access.channels_of(site.declarations, found, site.reference().ancestors)


def test_MT_01_each_working_day_has_its_morning_meeting_and_a_missing_one_is_told(
    site: Site, cast: Cast, clock: Clock
) -> None:
    settles(site)
    meetings = [one for one in of_kind(site, "meeting") if one["kind"] == "morning"]
    assert [shown(one["due_from"])[11:] for one in meetings].count("08:20") == len(meetings) >= 5
    assert not any(
        moment("2026-11-28 00:00") <= one["due_from"] < moment("2026-11-30 00:00")
        for one in meetings
    )
    [first] = [one for one in meetings if shown(one["due_from"]).startswith("2026-11-26")]
    clockwork = Clockwork(site, clock)
    for at in ("2026-11-26 08:20", "2026-11-26 18:00"):
        clock.at = moment(at)
        clockwork.beats()
    assert [step["told"] for step in clockwork.steps(first["_id"], "meeting_missing")] == [
        ["person:chen"],
        ["person:chen"],
    ]


def test_MT_03_a_week_has_its_meeting_and_each_problem_in_the_minutes_is_a_task(
    site: Site, cast: Cast, clock: Clock
) -> None:
    settles(site)
    [weekly] = [one for one in of_kind(site, "meeting") if one["kind"] == "group"][:1]
    assert shown(weekly["due_from"]) == "2026-11-27 16:00", "a Friday"
    record = weekly["_id"]
    assert does(cast.chen, "meeting.held", record, attended=["person:lin"], plan="下周").good
    for key, words in (("e1", "指示牌看不清"), ("e2", "排队太长")):
        said = {"items": {key: words}, "proposals": {key: "换大的"}}
        assert does(cast.chen, "meeting.item", record, **said).good
    settles(site)
    tasks = {one["words"]: one for one in of_kind(site, "task")}
    assert set(tasks) == {"指示牌看不清", "排队太长"}
    task = tasks["排队太长"]
    assert (task["meeting"], task["proposal"], task["solver"]) == (record, "换大的", "person:wu")
    does(cast.chen, "meeting.item", record, items={"e2": None})
    settles(site)
    assert is_withdrawn(site.record(task["_id"]) or {}), "what left the minutes is no task"
    clockwork = Clockwork(site, clock)
    clock.at = moment("2026-12-04 18:00")
    clockwork.beats()
    steps = clockwork.steps(tasks["指示牌看不清"]["_id"], "task_unresolved")
    assert "person:wu" in steps[-1]["told"], "L-M: who solves what stays"


def test_MT_03_what_cannot_be_solved_goes_up_with_a_proposal_and_not_without(
    site: Site, cast: Cast
) -> None:
    task = cast.lin.new("task")
    does(cast.lin, "task.raised", task, words="空调太冷", unit=GROUP)
    does(cast.lin, "task.handed_over", task, to="person:wu", reason="要后勤")
    assert (site.record(task) or {})["state"] == "raised"
    does(cast.lin, "task.proposed", task, proposal="装导风板")
    does(cast.lin, "task.handed_over", task, to="person:wu", reason="要后勤")
    found = site.record(task) or {}
    assert (found["state"], found["owner"]) == ("handed_over", "person:wu")


def test_MT_02_and_MT_04_department_and_house_meet_weekly_on_the_days_that_are_set(
    site: Site,
) -> None:
    for unit, kind in (("unit:cs", "department"), ("unit:all", "company")):
        data = {"name": unit, "kind": kind, "head": "person:wu"}
        site.record_act("unit.added", unit, data, by="system:site")
    settles(site)
    held = {one["kind"]: shown(one["due_from"]) for one in of_kind(site, "meeting")}
    assert held["department"] == "2026-11-30 16:00", "a Monday"
    assert held["coordination"][:10] in ("2026-11-25", "2026-12-02"), "a Wednesday"


def test_MT_07_minutes_that_are_missing_are_asked_for(site: Site, cast: Cast, clock: Clock) -> None:
    data = {"kind": "other", "unit": GROUP, "day": day("2026-11-25")}
    record = key_id("meeting", ["other", GROUP, data["day"]])
    assert does(cast.chen, "meeting.called", record, **data).good
    assert does(cast.chen, "meeting.held", record, attended=["person:lin"], plan="x").good
    clockwork = Clockwork(site, clock)
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    assert clockwork.steps(record, "meeting_minutes")[0]["told"] == ["person:chen"]


def test_DC_04_what_is_given_out_is_asked_back_and_nobody_destroys_alone(
    site: Site, cast: Cast, clock: Clock
) -> None:
    record = cast.wu.new("document")
    does(cast.wu, "document.filed", record, title="原表", kind="form", folder="10")
    does(cast.wu, "document.destroyed", record, reason="到期", witness="person:chen")
    assert (site.record(record) or {})["state"] == "filed", "he filed it himself"
    does(cast.wu, "document.issued", record, issued_to="person:chen", purpose="分析")
    clockwork = Clockwork(site, clock)
    clock.passes(ms=7 * DAY + HOUR)
    clockwork.beats()
    assert clockwork.steps(record, "document_return")[0]["told"] == ["person:chen"]
    does(cast.wu, "document.returned", record)
    assert (site.record(record) or {})["state"] == "filed"


def test_HR_05_a_memo_reaches_whom_it_is_to_and_nobody_else(site: Site, cast: Cast) -> None:
    record = cast.lin.new("memo")
    said = {"kind": "opinion", "to": "person:wu", "subject": "排班", "reason": "太密"}
    assert does(cast.lin, "memo.raised", record, **said).good
    assert offered_in(site, record) == ["person:lin", "person:wu"]
    does(cast.chen, "memo.answered", record, answer="知道了")
    assert (site.record(record) or {})["state"] == "raised"
    does(cast.wu, "memo.answered", record, answer="下月起调整")
    assert (site.record(record) or {})["state"] == "answered"


def test_the_numbers_of_the_book_are_settings() -> None:
    numbers = profile("hospital")
    assert numbers["meeting.morning"]["value"] == 500 and numbers["receipt.within"]["unit"] == "WD"


def test_KB_02_KB_04_KB_06_and_TR_10_there_is_a_kind_for_all_that_must_be_known(
    site: Site,
) -> None:
    declared = site.declarations["records"]["article"]
    [kinds] = [field["choices"] for field in declared["fields"] if field["name"] == "kind"]
    assert {kind for kind, _label in kinds} >= {
        *("fact", "route", "people", "expert", "item", "equipment", "price"),  # KB-02, TR-10
        *("product", "campaign", "standard"),  # KB-04
        *("policy", "law"),  # KB-06
    }
    assert ("all", {"state": {"$in": ["in_force", "expired", "retired"]}}) in [
        tuple(one) for one in declared["channels"] if isinstance(one, list | tuple)
    ], "KB-11: every tablet has all of it"


def test_KB_09_what_is_known_of_one_place_names_it(site: Site, cast: Cast) -> None:
    record = publishes(site, cast, place="place:lobby-1")
    assert (site.record(record) or {})["place"] == "place:lobby-1"
