"""Doctors' hours day by day, and the bookings that they touch.

Each test tells one rule of the regulations by what Lin and Chen enter, and when it arrives.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle, waking
from sync.act import key_id
from sync.ladder import clocks
from tests.cast import Cast
from tests.clock import Clock
from tests.server.clockwork import Clockwork
from tests.sync.telling import day, moment, shown

Record = dict[str, Any]
TODAY, TOMORROW = day("2026-11-25"), day("2026-11-26")
RESTS_ON = ("name", "phone", "special", "doctor", "day", "session", "hour")
AT_THE_DESK = {"place": "place:lobby-1"}


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


DAYS = ["mon", "wed", "thu"]
MORNINGS = {"doctor": "doctor:he", "session": "morning"}


@pytest.fixture
def doctor(site: Site, clock: Clock) -> str:
    """Doctor He works on Monday, Wednesday and Thursday mornings, and on Wednesday afternoons."""
    clock.at = moment("2026-11-25 07:00")
    said = {"name": "贺连舟", "department": "骨科", "place": "place:area-2"}
    week = {"mornings": DAYS, "afternoons": ["wed"]}
    added = {**said, **week}
    assert site.record_act("doctor.added", "doctor:he", added, by="system:site").good
    settles(site)
    return "doctor:he"


def hours(on: int, session: str = "morning") -> str:
    """Return the record of Doctor He's hours on a day."""
    return key_id("clinic", ["doctor:he", on, session])


def books(cast: Cast, name: str = "白露", on: int = TODAY, **more: Any) -> str:
    """Book a client for Doctor He's morning."""
    record = cast.lin.new("appointment")
    said = {"name": name, "phone": "13900000416", "day": on, **MORNINGS, **AT_THE_DESK}
    assert cast.lin.does("appointment.booked", record, **{**said, **more}).good
    return record


def test_ap_01_the_roster_of_the_week_is_there_by_itself(
    site: Site, clock: Clock, clockwork: Clockwork, doctor: str
) -> None:
    def there(session: str) -> list[str]:
        days = [one for one in range(TODAY, TODAY + 15) if site.record(hours(one, session))]
        return [shown(one * 86_400_000)[5:10] for one in days]

    assert there("morning") == ["11-25", "11-26", "11-30", "12-02"]
    assert there("afternoon") == ["11-25", "12-02"]
    planned = now_of(site, hours(TODAY))
    assert (planned["begins"], planned["ends"], planned["name"]) == (480, 720, "贺连舟")
    clock.at = moment("2026-11-26 00:10")
    waking.midnight(site)
    clockwork.beats()
    settles(site)
    assert there("morning")[-1] == "12-03"


def test_ap_01_other_days_of_the_week_move_what_nobody_began(
    site: Site, cast: Cast, clock: Clock, doctor: str
) -> None:
    assert cast.lin.does("clinic.confirmed", hours(TODAY)).good
    clock.passes(minutes=1)
    change = {"mornings": ["tue"], "afternoons": []}
    assert site.record_act("doctor.changed", doctor, change, by="system:site").good
    settles(site)
    confirmed = now_of(site, hours(TODAY))
    assert (confirmed["state"], "withdrawn" in confirmed["stated"]) == ("confirmed", False)
    assert now_of(site, hours(TOMORROW))["stated"]["withdrawn"] is True
    assert now_of(site, hours(day("2026-12-01")))["state"] == "planned"


def test_ap_04_and_kb_04_everybody_has_the_roster_until_the_day_is_over(
    site: Site, clock: Clock, clockwork: Clockwork, doctor: str
) -> None:
    channels = site.declarations["records"]["clinic"]["channels"]
    assert channels[0] == ["all", site.declarations["records"]["clinic"]["open_when"]]
    clock.at = moment("2026-11-25 18:00")
    clockwork.beats()
    assert now_of(site, hours(TODAY))["state"] == "over"
    assert now_of(site, hours(TOMORROW))["state"] == "planned"


def test_ap_02_a_doctor_who_is_away_touches_every_booking_and_no_other(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, doctor: str
) -> None:
    touched, other = books(cast), books(cast, "丁一", TOMORROW)
    afternoon = books(cast, "卓玛", session="afternoon")
    clock.passes(minutes=10)
    assert cast.lin.does("clinic.absent", hours(TODAY), reason="急诊手术").good
    settles(site)
    assert now_of(site, touched)["touched"] == "yes"
    assert now_of(site, touched)["affected_at"] == site.now()
    assert not any("touched" in now_of(site, one) for one in (other, afternoon))
    clock.passes(minutes=20)
    late = books(cast, "南宫瑶")
    settles(site)
    assert now_of(site, late)["touched"] == "yes", "who booked with an old roster is not forgotten"
    clock.passes(minutes=10)
    clockwork.beats()
    [(rung, who)] = clockwork.rungs(touched, "appointment_affected")
    assert (rung, who[0]) == (1, "lin"), "who booked it, and customer service"
    slot = {**MORNINGS, "day": TOMORROW, "reason": "医生停诊"}
    assert cast.lin.does("appointment.rebooked", touched, **slot).good
    assert cast.lin.does("appointment.told", late, reason="改看值班医生").good
    settles(site)
    for one in (touched, late):
        assert "touched" not in now_of(site, one)
    moved = now_of(site, touched)
    assert (moved["day"], moved["state"], moved["unsettled"]) == (TOMORROW, "booked", [])


