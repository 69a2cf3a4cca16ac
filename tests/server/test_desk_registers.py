"""The registers of the guides' desk: laboratory reports, equipment and loans, handouts.

Each test tells one rule of the regulations by what Lin and Chen enter, and when it arrives.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle
from tests.cast import Cast
from tests.clock import Clock
from tests.server.clockwork import Clockwork
from tests.sync.telling import moment

Record = dict[str, Any]
AT_THE_DESK: Record = {"place": "place:lobby-1"}


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def settles(site: Site) -> None:
    """Let the server do what its rules want."""
    settle.work(site)


def now_of(site: Site, record: str) -> Record:
    found = site.record(record)
    assert found is not None
    return found


# ------------------------------------------------------------------------ laboratory reports

MATCHING: Record = {"name_ok": "yes", "sex_ok": "yes", "item_ok": "yes"}
READ: Record = {"name": "欧阳若兰", "sex": "f", "item": "凝血四项"}


@pytest.fixture
def report(cast: Cast) -> str:
    """A report that lies at the desk."""
    record = cast.lin.new("lab_report")
    assert cast.lin.does("lab_report.registered", record, **READ, **AT_THE_DESK).good
    return record


@pytest.mark.parametrize("left_out", [*MATCHING])
def test_l_01_no_report_is_handed_out_before_all_three_are_checked(
    site: Site, cast: Cast, report: str, left_out: str
) -> None:
    ticks = {name: yes for name, yes in MATCHING.items() if name != left_out}
    verdict = cast.lin.does("lab_report.issued", report, **ticks, **READ)
    assert verdict.state == "refused"
    assert now_of(site, report)["state"] == "ready"
    no = cast.lin.does("lab_report.issued", report, **ticks, **READ, **{left_out: "no"})
    assert no.state == "refused", "there is no tick that says no"
    assert cast.lin.does("lab_report.issued", report, **MATCHING, **READ).good
    given = now_of(site, report)
    assert (given["state"], given["issued_by"]) == ("issued", "person:lin")
    assert given["issued_at"] == site.now()


def test_l_01_what_was_handed_out_is_neither_taken_back_nor_written_otherwise(
    site: Site, cast: Cast, report: str
) -> None:
    act = cast.lin.says("lab_report.issued", report, **MATCHING, **READ)
    assert cast.lin.hands_in(act)[0].good
    cast.lin.does("lab_report.undone", report, undoes=act["_id"])
    cast.lin.does("lab_report.edited", report, field="name", old=READ["name"], new="白露")
    stands = now_of(site, report)
    assert (stands["state"], stands["name"]) == ("issued", READ["name"])


def test_l_01_whoever_checked_another_name_hands_out_nothing(
    site: Site, cast: Cast, clock: Clock, report: str
) -> None:
    """Chen corrects the name; Lin's tablet, which has no network, still shows the old one."""
    edit = {"field": "name", "old": READ["name"], "new": "欧阳若岚"}
    assert cast.chen.does("lab_report.edited", report, **edit).good
    clock.passes(minutes=1)
    cast.lin.does("lab_report.issued", report, **MATCHING, **READ)
    record = now_of(site, report)
    assert (record["state"], [q["reason"] for q in record["unsettled"]]) == (
        "ready",
        ["changed_meanwhile"],
    )
    about = {"about": record["unsettled"][0]["act"], "choice": "accept", "reason": "对过了"}
    cast.chen.does("lab_report.decided", report, **about)
    assert now_of(site, report)["state"] == "ready", "no decision lets it out"


def test_l_01_a_report_that_does_not_match_is_kept_with_the_reason(
    site: Site, cast: Cast, clock: Clock, report: str
) -> None:
    assert cast.lin.does("lab_report.withheld", report).state == "refused", "it says why"
    assert cast.lin.does("lab_report.withheld", report, reason="性别不符").good
    clock.passes(minutes=1)
    assert cast.lin.does("lab_report.issued", report, **MATCHING, **READ).good
    assert now_of(site, report)["state"] == "issued", "once it was put right"


