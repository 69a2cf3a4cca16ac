"""Checks and their lists, from the plan to the last rung; each test is a rule.

Lin guides in lobby 1, Chen supervises, Wu is the manager.
"""

from __future__ import annotations

import pytest

import sync
from server.acts import access, shipped
from server.acts.site import Site
from sync import features
from sync.act import key_id
from sync.shipped.checklists import CHECKLISTS, keyed
from sync.worktime import local_day
from tests.cast import Cast
from tests.clock import HOUR, Clock
from tests.databases import USUAL
from tests.server.quality import (
    AIR,
    LAMPS,
    LIGHTS,
    PAPERS,
    UNIT,
    at_on,
    beats,
    knowing,
    of_kind,
    opened,
    record_of,
    taken,
    the,
    told,
    walked,
)
from tests.sync.telling import moment, shown

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)
RULES = sync.declarations()["rules"]


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site on a Wednesday at six."""
    return opened(site, clock)


# ----------------------------------------------------------------- what is planned (O, CL, I, A)

PLANNED = {
    "G-26": ("desk_readiness", [("2026-11-25 08:00", "2026-11-25 08:30")]),
    "E-03": ("goods", [("2026-11-25 12:00", "2026-11-25 12:30")]),
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
    assert {one["rule"] for one in RULES.values() if one.get("makes") == "check.due"} >= {rule}


def test_cl_02_collective_cleaning_is_on_saturday(site: Site, cast: Cast) -> None:
    (planned,) = at_on(site, "collective_cleaning")
    assert planned == ("2026-11-28 16:00", "2026-11-28 17:00")
    found = of_kind(site, "check", template="checklist:collective_cleaning")[0]["_id"]
    assert cast.chen.does("check.assigned", found, people=["person:lin"]).good
    assert record_of(site, found)["people"] == ["person:lin"]
    assert cast.lin.does("check.assigned", found, people=["person:chen"]).code == "not_your_post"


def test_a_01_and_i_04_each_unit_is_looked_at_before_each_shift_and_at_random(site: Site) -> None:
    for which, times in (
        ("shift", ("2026-11-25 07:45", "2026-11-25 08:00")),
        ("late", ("2026-11-25 13:45", "2026-11-25 14:00")),
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
    "E-05": ("opening", {"rain"}),
    "E-03": ("goods", {"together", "broken"}),
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
    done = walked("opening")
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
    check, some = the(site, "opening"), walked("opening")
    some["ticks"].pop(LIGHTS)
    assert cast.lin.does("check.completed", check, **some).good
    assert [one["reason"] for one in record_of(site, check)["unsettled"]] == ["incomplete"]
    other = the(site, "opening", "place:lobby-2")
    bad = walked("opening", lamps="no")
    assert cast.chen.does("check.completed", other, **bad).good
    assert [one["reason"] for one in record_of(site, other)["unsettled"]] == ["incomplete"]
    assert cast.chen.does("check.completed", other, **bad, notes={LAMPS: "不亮"}).good
    assert record_of(site, other)["state"] == "complete"


def test_cl_01_the_supervisor_inspects_and_what_fails_is_cleaned_again(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = the(site, "cleaning")
    clock.at = moment("2026-11-25 08:40")
    done = walked("cleaning")
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
    done = walked("cleaning")
    assert cast.chen.does("check.completed", check, **done).good
    assert cast.chen.does("check.checked_ok", check).good
    found = record_of(site, check)
    assert found["state"] == "to_review"
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
