"""The book of quality: checks, notices, appearance, conduct and clauses, from plan to last rung.

Lin guides in lobby 1, Chen supervises, Wu is the manager. Each test is a rule of the regulations.
"""

from __future__ import annotations

from typing import Any

import pytest

import sync
from server.acts import access, shipped
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.clocks import escalation
from server.rules import settle, waking
from sync import features, guards
from sync.act import key_id
from sync.posts import POSTS
from sync.shipped.checklists import CHECKLISTS, keyed
from sync.worktime import local_day
from tests.cast import Cast, Tablet
from tests.clock import HOUR, Clock
from tests.databases import USUAL
from tests.sync.telling import moment, shown

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)
RULES = sync.declarations()["rules"]
UNIT = "unit:guides"
LIGHTS, LAMPS, AIR, WATER = keyed("opening", dict.fromkeys(("lights", "lamps", "air", "water")))
(PAPERS,) = keyed("lobby_patrol", {"papers": None})
TAKEN = ("items", "goods", "review", "findings")


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site with what is shipped, a unit, and people in the posts above; a Wednesday at six."""
    clock.at = moment("2026-11-25 06:00")
    for post, _ in POSTS:
        data = {"name": "某", "posts": [post], "places": ["place:site"]}
        site.record_act("person.added", f"person:{post.replace('_', '-')}", data, by="system:site")
    data = {"name": "导医部", "kind": "department", "head": "person:chen"}
    site.record_act("unit.added", UNIT, data, by="system:site")
    shipped.ship(site, clock.at)
    waking.start(site)
    waking.midnight(site)
    settle.work(site)
    return site


def knowing(site: Site, tablet: Tablet, act: str, record: str, **data: Any) -> Verdict:
    """Let somebody say an act who has the record on the screen, as it is now."""
    now = record_of(site, record)
    made = tablet.says(act, record, seen=now["acts"]["last"], **data)
    tablet.kept.remove(made)
    made["over"] = guards.over(now, data, made["seen"])
    return tablet.hands_in(made)[0]


def of_kind(site: Site, kind: str, **said: Any) -> list[dict[str, Any]]:
    with site.reading() as connection:
        from server.database.store import Store

        ids = Store(connection).ids_of(kind, "", 1_000)
    records = [record for one in ids if (record := site.record(one))]
    return [one for one in records if all(one.get(name) == want for name, want in said.items())]


def at_on(site: Site, template: str, place: str = "place:lobby-1") -> list[tuple[str, str]]:
    """Return (from, until) of the checks that are planned by a template in a place."""
    checks = of_kind(site, "check", template=f"checklist:{template}", place=place)
    return sorted((shown(one["due_from"]), shown(one["due_until"])) for one in checks)


def the(site: Site, template: str, place: str = "place:lobby-1", n: int = 0) -> str:
    """Return the id of today's check by a template, or of one of several."""
    found = of_kind(site, "check", template=f"checklist:{template}", place=place, day=20_782)
    return str(sorted(found, key=lambda one: one["hour"])[n]["_id"])


def record_of(site: Site, identifier: str) -> dict[str, Any]:
    found = site.record(identifier)
    assert found is not None
    return found


def taken(template: str) -> dict[str, Any]:
    said = {name: one for name, one in CHECKLISTS[template].items() if name in TAKEN}
    return {**said, "version": 1}


