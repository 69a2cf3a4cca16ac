"""Escalation of an unanswered complaint: the rungs of L-A on real working days (C-03, C-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from server.acts.site import Site
from server.clocks import calendars
from server.database.tables import timers
from tests.cast import WORDS, Cast, cast, made_site
from tests.clock import Clock
from tests.server.clockwork import Clockwork

CHINA = timezone(timedelta(hours=8))
GENERAL, MAJOR, RESPONSE = "complaint_solve_general", "complaint_solve_major", "complaint_response"


def moment(said: str) -> int:
    return int(datetime.fromisoformat(said).replace(tzinfo=CHINA).timestamp() * 1_000)


def shown(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1_000, CHINA):%Y-%m-%d %H:%M}"


class Hospital:
    """A site on a morning of a real year, with its calendars."""

    def __init__(self, folder: Path, said: str) -> None:
        self.clock = Clock(moment(said))
        self.site = made_site(folder, self.clock)
        self.clockwork = Clockwork(self.site, self.clock)
        calendars.seed(self.site, self.clock())
        self.cast: Cast = cast(self.site, self.clock)

    def complaint(self, severity: str = "general") -> str:
        record = self.cast.lin.new("complaint")
        said = {"place": "place:lobby-1", "words": WORDS, "severity": severity}
        assert self.cast.lin.does("complaint.taken", record, **said).good
        return record

    def deadlines(self, record: str) -> dict[tuple[str, int], str]:
        with self.site.reading() as connection:
            rows = connection.execute(timers.select().where(timers.c.record == record)).all()
        return {(row.ladder, row.rung): shown(row.due_at) for row in rows}

    def wait_until(self, said: str) -> None:
        self.clock.at = moment(said)
        self.clockwork.beats()


Opens = Callable[[str], Hospital]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """Open a hospital on a morning, and close it at the end."""
    with ExitStack() as stack:

        def one(said: str) -> Hospital:
            made = Hospital(tmp_path, said)
            stack.callback(made.site.close)
            return made

        yield one


@pytest.mark.parametrize(
    ("taken", "due"),
    [
        # An ordinary week.
        ("2026-11-25 10:42", ["2026-11-30 18:00", "2026-12-01 18:00", "2026-12-02 18:00"]),
        # Mid-autumn on a Friday, then a weekend.
        ("2026-09-24 10:42", ["2026-09-30 18:00", "2026-10-08 18:00", "2026-10-09 18:00"]),
        # National day; Saturday 10 October is made up.
        ("2026-09-29 16:42", ["2026-10-09 18:00", "2026-10-10 18:00", "2026-10-12 18:00"]),
        # Sunday 20 September is made up for the holiday to come.
        ("2026-09-17 09:00", ["2026-09-21 18:00", "2026-09-22 18:00", "2026-09-23 18:00"]),
        # The turn of the year; Sunday 4 January is made up.
        ("2025-12-31 09:00", ["2026-01-06 18:00", "2026-01-07 18:00", "2026-01-08 18:00"]),
        # Spring festival with both of its make-up Saturdays.
        ("2026-02-12 09:00", ["2026-02-24 18:00", "2026-02-25 18:00", "2026-02-26 18:00"]),
        # 2027, as long as nobody announced anything.
        ("2027-02-04 09:00", ["2027-02-15 18:00", "2027-02-16 18:00", "2027-02-17 18:00"]),
    ],
)
def test_a_general_complaint_is_due_on_the_third_working_day(
    opens: Opens, taken: str, due: list[str]
) -> None:
    hospital = opens(taken)
    deadlines = hospital.deadlines(hospital.complaint())
    assert [deadlines[GENERAL, rung] for rung in (1, 2, 3)] == due


def test_a_major_complaint_is_due_on_the_next_working_day(opens: Opens) -> None:
    hospital = opens("2026-10-09 17:55")
    deadlines = hospital.deadlines(hospital.complaint("major"))
    assert deadlines[MAJOR, 1] == "2026-10-10 18:00"
    assert (GENERAL, 1) not in deadlines


def test_a_complaint_climbs_from_lin_to_the_manager(opens: Opens) -> None:
    hospital = opens("2026-11-25 10:42")
    complaint = hospital.complaint()
    clockwork = hospital.clockwork
    hospital.wait_until("2026-11-26 10:42")
    # Nobody is a customer service agent here, nor their supervisor: the manager hears it with Lin.
    assert clockwork.rungs(complaint, RESPONSE) == [(1, ["lin", "wu"])]
    hospital.wait_until("2026-11-26 14:42")
    assert clockwork.rungs(complaint, RESPONSE)[1:] == [(2, ["wu"])]
    hospital.wait_until("2026-11-30 18:00")
    assert clockwork.rungs(complaint, GENERAL)[0][0] == 1
    hospital.clock.passes(minutes=1)
    hospital.cast.wu.does("complaint.settled", complaint, resolution="已道歉", attended_by="吴")
    hospital.wait_until("2026-12-02 18:00")
    assert len(clockwork.rungs(complaint, GENERAL)) == 1


def test_an_answer_given_in_time_but_delivered_late_takes_the_warning_back(
    opens: Opens,
) -> None:
    hospital = opens("2026-11-25 10:42")
    complaint = hospital.complaint()
    hospital.clock.passes(hours=23)
    hospital.cast.lin.says("complaint.responded", complaint, response="已说明")
    hospital.wait_until("2026-11-26 10:43")
    assert hospital.clockwork.rungs(complaint, RESPONSE) != []
    hospital.cast.lin.hands_in()
    hospital.clockwork.beats()
    assert hospital.clockwork.rungs(complaint, RESPONSE) == []


def test_what_turns_out_to_be_major_is_judged_as_major_from_the_beginning(opens: Opens) -> None:
    hospital = opens("2026-11-25 10:42")
    complaint = hospital.complaint()
    hospital.wait_until("2026-11-27 09:00")
    change = {"field": "severity", "old": "general", "new": "major"}
    assert hospital.cast.wu.does("complaint.edited", complaint, **change).good
    hospital.clockwork.beats()
    [step] = hospital.clockwork.steps(complaint, MAJOR)
    assert (step["rung"], shown(step["due_at"])) == (1, "2026-11-26 18:00")
    hospital.cast.wu.does("complaint.settled", complaint, resolution="已道歉", attended_by="吴")
    hospital.clockwork.beats()
    assert len(hospital.clockwork.rungs(complaint, MAJOR)) == 1, "it is over, and it did happen"


def test_the_official_calendar_moves_deadlines_and_tells_whose_came_nearer(
    opens: Opens,
) -> None:
    hospital = opens("2027-02-04 09:00")
    complaint = hospital.complaint()
    calendar = hospital.site.record("calendar:2027")
    assert calendar is not None
    assert calendar["official"] is False
    saturday = moment("2027-02-13 12:00") // 86_400_000
    said = {"work": [saturday], "official": True}
    seen = calendar["acts"]["last"]
    hospital.cast.wu.does("calendar.changed", "calendar:2027", seen=seen, **said)
    hospital.clockwork.beats()
    assert hospital.deadlines(complaint)[GENERAL, 1] == "2027-02-13 18:00"
    [notice] = hospital.clockwork.notices("lin")
    assert (notice["what"], shown(notice["due_at"])) == ("deadline_moved", "2027-02-13 18:00")
    hospital.clockwork.beats()
    assert len(hospital.clockwork.notices("lin")) == 1


def test_calendars_are_published_once_and_a_persons_own_are_left_alone(site: Site) -> None:
    calendars.seed(site, moment("2026-11-25 09:00"))
    assert [bool(site.record(f"calendar:{year}")) for year in (2024, 2025, 2026, 2027, 2028)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    record = site.record("calendar:2026")
    assert record is not None
    assert record["official"] is True
    calendars.seed(site, moment("2026-11-25 09:00"))
    assert site.record("calendar:2026") == record
