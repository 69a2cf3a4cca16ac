"""Regression tests for what the random simulator (tests/reliability) found."""

from __future__ import annotations

from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.clockwork import Clockwork


def test_an_undoing_in_vain_takes_no_telling_back(site: Site, cast: Cast, clock: Clock) -> None:
    clockwork = Clockwork(site, clock)
    always = {"value": 86_400, "reason": "she takes it back half an hour later"}
    site.record_act("setting.changed", "setting:undo.offered_for", always, by="system:site")
    waiting = cast.lin.new("waiting")
    started = cast.lin.says("waiting.started", waiting, place="place:lobby-1")
    cast.lin.hands_in(started)
    clock.passes(minutes=1)
    cast.chen.does("waiting.assistant_told", waiting)
    clock.passes(minutes=30)
    clockwork.beats()
    told = clockwork.rungs(waiting, "waiting_enquiry")
    assert told[-1][1] == ["wu"]
    clock.passes(minutes=1)
    undone = cast.lin.says("waiting.undone", waiting, undoes=started["_id"])
    cast.lin.hands_in(undone)
    [question] = database_rows.one(site, waiting)["unsettled"]
    assert question["reason"] == "changed_meanwhile", "Chen's work would be lost"
    for _ in range(3):
        clock.passes(minutes=1)
        clockwork.beats()
    assert clockwork.rungs(waiting, "waiting_enquiry") == told
    assert clockwork.count("waiting.rung_annulled") == 0
    assert len(clockwork.notices("wu")) == 1


def test_who_spoke_of_what_nobody_made_is_offered_it_whatever_they_take_back(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = cast.lin.new("waiting")
    started = cast.lin.says("waiting.started", waiting, place="place:lobby-2")  # not hers
    undone = cast.lin.says("waiting.undone", waiting, undoes=started["_id"])
    clock.passes(minutes=1)
    again = cast.lin.says("waiting.undone", waiting, undoes=undone["_id"])
    verdicts = cast.lin.hands_in(started, undone, again)
    assert [verdict.code for verdict in verdicts] == ["not_your_place", None, None]
    record = database_rows.one(site, waiting)
    assert (record["state"], record["unsettled"]) == ("unknown", [])
    [row] = [row for row in database_rows.rows(site, "records") if row["id"] == waiting]
    assert "person:lin" in row["channels"], "her tablet shows it until it hears of it"
