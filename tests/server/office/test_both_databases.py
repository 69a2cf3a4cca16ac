"""The office asks SQLite and PostgreSQL the same questions and shows the same answers."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.clock import Clock
from tests.server.conftest import BOTH
from tests.server.office.test_tables import complains, waits
from tests.server.office.window import Window

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


def test_every_question_the_office_asks(clock: Clock, cast: Cast, wu: Window) -> None:
    visit = cast.lin.new("arrival")
    cast.lin.does("arrival.registered", visit, place="place:lobby-1", name="司徒青云")
    waiting = waits(cast, "司徒青云", subject=visit)
    record = complains(cast, "要道歉", name="司徒青云", subject=visit)
    clock.passes(minutes=9)
    late = cast.chen.says("waiting.water_given", waiting, at=clock() + 90_000)
    cast.lin.does("waiting.ended", waiting, outcome="seen")
    clock.passes(minutes=6)
    cast.chen.hands_in(late)
    cast.zhao.does("complaint.taken", cast.zhao.new("complaint"), place="place:lobby-1", words="x")

    assert "to decide" in wu.opens("/office/reconcile").text
    assert "司徒**" in wu.opens("/office/visits?view=all&q=stqy").text
    assert "司徒**" in wu.opens("/office/waiting?view=ended&q=%E9%9D%92%E4%BA%91").text
    assert "要道歉" in wu.opens("/office/complaints?severity=general").text
    page = wu.opens(f"/office/complaints/{record.partition(':')[2]}")
    assert "The wait at that time" in page.text
    page = wu.opens(f"/office/visits/{visit.partition(':')[2]}")
    assert "Waits of this visit" in page.text and "Complaints" in page.text
    for address in ("/office/", "/office/notices", "/office/people", "/office/settings",
                    "/office/devices", "/office/records", "/office/records/place"):  # fmt: skip
        assert wu.opens(address).status == 200, address


def test_large_and_small_letters_are_found_alike(cast: Cast, wu: Window) -> None:
    complains(cast, "Nobody came for AN HOUR", name="Wang Li")
    for words in ("an%20hour", "AN%20HOUR", "nobody"):
        assert "AN HOUR" in wu.opens(f"/office/complaints?view=all&q={words}").text, words


def test_guessing_is_counted_on_both(wu: Window, app: object) -> None:
    guesser = Window(app)
    assert [guesser.signs_in("chen", f"wrong-{n}").status for n in range(6)] == [422] * 5 + [429]