# --------------------------------------------------------------------------- equipment, loans


@pytest.fixture
def chair(cast: Cast, clock: Clock) -> str:
    """Wheelchair 3, in lobby 1; it has been there for a while."""
    record = cast.chen.new("equipment")
    said = {"name": "轮椅 3 号", "sort": "wheelchair", "number": "LY-03", **AT_THE_DESK}
    assert cast.chen.does("equipment.added", record, **said, should=1).good
    clock.passes(minutes=1)
    return record


def lends(tablet: Any, chair: str, name: str = "白露") -> Record:
    """Make the act of a loan, and keep it on the tablet."""
    said: Record = {"equipment": chair, "name": name, "item": "轮椅 3 号", **AT_THE_DESK}
    act: Record = tablet.says("loan.lent", tablet.new("loan"), **said)
    return act


def test_e_01_the_desk_knows_what_there_is_where_and_in_what_state(
    site: Site, cast: Cast, clock: Clock, chair: str
) -> None:
    assert cast.lin.does("equipment.broken", chair, words="左轮不转").good
    assert now_of(site, chair)["state"] == "broken"
    clock.passes(minutes=1)
    assert cast.lin.does("equipment.repaired", chair).good
    assert now_of(site, chair)["state"] == "usable"
    assert cast.lin.does("equipment.removed", chair, words="太旧").state == "refused"


def test_e_02_what_is_lent_is_out_until_it_is_back(
    site: Site, cast: Cast, clock: Clock, chair: str
) -> None:
    lent = lends(cast.lin, chair)
    cast.lin.hands_in()
    settles(site)
    assert now_of(site, chair)["out"] == "yes"
    clock.passes(minutes=30)
    assert cast.lin.does("loan.returned", lent["record"]).good
    settles(site)
    assert "out" not in now_of(site, chair)


def test_e_02_two_tablets_that_lend_one_chair_are_both_told(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, chair: str
) -> None:
    first = lends(cast.lin, chair, "白露")
    clock.passes(minutes=5)
    second = lends(cast.chen, chair, "丁一")
    clock.passes(minutes=5)
    cast.lin.hands_in()
    settles(site)
    assert "twice" not in now_of(site, first["record"])
    cast.chen.hands_in()
    settles(site)
    clockwork.beats()
    for lent in (first, second):
        loan = now_of(site, lent["record"])
        assert (loan["twice"], loan["state"], loan["unsettled"]) == ("yes", "lent", [])
        assert len(clockwork.rungs(lent["record"], "loan_twice")) == 1
    assert [one["about"] for one in clockwork.notices("lin")] == [first["record"]]
    assert {one["about"] for one in clockwork.notices("chen")} >= {
        first["record"],
        second["record"],
    }
    # It was another chair, says Chen: both are as they should be.
    other = cast.chen.new("equipment")
    said = {"name": "轮椅 4 号", "sort": "wheelchair", **AT_THE_DESK}
    assert cast.chen.does("equipment.added", other, **said).good
    clock.passes(minutes=1)
    assert cast.chen.does("loan.exchanged", second["record"], equipment=other).good
    settles(site)
    assert all("twice" not in now_of(site, lent["record"]) for lent in (first, second))
    assert [now_of(site, one)["out"] for one in (chair, other)] == ["yes", "yes"]


def test_e_02_one_of_two_loans_that_ends_leaves_the_chair_out(
    site: Site, cast: Cast, clock: Clock, chair: str
) -> None:
    first, second = lends(cast.lin, chair), lends(cast.chen, chair)
    cast.lin.hands_in()
    cast.chen.hands_in()
    settles(site)
    clock.passes(minutes=10)
    assert cast.lin.does("loan.returned", first["record"]).good
    settles(site)
    assert now_of(site, chair)["out"] == "yes"
    assert all("twice" not in now_of(site, lent["record"]) for lent in (first, second))
    assert cast.chen.does("loan.returned", second["record"]).good
    settles(site)
    assert "out" not in now_of(site, chair)


