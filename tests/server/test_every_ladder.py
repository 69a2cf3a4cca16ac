"""Every ladder that is declared is walked: each rung at its moment, not a second before, and once.

What is walked stands in the declaration alone; a ladder that is declared tomorrow is walked too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import sync
from server.acts.site import Site
from server.clocks import escalation
from sync.ladder import clocks, rung_moments, runs
from tests import invented_clocks
from tests.cast import Cast
from tests.clock import HOUR, MINUTE, SECOND, Clock
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH
from tests.server.ladder_ways import way_to
from tests.server.staff import one_of_each_post
from tests.sync.telling import day, moment, shown

# Ladders that several people reach step by step: a test of their own walks them.
BY_ITSELF = {
    "check_review": "test_checks: somebody completed a check by a list that asks for it",
    "check_redo": "test_checks: a supervisor sent it back",
    "rectification_failed": "test_findings: reported, looked at again, failed",
    "conduct_decide": "test_findings: nobody writes down their own",
}
DECLARED = sorted({*sync.declarations()["ladders"]} - {*BY_ITSELF})
WALKED = DECLARED + [one.name for one in invented_clocks.LADDERS]
Step = tuple[int, int, int]  # the rung, when it was due and when told, in ms


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_clocks.declared():
        yield


@pytest.fixture
def clockwork(site: Site, clock: Clock) -> Clockwork:
    return Clockwork(site, clock)


def taken(site: Site, record: str, ladder: str) -> list[Step]:
    found = site.record(record)
    assert found is not None
    steps = found["rungs"].get(ladder, [])
    return [
        (step["rung"], step["due_at"], step["at"]) for step in steps if "annulled_at" not in step
    ]


# ---------------------------------------------------------------------------------- any ladder


def begun(site: Site, cast: Cast, name: str) -> str:
    """Make a record on which a ladder runs, by the fewest acts that lead there; return its id."""
    ladder = site.declarations["ladders"][name]
    record = cast.lin.new(ladder["record"])
    for act, by in way_to(site, name, record):
        verdict = site.record_act(act["act"], act["record"], act["data"], by=by, at=act["at"])
        assert verdict.good, (act, verdict)
        record = act["record"]
    for rung in ladder["rungs"]:
        count(site, cast, record, rung)
    return record


def count(site: Site, cast: Cast, record: str, rung: dict[str, Any]) -> None:
    """Let what a rung counts be there: by the act that adds it, as often as its setting says."""
    for field, key in [rung["at_least"]] if rung["at_least"] else []:
        kind = record.partition(":")[0]
        acts = site.declarations["records"][kind]["acts"]
        adds = next(act["name"] for act in acts if field in act["adds"])
        for _ in range(site.settings()[key]["value"]):
            assert cast.lin.does(f"{kind}.{adds}", record).good


@pytest.mark.parametrize("name", WALKED)
def test_each_rung_is_told_at_its_moment_not_a_second_before_and_once(
    site: Site, cast: Cast, clock: Clock, name: str
) -> None:
    one_of_each_post(site)
    record, ladder = begun(site, cast, name), site.declarations["ladders"][name]
    found = site.record(record)
    assert found is not None and runs(ladder, found)
    moments = rung_moments(site.declarations, ladder, found, site.settings(), site.calendar())
    dues = sorted((at, number) for number, at in enumerate(moments, 1) if at is not None)
    assert len(dues) == len(ladder["rungs"]), "a rung of it is never due"
    for at, number in dues:
        if at > clock.at:
            clock.at = at - SECOND
            escalation.tick(site)
            assert (number, at, at) not in taken(site, record, name)
            clock.at = at
        escalation.tick(site)
        escalation.tick(site)
        told = [step for step in taken(site, record, name) if step[0] == number]
        assert [(step[1], step[2]) for step in told if step[1] == at] == [(at, clock.at)]
        again = ladder["rungs"][number - 1]["again"]
        assert again or len(told) == 1


# ------------------------------------------------------------------------- what rungs may be like


def gives(cast: Cast, **more: Any) -> str:
    """Let Lin give a licence that ends on 9 December."""
    record = cast.lin.new("licence")
    data = {"place": "place:lobby-1", "ends_on": day("2026-12-09"), **more}
    assert cast.lin.does("licence.given", record, **data).good
    return record


def told_on(site: Site, record: str, ladder: str) -> list[tuple[int, str]]:
    return [(rung, shown(at)) for rung, _, at in taken(site, record, ladder)]


def beats_at(clockwork: Clockwork, *moments: str) -> None:
    for at in moments:
        clockwork.clock.at = moment(at)
        clockwork.beats()


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_day_ends_when_the_house_closes_and_the_clock_says_so(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = gives(cast)
    beats_at(clockwork, "2026-12-02 17:59", "2026-12-02 18:00", "2026-12-09 17:59")
    assert told_on(site, record, "licence_lapse") == [(1, "2026-12-02 18:00")]
    beats_at(clockwork, "2026-12-09 18:00", "2026-12-09 18:01")
    found = site.record(record)
    assert found is not None and shown(found["lapsed_at"]) == "2026-12-09 18:00"
    assert (found["state"], found["setters"]["state"][1]) == ("lapsed", "system:clock")
    assert taken(site, record, "licence_lapse")[1:] == [(2, found["lapsed_at"], found["lapsed_at"])]
    assert clockwork.count("licence.lapsed") == 1
    assert site.refold()[1] == 0


def test_what_was_renewed_in_time_and_said_late_did_not_lapse(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = gives(cast)
    beats_at(clockwork, "2026-12-02 18:00")
    clock.at = moment("2026-12-08 10:00")
    late = cast.lin.says("licence.renewed", record, ends_on=day("2027-12-09"))
    beats_at(clockwork, "2026-12-09 18:00", "2026-12-10 09:00")
    assert cast.lin.hands_in(late)[0].good
    clockwork.beats()
    found = site.record(record)
    assert found is not None
    assert (found["state"], found["unsettled"]) == ("valid", [])
    assert "lapsed_at" not in found
    steps = clockwork.steps(record, "licence_lapse")
    assert [step["rung"] for step in steps if "annulled_at" in step] == [2]
    beats_at(clockwork, "2027-12-02 18:00")
    assert told_on(site, record, "licence_lapse")[-1] == (1, "2027-12-02 18:00")


def test_what_was_handed_back_in_time_is_annulled_with_what_the_clock_said(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = gives(cast)
    beats_at(clockwork, "2026-12-02 18:00")
    clock.at = moment("2026-12-09 17:00")
    late = cast.lin.says("licence.handed_back", record)
    beats_at(clockwork, "2026-12-09 18:00", "2026-12-10 09:00")
    assert cast.lin.hands_in(late)[0].good
    clockwork.beats()
    found = site.record(record)
    assert found is not None and found["state"] == "closed" and "lapsed_at" not in found
    assert [step["rung"] for step in clockwork.steps(record, "licence_lapse")][-1] == 2
    assert "annulled_at" in clockwork.steps(record, "licence_lapse")[-1]


def test_what_passed_unseen_on_one_date_is_told_on_the_next(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """Handed back while nobody ticked: the rung passed. Taken back and renewed, it is told anew."""
    record = gives(cast)
    clock.at = moment("2026-12-03 09:00")
    back = cast.lin.says("licence.handed_back", record)
    assert cast.lin.hands_in(back)[0].good
    clockwork.beats()
    assert [step.get("passed") for step in clockwork.steps(record, "licence_lapse")] == [True]
    undone = cast.lin.says("licence.undone", record, undoes=back["_id"])
    assert cast.lin.hands_in(undone)[0].good
    assert cast.lin.does("licence.renewed", record, ends_on=day("2026-12-16")).good
    beats_at(clockwork, "2026-12-09 18:00", "2026-12-16 18:00")
    assert told_on(site, record, "licence_lapse")[1:] == [
        (1, "2026-12-09 18:00"),
        (2, "2026-12-16 18:00"),
    ]


def test_people_who_could_not_know_are_not_put_in_question(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """The server was away when it lapsed; what Lin did meanwhile stands, the clock's word after."""
    record = gives(cast)
    clock.at = moment("2026-12-10 09:00")
    assert cast.lin.does("licence.tried", record).good
    clock.passes(hours=2)
    clockwork.beats()
    found = site.record(record)
    assert found is not None and found["unsettled"] == []
    assert shown(found["lapsed_at"]) == "2026-12-10 09:00"
    assert clockwork.steps(record, "licence_lapse")[-1]["late_by"] == 17 * HOUR


