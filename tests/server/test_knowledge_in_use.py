"""What people do with the book of knowledge: meetings report, days are recorded, nobody guesses.

Each test holds the rules whose ids its name begins with. Chen heads the group of the lobby, Wu
manages customer service, Tian heads the design centre.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts import shipped
from server.acts.site import Site
from server.clocks import calendars
from server.rules import settle
from server.rules.waking import midnight
from sync.act import key_id
from sync.selector import matches
from sync.statements import is_withdrawn
from tests.cast import Cast
from tests.clock import Clock
from tests.server.clockwork import Clockwork
from tests.server.staff import now, says
from tests.server.test_knowledge import (
    GROUP,
    TEXT,
    _begun,
    does,
    of_kind,
    offered_in,
    publishes,
    settles,
)
from tests.sync.telling import day, moment, shown

__all__ = ["_begun"]  # the fixture, used by each test

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CENTRE = "unit:design"


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    """A site with a design centre that Tian heads."""
    says(site, "person.added", "person:tian", name="田", posts=["ops_dept"], units=[CENTRE])
    says(site, "unit.added", CENTRE, name="设计中心", kind="department", head="person:tian")
    settles(site)
    return Clockwork(site, clock)


def calls(site: Site, cast: Cast, kind: str, on: int) -> str:
    """Let Chen enter a meeting of the group."""
    record = key_id("meeting", [kind, GROUP, on])
    assert does(cast.chen, "meeting.called", record, kind=kind, unit=GROUP, day=on).good
    return record


HELD: dict[str, Any] = {"attended": ["person:lin"], "plan": "下午消防演练"}


def test_MT_01_a_morning_meeting_looks_over_and_sums_up(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = calls(site, cast, "morning", day("2026-11-25"))
    refused = does(cast.chen, "meeting.held", record, **HELD)
    assert (
        refused.details == {"fields": {"looks": "required", "summary": "required"}}
        or now(site, record)["unsettled"]
    ), "without either it is not whole"
    assert now(site, record)["state"] == "due"
    more = {"looks": {"clothes": "yes", "shoes": "no"}, "summary": "昨天平稳"}
    assert does(cast.chen, "meeting.held", record, **HELD, **more).good
    assert now(site, record)["state"] == "held"


def test_MT_05_what_callbacks_brought_goes_to_the_department_it_is_about(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = calls(site, cast, "department", day("2026-11-25"))
    said = {**HELD, "callbacks": "三位客户说方案改得太慢"}
    does(cast.chen, "meeting.held", record, **said)
    assert now(site, record)["state"] == "due", "reported to nobody"
    assert does(cast.chen, "meeting.held", record, **said, reported_to=CENTRE).good
    settles(site)
    [task] = of_kind(site, "task")
    assert (task["kind"], task["words"], task["unit"], task["meeting"]) == (
        *("know", said["callbacks"], CENTRE, record),
    )
    assert f"head@{CENTRE}" in offered_in(site, task["_id"])
    assert f"head@{CENTRE}" in offered_in(site, record), "and the meeting itself"
    clock.at = moment("2026-12-02 18:00")
    clockwork.beats()
    assert "person:tian" in clockwork.steps(task["_id"], "task_unresolved")[-1]["told"]


def test_MT_06_figures_that_are_announced_reach_everybody_of_the_department(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = calls(site, cast, "department", day("2026-11-25"))
    assert does(cast.chen, "meeting.held", record, **HELD, figures="谈单 12，定金 5").good
    assert now(site, record)["figures"] == "谈单 12，定金 5"
    assert {GROUP, "person:lin"} <= set(offered_in(site, record))


def test_MT_03_suggestions_and_unclear_signs_are_reported_up_and_urged(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = calls(site, cast, "group", day("2026-11-25"))
    does(cast.chen, "meeting.held", record, **HELD)
    does(cast.chen, "meeting.heard", record, asked_often="在哪里取片", suggestions="取片处没有牌")
    settles(site)
    does(cast.chen, "meeting.heard", record, suggestions="取片处没有牌，二楼也没有")
    settles(site)
    [task] = of_kind(site, "task")
    assert (task["words"], task["post"]) == ("取片处没有牌，二楼也没有", "cs_manager")
    assert "post:cs_manager" in offered_in(site, task["_id"])
    assert does(cast.chen, "task.urged", task["_id"]).good
    assert now(site, task["_id"])["urged"] == 1


def test_N_09_hours_are_announced_in_advance_and_a_change_for_itself(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    said = {"kind": "duty", "title": "元旦值班", "words": "门诊照常"}
    without = does(cast.chen, "announcement.drafted", cast.chen.new("announcement"), **said)
    assert without.details == {"fields": {"from_day": "required"}}

    def published(**more: Any) -> str:
        record = cast.chen.new("announcement")
        data = {**said, "from_day": day("2026-12-31"), **more}
        assert does(cast.chen, "announcement.drafted", record, **data).good
        seen = {name: data[name] for name in ("title", "words", "from_day")}
        assert does(cast.wu, "announcement.approved", record, **seen).good
        assert does(cast.chen, "announcement.published", record).good
        settles(site)
        return record

    first = published()
    draft = cast.chen.new("announcement")
    does(cast.chen, "announcement.drafted", draft, **said, from_day=day("2026-11-27"))
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    assert clockwork.steps(draft, "announcement_in_time"), "it begins soon and is not announced"
    changed = published(words="只开上午", replaces=first)
    assert now(site, first)["standing"] == "replaced" and "standing" not in now(site, changed)
    shows = site.declarations["records"]["announcement"]["finds_when"]
    assert matches(shows, now(site, changed)) and not matches(shows, now(site, first))


def test_N_09_days_off_that_are_changed_are_announced_by_themselves(
    site: Site, clock: Clock, clockwork: Clockwork
) -> None:
    data = {"off": [day("2026-12-31")], "reason": "元旦提前一天"}
    calendars.seed(site, site.now())
    clock.passes(minutes=1)
    seen = now(site, "calendar:2026")["acts"]["last"]
    changed = ("calendar.changed", "calendar:2026", data)
    assert site.record_act(*changed, by="person:wu", seen=seen).good
    settles(site)
    [announced] = of_kind(site, "announcement")
    assert (announced["kind"], announced["state"], announced["words"]) == (
        *("calendar", "published", "元旦提前一天"),
    )
    assert "all" in offered_in(site, announced["_id"])


def test_DC_05_each_working_day_is_recorded_in_order_and_goes_up(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    papers = [one for one in of_kind(site, "document") if one["day"] == day("2026-11-26")]
    [paper] = papers
    assert (paper["kind"], paper["state"], shown(paper["due_until"])) == (
        *("record", "due", "2026-11-26 18:00"),
    )
    assert not [one for one in of_kind(site, "document") if one["day"] == day("2026-11-28")]
    record = paper["_id"]
    assert {GROUP, "post:cs_manager"} <= set(offered_in(site, record))
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    assert clockwork.steps(record, "document_daily")[0]["told"] == ["person:chen"]
    clock.at = moment("2026-11-27 18:00")
    clockwork.beats()
    assert "person:wu" in clockwork.steps(record, "document_daily")[-1]["told"]
    said = {"words": "接待 214 人，投诉 1 件，已答复。", "recordings": ["a" * 64]}
    assert does(cast.lin, "document.kept", record, **said).good
    kept = now(site, record)
    assert (kept["state"], kept["owner"], kept["filed_by"]) == ("filed", *["person:lin"] * 2)
    fields = {one["name"]: one for one in site.declarations["records"]["document"]["fields"]}
    assert fields["recordings"]["kind"] == "voice" and fields["recordings"]["private"]


def test_KB_05_a_campaign_is_for_somebody_and_nothing_is_to_be_read_by_nobody(
    site: Site, cast: Cast
) -> None:
    for kind in ("article", "announcement"):
        lone = {"kind": "campaign", **TEXT, "known_by": 20_790}
        refused = does(cast.chen, f"{kind}.drafted", cast.chen.new(kind), **lone)
        assert refused.details == {"fields": {"must_read": "required"}}, kind
        lone = {**lone, "must_read": "read"}
        refused = does(cast.chen, f"{kind}.drafted", cast.chen.new(kind), **lone)
        assert refused.details == {"fields": {"audience": "required"}}, kind


def test_P_08_DC_02_who_begins_to_work_here_signs_what_was_published_before(
    site: Site, cast: Cast
) -> None:
    since = day("2026-11-25")
    more = {"kind": "regulation", "version": 1, "valid_from": since, "must_read": "sign"}
    record = publishes(site, cast, **more, audience=["cs_agent"])
    says(site, "person.added", "person:new", name="新", posts=["cs_agent"])
    settles(site)
    receipt = now(site, key_id("receipt", [record, "person:new"]))
    assert (receipt["state"], receipt["how"]) == ("due", "sign")


def test_KB_05_a_text_that_is_replaced_is_owed_no_more_and_what_was_read_stays(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    more = {"must_read": "read", "audience": ["guide"]}
    says(site, "person.added", "person:gone", name="新", posts=["guide"])
    old = publishes(site, cast, **more)
    mine, other = (key_id("receipt", [old, f"person:{one}"]) for one in ("lin", "gone"))
    assert does(cast.lin, "receipt.read", mine, seen=now(site, mine)["acts"]["last"]).good
    settles(site)
    new = publishes(site, cast, **more, replaces=old)
    settles(site)
    assert now(site, mine)["state"] == "read" and not now(site, mine)["unsettled"]
    assert is_withdrawn(now(site, other)), "nobody is asked for what does not hold"
    assert now(site, key_id("receipt", [new, "person:lin"]))["state"] == "due"
    does(cast.chen, "article.retired", new, reason="停用")
    settles(site)
    assert is_withdrawn(now(site, key_id("receipt", [new, "person:lin"])))


def test_KB_03_KB_10_KB_01_the_texts_of_the_regulations_are_there_from_the_first_day(
    site: Site,
) -> None:
    shipped.ship(site, site.now())
    texts = {one["title"]: one for one in of_kind(site, "article")}
    for title in ("院内设施与专长", "系统与流程", "培训方法", "答复准确"):  # TG-08, Q-08
        assert texts[title]["state"] == "in_force" and len(texts[title]["words"]) > 40, title


def test_KB_04_TR_10_consultants_have_the_roster_and_the_directory_at_hand(site: Site) -> None:
    kinds = site.declarations["records"]
    for kind in ("doctor", "clinic", "article"):
        assert any("all" in (one, one[0]) for one in kinds[kind]["channels"]), kind
        assert kinds[kind]["finds"], f"{kind} is found"


def test_Q_08_only_what_is_in_force_answers_a_question(site: Site, cast: Cast) -> None:
    shows = site.declarations["records"]["article"]["finds_when"]
    record = publishes(site, cast)
    assert matches(shows, now(site, record))
    does(cast.chen, "article.retired", record, reason="价格变了")
    assert not matches(shows, now(site, record))


def test_Q_10_whoever_waits_for_an_answer_has_it_in_thirty_minutes(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = cast.lin.new("task")
    said = {"words": "CT 要空腹吗", "kind": "ask", "unit": GROUP, "person": "person:tian"}
    assert does(cast.lin, "task.raised", record, **said).good
    begun = clock.at
    seen = []
    for minutes in (19, 20, 29, 30, 59, 60):
        clock.at = begun + minutes * 60_000
        clockwork.beats()
        seen.append(len(clockwork.rungs(record, "task_answer")))
    assert seen == [0, 1, 1, 2, 2, 3]
    told = dict(clockwork.rungs(record, "task_answer"))
    assert set(told[1]) == {"lin", "tian"} and "chen" in told[2] and "wu" in told[3]
    assert does(cast.chen, "task.done", record, result="不用").good
    assert not now(site, record)["unsettled"]


def test_MT_03_an_item_whose_owner_left_goes_to_the_head(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = cast.chen.new("task")
    by = {"person": "person:tian", "limit_day": day("2026-11-26"), "unit": GROUP}
    assert does(cast.chen, "task.raised", record, words="换指示牌", **by).good
    says(site, "person.changed", "person:tian", active=False)
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    told = [one for _rung, some in clockwork.rungs(record, "task_due") for one in some]
    assert "chen" in told and "tian" not in told
    assert does(cast.chen, "task.assigned", record, person="person:lin").good
    settle.work(site)
    midnight(site)
    assert now(site, record)["person"] == "person:lin"


def test_KB_06_a_text_stays_in_force_while_its_next_version_is_written(
    site: Site, cast: Cast
) -> None:
    """Meeds 2694: to write a draft took the published article out of the list."""
    old = publishes(site, cast, must_read="read", audience=["guide"])
    draft = cast.chen.new("article")
    new = {"title": TEXT["title"], "words": "改了"}
    assert does(cast.chen, "article.drafted", draft, kind="policy", replaces=old, **new).good
    settles(site)
    shows = site.declarations["records"]["article"]["finds_when"]
    assert matches(shows, now(site, old)) and not matches(shows, now(site, draft))
    assert "all" not in offered_in(site, draft), "chatwoot 5753: nobody else finds a draft"
    does(cast.wu, "article.approved", draft, **new)
    assert does(cast.chen, "article.published", draft, verified_on=day("2026-11-25")).good
    settles(site)
    assert now(site, old)["standing"] == "replaced", "zenodo 410: whoever meets it is told"


def test_MT_01_a_meeting_whose_head_left_is_not_forgotten(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """OpenProject 69517: who had called meetings could not be removed."""
    [meeting] = [
        one
        for one in of_kind(site, "meeting")
        if one["kind"] == "morning" and shown(one["due_from"]).startswith("2026-11-26")
    ]
    says(site, "person.changed", "person:chen", active=False)
    settles(site)
    clock.at = moment("2026-11-26 18:00")
    clockwork.beats()
    told = {
        one for _rung, some in clockwork.rungs(meeting["_id"], "meeting_missing") for one in some
    }
    assert told and "chen" not in told