@pytest.mark.parametrize(("verb", "state"), [("lost", "gone"), ("damaged", "broken")])
def test_e_02_what_was_lost_or_damaged_is_not_lent_again(
    site: Site, cast: Cast, clock: Clock, chair: str, verb: str, state: str
) -> None:
    lent = lends(cast.lin, chair)
    cast.lin.hands_in()
    settles(site)
    clock.passes(minutes=20)
    said = cast.lin.says(f"loan.{verb}", lent["record"], words="找不到")
    assert cast.lin.hands_in(said)[0].good
    settles(site)
    assert now_of(site, chair)["state"] == state and "out" not in now_of(site, chair)
    clock.passes(minutes=1)
    assert cast.lin.does("loan.undone", lent["record"], undoes=said["_id"]).good
    settles(site)
    assert now_of(site, chair)["state"] == "usable"


def test_e_02_it_is_asked_back_after_two_hours_and_extended_once(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, chair: str
) -> None:
    lent = lends(cast.lin, chair)["record"]
    cast.lin.hands_in()
    clock.passes(minutes=119, seconds=50)
    clockwork.beats()
    assert clockwork.steps(lent, "loan_return") == []
    clock.passes(seconds=10)
    clockwork.beats()
    assert clockwork.rungs(lent, "loan_return") == [(1, ["lin"])]
    clock.passes(minutes=1)
    assert cast.lin.does("loan.extended", lent).good
    clock.passes(minutes=61)
    clockwork.beats()
    assert clockwork.rungs(lent, "loan_return") == [(1, ["lin"])], "nobody above is told"
    clock.passes(minutes=60)
    clockwork.beats()
    assert clockwork.rungs(lent, "loan_return_extended") == [(1, ["lin"])]
    clock.passes(hours=1)
    clockwork.beats()
    assert clockwork.rungs(lent, "loan_return_extended")[1:] == [(2, ["chen"])]
    before = now_of(site, lent)["extended_at"]
    cast.lin.does("loan.extended", lent)
    assert now_of(site, lent)["extended_at"] == before, "a second time gives no more time"


def test_e_02_nothing_stays_out_overnight_unseen(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, chair: str
) -> None:
    clock.at = moment("2026-11-25 17:30")
    lent = lends(cast.lin, chair)["record"]
    cast.lin.hands_in()
    clock.at = moment("2026-11-25 18:00")
    clockwork.beats()
    assert clockwork.rungs(lent, "loan_overnight") == [(1, ["chen"])]


@pytest.mark.parametrize(("stock", "tally"), [(48, "differs"), (50, "same"), (52, "differs")])
def test_e_03_a_count_that_differs_is_noted(
    site: Site, cast: Cast, clock: Clock, stock: int, tally: str
) -> None:
    leaflets = cast.chen.new("equipment")
    said = {"name": "糖尿病宣传单", "sort": "leaflets", "should": 50, **AT_THE_DESK}
    assert cast.chen.does("equipment.added", leaflets, **said).good
    clock.passes(minutes=1)
    assert cast.lin.does("equipment.counted", leaflets, stock=stock).good
    settles(site)
    assert now_of(site, leaflets)["tally"] == tally
    clock.passes(hours=8)
    assert cast.lin.does("equipment.counted", leaflets, stock=50).good
    settles(site)
    assert now_of(site, leaflets)["tally"] == "same", "the last count holds"


@pytest.mark.parametrize("what", ["sheet", "leaflet", "hygiene", "talk", "water", "reading"])
def test_g_24_and_e_06_what_is_given_away_is_counted(site: Site, cast: Cast, what: str) -> None:
    given = cast.lin.new("handout")
    assert cast.lin.does("handout.given", given, what=what, number=3, **AT_THE_DESK).good
    record = now_of(site, given)
    assert (record["what"], record["number"], record["given_at"]) == (what, 3, site.now())