def test_what_is_carried_over_is_told_each_working_morning(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = gives(cast)
    beats_at(clockwork, "2026-11-25 18:00", "2026-11-26 08:00", "2026-11-26 12:00")
    assert told_on(site, record, "licence_carried") == [
        (1, "2026-11-25 18:00"),
        (2, "2026-11-26 08:00"),
    ]
    beats_at(clockwork, "2026-11-27 08:00", "2026-11-28 08:00", "2026-11-29 08:00")
    assert told_on(site, record, "licence_carried")[2:] == [(2, "2026-11-27 08:00")], "a weekend"
    beats_at(clockwork, "2026-12-02 11:00", "2026-12-02 11:10")
    assert told_on(site, record, "licence_carried")[3:] == [(2, "2026-12-02 11:00")], "once"
    beats_at(clockwork, "2026-12-03 08:00")
    assert told_on(site, record, "licence_carried")[4:] == [(2, "2026-12-03 08:00")]
    found = site.record(record)
    assert found is not None
    ahead = clocks(site.declarations, found, site.settings(), site.calendar())
    assert ("carried", "2026-12-04 08:00") in [(one["name"], shown(one["due_at"])) for one in ahead]
    assert site.refold()[1] == 0


def test_once_a_higher_rung_is_told_the_lower_one_is_told_no_more(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = gives(cast)
    beats_at(clockwork, "2026-12-25 09:00", "2026-12-28 08:00", "2027-01-04 08:00")
    assert told_on(site, record, "licence_carried") == [(3, "2026-12-25 09:00")]


def test_a_licence_of_three_days_ago_is_told_to_its_owner_first_then_each_morning(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """What was written down without a network: the next rung keeps its distance, once."""
    data = {"place": "place:lobby-1", "ends_on": day("2027-12-09")}
    act = cast.lin.says("licence.given", cast.lin.new("licence"), **data)
    clock.at = moment("2026-11-28 12:00")
    assert cast.lin.hands_in(act)[0].good
    clockwork.beats()
    assert told_on(site, act["record"], "licence_carried") == [(1, "2026-11-28 12:00")]
    beats_at(clockwork, "2026-11-29 01:59", "2026-11-29 02:00", "2026-11-30 07:59")
    assert told_on(site, act["record"], "licence_carried")[1:] == [(2, "2026-11-29 02:00")]
    beats_at(clockwork, "2026-11-30 08:00")
    assert told_on(site, act["record"], "licence_carried")[2:] == [(2, "2026-11-30 08:00")]


def test_a_date_is_due_on_its_day_however_late_it_was_heard_of(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A warning that lies behind moves no limit: it is told at once, the limit on its day."""
    clock.at = moment("2026-12-07 10:00")
    record = gives(cast)
    beats_at(clockwork, "2026-12-07 10:00", "2026-12-09 18:00")
    assert told_on(site, record, "licence_lapse") == [
        (1, "2026-12-07 10:00"),
        (2, "2026-12-09 18:00"),
    ]


def test_three_tries_are_told_of_once_and_a_fourth_moves_nothing(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = gives(cast)
    for number in range(1, 6):
        clock.passes(minutes=10)
        assert cast.lin.does("licence.tried", record).good
        clockwork.beats()
        assert len(taken(site, record, "licence_tries")) == (1 if number >= 3 else 0)
    (step,) = clockwork.steps(record, "licence_tries")
    assert (step["told"], step["late_by"], step["at"]) == (
        ["person:wu"],
        0,
        clock.at - 20 * MINUTE,
    )


def test_a_limit_that_is_extended_is_told_anew_and_one_that_stays_is_not(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = gives(cast, limit_at=moment("2026-11-25 12:00"))
    beats_at(clockwork, "2026-11-25 10:00", "2026-11-25 12:00", "2026-11-25 13:00")
    assert told_on(site, record, "licence_limit") == [
        (1, "2026-11-25 10:00"),
        (2, "2026-11-25 12:00"),
    ]
    assert cast.lin.does("licence.extended", record, limit_at=moment("2026-11-25 16:00")).good
    beats_at(clockwork, "2026-11-25 13:30", "2026-11-25 14:00", "2026-11-25 16:00")
    assert told_on(site, record, "licence_limit")[2:] == [
        (1, "2026-11-25 14:00"),
        (2, "2026-11-25 16:00"),
    ]
