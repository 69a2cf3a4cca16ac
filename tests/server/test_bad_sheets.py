"""What goes wrong with sheets, proposals and loans, and that each says what to do (bad input)."""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle
from sync import worktime
from tests.cast import Cast
from tests.clock import Clock
from tests.databases import USUAL
from tests.server.clockwork import Clockwork
from tests.server.in_process import inside
from tests.server.quality import (
    LIGHTS,
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
from tests.sync.telling import moment

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)
TODAY = 20_782
LOBBY = "place:lobby-1"


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site on a Wednesday at six."""
    return opened(site, clock)


# ------------------------------------------------------------------ clauses without their amount


def test_p_21_a_clause_whose_amount_is_lost_is_proposed_and_says_what_to_do(
    site: Site, cast: Cast, clock: Clock
) -> None:
    conduct = cast.chen.new("conduct")
    said = {"person": "person:lin", "kind": "private", "day": TODAY, "words": "上班看网页"}
    clause = {"clause": "clause:private_web", "unit": UNIT}
    assert cast.chen.does("conduct.proposed", conduct, **said, **clause).good
    found = record_of(site, conduct)
    assert found["state"] == "proposed" and "amount" not in found and found["measure"] == "lost"
    with inside(site) as inner:
        path = f"/office/records/conduct/{conduct.partition(':')[2]}"
        page = inner.ask("wu", "GET", path)
        assert page.status_code == 200 and "由提出人填写" in page.text, "what to do"
        assert inner.ask("wu", "GET", f"{path}/form").status_code == 200
    assert cast.chen.does("conduct.priced", conduct, own_amount=0).state == "refused", "no 0"
    assert cast.wu.does("conduct.priced", conduct, own_amount=5_000).good
    assert [one["reason"] for one in record_of(site, conduct)["unsettled"]] == ["not_named"]
    clock.passes(minutes=1)
    assert cast.chen.does("conduct.priced", conduct, own_amount=2_000).good
    clock.passes(minutes=1)
    ground = {"person": "person:lin", "clause": "clause:private_web"}
    assert cast.wu.does("conduct.stands", conduct, **ground).good
    assert record_of(site, conduct)["state"] == "proposed", "the amount came meanwhile"
    clock.passes(minutes=1)
    assert cast.wu.does("conduct.stands", conduct, **ground, own_amount=2_000).good
    found = record_of(site, conduct)
    assert (found["state"], found["own_amount"]) == ("stands", 2_000)


# -------------------------------------------------------------------- plans of what is not there


def test_o_09_nothing_is_planned_for_a_place_that_was_closed_and_what_was_begun_stays(
    site: Site, cast: Cast, clock: Clock
) -> None:
    clock.passes(minutes=1)
    begun = the(site, "opening")
    assert cast.lin.does("check.marked", begun, ticks={LIGHTS: "yes"}, **taken("opening")).good
    clock.passes(minutes=1)
    assert cast.wu.does("place.closed", LOBBY).state == "refused", "it says why"
    assert knowing(site, cast.wu, "place.closed", LOBBY, reason="装修").good
    settle.work(site)
    ahead = [one for one in of_kind(site, "check", place=LOBBY) if one["_id"] != begun]
    assert ahead and all(one["stated"]["withdrawn"] for one in ahead if one["day"] > TODAY)
    found = record_of(site, begun)
    assert found["ticks"] == {LIGHTS: "yes"} and not found["stated"].get("withdrawn")
    other = of_kind(site, "check", place="place:lobby-2", day=TODAY + 1)
    assert not any(one["stated"].get("withdrawn") for one in other)
    clock.passes(minutes=1)
    assert knowing(site, cast.wu, "place.reopened", LOBBY).good
    settle.work(site)
    (tomorrow, *_) = of_kind(
        site, "check", place=LOBBY, day=TODAY + 1, template="checklist:opening"
    )
    assert not tomorrow["stated"].get("withdrawn")


def test_o_09_a_calendar_that_is_published_anew_moves_what_nobody_began(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Thursday becomes a day off, Saturday one that is worked."""
    clock.passes(minutes=1)
    before = [begins[5:10] for begins, _ in at_on(site, "opening")]
    assert "11-26" in before and "11-28" not in before
    year = "calendar:2026"
    act = "calendar.changed" if site.record(year) else "calendar.published"
    asks = site.declarations["acts"][act]["asks"]
    data: dict[str, Any] = {"off": [TODAY + 1], "work": [TODAY + 3], "source": "通知"}
    said = {name: value for name, value in data.items() if name in asks}
    assert site.record_act(act, year, said, by="system:site").good
    Clockwork(site, clock).beats()
    settle.work(site)
    assert not worktime.is_working(TODAY + 1, site.calendar()), asks
    live = {
        one["day"]
        for one in of_kind(site, "check", template="checklist:opening", place=LOBBY)
        if not one["stated"].get("withdrawn")
    }
    assert TODAY + 1 not in live and {TODAY, TODAY + 3} <= live


