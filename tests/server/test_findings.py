"""What comes of a look: notices that climb, conduct, praise, clauses; each test is a rule.

Lin guides in lobby 1, Chen supervises, Wu is the manager.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts import access
from server.acts.site import Site
from server.clocks import escalation
from server.rules import settle
from sync.shipped.checklists import CHECKLISTS, keyed
from sync.worktime import local_day
from tests.cast import Cast
from tests.clock import Clock
from tests.databases import USUAL
from tests.server.quality import (
    LAMPS,
    UNIT,
    WATER,
    beats,
    knowing,
    of_kind,
    opened,
    record_of,
    taken,
    the,
    ticks,
    told,
)
from tests.sync.telling import moment

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site on a Wednesday at six."""
    return opened(site, clock)


# --------------------------------------------------------- findings become notices, and climb (L-L)


def finding(site: Site, cast: Cast, clock: Clock) -> str:
    """Let Lin find that a lamp is off; return the notice that was drafted."""
    clock.at = moment("2026-11-25 08:25")
    said = {"ticks": {LAMPS: "no"}, "notes": {LAMPS: "骨科引导灯不亮"}}
    assert cast.lin.does("check.marked", the(site, "opening"), **said, **taken("opening")).good
    settle.work(site)
    (notice,) = of_kind(site, "rectification", state="draft")
    return str(notice["_id"])


def test_i_03_a_finding_becomes_a_notice_at_once_with_a_day(
    site: Site, cast: Cast, clock: Clock
) -> None:
    notice = finding(site, cast, clock)
    found = record_of(site, notice)
    assert found["words"] == "骨科引导灯不亮" and found["place"] == "place:lobby-1"
    assert found["finding"] == CHECKLISTS["opening"]["items"][LAMPS]
    assert found["check"] == the(site, "opening")
    assert found["limit_on"] == local_day(moment("2026-11-30 12:00"), site.calendar()), "3 WD"
    beats(site, clock, "2026-11-25 09:25")
    assert ("2026-11-25 09:25", "person:chen") in told(site, notice, "rectification_draft")


def test_i_03_two_who_find_the_same_make_one_notice_and_none_once_it_was_in_order(
    site: Site, cast: Cast, clock: Clock
) -> None:
    notice = finding(site, cast, clock)
    clock.passes(minutes=1)
    said = {"ticks": {LAMPS: "no", WATER: "no"}, "notes": {WATER: "没水"}}
    assert cast.chen.does("check.marked", the(site, "opening"), **said).good
    settle.work(site)
    assert len(of_kind(site, "rectification", state="draft")) == 2, "one for each item"
    clock.passes(minutes=1)
    assert cast.lin.does("check.marked", the(site, "opening"), ticks={LAMPS: "yes"}).good
    asked = record_of(site, the(site, "opening"))["unsettled"]
    assert [one["reason"] for one in asked] == ["changed_meanwhile"], "Chen had said so as well"
    assert record_of(site, notice)["state"] == "draft"


def issued(site: Site, cast: Cast, clock: Clock) -> str:
    notice = finding(site, cast, clock)
    clock.at = moment("2026-11-25 08:40")
    limit = local_day(moment("2026-11-26 12:00"), site.calendar())
    said = {"responsible": "person:lin", "finding": "引导灯不亮", "limit_on": limit}
    assert knowing(site, cast.lin, "rectification.issued", notice, **said).code == "not_your_post"
    assert knowing(site, cast.chen, "rectification.issued", notice, **said).good
    return notice


def test_l_l_urged_warned_the_manager_the_general_manager(
    site: Site, cast: Cast, clock: Clock
) -> None:
    notice = issued(site, cast, clock)
    steps = {
        "2026-11-26 14:00": "person:lin",
        "2026-11-26 18:00": "person:chen",
        "2026-11-27 18:00": "person:wu",
        "2026-12-01 18:00": "person:gm",
    }
    for at, person in steps.items():
        beats(site, clock, at)
        assert (at, person) in told(site, notice, "rectification_limit"), at


