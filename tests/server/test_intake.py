"""The intake of acts: what is stored, refused, quarantined or repeated."""

from __future__ import annotations

import random
import threading

import psycopg
import pytest
import sqlalchemy as sa

from server.acts.record_rows import Published
from server.acts.site import Site
from server.acts.unit_of_work import UnitOfWork
from server.acts.verdict import Verdict
from tests.cast import Cast
from tests.clock import DAY, HOUR, MINUTE, SECOND, Clock
from tests.limits import joined
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.tablet import until

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


def waits(cast: Cast, **said: object) -> str:
    """Lin lets somebody sit down; return the record."""
    record = cast.lin.new("waiting")
    verdict = cast.lin.does("waiting.started", record, place="place:lobby-1", **said)
    assert verdict.state == "ok"
    return record


def test_an_act_becomes_a_record(site: Site, cast: Cast, clock: Clock) -> None:
    record = database_rows.one(site, waits(cast, name="张晓丽"))
    assert (record["state"], record["owner"]) == ("waiting", "person:lin")
    assert record["due_at"] == clock() + 5 * MINUTE
    assert "pinyin" not in record, "the tablet makes it too"
    assert record["_rev"].startswith("1-")


def test_a_second_act_makes_the_next_revision(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = waits(cast)
    clock.passes(minutes=2)
    assert cast.lin.does("waiting.water_given", waiting).good
    record = database_rows.one(site, waiting)
    assert record["_rev"].startswith("2-")
    assert record["water_at"] == clock()
    assert record["due_at"] == clock() + 13 * MINUTE, "the enquiry is due next"


def test_the_same_act_again_is_known_and_changes_nothing(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    states = [cast.lin.hands_in(act)[0].state for _ in range(3)]
    assert states == ["ok", "known", "known"]
    assert database_rows.one(site, act["record"])["acts"]["n"] == 1


def test_the_same_act_twice_in_one_push_is_one_act(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    assert [v.state for v in cast.lin.hands_in(act, dict(act))] == ["ok", "known"]


def test_a_shift_that_comes_in_late_needs_no_second_look(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Its clocks were stopped in time, as its own acts say; one that was not is looked at."""
    in_time, too_late = (cast.lin.new("waiting") for _ in range(2))
    for waiting, minutes in ((in_time, 4), (too_late, 6)):
        cast.lin.says("waiting.started", waiting, place="place:lobby-1")
        ended = clock() + minutes * MINUTE
        cast.lin.says("waiting.ended", waiting, at=ended, outcome="seen")
    clock.passes(hours=6)
    assert all(verdict.good for verdict in cast.lin.hands_in())
    jobs = [row["key"] for row in database_rows.rows(site, "jobs") if row["kind"] == "judge"]
    assert [key.split("|")[1] for key in jobs] == [too_late]


def test_a_late_act_folds_its_record_again(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = waits(cast)
    watered = cast.lin.says("waiting.water_given", waiting, at=clock() + 3 * MINUTE)
    clock.passes(minutes=10)
    cast.lin.does("waiting.ended", waiting, outcome="seen")
    assert cast.lin.hands_in(watered)[0].good
    record = database_rows.one(site, waiting)
    assert record["state"] == "ended"
    assert record["water_at"] == watered["at"], "it was still waiting then"
    assert record["unsettled"] == []
    assert [entry["act"] for entry in record["acts"]["recent"]] == [
        "waiting.started",
        "waiting.water_given",
        "waiting.ended",
    ]


def test_an_act_that_no_longer_fits_waits_for_a_decision(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = waits(cast)
    clock.passes(minutes=1)
    cast.lin.does("waiting.ended", waiting, outcome="left")
    clock.passes(minutes=1)
    assert cast.lin.does("waiting.water_given", waiting).good
    record = database_rows.one(site, waiting)
    assert "water_at" not in record
    assert [question["reason"] for question in record["unsettled"]] == ["not_now"]
    about = record["unsettled"][0]["act"]
    clock.passes(minutes=1)
    assert cast.chen.does("waiting.decided", waiting, about=about, choice="accept").good
    record = database_rows.one(site, waiting)
    assert record["unsettled"] == []
    assert "water_at" in record


def test_an_act_that_says_what_holds_is_a_repeat(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = waits(cast)
    first = clock.passes(minutes=1)
    cast.lin.does("waiting.water_given", waiting)
    clock.passes(minutes=1)
    cast.chen.does("waiting.water_given", waiting)
    record = database_rows.one(site, waiting)
    assert (record["water_at"], record["water_by"]) == (first, "person:lin")
    assert record["unsettled"] == []
    assert record["acts"]["n"] == 3


def test_what_was_done_can_be_taken_back(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = waits(cast)
    clock.passes(minutes=1)
    watered = cast.lin.says("waiting.water_given", waiting)
    cast.lin.hands_in(watered)
    clock.passes(seconds=3)
    assert cast.lin.does("waiting.undone", waiting, undoes=watered["_id"]).good
    record = database_rows.one(site, waiting)
    assert "water_at" not in record
    assert record["due_at"] == record["started_at"] + 5 * MINUTE, "its clock runs again"


def test_a_record_may_be_spoken_of_before_it_is_made(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = cast.lin.new("waiting")
    started = cast.lin.says("waiting.started", waiting, place="place:lobby-1")
    clock.passes(minutes=1)
    assert cast.lin.does("waiting.water_given", waiting).good
    shell = database_rows.one(site, waiting)
    assert shell["state"] == "unknown"
    assert shell["unsettled"][0]["reason"] == "no_record"
    assert cast.lin.hands_in(started)[0].good
    record = database_rows.one(site, waiting)
    assert (record["state"], record["unsettled"]) == ("waiting", [])
    assert record["water_at"] == clock()


@pytest.mark.parametrize(
    ("ahead", "bounded"),
    [
        (0, 0),
        (100 * SECOND, 100 * SECOND),
        (121 * SECOND, 0),
        (5 * 365 * DAY, 0),
        (-71 * HOUR, -71 * HOUR),
        (-73 * HOUR, -72 * HOUR),
        (-5 * 365 * DAY, -72 * HOUR),
    ],
)
def test_clocks_run_from_a_plausible_moment(
    site: Site, cast: Cast, clock: Clock, ahead: int, bounded: int
) -> None:
    site.record_act("person.changed", "person:lin", {}, by="system:site", at=clock() - 9 * DAY)
    clock.passes(days=9)  # Lin has worked here for longer than a tablet may be away
    said = clock() + ahead
    waiting = cast.lin.new("waiting")
    act = cast.lin.says("waiting.started", waiting, at=said, place="place:lobby-1")
    assert cast.lin.hands_in(act)[0].good
    record = database_rows.one(site, waiting)
    assert record["started_at"] == clock() + bounded
    assert record["due_at"] == clock() + bounded + 5 * MINUTE
    assert cast.lin.hands_in(act)[0].state == "known", "the tablet sends what it said"


def test_a_decision_comes_after_an_act_from_a_clock_that_is_ahead(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = waits(cast)
    cast.lin.does("waiting.ended", waiting, outcome="left")
    ahead = clock() + 90 * SECOND
    watered = cast.lin.says("waiting.water_given", waiting, at=ahead)
    cast.lin.hands_in(watered)
    data = {"about": watered["_id"], "choice": "keep"}
    assert site.record_act("waiting.decided", waiting, data, by="person:chen").good
    assert database_rows.one(site, waiting)["unsettled"] == []


def test_one_bad_act_holds_up_no_other(site: Site, cast: Cast) -> None:
    acts = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        for _ in range(500)
    ]
    acts[249]["data"]["place"] = 7
    verdicts = cast.lin.hands_in(*acts)
    refused = [number for number, verdict in enumerate(verdicts) if not verdict.good]
    assert refused == [249]
    assert len(database_rows.records(site, "waiting")) == 499
    assert [row["act_id"] for row in database_rows.rows(site, "quarantine")] == [acts[249]["_id"]]


def test_what_is_refused_is_kept_and_shown(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    verdict = cast.lin.hands_in(act)[0]
    assert (verdict.state, verdict.code) == ("refused", "not_your_place")
    assert site.record(act["record"]) is None
    refusal = database_rows.one(site, "refusal:" + act["_id"].removeprefix("act:"))
    assert (refusal["state"], refusal["code"]) == ("open", "not_your_place")
    assert (refusal["who"], refusal["about"]) == ("person:lin", act["record"])
    assert "place:lobby-2" in refusal["body"]
    seen = {channel for channel, name in database_rows.offered(site, "refusal")}
    assert {"person:lin", "post:guide_supervisor"} <= seen


def test_a_refused_act_that_comes_again_is_shown_once(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    codes = {cast.lin.hands_in(act)[0].code for _ in range(5)}
    assert codes == {"not_your_place"}
    assert len(database_rows.rows(site, "quarantine")) == 1
    assert database_rows.one(site, "refusal:" + act["_id"][4:])["acts"]["n"] == 1


def test_a_refused_act_is_taken_in_when_the_reason_is_gone(
    site: Site, cast: Cast, clock: Clock
) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    assert not cast.lin.hands_in(act)[0].good
    places = {"places": ["place:lobby-1", "place:lobby-2"]}
    site.record_act("person.changed", "person:lin", places, by="system:site", at=clock() - HOUR)
    assert cast.lin.hands_in(act)[0].state == "ok"
    assert database_rows.one(site, "refusal:" + act["_id"][4:])["state"] == "admitted"
    assert database_rows.rows(site, "quarantine")[0]["decided_at"] == clock()


def test_another_act_with_the_same_id_is_kept_apart(
    site: Site, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    cast.lin.hands_in(act)
    before = database_rows.one(site, act["record"])
    other = {**act, "data": {**act["data"], "name": "李四"}}
    verdict = cast.lin.hands_in(other)[0]
    assert verdict.code == "other_body"
    assert database_rows.one(site, act["record"]) == before
    assert len(database_rows.records(site, "refusal")) == 1
    assert "refused" in caplog.text


def test_a_signature_counts_for_the_text_that_was_shown(site: Site, cast: Cast) -> None:
    from sync.display_format import text_hash

    def taken(text: str, of: str) -> Verdict:
        return cast.lin.does(
            "complaint.taken",
            cast.lin.new("complaint"),
            text=text,
            place="place:lobby-1",
            words="等太久",
            signature={"strokes": [[0, 0, 90, 90]], "of": text_hash(of)},
        )

    assert taken("您说：等太久。", "您说：等太久。").good
    assert taken("您说：很满意。", "您说：等太久。").code == "other_text_signed"


def test_many_tablets_push_at_once(site: Site, cast: Cast) -> None:
    batches = [
        [
            cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
            for _ in range(10)
        ]
        for _ in range(12)
    ]
    verdicts: list[Verdict] = []

    def push(acts: list[dict[str, object]]) -> None:
        for _ in range(2):  # an answer that was lost on its way back
            verdicts.extend(cast.lin.hands_in(*acts))

    threads = [threading.Thread(target=push, args=(acts,)) for acts in batches]
    for thread in threads:
        thread.start()
    joined(*threads, what="the pushes")
    assert sorted(v.state for v in verdicts) == ["known"] * 120 + ["ok"] * 120
    assert len(database_rows.records(site, "waiting")) == 120
    seqs = [row["seq"] for row in database_rows.rows(site, "records")]
    assert len(set(seqs)) == len(seqs)


def test_an_error_in_one_push_fails_no_other(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    broken = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    from server.acts.intake import Intake

    real = Intake._judged

    def judged(self: Intake, act: dict[str, object], *rest: object) -> object:
        if act["_id"] == broken["_id"]:
            raise RuntimeError("a bug")
        return real(self, act, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Intake, "_judged", judged)
    failures: list[BaseException] = []

    def push(act: dict[str, object]) -> None:
        try:
            cast.lin.hands_in(act)
        except RuntimeError as error:
            failures.append(error)

    threads = [threading.Thread(target=push, args=(act,)) for act in (good, broken)]
    with site._writing:  # both wait for the same commit
        for thread in threads:
            thread.start()
        until(lambda: len(site._waiting) == 2, "both to wait")
    joined(*threads, what="the pushes")
    assert len(failures) == 1
    assert site.record(good["record"]) is not None
    assert site.record(broken["record"]) is None


def test_refold_changes_nothing(site: Site, cast: Cast, clock: Clock) -> None:
    luck = random.Random(7)
    made = []
    for _ in range(30):
        waiting = waits(cast, name="欧阳娜娜")
        made.append(waiting)
        clock.passes(minutes=luck.randrange(3))
        cast.lin.does("waiting.water_given", waiting, at=clock() - luck.randrange(2) * MINUTE)
        if luck.random() < 0.5:
            cast.lin.does("waiting.ended", waiting, outcome="seen")
    cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    before = (
        database_rows.rows(site, "records"),
        database_rows.rows(site, "changes"),
        database_rows.timers(site),
    )
    count, changed = site.refold()
    assert (count, changed) == (len(before[0]), 0)
    after = (
        database_rows.rows(site, "records"),
        database_rows.rows(site, "changes"),
        database_rows.timers(site),
    )
    assert after == before


def test_refold_mends_what_somebody_damaged(site: Site, cast: Cast) -> None:
    waiting = waits(cast, name="张晓丽")
    whole = database_rows.one(site, waiting)
    with site.writing() as connection:
        from server.database import tables

        body = b'{"_id":"%s","_rev":"1-0","type":"waiting"}' % waiting.encode()
        columns = tables.records.c
        change = tables.records.update().where(columns.id == waiting)
        connection.execute(change.values(body=body, history=b"0" * 16))
    assert site.refold()[1] == 1
    mended = database_rows.one(site, waiting)
    whole.pop("_rev"), mended.pop("_rev")
    assert mended == whole


def test_a_transaction_that_another_server_was_in_the_way_of_is_tried_again(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = UnitOfWork.finish, 0

    def finish(unit: UnitOfWork) -> tuple[Published, int]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise sa.exc.OperationalError("insert", {}, psycopg.errors.DeadlockDetected())
        return real(unit)

    monkeypatch.setattr(UnitOfWork, "finish", finish)
    waiting = waits(cast)
    assert tries == 3
    assert database_rows.one(site, waiting)["acts"]["n"] == 1
