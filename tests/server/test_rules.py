"""What the server does by itself: on both databases, with two servers, never of its own accord.

By lot, and with the rules of the loop left out one by one, it is tried by tests/reliability R1–R8.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from random import Random

import pytest
import sqlalchemy as sa

import sync
from server.clocks.periodic_tasks import Schedule
from server.database import tables
from server.database.store import Store
from server.rules import commands, listed, settle
from server.rules.settle import CLOCK
from sync.act import make
from tests import databases, ruled_kinds
from tests.clock import DAY, HOUR, MORNING
from tests.limits import joined
from tests.reliability import rules_lives, rules_told
from tests.rule_lives import Life, drawn


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with ruled_kinds.declared():
        yield


@pytest.fixture
def told() -> Iterator[rules_told.Tale]:
    with rules_told.tale() as tale:
        yield tale


@pytest.fixture(params=databases.BOTH)
def on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let every life have a database of its own of this kind."""
    if request.param == "postgresql":
        made: list[str] = []

        def new() -> str:
            made.append(databases.postgres().new_database())
            return made[-1]

        monkeypatch.setattr(Life, "new_database", staticmethod(new))
        yield request.param
        for url in made:
            databases.postgres().drop(url)
    else:
        yield request.param


# On SQLite all of them are told by tests/reliability.
OVERTAKEN = (rules_told.a_slow_server, rules_told.a_wake_meanwhile, rules_told.what_was_seen)


@pytest.mark.parametrize("tell", OVERTAKEN, ids=lambda tell: tell.__name__)
@pytest.mark.parametrize("on", ["postgresql"], indirect=True)
def test_a_tale_ends_well_on_the_other_database_too(
    tell: Callable[[], str | None], on: str
) -> None:
    assert tell() is None


def test_two_servers_at_once_make_what_one_makes(on: str) -> None:
    """Two threads settle while what people say still comes in."""
    story = drawn(11)
    with rules_lives.life() as one:
        one.lives(story, Random(11))
        alone = one.essence()
    with rules_lives.life(servers=2) as two:
        two.clock.at = rules_lives.END
        ended = threading.Event()

        def settles(site: object) -> None:
            while not ended.is_set():
                settle.work(site)  # type: ignore[arg-type]
                ended.wait(0.01)

        threads = [threading.Thread(target=settles, args=(site,)) for site in two.sites]
        for thread in threads:
            thread.start()
        for said in Random(1).sample(story, len(story)):
            two.hears(said)
        ended.set()
        joined(*threads)
        two.comes_to(rules_lives.END)
        rules_lives.waking.midnight(two.site)
        two.all_settle(Random(2))
        assert two.essence() == alone


def test_what_was_withdrawn_is_in_no_list_and_leads_nowhere(told: rules_told.Tale) -> None:
    told.says("case.taken", "case:c")
    told.says("case.settled", "case:c")
    told.life.settles()
    call = told.of_kind("recall")[0]["_id"]
    with told.life.site.reading() as connection:
        assert [tuple(row) for row in Store(connection).led_to("case:c")] == [
            ("call_back", call, 1)
        ]
    told.says("case.reopened", "case:c")
    told.life.settles()
    gone = told.life.site.record(call)
    assert gone is not None
    assert gone["stated"]["withdrawn"] is True
    assert gone["state"] == "due", "its own state it keeps"
    row = tables.records.c
    with told.life.site.reading() as connection:
        state = connection.scalar(sa.select(row.state).where(row.id == call))
    assert state == "withdrawn", "tables of what is open do not have it"


def test_work_done_without_a_network_counts_although_its_duty_was_withdrawn(
    told: rules_told.Tale,
) -> None:
    told.says("hall.opened", "hall:h", kind="lobby")
    told.life.settles()
    check = told.of_kind("hall_check")[0]
    told.life.clock.passes(hours=3)
    told.says("hall.closed", "hall:h")
    told.life.settles()
    assert told.of_kind("hall_check") == []
    act = make(
        "hall_check.finished",
        check["_id"],
        {},
        at=MORNING + HOUR,
        by="person:lin",
        device="device:" + "0" * 25 + "L",
        site="demo",
        seen=check["acts"]["last"],
        identifier="act:" + "0" * 25 + "1",
    )
    assert told.life.hears((told.life.clock.at, act)).good
    done = told.life.site.record(check["_id"])
    assert done is not None
    assert (done["state"], done["stated"]["begun"]) == ("done", 1)
    assert [question["reason"] for question in done["unsettled"]] == ["meant_otherwise"]
    seen = {"seen": done["acts"]["last"], "by": "person:wu"}
    answer = {"about": done["unsettled"][0]["act"], "choice": "keep", "reason": "x"}
    assert told.life.site.record_act("hall_check.decided", check["_id"], answer, **seen).good
    told.life.settles()
    kept = told.life.site.record(check["_id"])
    assert kept is not None
    assert (kept["state"], kept["unsettled"]) == ("done", [])


