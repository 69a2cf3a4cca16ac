"""Ward rounds: planned each week, walked by anybody, missed ones climb; what is heard has a clock.

Lin guides, Chen supervises, Wu manages customer service; Mei is the deputy director.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle, waking
from server.rules.waking import midnight
from sync import declarations
from sync.act import key_id
from sync.settings import profile
from sync.worktime import MINUTE
from tests.cast import Cast
from tests.clock import DAY, SECOND, Clock
from tests.server.clockwork import Clockwork
from tests.server.staff import now, says

WARD, BEDS = "place:ward", ("place:bed-1", "place:bed-2")
EAST = 8 * 60 * MINUTE

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def clockwork(site: Site, cast: Cast, clock: Clock) -> Clockwork:
    """A ward of two beds that Lin looks after, a department, a deputy director; rules settled."""
    waking.start(site)
    says(site, "place.added", WARD, name="骨科病区", kind="ward", inside="place:lobby-1")
    for n, bed in enumerate(BEDS, 1):
        says(site, "place.added", bed, name=f"{n} 床", kind="bed", inside=WARD)
    says(site, "unit.added", "unit:bone", name="骨科", kind="group", head="person:chen")
    mei = {"name": "梅", "posts": ["deputy_director"], "places": ["place:site"]}
    says(site, "person.added", "person:mei", **mei)
    clock.passes(seconds=1)
    settle.work(site)
    return Clockwork(site, clock)


def monday_after(clock: Clock) -> int:
    today = (clock.at + EAST) // DAY
    return today + 7 - (today + 3) % 7


def of_week(day: int) -> str:
    return key_id("round", [WARD, day, "week"])


def key(day: int) -> dict[str, Any]:
    return {"ward": WARD, "day": day, "shift": "week"}


def goes_to(site: Site, clock: Clock, at: int) -> None:
    clock.passes(ms=at - clock.at)
    midnight(site)
    settle.work(site)


def begun(site: Site, cast: Cast, clock: Clock) -> tuple[str, int]:
    """Walk to the Monday on which a week of rounds begins; return its round and that moment."""
    day = monday_after(clock)
    starts = day * DAY - EAST
    goes_to(site, clock, starts + SECOND)
    return of_week(day), starts


def asks(cast: Cast, record: str, bed: str = BEDS[0], who: str = "lin", **data: Any) -> str:
    bedside = key_id("bedside", [record, bed])
    where = {"round": record, "bed": bed, "ward": WARD}
    tablet = getattr(cast, who)
    assert tablet.does("bedside.asked", bedside, **where, **data).good
    tablet.clock.passes(seconds=1)
    return bedside


# ------------------------------------------------------------------------------- RD-01: the week


def test_RD_01_each_ward_has_a_round_each_week_and_it_is_there_before_it_begins(
    site: Site, clock: Clock, clockwork: Clockwork
) -> None:
    day = monday_after(clock)
    planned = now(site, of_week(day))
    assert (planned["state"], planned["ward"]) == ("due", WARD)
    assert planned["due_from"] == day * DAY - EAST
    assert clockwork.rungs(of_week(day), "round_due") == []


def test_RD_01_a_missed_round_warns_the_manager_and_climbs_to_the_deputy_director(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, starts = begun(site, cast, clock)
    clock.passes(ms=starts + 5 * DAY - clock.at - SECOND)
    clockwork.beats()
    assert clockwork.rungs(record, "round_due") == []
    clock.passes(seconds=1)
    clockwork.beats()
    assert clockwork.rungs(record, "round_due") == [(1, ["wu"])]
    clock.passes(days=2)
    clockwork.beats()
    assert "mei" in dict(clockwork.rungs(record, "round_due"))[2]
    assert now(site, record)["state"] == "missed" and "missed_at" in now(site, record)


def test_RD_01_a_round_that_was_walked_in_time_and_came_late_was_not_missed(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, starts = begun(site, cast, clock)
    day = now(site, record)["day"]
    assert cast.lin.does("round.begun", record, **key(day)).good
    clock.passes(minutes=1)
    assert cast.lin.does("round.finished", record, beds=2, left=0).good
    clock.passes(ms=starts + 8 * DAY - clock.at)
    clockwork.beats()
    done = now(site, record)
    assert done["state"] == "finished" and "missed_at" not in done
    assert clockwork.rungs(record, "round_due") == []


def test_RD_01_beds_that_were_left_out_are_accounted_for(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, _starts = begun(site, cast, clock)
    assert cast.lin.does("round.begun", record, **key(now(site, record)["day"])).good
    clock.passes(minutes=1)
    cast.lin.does("round.finished", record, beds=2, left=1)
    assert now(site, record)["state"] == "due", "no word why a bed was left out"
    assert cast.chen.does("round.finished", record, beds=2, left=1, reason="在手术").good
    assert now(site, record)["state"] == "finished"


def test_RD_01_who_walked_it_does_not_look_it_through(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, _starts = begun(site, cast, clock)
    assert cast.wu.does("round.begun", record, **key(now(site, record)["day"])).good
    clock.passes(minutes=1)
    assert cast.wu.does("round.finished", record, beds=2, left=0).good
    clock.passes(minutes=1)
    cast.wu.does("round.reviewed", record)
    assert now(site, record)["state"] == "finished"
    said = site.record_act("round.reviewed", record, {"review": "好"}, by="person:mei")
    assert said.good and now(site, record)["state"] == "reviewed"


# ------------------------------------------------------------ RD-02 … RD-06: what a bed is asked


def test_two_people_on_one_ward_make_one_round_and_one_record_a_bed(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, _starts = begun(site, cast, clock)
    day = now(site, record)["day"]
    for who in (cast.lin, cast.chen):
        assert who.does("round.begun", record, **key(day)).good
        clock.passes(seconds=1)
    bedside = key_id("bedside", [record, BEDS[0]])
    where = {"round": record, "bed": BEDS[0], "ward": WARD}
    for who in (cast.lin, cast.chen):
        assert who.does("bedside.well", bedside, **where).good
        clock.passes(seconds=1)
    one = now(site, bedside)
    assert (one["unsettled"], one["asked_by"]) == ([], "person:lin")
    assert (one["comfort"], one["doctor_visited"], one["satisfied"]) == (["fine"], "came", 3)
    assert now(site, record)["unsettled"] == []
    wrong = key_id("bedside", [record, BEDS[1]])
    assert not cast.lin.does("bedside.well", wrong, **where).good, "its id says which bed"


def test_what_two_people_heard_differently_at_one_bed_is_a_question(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, _starts = begun(site, cast, clock)
    bedside = asks(cast, record, satisfied=3)
    asks(cast, record, who="chen", satisfied=1)
    one = now(site, bedside)
    assert one["satisfied"] == 3 and [each["by"] for each in one["unsettled"]] == ["person:chen"]


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("RD-02", {"doctor_visited": ["came", "absent", "unsure"], "doctor": None}),
        ("RD-03", {"satisfied": None, "words": None}),
        ("RD-04", {"heard": ["mention", "to_do", "thanks", "grievance"]}),
        ("RD-06", {"mood": ["calm", "worried", "low", "angry"]}),
    ],
)
def test_what_each_rule_asks_at_the_bed_is_asked(
    database: str, rule: str, names: dict[str, list[str] | None]
) -> None:
    kind = declarations()["records"]["bedside"]
    asked = declarations()["acts"]["bedside.asked"]["asks"]
    fields = {field["name"]: field for field in kind["fields"]}
    for name, choices in names.items():
        assert name in asked, rule
        if choices:
            assert [value for value, _label in fields[name]["choices"]] == choices


@pytest.mark.parametrize(
    ("data", "lacks"),
    [
        ({"heard": "mention"}, "words"),
        ({"heard": "thanks", "words": "护士长很好"}, "people"),
        ({"preferences": "爱喝热水"}, "consent"),
    ],
)
def test_what_is_heard_has_words_and_what_is_remembered_has_consent(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, data: dict[str, Any], lacks: str
) -> None:
    record, _starts = begun(site, cast, clock)
    bedside = key_id("bedside", [record, BEDS[0]])
    where = {"round": record, "bed": BEDS[0], "ward": WARD}
    assert not cast.lin.does("bedside.asked", bedside, **where, **data).good
    more = {"words": "x", "people": ["person:chen"], "consent": "yes"}[lacks]
    assert cast.lin.does("bedside.asked", bedside, **where, **data, **{lacks: more}).good


def test_RD_04_an_opinion_of_a_bed_has_an_owner_and_a_clock_until_it_is_answered(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record, _starts = begun(site, cast, clock)
    bedside = asks(cast, record, doctor_visited="absent", words="没人来看过我")
    opinion = key_id("opinion", [bedside, "doctor_visit"])
    said = {"subject": bedside, "about": "doctor_visit", "ward": WARD, "unit": "unit:bone"}
    for who in (cast.lin, cast.chen):
        assert who.does("opinion.received", opinion, **said, words="没人来看过我").good
        clock.passes(seconds=1)
    one = now(site, opinion)
    assert (one["owner"], one["unsettled"]) == ("person:lin", []), "two people, one opinion"
    within = profile("hospital")["opinion.answer_within"]["value"]
    for _ in range(within + 1):
        clock.passes(days=1)
    clockwork.beats()
    assert dict(clockwork.rungs(opinion, "opinion_answer"))[1] == ["lin", "chen"]
    assert cast.chen.does("opinion.answered", opinion, measures="贺医生下午来过").good
    clock.passes(days=7)
    clockwork.beats()
    assert 2 not in dict(clockwork.rungs(opinion, "opinion_answer"))
    assert cast.lin.does("opinion.told", opinion).good
    assert now(site, opinion)["state"] == "told"


def test_what_was_heard_is_offered_to_who_walks_the_ward_next(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    channels = {
        kind: one["channels"] for kind, one in declarations()["records"].items()
    }  # the next person reads there what became of it
    for kind in ("round", "bedside", "opinion", "task", "praise"):
        assert "{ward}" in channels[kind], kind