# ------------------------------------------------------- L-L: who is their own superior


@pytest.mark.parametrize(
    ("responsible", "rung"),
    [("person:chen", "2026-11-26 18:00"), ("person:wu", "2026-11-27 18:00")],
)
def test_l_l_whoever_is_responsible_is_not_told_as_their_own_superior(
    site: Site, cast: Cast, clock: Clock, responsible: str, rung: str
) -> None:
    for post in ("guide-supervisor", "cs-manager"):
        gone = {"active": False}
        assert site.record_act("person.changed", f"person:{post}", gone, by="system:site").good
    notice = cast.lin.new("rectification")
    clock.at = moment("2026-11-25 08:40")
    assert cast.lin.does("rectification.found", notice, place=LOBBY, finding="灯不亮").good
    clock.passes(minutes=1)
    said = {"responsible": responsible, "finding": "灯不亮", "limit_on": TODAY + 1}
    assert site.record_act("rectification.issued", notice, said, by="person:cs-supervisor").good
    for at in ("2026-11-26 14:00", "2026-11-26 18:00", "2026-11-27 18:00"):
        beats(site, clock, at)
    people = [person for at, person in told(site, notice, "rectification_limit") if at == rung]
    above = [person for person in people if person != responsible]
    assert above, "the ladder goes up"


# --------------------------------------------------------------- what others' software got wrong


def a_stand(cast: Cast, **more: Any) -> str:
    stand = cast.chen.new("equipment")
    said = {"name": "爱心伞", "sort": "umbrella", "place": LOBBY, "should": 20, **more}
    assert cast.chen.does("equipment.added", stand, **said).good
    return stand


def lends(cast: Cast, item: str, name: str) -> str:
    loan = cast.lin.new("loan")
    said = {"equipment": item, "name": name, "place": LOBBY}
    assert cast.lin.does("loan.lent", loan, **said).good
    return loan


def test_e_02_of_a_stand_of_umbrellas_one_after_the_other_is_lent_and_lost(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """A stock counted as one thing was out after its first loan, and gone with the first loss."""
    stand = a_stand(cast, many=True)
    clock.passes(minutes=1)
    loans = [lends(cast, stand, name) for name in ("白露", "丁一", "卓玛")]
    settle.work(site)
    assert all("twice" not in record_of(site, loan) for loan in loans)
    clock.passes(minutes=1)
    assert cast.lin.does("loan.lost", loans[0], words="没还").good
    assert cast.lin.does("loan.damaged", loans[1], words="断了").good
    settle.work(site)
    found = record_of(site, stand)
    assert (found["state"], "out" in found) == ("usable", False)


def test_e_02_nobody_is_reminded_of_what_was_brought_back_in_time(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """The return reaches the server after the reminder: what was told is annulled."""
    chair = a_stand(cast)
    clock.at = moment("2026-11-25 09:00")
    loan = lends(cast, chair, "白露")
    clock.at = moment("2026-11-25 10:50")
    cast.lin.says("loan.returned", loan)
    beats(site, clock, "2026-11-25 11:00")
    assert told(site, loan, "loan_return")
    assert all(one.good for one in cast.lin.hands_in())
    Clockwork(site, clock).beats()
    (step,) = record_of(site, loan)["rungs"]["loan_return"]
    assert "annulled_at" in step
    once = told(site, loan, "loan_return")
    beats(site, clock, "2026-11-26 18:00")
    assert told(site, loan, "loan_return") == once, "and never again"


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        ("equipment.counted", "equipment", {"stock": -1}),
        ("handout.given", "handout", {"what": "leaflet", "number": 0, "place": LOBBY}),
        ("check.marked", "check", {"counts": {"g01": -1}}),
    ],
)
def test_no_number_goes_below_nothing(
    site: Site, cast: Cast, act: str, kind: str, said: dict[str, Any]
) -> None:
    records = {"equipment": a_stand(cast), "check": the(site, "opening")}
    verdict = cast.lin.does(act, records.get(kind) or cast.lin.new(kind), **said)
    assert verdict.state == "refused"


def test_what_was_due_yesterday_is_completed_today_and_is_yesterdays(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = the(site, "closing")
    clock.at = moment("2026-11-26 00:10")
    assert cast.lin.does("check.completed", check, **walked("closing")).good
    found = record_of(site, check)
    assert (found["state"], found["day"]) == ("complete", TODAY)
    again = of_kind(site, "check", template="checklist:closing", place=LOBBY, day=TODAY + 1)
    assert [one["state"] for one in again] == ["due"], "today's is its own"
