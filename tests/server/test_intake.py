"""What becomes of acts that are handed in."""

from __future__ import annotations

from server.site import Site
from tests.cast import Cast
from tests.clock import MINUTE, Clock


def test_an_act_becomes_a_record(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = cast.lin.new("waiting")
    verdict = cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="张晓丽")
    assert verdict.state == "ok"
    record = site.record(waiting)
    assert record is not None
    assert (record["state"], record["owner"]) == ("waiting", "person:lin")
    assert record["due_at"] == clock() + 5 * MINUTE
    assert record["pinyin"] == "zxl zhangxiaoli"
    assert record["_rev"].startswith("1-")
