"""Told means on duty now: what rosters and absences say, else who is signed in.

Else the next of the post, else who stands above; whoever is away is told when nobody else is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.acts.duty import RollCall
from server.acts.recipients import Telling, find_recipients
from server.acts.site import Site
from server.clocks import escalation, reassigning
from server.http import accounts
from tests import invented_roster
from tests.cast import WORDS, Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import HOUR, Clock
from tests.databases import BOTH
from tests.server import database_rows
from tests.server.feed import moved, sits_down

LOBBY = "place:lobby-1"
UNIT = "unit:guides"
PEOPLE = {
    "yu": (("guide",), (LOBBY,)),
    "far": (("guide",), ("place:area-2",)),
    "mei": (("deputy_director",), ()),
}


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_roster.declared():
        yield


@pytest.fixture
def site(tmp_path: Path, clock: Clock, database: str) -> Iterator[Site]:
    made = made_site(tmp_path, clock, database=database)
    for name, (posts, places) in PEOPLE.items():
        data = {"name": name, "posts": list(posts), "places": list(places)}
        assert made.record_act("person.added", f"person:{name}", data, by="system:site").good
    yield made
    made.close()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    return make_cast(site, clock)


def signs_in(site: Site, person: str) -> str:
    return accounts.begin_session(site, f"person:{person}", f"device:{person}", "Tablet")


def on_duty(site: Site, *people: str) -> dict[str, bool | None]:
    """Return what is known of some people, asked anew."""
    known = RollCall(site, site.now())([f"person:{one}" for one in people])
    return {person.partition(":")[2]: said for person, said in known.items()}


def has_turn(cast: Cast, person: str, begins: int, ends: int, kind: str = "turn") -> str:
    """Put a turn on the roster, or time off, in hours from now on."""
    now, record = cast.wu.clock(), cast.wu.new(kind)
    times = {"begins_at": now + begins * HOUR, "ends_at": now + ends * HOUR}
    assert cast.wu.does(f"{kind}.set", record, person=f"person:{person}", **times).good
    return record


def leaves(cast: Cast, site: Site) -> str:
    """Let Lin leave her post, with nobody's leave."""
    if site.record(UNIT) is None:
        unit = {"name": "导医组", "kind": "group", "head": "person:chen"}
        assert site.record_act("unit.added", UNIT, unit, by="system:site").good
        moved(site, "person:lin", units=[UNIT])
    permit = cast.lin.new("permit")
    said: dict[str, Any] = {"minutes": 5, "why": "meal", "unit": UNIT, "place": LOBBY}
    assert cast.lin.does("permit.asked", permit, **said).good
    assert cast.lin.does("permit.left", permit).good
    return permit


# ------------------------------------------------------------------------------- what is known


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_whoever_is_signed_in_and_was_heard_of_is_on_duty_and_of_others_nothing_is_known(
    site: Site, clock: Clock
) -> None:
    token = signs_in(site, "lin")
    accounts.begin_session(site, "person:chen", "device:chen", "Tablet", "code")  # not in yet
    assert on_duty(site, "lin", "yu", "chen") == {"lin": True, "yu": None, "chen": None}
    clock.passes(hours=4, ms=1)  # session.idle_at_most: nothing was heard of her since
    assert on_duty(site, "lin") == {"lin": None}
    clock.passes(hours=-4)
    accounts.end_session(site, token)
    assert on_duty(site, "lin") == {"lin": None}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_whoever_is_away_from_the_post_is_not_on_duty_until_they_are_back(
    site: Site, cast: Cast
) -> None:
    signs_in(site, "lin")
    permit = leaves(cast, site)
    assert on_duty(site, "lin") == {"lin": False}
    assert cast.lin.does("permit.back", permit).good
    assert on_duty(site, "lin") == {"lin": True}


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("turns", "known"),
    [
        ([(-1, 7)], True),
        ([(1, 9)], False),  # later today
        ([(23, 31)], False),  # tomorrow
        ([(-9, -1)], None),  # the roster says nothing any more
        ([(-9, -1), (0, 8)], True),
        ([(-9, 0), (15, 23)], False),  # what ends now is over
    ],
)
def test_of_whom_a_roster_speaks_it_says_all(
    site: Site, cast: Cast, turns: list[tuple[int, int]], known: bool | None
) -> None:
    for begins, ends in turns:
        has_turn(cast, "lin", begins, ends)
    assert on_duty(site, "lin", "yu") == {"lin": known, "yu": None}
    signs_in(site, "lin")
    assert on_duty(site, "lin") == {"lin": True if known is None else known}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_time_off_goes_before_a_turn_and_what_is_cancelled_says_nothing(
    site: Site, cast: Cast
) -> None:
    turn = has_turn(cast, "lin", -1, 7)
    has_turn(cast, "lin", 2, 9, "time_off")
    assert on_duty(site, "lin") == {"lin": True}, "it has not begun"
    off = has_turn(cast, "lin", -1, 1, "time_off")
    assert on_duty(site, "lin") == {"lin": False}
    assert cast.wu.does("time_off.cancelled", off).good
    assert on_duty(site, "lin") == {"lin": True}
    assert cast.wu.does("turn.cancelled", turn).good
    assert on_duty(site, "lin") == {"lin": None}