def test_i_09_done_looked_at_by_somebody_else_failed_a_new_day_the_next_above_then_closed(
    site: Site, cast: Cast, clock: Clock
) -> None:
    notice = issued(site, cast, clock)
    clock.passes(minutes=10)
    assert knowing(site, cast.chen, "rectification.acknowledged", notice).good
    assert [one["reason"] for one in record_of(site, notice)["unsettled"]] == ["not_named"]
    assert knowing(site, cast.lin, "rectification.acknowledged", notice).good
    photo = ["a" * 64]
    said = {"done": "换了灯管", "done_photos": photo}
    clock.passes(minutes=10)
    assert knowing(site, cast.lin, "rectification.reported_done", notice, **said).good
    clock.passes(minutes=1)
    assert knowing(site, cast.lin, "rectification.rechecked_ok", notice).good
    assert record_of(site, notice)["state"] == "reported_done", "not by whoever put it right"
    clock.passes(minutes=1)
    later = local_day(moment("2026-11-27 12:00"), site.calendar())
    failed = {"reason": "还是闪", "limit_on": later}
    assert knowing(site, cast.chen, "rectification.recheck_failed", notice, **failed).good
    escalation.tick(site)
    found = record_of(site, notice)
    assert (found["state"], found["failed"], found["limit_on"]) == ("issued", 1, later)
    failed_to = [person for _, person in told(site, notice, "rectification_failed")]
    assert "person:wu" in failed_to and "person:gm" not in failed_to
    clock.passes(minutes=1)
    assert knowing(site, cast.lin, "rectification.reported_done", notice, **said).good
    clock.passes(minutes=1)
    assert knowing(site, cast.chen, "rectification.rechecked_ok", notice).good
    found = record_of(site, notice)
    assert (found["state"], found["closed_by"]) == ("closed", "person:chen")
    beats(site, clock, "2026-12-01 18:00")
    assert not any(person == "person:gm" for _, person in told(site, notice, "rectification_limit"))


# ----------------------------------------------------------- appearance, conduct, praise, clauses


def test_a_01_the_head_then_the_manager_hear_of_an_appearance_that_nobody_looked_at(
    site: Site, cast: Cast, clock: Clock
) -> None:
    (first, *_) = sorted(of_kind(site, "appearance", round="shift"), key=lambda one: one["day"])
    for at in ("2026-11-25 08:00", "2026-11-25 08:30"):
        beats(site, clock, at)
    assert ("2026-11-25 08:00", "person:chen") in told(site, first["_id"], "appearance_shift")
    assert ("2026-11-25 08:30", "person:wu") in told(site, first["_id"], "appearance_shift")
    look = ticks("appearance_hospital", badge="no")
    said: dict[str, Any] = {
        "ticks": look,
        "notes": keyed("appearance_hospital", {"badge": "当场戴好"}),
        "people": ["person:lin"],
    }
    said["items"], said["version"] = CHECKLISTS["appearance_hospital"]["items"], 1
    assert cast.lin.does("appearance.done", first["_id"], **said).code == "not_your_post"
    assert cast.chen.does("appearance.done", first["_id"], **said).good
    assert record_of(site, first["_id"])["state"] == "done"


def proposes(site: Site, cast: Cast, **more: Any) -> str:
    conduct = cast.chen.new("conduct")
    said = {"person": "person:lin", "kind": "appearance", "day": 20_782, "words": "没戴工牌"}
    said |= {"clause": "clause:appearance", "unit": UNIT, **more}
    assert cast.chen.does("conduct.proposed", conduct, **said).good
    return conduct


def may_see(site: Site, record: str, person: str) -> bool:
    reference = site.reference()
    channels = access.channels_of(
        site.declarations, record_of(site, record), reference.ancestors, lambda _: True
    )
    return access.may_see(reference.rights(person, site.now()), channels, hides=())