def test_ap_02_whoever_is_moved_to_another_doctor_who_is_away_is_told_again(
    site: Site, cast: Cast, clock: Clock, doctor: str
) -> None:
    booked = books(cast)
    for on in (TODAY, TOMORROW):
        clock.passes(minutes=1)
        assert cast.lin.does("clinic.absent", hours(on), reason="外出学习").good
    settles(site)
    clock.passes(minutes=5)
    slot = {**MORNINGS, "day": TOMORROW, "reason": "医生停诊"}
    assert cast.lin.does("appointment.rebooked", booked, **slot).good
    settles(site)
    assert now_of(site, booked)["touched"] == "yes"
    assert now_of(site, booked)["affected_at"] == site.now(), "from when it was moved there"


def test_ap_02_late_first_and_away_then_asks_twice_and_back_asks_no_more(
    site: Site, cast: Cast, clock: Clock, doctor: str
) -> None:
    booked = books(cast)
    clock.passes(minutes=1)
    said = {"expected": 570, "reason": "路上堵车"}
    assert cast.lin.does("clinic.late", hours(TODAY), **said).good
    settles(site)
    clock.passes(minutes=1)
    assert cast.lin.does("appointment.told", booked).good
    settles(site)
    assert "touched" not in now_of(site, booked)
    clock.passes(minutes=1)
    assert cast.lin.does("clinic.absent", hours(TODAY), reason="发烧").good
    settles(site)
    assert now_of(site, booked)["touched"] == "yes"
    clock.passes(minutes=1)
    assert cast.lin.does("clinic.resumed", hours(TODAY)).good
    settles(site)
    assert "touched" not in now_of(site, booked)
    assert "affected_at" not in now_of(site, booked)


def test_n_10_the_desk_is_told_at_once_and_once_it_knows_no_more(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, doctor: str
) -> None:
    assert cast.chen.does("clinic.absent", hours(TODAY), reason="急诊手术").good
    clockwork.beats()
    assert "chen" in clockwork.rungs(hours(TODAY), "clinic_absent")[0][1]
    running = now_of(site, hours(TODAY))
    names = [
        one["ladder"]
        for one in clocks(site.declarations, running, site.settings(), site.calendar())
    ]
    assert "clinic_absent" in names
    clock.passes(minutes=1)
    assert cast.lin.does("clinic.desk_told", hours(TODAY)).good
    known = now_of(site, hours(TODAY))
    assert known["desk_told_by"] == "person:lin"
    names = [
        one["ladder"] for one in clocks(site.declarations, known, site.settings(), site.calendar())
    ]
    assert names == ["clinic_over"]


def test_ap_03_who_does_not_come_by_closing_time_is_marked_so(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, doctor: str
) -> None:
    came, missed = books(cast), books(cast, "丁一")
    visit = cast.lin.new("arrival")
    assert cast.lin.does("arrival.registered", visit, name="白露", **AT_THE_DESK).good
    clock.at = moment("2026-11-25 08:30")
    assert cast.lin.does("appointment.came", came, subject=visit).good
    clock.at = moment("2026-11-25 18:00")
    clockwork.beats()
    assert [now_of(site, one)["state"] for one in (came, missed)] == ["came", "no_show"]
    assert now_of(site, came)["subject"] == visit, "G-03: the visit that it led to"


def test_ap_05_and_tr_09_elderly_and_disabled_clients_stand_first(site: Site) -> None:
    lists = site.declarations["records"]["appointment"]["lists"]
    assert [one["by"][0] for one in lists if one["name"] in ("open", "of_session")] == [
        "-needs_help",
        "-needs_help",
    ]


def test_q_17_what_is_costly_is_said_again_and_once_more_when_it_changes(
    site: Site, cast: Cast, clock: Clock, doctor: str
) -> None:
    booked = books(cast, special="需要担架")
    rests = {name: now_of(site, booked).get(name) for name in RESTS_ON}
    clock.passes(minutes=1)
    said = {"name_ok": "yes", "phone_ok": "yes"}
    cast.lin.does("appointment.read_back", booked, **said, **rests)
    assert "read_back_at" not in now_of(site, booked), "the special request as well"
    clock.passes(minutes=1)
    cast.lin.does("appointment.read_back", booked, **said, special_ok="yes", **rests)
    assert now_of(site, booked)["read_back_by"] == "person:lin"
    edit = {"field": "phone", "old": "13900000416", "new": "13900000417"}
    assert cast.lin.does("appointment.edited", booked, **edit).good
    fallen = now_of(site, booked)
    assert "read_back_at" not in fallen and "phone_ok" not in fallen
