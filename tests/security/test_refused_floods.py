"""A4: what is refused cannot fill tables, feeds or disks; honest refusals are kept and shown."""

from __future__ import annotations

import pytest

from server.acts import quarantine
from server.acts.site import Site
from server.clocks.periodic_tasks import Schedule
from tests.cast import Cast
from tests.clock import DAY, Clock
from tests.server import database_rows
from tests.server.conftest import BOTH

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


def sets(cast: Cast, key: str, value: int) -> None:
    assert cast.wu.does("setting.changed", f"setting:{key}", value=value, reason="-").good


def test_ten_thousand_rubbish_documents_are_a_handful_of_refusals(site: Site, cast: Cast) -> None:
    """A4: they were 10,000 open refusals on every manager's feed."""
    for start in range(0, 10_000, 2_000):
        documents = [{"_id": f"rubbish-{n}"} for n in range(start, start + 2_000)]
        verdicts = cast.zhao.hands_in(*documents)
        assert all(verdict.state == "refused" for verdict in verdicts)
    refusals = database_rows.records(site, "refusal").values()
    assert len(refusals) <= quarantine.ALIKE + 2
    counted = [refusal["count"] for refusal in refusals if refusal.get("count", 0) > 1]
    assert max(counted) >= 2_048, "one stands for the others and says how many they are"
    assert sum(len(row["body"]) for row in database_rows.rows(site, "quarantine")) < 5_000_000
    acts = [row for row in database_rows.rows(site, "acts") if row["act"].startswith("refusal.")]
    assert len(acts) < 60
    assert verdicts[-1].code == "not_kept", "and whoever sent it hears that it is not kept"


def test_another_person_is_not_kept_out_by_it(site: Site, cast: Cast) -> None:
    """A4: the quota is a person's and a device's."""
    cast.zhao.hands_in(*[{"_id": f"rubbish-{n}"} for n in range(2_000)])
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    assert cast.lin.hands_in(act)[0].code == "not_your_place"
    assert database_rows.one(site, "refusal:" + act["_id"][4:])["state"] == "open"


def test_a_new_device_for_each_does_not_help(site: Site, cast: Cast) -> None:
    """A4: the person's quota is what counts."""
    for number in range(200):
        cast.zhao.device = f"device:{number:026}"
        cast.zhao.hands_in(*[{"_id": f"rubbish-{number}-{n}"} for n in range(10)])
    assert len(database_rows.records(site, "refusal")) < 240


def test_honest_refusals_are_shown_one_by_one_and_those_beyond_are_decided_together(
    site: Site, cast: Cast
) -> None:
    """A4: a shift in the wrong lobby is not lost, whatever its length."""
    sets(cast, "refused.day_at_most", 30)
    acts = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
        for _ in range(50)
    ]
    cast.lin.hands_in(*acts)
    refusals = database_rows.records(site, "refusal")
    assert len(refusals) == 31
    (together,) = [one for one in refusals.values() if "count" in one]
    assert together["count"] == 16
    assert len(database_rows.rows(site, "quarantine")) == 50
    assert site.admit(together["_id"], "person:chen", site.now()).good
    assert len(database_rows.records(site, "waiting")) == 20


def test_a_long_body_is_not_kept_whole(site: Site, cast: Cast) -> None:
    """A4: bodies of 7.9 MB were stored for ever at 36 MB/s."""
    for number in range(3):
        cast.zhao.hands_in({"_id": f"long-{number}", "x": "x" * 2_000_000})
    rows = database_rows.rows(site, "quarantine")
    assert sum(len(row["body"]) for row in rows) < 1_000_000
    refusals = database_rows.records(site, "refusal").values()
    assert sum(len(refusal["body"]) for refusal in refusals) < 700_000
    assert all(refusal["state"] == "open" for refusal in refusals)


def test_bodies_have_a_quota_of_bytes_that_comes_back_the_next_day(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """A4: `refused.size_at_most`."""
    sets(cast, "refused.size_at_most", 1)
    bodies = [{"_id": f"long-{n}", "x": "x" * 300_000} for n in range(6)]
    codes = [verdict.code for verdict in cast.zhao.hands_in(*bodies)]
    assert codes[:3] != ["not_kept"] * 3 and codes[3:] == ["not_kept"] * 3
    clock.passes(hours=24)
    again = cast.zhao.hands_in(bodies[5])[0]
    assert again.code == codes[0]


def test_what_was_decided_long_ago_is_swept(site: Site, cast: Cast, clock: Clock) -> None:
    """A4: its row stays, so that the same body again is known; its bytes go."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    cast.lin.hands_in(act)
    other = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    cast.lin.hands_in(other)
    assert cast.chen.does("refusal.dismissed", "refusal:" + act["_id"][4:], reason="-").good
    site.record_act("person.changed", "person:chen", {}, by="system:site")
    clock.passes(hours=24 * 91)
    Schedule(site).tidy()
    left = {row["act_id"]: len(row["body"]) for row in database_rows.rows(site, "quarantine")}
    assert left[act["_id"]] == 0 and left[other["_id"]] > 0
    shown = [database_rows.one(site, "refusal:" + one["_id"][4:]) for one in (act, other)]
    assert act["_id"] not in str(shown[0].get("body")) and other["_id"] in shown[1]["body"]
    assert cast.lin.hands_in(act)[0].code == "not_your_place"
    assert len(database_rows.records(site, "refusal")) == 2
    assert all(
        row["day"] * DAY > clock() - 3 * DAY for row in database_rows.rows(site, "refused_days")
    )