def test_a_duty_of_next_week_is_not_said_to_be_done_then(told: rules_told.Tale) -> None:
    told.says("hall.opened", "hall:h", kind="lobby")
    told.life.settles()
    check = told.of_kind("hall_check")[-1]
    done = told.life.site.record_act("hall_check.finished", check["_id"], {}, by="person:lin")
    assert done.good
    record = told.life.site.record(check["_id"])
    assert record is not None
    assert record["finished_at"] == told.life.clock.at < record["due_from"]


def test_nobody_but_the_clock_says_what_a_rule_says(told: rules_told.Tale) -> None:
    told.says("case.taken", "case:c")
    told.says("case.settled", "case:c")
    told.life.settles()
    claimed = {**told.life.statements()[0], "by": "person:lin"}
    claimed["device"] = "device:" + "0" * 25 + "L"
    for act in (claimed, {**claimed, "_id": "act:" + "0" * 26}):
        assert told.life.hears((told.life.clock.at, act)).state == "refused"


def test_a_rule_that_fails_is_left_for_later_and_harms_no_other(
    told: rules_told.Tale, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = settle.wanted

    def wanted(reading: object, asked: object) -> object:
        if asked.rule["name"] == "band":  # type: ignore[attr-defined]
            raise ArithmeticError("no such band")
        return real(reading, asked)  # type: ignore[arg-type]

    monkeypatch.setattr(settle, "wanted", wanted)
    told.says("case.taken", "case:c")
    told.says("payout.proposed", "payout:p", case="case:c", amount=1)
    told.life.settles()
    case, payout = (told.life.site.record(name) for name in ("case:c", "payout:p"))
    assert case is not None and payout is not None
    assert case["money"] == "open"
    assert "band" not in payout
    monkeypatch.undo()
    told.life.clock.passes(minutes=1)
    told.life.settles()
    payout = told.life.site.record("payout:p")
    assert payout is not None
    assert payout["band"] == "low"


def test_the_schedule_lets_plans_look_further_each_midnight(told: rules_told.Tale) -> None:
    schedule = Schedule(told.life.site)
    told.says("hall.opened", "hall:h", kind="lobby")

    def beat() -> int:
        for _ in range(3):
            schedule.settle()
            schedule.work()
        return len(told.of_kind("hall_check"))

    days = [beat()]
    for _ in range(2):
        told.life.clock.passes(days=1)
        days.append(beat())
    assert days == [5, 6, 7], "Thursday to Wednesday, Thursday, Friday"
    schedule.stop()


def test_rejudge_is_the_one_way_back(
    told: rules_told.Tale, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told.says("case.taken", "case:c", at=MORNING - 20 * HOUR)
    told.says("case.settled", "case:c", at=MORNING - 15 * HOUR)
    told.life.settles()
    assert told.of_kind("recall") == [], "it was settled before the rule was there"
    site = told.life.site
    monkeypatch.setattr(commands, "open_site", lambda data, name: site)
    monkeypatch.setattr(site, "close", lambda: None)
    asked = argparse.Namespace(rule="call_back", first="2026-11-24", data=None, site=None)
    before = len(told.life.statements())
    assert commands.rejudge(argparse.Namespace(**vars(asked), dry_run=True)) == 0
    assert "says recall.due of recall:" in (said := capsys.readouterr().out)
    assert "1 would be said, 0 taken back." in said
    assert len(told.life.statements()) == before
    assert commands.rejudge(argparse.Namespace(**vars(asked), dry_run=False)) == 0
    assert len(told.of_kind("recall")) == 1
    asked.rule = "no_such"
    assert commands.rejudge(argparse.Namespace(**vars(asked), dry_run=False)) == 1
    monkeypatch.undo()


def test_every_rule_of_the_regulations_is_listed_with_what_carries_it() -> None:
    carried = listed.carriers(sync.declarations())
    assert ("ladder", "complaint_response") in carried["C-04"]
    assert ("act", "complaint.settled") in carried["C-05"]
    assert ("test", "tests/security/test_safe_acts.py") in carried["C-05"]
    said = list(listed.lines(sync.declarations()))
    assert "  lock (no id): follow of payout → case.money_opened, case.money_cleared" in said


def test_a_restored_statement_is_the_clocks(told: rules_told.Tale) -> None:
    told.says("hall.opened", "hall:h", kind="lobby")
    told.life.settles()
    said = told.life.statements()
    assert {act["by"] for act in said} == {CLOCK}
    assert {act["for"]["said_at"] for act in said} == {told.life.clock.at}
    assert min(act["at"] for act in said) > MORNING + DAY // 2, "at the moment of its cause"
