"""What the posts of the hospital may do and see that others did in their stead before."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from server.acts.site import Site
from server.clocks import escalation
from server.rules import settle
from sync.act import key_id
from tests.cast import Cast
from tests.clock import DAY, Clock
from tests.databases import BOTH
from tests.server import database_rows

LOBBY, OTHER = "place:lobby-1", "place:area-2"
# login, post, place
STAFF = (
    ("desk", "front_desk", LOBBY),
    ("far-desk", "front_desk", OTHER),
    ("clerk", "cs_clerk", OTHER),
    ("phone", "consultant_remote", OTHER),
    ("agent", "cs_agent", OTHER),
    ("head", "clinical_head", OTHER),
    ("med", "medical_affairs", OTHER),
    ("team", "team_leader", LOBBY),
    ("far-team", "team_leader", OTHER),
    ("hr", "hr", OTHER),
    ("guard", "security", OTHER),
    ("sup", "cs_supervisor", OTHER),
)
BOOKING: dict[str, Any] = {
    "name": "欧阳若兰",
    "phone": "13900000416",
    "doctor": "doctor:an-ran",
    "session": "morning",
    "place": LOBBY,
}


@pytest.fixture(autouse=True)
def _staffed(site: Site, clock: Clock) -> None:
    for name, post, place in STAFF:
        data = {"name": name, "posts": [post], "places": [place]}
        assert site.record_act("person.added", f"person:{name}", data, by="system:site").good
    clock.passes(minutes=1)


def may(site: Site, act: str, record: str, by: str, **data: Any) -> bool:
    """Say whether somebody may say an act: it is refused else."""
    verdict = site.record_act(act, record, data, by=f"person:{by}")
    assert verdict.good or verdict.code == "not_your_post", verdict
    return verdict.good


def who_sees(site: Site, record: str) -> set[str]:
    row = next(row for row in database_rows.rows(site, "records") if row["id"] == record)
    channels = set(orjson.loads(row["channels"]))
    everybody = [name for name, *_ in STAFF]
    return {one for one in everybody if channels & site.rights(f"person:{one}").channels}


def booked(site: Site, cast: Cast, by: str) -> str | None:
    record = cast.lin.new("appointment")
    said = {**BOOKING, "day": site.now() // DAY + 3, "place": OTHER if by == "phone" else LOBBY}
    return record if may(site, "appointment.booked", record, by, **said) else None


@pytest.mark.parametrize(
    ("who", "books"),
    [("desk", True), ("lin", True), ("team", False), ("head", False)],
)
def test_AP_03_whoever_makes_appointments_books_where_they_work(
    site: Site, cast: Cast, who: str, books: bool
) -> None:
    assert (booked(site, cast, who) is not None) == books


def test_AP_03_clerks_see_every_appointment_and_a_front_desk_those_of_its_place(
    site: Site, cast: Cast
) -> None:
    record = booked(site, cast, "lin")
    assert record is not None
    assert who_sees(site, record) == {"desk", "clerk", "team"}, "team and desk look after the lobby"
    own = booked(site, cast, "phone")
    assert own is not None and "phone" in who_sees(site, own)


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_AP_02_the_clerk_and_the_front_desk_there_are_told_that_hours_changed(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Not every agent of the house, who stood in for them; and those who are told may rebook."""
    record = booked(site, cast, "lin")
    assert record is not None
    key = {"doctor": BOOKING["doctor"], "day": site.now() // DAY + 3, "session": "morning"}
    hours = key_id("clinic", [*key.values()])
    assert may(site, "clinic.planned", hours, "head", **key)
    clock.passes(minutes=1)
    assert cast.lin.does("clinic.absent", hours, reason="急诊手术").good
    settle.work(site)
    clock.passes(minutes=30)
    escalation.tick(site)
    (step,) = database_rows.one(site, record)["rungs"]["appointment_affected"]
    assert step["told"] == ["person:lin", "person:clerk", "person:desk"]
    day = site.now() // DAY + 4
    again = {**{k: BOOKING[k] for k in ("doctor", "session")}, "day": day, "reason": "医生请假"}
    for who in ("clerk", "desk"):
        clock.passes(minutes=1)
        assert may(site, "appointment.rebooked", record, who, **again)


@pytest.mark.parametrize(
    ("who", "plans"),
    [("head", True), ("wu", True), ("med", False), ("chen", False), ("clerk", False)],
)
def test_AP_01_the_head_of_a_clinical_department_plans_consulting_hours(
    site: Site, cast: Cast, who: str, plans: bool
) -> None:
    key = {"doctor": "doctor:an-ran", "day": site.now() // DAY + 3, "session": "morning"}
    record = key_id("clinic", [*key.values()])
    assert may(site, "clinic.planned", record, who, **key) == plans


def test_CL_02_a_team_leader_says_who_has_the_duty_where_they_work(site: Site, cast: Cast) -> None:
    day = site.now() // DAY
    key = {"template": "checklist:cleaning", "place": LOBBY, "day": day, "hour": 500}
    record = key_id("check", [*key.values()])
    assert site.record_act("check.begun", record, key, by="person:lin").good
    assert who_sees(site, record) >= {"team"} and "far-team" not in who_sees(site, record)
    people = {"people": ["person:lin"]}
    assert not may(site, "check.assigned", record, "clerk", **people)
    assert may(site, "check.assigned", record, "team", **people)


def test_human_resources_see_what_somebody_did_and_security_sees_none_of_it(
    site: Site, cast: Cast
) -> None:
    record = cast.chen.new("conduct")
    said = {"person": "person:lin", "kind": "leaving", "words": "离岗", "day": site.now() // DAY}
    assert site.record_act("conduct.proposed", record, said, by="person:chen").good
    assert who_sees(site, record) == {"hr", "sup"}
