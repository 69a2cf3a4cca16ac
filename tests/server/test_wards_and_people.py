"""What the wards and the colleagues are owed: admission, leave of the post, training, assessment.

Gulnar is a colleague of Lin's; Chen heads the unit of the guides, Wu manages customer service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle, waking
from server.rules.waking import midnight
from sync.act import key_id
from tests.cast import Cast
from tests.clock import DAY, SECOND, Clock
from tests.server.clockwork import Clockwork
from tests.server.staff import now, says

UNIT, LOBBY, WARD, BED = "unit:guides", "place:lobby-1", "place:ward", "place:bed-1"
ABOUT = {"why": "meal", "minutes": 20, "unit": UNIT, "place": LOBBY}
EAST = 8 * 60 * 60_000  # ms that the hospital's clocks are ahead
TYPING = {"name": "打字", "kind": "typing"}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def clockwork(site: Site, cast: Cast, clock: Clock) -> Clockwork:
    """A site with a unit that Chen heads, a ward with a bed, and rules that are settled."""
    waking.start(site)
    says(site, "unit.added", UNIT, name="导医组", kind="group", head="person:chen")
    lin = {"name": "林小美", "posts": ["guide"], "places": [LOBBY], "units": [UNIT]}
    says(site, "person.changed", "person:lin", **lin)
    says(site, "place.added", WARD, name="骨科病区", kind="ward", inside="place:floor-1")
    says(site, "place.added", BED, name="1 床", kind="bed", inside=WARD)
    says(site, "person.added", "person:hr", name="何", posts=["hr"], places=["place:site"])
    clock.passes(seconds=1)
    settle.work(site)
    return Clockwork(site, clock)


def asks(cast: Cast) -> str:
    record = cast.lin.new("permit")
    assert cast.lin.does("permit.asked", record, **ABOUT).good
    cast.lin.clock.passes(seconds=1)  # type: ignore[attr-defined]
    return record


# ---------------------------------------------------------------------------- AT-06: the permit


def test_AT_06_the_head_is_told_who_asks_and_the_supervisor_when_nobody_answers(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = asks(cast)
    clockwork.beats()
    asked = now(site, record)
    assert (asked["person"], asked["head"], asked["state"]) == (
        *("person:lin", "person:chen"),
        "asked",
    )
    assert clockwork.rungs(record, "permit_answer") == [(1, ["chen"])]
    clockwork.runs(minutes=10)
    assert [one[0] for one in clockwork.rungs(record, "permit_answer")] == [1, 2]


def test_AT_06_nobody_allows_themselves_and_no_colleague_allows_another(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    record = asks(cast)
    for who in (cast.lin, cast.zhao):
        who.does("permit.allowed", record, minutes=20)
        assert now(site, record)["state"] == "asked"
    cast.lin.does("permit.allowed_above", record, minutes=20)
    assert now(site, record)["state"] == "asked"
    assert cast.chen.does("permit.allowed", record, minutes=20).good
    assert now(site, record)["state"] == "allowed"
    assert now(site, record)["allowed_by"] == "person:chen"


def test_AT_06_more_than_ten_minutes_without_permission_count_as_half_a_day(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = asks(cast)
    assert cast.lin.does("permit.left", record).good
    clock.passes(seconds=10 * 60 - 1)
    clockwork.beats()
    assert now(site, record)["state"] == "away" and "outcome" not in now(site, record)
    clock.passes(seconds=1)
    clockwork.beats()
    late = now(site, record)
    assert (late["state"], late["outcome"]) == ("overstayed", "half_day")
    assert "lin" in clockwork.rungs(record, "permit_without")[0][1]
    clock.passes(minutes=10)
    clockwork.beats()
    assert clockwork.rungs(record, "permit_without")[1] == (2, ["chen"]), "the head hears of it"
    assert cast.lin.does("permit.back", record).good
    assert now(site, record)["outcome"] == "half_day"
    assert cast.chen.does("permit.excused", record, answer="送病人去急诊").good
    assert now(site, record)["outcome"] == "excused"


def test_AT_06_who_was_back_in_time_without_a_network_was_not_late(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = asks(cast)
    assert cast.lin.does("permit.left", record).good
    clock.passes(minutes=6)
    cast.lin.says("permit.back", record)
    clock.passes(minutes=10)
    clockwork.beats()
    assert now(site, record)["state"] == "overstayed", "the server could not know"
    assert cast.lin.hands_in()[0].good
    clockwork.beats()
    back = now(site, record)
    assert back["state"] == "back" and "outcome" not in back and not back["unsettled"]
    assert clockwork.rungs(record, "permit_without") == [], "what was told is annulled"


def test_AT_06_with_permission_the_minutes_that_were_allowed_count(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = asks(cast)
    assert cast.chen.does("permit.allowed", record, minutes=20).good
    assert cast.lin.does("permit.left", record).good
    clock.passes(minutes=19)
    clockwork.beats()
    assert now(site, record)["state"] == "away"
    clock.passes(minutes=1)
    clockwork.beats()
    late = now(site, record)
    assert late["state"] == "overstayed" and "outcome" not in late
    assert clockwork.rungs(record, "permit_without") == []


def test_AT_06_nobody_asks_for_a_unit_that_is_not_theirs(
    site: Site, cast: Cast, clockwork: Clockwork
) -> None:
    says(site, "unit.added", "unit:others", name="保卫科", kind="group")
    other = {**ABOUT, "unit": "unit:others"}
    refused = cast.lin.does("permit.asked", cast.lin.new("permit"), **other)
    assert not refused.good and refused.code == "not_your_unit"


# ---------------------------------------------------------------------------- TG: what is learned


def course(site: Site, kind: str, **more: Any) -> str:
    record = f"course:{kind}"
    said = {"name": kind, "kind": kind, **more}
    assert site.record_act("course.published", record, said, by="person:wu").good
    settle.work(site)
    return record


def of_newcomer(person: str) -> str:
    return key_id("assessment", [person, "new", person])


def test_TG_01_a_newcomer_has_a_week_and_then_the_head_is_told(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    data = {"name": "古丽娜尔", "posts": ["guide"], "places": [LOBBY], "units": [UNIT]}
    says(site, "person.added", "person:gulnar", active=True, **data)
    settle.work(site)
    record = of_newcomer("person:gulnar")
    due = now(site, record)
    assert (due["state"], due["units"]) == ("due", [UNIT])
    clock.passes(seconds=7 * DAY // SECOND - 1)
    clockwork.beats()
    assert clockwork.rungs(record, "assessment_due") == []
    clock.passes(seconds=1)
    clockwork.beats()
    assert "hr" in clockwork.rungs(record, "assessment_due")[0][1]
    clock.passes(seconds=3 * DAY // SECOND)
    clockwork.beats()
    assert clockwork.rungs(record, "assessment_due")[1] == (2, ["chen"])


def test_TG_01_who_worked_here_before_is_no_newcomer(site: Site, clockwork: Clockwork) -> None:
    assert site.record(of_newcomer("person:lin")) is None


@pytest.mark.parametrize(
    ("kind", "interval"), [("internal", 1), ("hospital", 3), ("fire", 6)], ids=str
)
def test_TG_03_TG_09_a_training_is_planned_at_each_interval(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, kind: str, interval: int
) -> None:
    made = course(site, kind)
    clock.passes(seconds=(interval * 30 - 9) * DAY // SECOND)
    midnight(site)
    clockwork.beats()
    settle.work(site)
    assert trainings(site, made) == [], "not yet within the seven days that are planned ahead"
    clock.passes(seconds=5 * DAY // SECOND)
    midnight(site)
    clockwork.beats()
    settle.work(site)
    [planned] = trainings(site, made)
    assert planned["state"] == "planned" and planned["kind"] == kind


def trainings(site: Site, made: str) -> list[dict[str, Any]]:
    with site.reading() as connection:
        from server.database.store import Store

        ids = Store(connection).ids_of("training", "", 100)
    return [one for one in (site.record(each) for each in ids) if one and one["course"] == made]


def test_TG_02_TG_04_TG_08_who_was_there_is_assessed_and_who_was_missing_is_told(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    made = course(site, "flow", **{"pass": 90})
    training = cast.chen.new("training")
    day = clock.at // DAY + 1
    people = ["person:lin", "person:zhao"]
    said = {"course": made, "day": day, "people": people, "unit": UNIT}
    assert cast.chen.does("training.planned", training, **said).good
    assert not cast.chen.does("training.held", training, absent=["person:zhao"]).good
    held = {"attended": ["person:lin"], "absent": ["person:zhao"]}
    assert not cast.chen.does("training.held", training, **held).good, "TG-08: how it was held"
    held["ways"] = ["role", "learners", "advice"]
    assert cast.chen.does("training.held", training, **held).good
    settle.work(site)
    clockwork.beats()
    record = key_id("assessment", ["person:lin", "flow", training])
    due = now(site, record)
    assert (due["state"], due["course"], due["pass"]) == ("due", made, 90)
    assert site.record(key_id("assessment", ["person:zhao", "flow", training])) is None
    assert [rung for rung, _told in clockwork.rungs(training, "training_missed")] == [1]
    clock.passes(seconds=7 * DAY // SECOND)
    clockwork.beats()
    rungs = dict(clockwork.rungs(training, "training_missed"))
    assert "hr" in rungs[2], "human resources hear who did not make up for it"


def assessed(site: Site, clock: Clock, kind: str, made: str) -> str:
    record = key_id("assessment", ["person:lin", kind, made])
    said = {"person": "person:lin", "kind": kind, "because": made, "course": made}
    assert site.record_act("assessment.due", record, said, by="person:wu").good
    clock.passes(seconds=1)
    return record


@pytest.mark.parametrize(("result", "state"), [(79, "failed"), (80, "passed"), (120, "passed")])
def test_TG_06_typing_is_passed_from_the_setting(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, result: int, state: str
) -> None:
    record = assessed(site, clock, "typing", course(site, "typing"))
    assert cast.wu.does("assessment.taken", record, result=result).good
    settle.work(site)
    assert now(site, record)["state"] == state


@pytest.mark.parametrize("kind", ["attitude", "flow", "mandarin", "dialect"])
def test_TG_05_TG_07_what_was_failed_is_taken_again_and_by_another_person(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, kind: str
) -> None:
    record = assessed(site, clock, kind, course(site, kind, **{"pass": 60}))
    assert cast.chen.does("assessment.taken", record, result=40).good
    settle.work(site)
    assert now(site, record)["state"] == "failed"
    clock.passes(minutes=5)
    seen = now(site, record)["acts"]["last"]
    assert cast.chen.does("assessment.taken", record, seen=seen, result=75).good
    settle.work(site)
    again = now(site, record)
    assert (again["state"], again["tries"], again["unsettled"]) == ("passed", 2, [])
    lin = cast.lin.does("assessment.taken", record, result=100)
    assert not lin.good or now(site, record)["result"] == 75, "nobody assesses themselves"


def test_TG_10_what_is_no_longer_valid_says_so(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = assessed(site, clock, "typing", course(site, "typing"))
    assert cast.wu.does("assessment.taken", record, result=95).good
    settle.work(site)
    assert now(site, record)["valid_until"] == (clock.at + EAST) // DAY + 365, "twelve months"
    clock.passes(seconds=352 * DAY // SECOND)
    clockwork.beats()
    assert [rung for rung, _told in clockwork.rungs(record, "assessment_valid")] == [1]
    clock.passes(seconds=14 * DAY // SECOND)
    clockwork.beats()
    settle.work(site)
    assert now(site, record)["state"] == "expired"
    assert now(site, "person:lin")["standing"] == "unqualified"
    clock.passes(seconds=3 * DAY // SECOND)
    clockwork.beats()
    assert 3 in dict(clockwork.rungs(record, "assessment_valid")), "nobody assessed anew"
    seen = now(site, record)["acts"]["last"]
    assert cast.wu.does("assessment.taken", record, seen=seen, result=90).good
    settle.work(site)
    again = now(site, record)
    leap = (clock.at + EAST) // DAY + 366
    assert (again["state"], again["valid_until"]) == ("passed", leap)
    assert "standing" not in now(site, "person:lin")


# ------------------------------------------------------------------ G-17, G-18, RD-05: the wards


@pytest.fixture
def admitted(site: Site, cast: Cast, clockwork: Clockwork) -> Callable[[], str]:
    def admit() -> str:
        record = key_id("stay", [4711])
        said = {"number": 4711, "name": "欧阳若兰", "bed": BED, "handed_to": "田护士"}
        assert cast.lin.does("stay.admitted", record, **said).good
        return record

    return admit


def test_G_17_a_guide_of_the_lobby_admits_to_a_bed_of_a_ward_that_is_not_hers(
    site: Site, cast: Cast, admitted: Callable[[], str]
) -> None:
    record = admitted()
    stay = now(site, record)
    assert (stay["ward"], stay["handed_to"], stay["owner"]) == (WARD, "田护士", "person:lin")
    same = {"number": 4711, "bed": BED}
    assert cast.chen.does("stay.admitted", record, **same).good
    assert not now(site, record)["unsettled"], "two tablets make one stay"


def test_G_17_whoever_was_brought_to_a_ward_is_handed_over_by_name(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    record = key_id("stay", [4712])
    assert cast.lin.does("stay.admitted", record, number=4712, bed=BED).good
    clock.passes(minutes=61)
    clockwork.beats()
    assert clockwork.rungs(record, "stay_handed") == [(1, ["lin"])]
    assert cast.lin.does("stay.handed", record, handed_to="田护士", condition="能走").good
    stay = now(site, record)
    assert (stay["handed_to"], stay["condition"]) == ("田护士", "能走")


def test_TG_02_whoever_holds_a_post_owes_what_its_course_teaches_and_is_not_qualified_before(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    made = course(site, "mandarin", posts=["guide"], **{"pass": 80})
    record = key_id("assessment", ["person:lin", "mandarin", made])
    assert now(site, record)["state"] == "due" and now(site, record)["pass"] == 80
    settle.work(site)
    assert now(site, "person:lin")["standing"] == "unqualified"
    assert site.record(key_id("assessment", ["person:wu", "mandarin", made])) is None
    says(site, "person.added", "person:new", name="新来的", posts=["guide"], units=[UNIT])
    settle.work(site)
    assert now(site, key_id("assessment", ["person:new", "mandarin", made]))["state"] == "due"
    clock.passes(seconds=1)
    assert cast.wu.does("assessment.taken", record, result=85).good
    settle.work(site)
    settle.work(site)
    assert "standing" not in now(site, "person:lin"), "passed: may take the post"


def test_G_18_RD_05_whoever_was_admitted_is_asked_after_and_seen_off(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, admitted: Callable[[], str]
) -> None:
    record = admitted()
    clock.passes(seconds=DAY // SECOND)
    clockwork.beats()
    assert clockwork.rungs(record, "stay_asked")[0][0] == 1
    assert not cast.chen.does("stay.asked", record, words="睡得好").good, "and when again"
    again = clock.at // DAY + 2
    assert cast.chen.does("stay.asked", record, words="睡得好", again_on=again).good
    clock.passes(seconds=3 * DAY // SECOND)
    clockwork.beats()
    assert clockwork.rungs(record, "stay_asked_again")[0] == (1, ["lin"])
    seen = now(site, record)["acts"]["last"]
    said = {"seen": seen, "words": "想早点出院", "again_on": again + 3}
    assert cast.chen.does("stay.asked", record, **said).good
    assert now(site, record)["times"] == 2
    assert cast.chen.does("stay.discharged", record).good
    clock.passes(minutes=2 * 60 + 1)
    clockwork.beats()
    assert clockwork.rungs(record, "stay_seen_off")[0][0] == 1
    assert cast.lin.does("stay.seen_off", record).good
    done = now(site, record)
    assert done["state"] == "gone" and {"admitted_at", "asked_at", "seen_off_at"} <= set(done)
