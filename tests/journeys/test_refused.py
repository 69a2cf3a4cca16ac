"""An act that the server refuses is kept, shown on the tablet that made it and in the office."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

GiveTablet = Callable[[str], Guide]
Seat = Callable[[str], Desk]


def test_lin_lost_her_post_while_she_was_away_and_wu_admits_what_she_did(
    hospital: Hospital, holds_a_tablet: GiveTablet, at_a_desk: Seat
) -> None:
    lin = holds_a_tablet("lin")
    wu = at_a_desk("wu")
    wait = lin.seats("王小明")
    lin.syncs()
    lin.goes_offline()
    hospital.does("person.changed", "person:lin", {"posts": ["nursing_dept"]}, by="person:wu")
    lin.waits(minutes=5)
    lin.gives_water(wait)
    lin.ends(wait, "seen")
    hospital.passes(minutes=6)
    lin.comes_back()

    assert sorted(lin.fates().values()) == ["refused", "refused", "sent"]
    assert (hospital.record(wait) or {})["state"] == "waiting"
    assert "2 条退回" in lin.looks_at("/floor/sync")
    water, ended = sorted(one for one, fate in lin.fates().items() if fate == "refused")
    lin.sees("由办公室来定", f"/floor/sync/{key(water)}")

    refusals = {one["act"]: one for one in hospital.records("refusal")}
    assert set(refusals) == {"waiting.water_given", "waiting.ended"}
    assert refusals["waiting.water_given"]["_id"] == f"refusal:{key(water)}"
    listed = wu.opens(f"/office/reconcile?about=refusal:{key(water)}")
    assert "林小美" in listed
    wu.decides(f"refusal:{key(water)}", "accept", "那时候换岗还没通知她")
    given = hospital.comes_to_have(wait, "water_at")
    assert given["water_by"] == "person:lin"
    assert given["water_at"] == refusals["waiting.water_given"]["made_at"]
    wu.decides(f"refusal:{key(ended)}", "keep", "还在等")

    until(lambda: lin.tablet.sync() and lin.fates()[water] == "sent", "the decision")
    lin.syncs()
    told = lin.looks_at("/floor/sync")
    assert "办公室核对后收下了" in told and "还在等" in told and "吴建国" in told
    assert (lin.view(wait) or {})["water_at"] == given["water_at"]
    lin.tap('form[action="/floor/sync/seen"] button')
    until(lambda: "退回" not in lin.tablet.text("#truth"), "the strip to be calm again")
    assert len(hospital.acts(wait, "waiting.water_given")) == 1


def test_zhao_may_sign_in_and_nothing_else_and_what_he_sends_is_kept(
    hospital: Hospital, at_a_desk: Seat
) -> None:
    zhao = at_a_desk("zhao")
    assert zhao.page.locator("body").inner_text()
    wait = "waiting:01M883F1D05D7NAKACYV7HJVZZ"
    act = {
        "_id": "act:01M883F1D05D7NAKACYV7HJVZZ",
        "act": "waiting.started",
        "record": wait,
        "at": hospital.now(),
        "by": "person:zhao",
        "device": "device:" + "0" * 25 + "Z",
        "site": "demo",
        "v": 1,
        "seen": None,
        "data": {"place": "place:room-3"},
    }
    answer = zhao.page.request.post(
        "/sync/demo/_bulk_docs",
        data={"docs": [act], "new_edits": False},
        headers={"Origin": hospital.url},
    )
    assert answer.status == 201
    [row] = answer.json()
    assert (row["id"], row["error"]) == (act["_id"], "forbidden")
    assert row["say"]
    assert hospital.record(wait) is None
    [kept] = [one for one in hospital.records("refusal") if one["who"] == "person:zhao"]
    wu = at_a_desk("wu")
    assert "赵敏" in wu.opens(f"/office/reconcile?about={kept['_id']}")
    wu.decides(kept["_id"], "accept", "他今天顶班")
    assert hospital.comes_to_have(wait, state="waiting")["owner"] == "person:zhao"
