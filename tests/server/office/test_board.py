"""The live board: a mark for everybody who waits, a bar for every rung, today beside last week."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from server.acts.access import SYSTEM_ACTOR
from server.acts.site import Site
from server.office.board import day_figures, live_events, waiting_axis
from server.office.reports import figures
from tests.cast import Cast
from tests.clock import DAY, Clock
from tests.server.office.test_tables import complains, waits
from tests.server.office.window import Window

Opening = Callable[..., Window]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Figures of another test's site are not this one's."""
    day_figures._cache.clear()


def test_each_person_is_a_mark_where_their_minutes_are(
    clock: Clock, cast: Cast, wu: Window
) -> None:
    waits(cast, "甲", department="骨科")
    clock.passes(minutes=10)
    waits(cast, "乙", department="眼科")
    page = wu.opens("/office/")
    assert "2 waiting" in page.text and "骨科 1" in page.text and "眼科 1" in page.text
    assert (
        f"translate({waiting_axis.x_of(10)} " in page.html
        and f"translate({waiting_axis.x_of(0)} " in page.html
    )
    assert page.html.count('class="red"') == 1  # ten minutes without water: the supervisor knows


def test_complaints_stand_on_their_rungs(cast: Cast, wu: Window) -> None:
    complains(cast, "一")
    record = complains(cast, "二")
    cast.wu.does("complaint.escalated", record, reason="上交")
    page = wu.opens("/office/")
    first, second = (page.text.index(f"Rung {n} 1 ") for n in (1, 2))
    assert second < first  # the ladder is drawn from the top


def test_what_was_due_and_done_in_time_is_counted(clock: Clock, cast: Cast, wu: Window) -> None:
    in_time, late, gone = waits(cast, "甲"), waits(cast, "乙"), waits(cast, "丙")
    clock.passes(minutes=3)
    cast.lin.does("waiting.ended", gone, outcome="left")  # over before water was due
    cast.lin.does("waiting.water_given", in_time)
    clock.passes(minutes=4)
    cast.lin.does("waiting.water_given", late)
    assert "50%" in wu.opens("/office/").row("Water within 5 min")


def test_without_a_last_week_the_board_says_so(wu: Window) -> None:
    page = wu.opens("/office/")
    assert "last Wed is not in this system, so there is nothing to compare with yet." in page.text


def test_last_week_stands_beside_today(
    site: Site, clock: Clock, cast: Cast, window: Opening
) -> None:
    for days in (7, 7, 0):
        at = clock() - days * DAY
        record = cast.lin.new("arrival")
        act = cast.lin.says("arrival.registered", record, place="place:lobby-1", at=at)
        cast.lin.kept.clear()
        assert site.accept([act], SYSTEM_ACTOR, received_at=at)[0].good
    page = window("wu").opens("/office/")
    assert "Visits today 1" in page.text and "by this time 2" in page.text
    assert page.row("9:00") == "9:00 1 2"


def test_figures_do_not_count_what_was_over_before_it_was_due() -> None:
    rows = [{"started_at": 0, "ended_at": 4}, {"started_at": 0, "ended_at": 9}]
    kept = figures._count_done(rows, "started_at", "water_at", "ended_at", 5, 100)
    assert (kept.due, kept.in_time, kept.percent) == (1, 0, 0)


def test_marks_never_cover_each_other(clock: Clock, cast: Cast, wu: Window) -> None:
    for n in range(7):
        waits(cast, f"人{n}", department="骨科")
    html = wu.opens("/office/").html
    marks = [line for line in html.split("<g transform=") if line.startswith('"translate(')]
    places = [mark.split(")")[0] for mark in marks]
    assert len(places) == 7 == len(set(places))


def test_the_wall_has_no_menu(wu: Window) -> None:
    page = wu.opens("/office/?wall=1")
    assert 'class="side"' not in page.html and 'class="wall"' in page.html


# Events


def test_the_office_hears_ids_and_kinds_and_nothing_else(
    app: Starlette, site: Site, cast: Cast, wu: Window
) -> None:
    with wu.client:
        said: list[str] = []

        async def listen() -> None:
            scope = {
                "type": "http", "method": "GET", "path": "/events", "app": app,
                "query_string": b"", "client": ("127.0.0.1", 1), "server": ("x", 80),
                "headers": [(b"cookie", f"floorwalk={wu.client.cookies['floorwalk']}".encode())],
            }  # fmt: skip
            answer = await live_events.stream(Request(scope))
            async for chunk in answer.body_iterator:  # type: ignore[attr-defined]
                said.append(str(chunk))
                if len(said) == 1:
                    await asyncio.to_thread(complains, cast, "不该出现的原话", name="司徒青云")
                if "data:" in str(chunk):
                    return

        assert wu.client.portal is not None
        wu.client.portal.call(listen)
    message = said[-1]
    assert message.startswith("id: ") and "complaint" in message
    assert "不该出现的原话" not in message and "司徒青云" not in message


def test_nobody_hears_anything_without_signing_in(window: Opening) -> None:
    assert window().client.get("/events").status_code == 401


# Notices


def test_wu_reads_what_she_was_told_and_says_so(
    site: Site, clock: Clock, cast: Cast, wu: Window
) -> None:
    record = complains(cast, "要道歉", name="司徒青云")
    told = {"to": "person:wu", "about": record, "what": "complaint_response", "rung": 2,
            "post": "cs_manager", "name": "不该出现的原话"}  # fmt: skip
    clock.passes(minutes=1)
    site.record_act("notice.told", "notice:0001", told, by="system:clock")
    page = wu.opens("/office/notices")
    assert "Notices 1" in page.text
    assert "Tell the customer service manager" in page.text and "司徒**" in page.text
    assert "told as Customer service manager" in page.text and "不该出现的原话" not in page.html
    seen = wu.fills_in(page, "/office/notices")
    assert "Notices 1" not in seen.text
    stored = site.record("notice:0001")
    assert stored is not None and "seen_at" in stored


def test_nobody_reads_the_notices_of_others(
    site: Site, clock: Clock, cast: Cast, window: Opening
) -> None:
    record = complains(cast)
    told = {"to": "person:wu", "about": record, "what": "complaint_response", "rung": 2}
    clock.passes(minutes=1)
    site.record_act("notice.told", "notice:0001", told, by="system:clock")
    chen = window("chen")
    assert "Nobody told you anything yet" in chen.opens("/office/notices").text
    chen.sends("/office/notices", notice="notice:0001")
    stored = site.record("notice:0001")
    assert stored is not None and "seen_at" not in stored