def test_p_17_a_penalty_is_a_proposal_with_the_amount_of_its_clause_until_somebody_else_decides(
    site: Site, cast: Cast, clock: Clock
) -> None:
    conduct = proposes(site, cast)
    found = record_of(site, conduct)
    assert (found["state"], found["amount"]) == ("proposed", 1_000)
    assert not may_see(site, conduct, "person:lin"), "not before it is decided"
    clock.passes(minutes=1)
    ground = {"person": "person:lin", "clause": "clause:appearance", "amount": 1_000}
    assert cast.chen.does("conduct.stands", conduct, **ground).good
    assert record_of(site, conduct)["state"] == "proposed", "not by who proposed it"
    assert cast.lin.does("conduct.stands", conduct, **ground).code in ("not_your_post", "not_found")
    clock.passes(minutes=1)
    changed = {"amount": 5_000, "reason": "新制度"}
    assert site.record_act("clause.changed", "clause:appearance", changed, by="system:site").good
    assert cast.wu.does("conduct.stands", conduct, **ground).good
    found = record_of(site, conduct)
    assert (found["state"], found["amount"]) == ("stands", 1_000), "as it was when proposed"
    assert may_see(site, conduct, "person:lin")
    assert cast.lin.does("conduct.heard", conduct, answer="工牌掉了").good


def test_p_17_nobody_decides_about_themselves_and_what_waits_climbs(
    site: Site, cast: Cast, clock: Clock
) -> None:
    own = cast.wu.new("conduct")
    said = {"person": "person:wu", "kind": "merit", "day": 20_782, "words": "好"}
    assert cast.wu.does("conduct.proposed", own, **said).good
    assert record_of(site, own)["state"] == "unknown", "nobody writes down their own"
    clock.at = moment("2026-11-25 09:00")
    conduct = proposes(site, cast)
    for at in ("2026-11-30 18:00", "2026-12-01 18:00"):
        beats(site, clock, at)
    people = {person for _, person in told(site, conduct, "conduct_decide")}
    assert {"person:cs-supervisor", "person:wu"} <= people


def test_p_03_praise_is_confirmed_by_somebody_else_and_then_reaches_whom_it_is_for(
    site: Site, cast: Cast, clock: Clock
) -> None:
    praise = cast.lin.new("praise")
    said = {"people": ["person:chen", "person:wu"], "how": "banner", "words": "很耐心"}
    assert cast.lin.does("praise.proposed", praise, **said).good
    assert not may_see(site, praise, "person:chen")
    clock.passes(minutes=1)
    assert cast.wu.does("praise.confirmed", praise, people=said["people"]).good
    assert record_of(site, praise)["state"] == "proposed", "not by whom it is for"
    clock.passes(minutes=1)
    data = {"people": said["people"]}
    by = "person:cs-supervisor"
    assert site.record_act("praise.confirmed", praise, data, by=by).good
    assert record_of(site, praise)["state"] == "confirmed" and may_see(site, praise, "person:chen")


CLAUSES: dict[str, dict[str, int | None]] = {
    "P-14": {"appearance": 1_000, "uniform_outside": 2_000, "handbook": 1_000},
    "P-15": {"untidy": 1_000},
    "P-16": {"gm_call": 20_000, "leader_call": 10_000},
    "A-03": {"uniform_outside": 2_000},
    "A-09": {"phone_on_desk": None},
    "A-10": {"private_call": None},
    "CL-04": {"smoking": None},
    "C-21": {"leader_call": 10_000},
}


@pytest.mark.parametrize("rule", CLAUSES)
def test_the_clauses_of_the_regulations_are_shipped(site: Site, rule: str) -> None:
    for key, amount in CLAUSES[rule].items():
        found = record_of(site, f"clause:{key}")
        assert found["state"] == "valid" and found.get("amount") == amount
    assert record_of(site, "clause:leader_call")["most"] == 30_000


def test_p_18_x_21_the_discipline_ladders_are_clauses_with_their_steps(site: Site) -> None:
    ladders = [one["steps"] for one in of_kind(site, "clause", rule="P-18")]
    assert len(ladders) == 4
    assert ["oral", "written", "demerit", "major_demerit", "dismissal"] in ladders


def test_what_is_shipped_has_words_in_every_language(site: Site) -> None:
    from service_worker.build import catalogue
    from service_worker.build.pipeline import WEB

    said = [one for data in CHECKLISTS.values() for one in (data["name"], *data["items"].values())]
    for name, known in catalogue.read_all(WEB / "locales").items():
        assert [one for one in said if one not in known] == [], name