# --------------------------------------------------------------------------------- who is told


def water(site: Site, clock: Clock, waiting: str) -> tuple[list[str], list[str]]:
    """Let five minutes pass; return who was told to bring water, and who was missing."""
    clock.passes(minutes=5)
    escalation.tick(site)
    (step,) = database_rows.one(site, waiting)["rungs"]["waiting_water"]
    return [one.partition(":")[2] for one in step["told"]], step.get("unfilled", [])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_with_nobody_signed_in_it_is_told_as_if_all_were_there(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """At night, or before the first tablet: nobody is passed over for what is not known."""
    assert water(site, clock, sits_down(cast.lin)) == (["lin"], [])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_colleague_who_is_signed_in_is_told_in_place_of_an_owner_who_is_not(
    site: Site, cast: Cast, clock: Clock
) -> None:
    wide = {"name": "wide", "posts": ["guide"], "places": ["place:site"]}
    assert site.record_act("person.added", "person:wide", wide, by="system:site").good
    for person in ("yu", "far", "chen", "wide"):
        signs_in(site, person)
    assert water(site, clock, sits_down(cast.lin)) == (["yu"], ["owner"]), "the nearest of them"
    signs_in(site, "lin")
    assert water(site, clock, sits_down(cast.lin)) == (["lin"], [])


def test_whoever_stands_above_is_not_told_for_that_alone(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """That no guide is signed in says nothing of them, and Chen hears by her own rung."""
    signs_in(site, "chen")
    assert water(site, clock, sits_down(cast.lin)) == (["lin"], [])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_lin_is_away_and_yu_is_told_else_chen_else_lin_all_the_same(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """AT-06, W-02: the next of the post there, else up the tree; at last whoever is away."""
    leaves(cast, site)
    assert water(site, clock, sits_down(cast.lin)) == (["yu"], ["owner"])
    has_turn(cast, "yu", 20, 28)
    assert water(site, clock, sits_down(cast.lin)) == (["chen"], ["owner"])
    for person in ("chen", "wu", "mei", "far"):
        has_turn(cast, person, 20, 28)
    assert water(site, clock, sits_down(cast.lin)) == (["lin"], ["owner"])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_on_a_post_of_several_those_on_duty_are_told_and_the_next_above_when_all_are_off(
    site: Site, cast: Cast, clock: Clock
) -> None:
    told = told_of(site, ["guide"])
    assert set(told[0]) == {"lin", "yu"}, "nothing is known: all who look after the place"
    has_turn(cast, "yu", -1, 7)
    has_turn(cast, "lin", 20, 28)
    assert told_of(site, ["guide"]) == (["yu"], [])
    clock.passes(hours=8)
    has_turn(cast, "yu", 12, 20)
    assert told_of(site, ["guide"]) == (["far"], ["guide"]), "of the post, at another place"
    has_turn(cast, "far", 12, 20)
    assert told_of(site, ["guide"]) == (["chen"], ["guide"])


def told_of(site: Site, tell: list[str], **more: Any) -> tuple[list[str], list[str]]:
    record = {"_id": "waiting:x", "type": "waiting", "state": "waiting", "rungs": {}}
    record |= {"unsettled": [], "place": LOBBY, "owner": "person:lin", **more}
    duties = RollCall(site, site.now())
    telling = Telling(site.declarations, site.reference(), record, (), site.now(), duties)
    told, unfilled = find_recipients(telling, tell)
    return [one.partition(":")[2] for one in told], unfilled


def test_whom_a_record_names_is_told_wherever_they_are(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """AT-06: Lin is away too long, and it is Lin who is told so, beside Chen."""
    permit = leaves(cast, site)
    clock.passes(minutes=10)
    escalation.tick(site)
    (step,) = database_rows.one(site, permit)["rungs"]["permit_without"]
    assert step["told"] == ["person:lin", "person:chen"]


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_two_servers_tell_the_same_people(site: Site, cast: Cast, clock: Clock) -> None:
    signs_in(site, "yu")
    has_turn(cast, "chen", 20, 28)
    leaves(cast, site)
    other = Site(site.config, clock)
    tells = ["owner", "guide", "guide_supervisor", "cs_manager", "guide@{place}"]
    assert [told_of(site, [one]) for one in tells] == [told_of(other, [one]) for one in tells]
    waiting = sits_down(cast.lin)
    clock.passes(minutes=5)
    assert escalation.tick(other) + escalation.tick(site) > 0
    (step,) = database_rows.one(site, waiting)["rungs"]["waiting_water"]
    assert step["told"] == ["person:yu"], "once, by whoever came first"
    other.close()


# ------------------------------------------------------------------------------------ of a unit


def headed(site: Site, unit: str = UNIT, **said: Any) -> None:
    made = site.record(unit) is None
    act = "unit.added" if made else "unit.changed"
    seen = None if made else database_rows.one(site, unit)["acts"]["last"]
    data = {"name": "导医组", "kind": "group", **said} if made else said
    assert site.record_act(act, unit, data, by="person:wu", seen=seen).good


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_head_who_is_off_is_replaced_by_the_deputy_then_by_the_head_above(
    site: Site, cast: Cast
) -> None:
    headed(site, "unit:house", head="person:wu")
    headed(site, head="person:chen", deputy="person:yu", inside="unit:house")
    tell = ["head@{unit}"]
    assert told_of(site, tell, unit=UNIT) == (["chen"], [])
    signs_in(site, "yu")
    assert told_of(site, tell, unit=UNIT) == (["yu"], tell), "the deputy is signed in, she is not"
    signs_in(site, "chen")
    assert told_of(site, tell, unit=UNIT) == (["chen"], [])
    has_turn(cast, "chen", 20, 28)
    assert told_of(site, tell, unit=UNIT) == (["yu"], tell)
    has_turn(cast, "yu", 20, 28)
    assert told_of(site, tell, unit=UNIT) == (["wu"], tell)


def test_nobody_is_told_of_themselves_as_their_own_superior(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """AT-06: Chen heads the guides, and the house around them; she asks to leave her post."""
    headed(site, "unit:house", head="person:chen")
    headed(site, head="person:chen", deputy="person:yu", inside="unit:house")
    moved(site, "person:chen", units=[UNIT])
    permit = cast.chen.new("permit")
    said: dict[str, Any] = {"minutes": 5, "why": "meal", "unit": UNIT, "place": LOBBY}
    assert cast.chen.does("permit.asked", permit, **said).good
    escalation.tick(site)
    (step,) = database_rows.one(site, permit)["rungs"]["permit_answer"]
    assert step["told"] == ["person:yu"]
    moved(site, "person:yu", active=False)
    clock.passes(minutes=10)
    escalation.tick(site)
    step = database_rows.one(site, permit)["rungs"]["permit_answer"][-1]
    assert step["told"] == ["person:wu"], "the supervisor of the place is Chen herself"


def test_what_is_about_its_owner_is_given_to_somebody_on_duty(
    site: Site, cast: Cast, clock: Clock
) -> None:
    has_turn(cast, "chen", 20, 28)
    complaint = cast.lin.new("complaint")
    act = cast.lin.says(
        "complaint.taken", complaint, place=LOBBY, words=WORDS, about=["person:lin"]
    )
    assert cast.lin.hands_in(act)[0].good
    reassigning.reassign(site, act, clock())
    assert database_rows.one(site, complaint)["owner"] == "person:wu"