def ticks(template: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(CHECKLISTS[template]["items"], "yes") | keyed(template, others)


def beats(site: Site, clock: Clock, at: str) -> None:
    clock.at = moment(at)
    escalation.tick(site)
    settle.work(site)


def told(site: Site, record: str, ladder: str) -> list[tuple[str, str]]:
    steps = record_of(site, record)["rungs"].get(ladder, [])
    return [(shown(one["at"]), person) for one in steps for person in one["told"]]


# ----------------------------------------------------------------- what is planned (O, CL, I, A)

PLANNED = {
    "O-09": ("opening", [("2026-11-25 08:20", "2026-11-25 08:30")]),
    "O-10": ("closing", [("2026-11-25 17:30", "2026-11-25 18:00")]),
    "CL-01": ("cleaning", [("2026-11-25 08:00", "2026-11-25 08:50")]),
    "I-01": (
        "public_area",
        [
            ("2026-11-25 09:00", "2026-11-25 12:00"),
            ("2026-11-25 13:30", "2026-11-25 17:30"),
        ],
    ),
}


@pytest.mark.parametrize("rule", PLANNED)
def test_each_working_day_has_its_checks_in_every_lobby(site: Site, rule: str) -> None:
    template, times = PLANNED[rule]
    for place in ("place:lobby-1", "place:lobby-2"):
        planned = at_on(site, template, place)
        assert planned[: len(times)] == times
        days = {begins[5:10] for begins, _ in planned}
        assert days == {"11-25", "11-26", "11-27", "11-30", "12-01", "12-02"}, "no weekend"
    assert {one["rule"] for one in RULES.values() if one["makes"] == "check.due"} >= {rule}


def test_cl_02_collective_cleaning_is_on_saturday(site: Site, cast: Cast) -> None:
    (planned,) = at_on(site, "collective_cleaning")
    assert planned == ("2026-11-28 16:00", "2026-11-28 17:00")
    found = of_kind(site, "check", template="checklist:collective_cleaning")[0]["_id"]
    assert cast.chen.does("check.assigned", found, people=["person:lin"]).good
    assert record_of(site, found)["people"] == ["person:lin"]
    assert cast.lin.does("check.assigned", found, people=["person:chen"]).code == "not_your_post"


def test_a_01_and_i_04_each_unit_is_looked_at_before_the_shift_and_at_random(site: Site) -> None:
    for which, times in (
        ("shift", ("2026-11-25 07:45", "2026-11-25 08:00")),
        ("random", ("2026-11-25 08:00", "2026-11-25 18:00")),
    ):
        (first, *more) = of_kind(site, "appearance", round=which)
        assert more, "each working day"
        days = sorted((shown(one["due_from"]), shown(one["due_until"])) for one in (first, *more))
        assert days[0] == times


def test_a_14_the_manager_looks_at_every_unit_and_the_unit_is_not_told_when(site: Site) -> None:
    for one in of_kind(site, "appearance"):
        with site.reading():
            channels = access.channels_of(
                site.declarations, one, site.reference().ancestors, lambda _: True
            )
        assert "post:cs_manager" in channels and UNIT not in channels


# --------------------------------------------------------------------- checks: ticks, redo, ladders

ITEMS = {
    "O-01": ("opening", {"meeting"}),
    "O-02": ("opening", {"lights", "lamps", "power", "air"}),
    "O-03": ("opening", {"chairs", "signs"}),
    "O-04": ("opening", {"corridors"}),
    "O-06": ("opening", {"doctors"}),
    "O-07": ("opening", {"water", "papers"}),
    "O-08": ("opening", {"early"}),
    "O-10": ("closing", {"computers", "desk", "chairs", "cups"}),
    "O-11": ("rain", {"bags", "warning", "belongings"}),
    "CL-03": ("cleaning", {"floor", "desks", "supplies"}),
    "CL-04": ("cleaning", {"smoking"}),
    "CL-05": ("collective_cleaning", {"piles"}),
    "G-23": ("lobby_patrol", {"papers", "chairs", "rubbish"}),
    "I-10": ("lobby_patrol", {"people"}),
    "G-26": ("desk_readiness", {"desk", "trolley", "wheelchair", "leaflets"}),
    "E-04": ("opening", {"water"}),
    "E-05": ("rain", {"bags", "floor"}),
    "EM-06": ("rain", {"belongings", "warning"}),
    "I-01": ("public_area", {"floors", "lobby", "roof", "lifts", "washrooms", "pantries",
                             "outside", "garbage", "vacant", "passages", "stairs", "other"}),
    "A-02": ("appearance_hospital", {"hands", "smell", "makeup", "jewellery", "nails", "badge"}),
    "A-03": ("appearance_hospital", {"uniform", "stockings", "buttons", "pockets"}),
    "A-05": ("office_conduct", {"clothes"}),
    "A-06": ("manners", {"smile", "look", "walk", "noise", "cough", "signal", "phone"}),
    "A-07": ("speech", {"clear", "mandarin", "polite", "forbidden", "whispering"}),
    "A-09": ("office_conduct", {"desk", "screen", "private", "phone", "doors", "thrift"}),
    "A-11": ("office_conduct", {"workplace"}),
}  # fmt: skip


@pytest.mark.parametrize("rule", ITEMS)
def test_the_shipped_lists_ask_for_what_the_rule_says(site: Site, rule: str) -> None:
    template, items = ITEMS[rule]
    found = record_of(site, f"checklist:{template}")
    assert found["state"] == "valid" and found["version"] == 1
    assert set(keyed(template, dict.fromkeys(items))) <= set(found["items"])
    assert rule != "A-06" or len(found["items"]) == 14


def test_o_05_goods_are_counted(site: Site, cast: Cast) -> None:
    check = the(site, "opening")
    counts = keyed("opening", {"wheelchairs": 6}, "goods")
    assert cast.lin.does("check.marked", check, counts=counts, **taken("opening")).good
    found = record_of(site, check)
    assert found["counts"] == counts and len(found["goods"]) == 4


def test_o_09_what_is_missed_the_guides_then_the_supervisor_hear_of(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = the(site, "opening")
    beats(site, clock, "2026-11-25 08:29")
    assert told(site, check, "check_due") == []
    beats(site, clock, "2026-11-25 08:30")
    first = told(site, check, "check_due")
    assert ("2026-11-25 08:30", "person:lin") in first
    assert not any(person == "person:chen" for _, person in first)
    beats(site, clock, "2026-11-25 08:40")
    assert ("2026-11-25 08:40", "person:chen") in told(site, check, "check_due")
    done = {"ticks": ticks("opening"), **taken("opening")}
    assert cast.lin.does("check.completed", check, **done).good
    assert record_of(site, check)["state"] == "complete"


def test_i_01_a_missed_inspection_the_supervisor_then_the_manager_hear_of(
    site: Site, clock: Clock
) -> None:
    check = the(site, "public_area")
    for at in ("2026-11-25 12:00", "2026-11-25 12:10"):
        beats(site, clock, at)
    people = [person for _, person in told(site, check, "check_inspection")]
    assert "person:chen" in people and "person:wu" in people and "person:lin" not in people


def test_a_check_is_complete_when_every_item_is_answered_and_what_is_not_in_order_is_explained(
    site: Site, cast: Cast
) -> None:
    check, some = the(site, "opening"), ticks("opening")
    some.pop(LIGHTS)
    assert cast.lin.does("check.completed", check, ticks=some, **taken("opening")).good
    assert [one["reason"] for one in record_of(site, check)["unsettled"]] == ["incomplete"]
    other = the(site, "opening", "place:lobby-2")
    bad = {"ticks": ticks("opening", lamps="no"), **taken("opening")}
    assert cast.chen.does("check.completed", other, **bad).good
    assert [one["reason"] for one in record_of(site, other)["unsettled"]] == ["incomplete"]
    assert cast.chen.does("check.completed", other, **bad, notes={LAMPS: "不亮"}).good
    assert record_of(site, other)["state"] == "complete"


def test_cl_01_the_supervisor_inspects_and_what_fails_is_cleaned_again(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = the(site, "cleaning")
    clock.at = moment("2026-11-25 08:40")
    done = {"ticks": ticks("cleaning"), **taken("cleaning")}
    assert cast.lin.does("check.completed", check, **done).good
    beats(site, clock, "2026-11-25 09:40")
    assert ("2026-11-25 09:40", "person:chen") in told(site, check, "check_review")
    clock.at = moment("2026-11-25 09:41")
    assert cast.chen.does("check.checked_redo", check, reason="水槽里有茶叶渣").good
    found = record_of(site, check)
    assert found["state"] == "redo" and "completed_at" not in found and found["redos"] == 1
    beats(site, clock, "2026-11-25 10:11")
    assert ("2026-11-25 10:11", "person:lin") in told(site, check, "check_redo")
    clock.at = moment("2026-11-25 10:15")
    assert cast.lin.does("check.completed", check, ticks=keyed("cleaning", {"floor": "yes"})).good
    clock.at = moment("2026-11-25 10:20")
    assert cast.chen.does("check.checked_ok", check).good
    assert record_of(site, check)["state"] == "passed"


def test_cl_01_nobody_inspects_their_own_work(site: Site, cast: Cast) -> None:
    check = the(site, "cleaning")
    done = {"ticks": ticks("cleaning"), **taken("cleaning")}
    assert cast.chen.does("check.completed", check, **done).good
    assert cast.chen.does("check.checked_ok", check).good
    found = record_of(site, check)
    assert found["state"] == "complete"
    assert [one["reason"] for one in found["unsettled"]] == ["not_named"]


def test_g_23_a_patrol_is_begun_by_hand_and_two_tablets_begin_one(
    site: Site, cast: Cast, clock: Clock
) -> None:
    day = local_day(clock.at, site.calendar())
    key = {"template": "checklist:lobby_patrol", "place": "place:lobby-1", "day": day, "hour": 600}
    check = key_id("check", [*key.values()])
    for tablet in (cast.lin, cast.chen):
        assert tablet.does("check.begun", check, **key).good
        assert tablet.does("check.marked", check, ticks={PAPERS: "yes"}).good
    found = record_of(site, check)
    assert found["unsettled"] == [] and found["ticks"] == {PAPERS: "yes"}


# ------------------------------------------------------------------------ templates have versions


def test_a_12_a_template_that_loses_an_item_while_a_run_is_open_takes_nothing_from_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = the(site, "opening")
    assert cast.lin.does("check.marked", check, ticks={AIR: "na"}, **taken("opening")).good
    clock.passes(minutes=1)
    assert knowing(site, cast.wu, "checklist.changed", "checklist:opening", items={AIR: None}).good
    template = record_of(site, "checklist:opening")
    assert AIR not in template["items"] and template["version"] == 2
    clock.passes(minutes=1)
    said = {"ticks": {LIGHTS: "yes"}, "items": template["items"], "version": 2}
    assert cast.chen.does("check.marked", check, **said).good
    found = record_of(site, check)
    assert found["unsettled"] == [] and found["ticks"] == {AIR: "na", LIGHTS: "yes"}
    assert found["version"] == 1 and set(found["items"]) == set(CHECKLISTS["opening"]["items"])
    other = the(site, "opening", "place:lobby-2")
    assert cast.chen.does("check.marked", other, **said).good
    assert record_of(site, other)["version"] == 2 and AIR not in record_of(site, other)["items"]


def test_what_is_shipped_is_said_once_and_leaves_alone_what_the_site_made_of_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    assert knowing(
        site, cast.wu, "checklist.changed", "checklist:rain", items={"mats": "门口地垫"}
    ).good
    before = record_of(site, "checklist:rain")
    assert shipped.ship(site, clock.at + HOUR) == 0
    assert record_of(site, "checklist:rain") == before
    for profile in ("hospital", "callroom"):
        ids = [identifier for identifier, _ in features.ships(profile)]
        assert ("clause:uniform_outside" in ids) == (profile == "hospital")


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
    assert told(site, first["_id"], "appearance_shift") == [
        ("2026-11-25 08:00", "person:chen"),
        ("2026-11-25 08:30", "person:wu"),
    ] or ("2026-11-25 08:30", "person:wu") in told(site, first["_id"], "appearance_shift")
    look = ticks("appearance_hospital", badge="no")
    said = {
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
    assert [person for _, person in told(site, conduct, "conduct_decide")] == [
        "person:cs-supervisor",
        "person:wu",
    ] or {"person:cs-supervisor", "person:wu"} <= {
        person for _, person in told(site, conduct, "conduct_decide")
    }


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
