"""What only a client knew before: how long undo is offered, who decides, what an act may hold."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

import sync
from server.acts import access
from server.acts.site import Site
from server.acts.verdict import MOST_BYTES, Verdict
from tests.cast import Cast
from tests.clock import DAY, HOUR, SECOND, Clock
from tests.server import database_rows

DECLARED = sync.declarations()


def complaint(cast: Cast) -> dict[str, Any]:
    """Lin takes a complaint; return the act."""
    act = cast.lin.says(
        "complaint.taken", cast.lin.new("complaint"), place="place:lobby-1", words="等了一个小时"
    )
    assert cast.lin.hands_in(act)[0].good
    return act


def test_a_complaint_is_not_taken_back_a_day_later(site: Site, cast: Cast, clock: Clock) -> None:
    """A9: undo has its limit at the intake, and is kept aside with a code of its own."""
    taken = complaint(cast)
    clock.passes(hours=25)
    verdict = cast.lin.does("complaint.undone", taken["record"], undoes=taken["_id"])
    assert (verdict.state, verdict.code) == ("refused", "undo_too_late")
    record = database_rows.one(site, taken["record"])
    assert record["state"] == "open"
    assert record["unsettled"] == []


def test_undo_within_its_limit_is_taken_whenever_it_arrives(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """A9: the devices' moments are compared, not the moment of arrival."""
    taken = complaint(cast)
    undo = cast.lin.says(
        "complaint.undone", taken["record"], at=clock() + 9 * SECOND, undoes=taken["_id"]
    )
    clock.passes(hours=30)
    assert cast.lin.hands_in(undo)[0].good
    assert database_rows.one(site, taken["record"])["state"] == "undone"


def test_whoever_decides_takes_back_later(site: Site, cast: Cast, clock: Clock) -> None:
    taken = complaint(cast)
    clock.passes(seconds=5)
    noted = cast.wu.says("complaint.noted", taken["record"])
    assert cast.wu.hands_in(noted)[0].good
    clock.passes(hours=2)
    assert cast.wu.does("complaint.undone", taken["record"], undoes=noted["_id"]).good
    assert not database_rows.one(site, taken["record"]).get("notes")


def test_without_the_setting_undo_has_no_limit(site: Site) -> None:
    limit = site.reference().undo_limit()
    assert limit is not None and limit >= 10 * SECOND
    rights = access.Rights("person:lin", frozenset({"guide"}), active=True)
    undo, target = ({"act": "complaint.undone", "at": DAY}, {"at": 0})
    assert access.too_late_to_undo(DECLARED, undo, target, rights, limit)
    assert not access.too_late_to_undo(DECLARED, undo, target, rights, None)


def test_an_id_of_the_far_future_locks_no_field(site: Site, cast: Cast, clock: Clock) -> None:
    """A9: a correction by the office fits, whatever id the one before it has."""
    taken = complaint(cast)
    clock.passes(minutes=1)
    act = cast.wu.says("complaint.edited", taken["record"], field="cause", old=None, new="quality")
    future = {**act, "_id": "act:7YZZZZZZZZZZZZZZZZZZZZZZZZ"}
    assert cast.wu.hands_in(future)[0].good
    for minute in range(22):
        clock.passes(minutes=1)
        assert cast.wu.does("complaint.noted", taken["record"]).good, minute
    seen = database_rows.one(site, taken["record"])["acts"]["last"]
    clock.passes(minutes=1)
    said = {"field": "cause", "old": "quality", "new": "other", "seen": seen}
    assert cast.chen.site.record_act(
        "complaint.edited", taken["record"], {k: v for k, v in said.items() if k != "seen"},
        by="person:wu", seen=seen,
    ).good  # fmt: skip
    record = database_rows.one(site, taken["record"])
    assert (record["cause"], record["unsettled"]) == ("other", [])


# Who decides


def question(site: Site, cast: Cast, clock: Clock, by: str) -> tuple[str, str]:
    """Water was given to somebody who had gone in; return the record and the act in question."""
    record = cast.lin.new("waiting")
    assert cast.lin.does("waiting.started", record, place="place:lobby-1").good
    clock.passes(minutes=1)
    assert cast.lin.does("waiting.ended", record, outcome="left").good
    clock.passes(minutes=1)
    assert getattr(cast, by).does("waiting.water_given", record).good
    clock.passes(minutes=1)
    return record, database_rows.one(site, record)["unsettled"][0]["act"]


@pytest.mark.parametrize("choice", ["accept", "keep"])
def test_nobody_decides_about_an_act_of_their_own(
    site: Site, cast: Cast, clock: Clock, choice: str
) -> None:
    """Chen supervises, and gave the water: somebody else of the office decides."""
    record, about = question(site, cast, clock, "chen")
    verdict = cast.chen.does("waiting.decided", record, about=about, choice=choice)
    assert (verdict.state, verdict.code) == ("refused", "own_question")
    assert cast.wu.does("waiting.decided", record, about=about, choice=choice).good
    assert database_rows.one(site, record)["unsettled"] == []


def test_nobody_admits_an_act_of_their_own_that_was_refused(
    site: Site, cast: Cast, clock: Clock
) -> None:
    refused = cast.chen.does("place.added", "place:new", name="新", kind="room")
    assert refused.code == "not_your_post"
    refusal = "refusal:" + refused.id.partition(":")[2]
    clock.passes(minutes=1)
    verdict = cast.chen.does("refusal.admitted", refusal, reason="x")
    assert verdict.code == "own_question"
    assert cast.chen.does("refusal.dismissed", refusal, reason="x").good


def test_a_kind_names_who_decides_about_it() -> None:
    """Today's kinds keep the posts that decided before; a kind may name its own."""
    rights = access.Rights("person:a", frozenset({"gm"}), active=True)
    act = {"act": "complaint.decided", "record": "complaint:A", "data": {}}
    assert access.may_say(DECLARED, act, rights) == "not_your_post"
    own = {**DECLARED["records"]["complaint"], "deciders": ["gm"]}
    declared = {**DECLARED, "records": {**DECLARED["records"], "complaint": own}}
    assert access.may_say(declared, act, rights) is None


# What an act may hold


def test_settling_says_who_attended(site: Site, cast: Cast, clock: Clock) -> None:
    """C-05, found.md §2.18: the gate stands in the act, not in a form."""
    taken = complaint(cast)
    clock.passes(minutes=1)
    told = {"resolution": "道歉", "means": "phone"}
    verdict = cast.wu.does("complaint.settled", taken["record"], **told)
    assert (verdict.code, verdict.details) == ("malformed", {"fields": {"attended_by": "required"}})
    assert cast.wu.does("complaint.settled", taken["record"], **told, attended_by="吴").good


@pytest.mark.parametrize("new", [None, "", " ", "\u200b"])
def test_no_correction_empties_what_a_complaint_needs(cast: Cast, clock: Clock, new: Any) -> None:
    """found.md §1 row 2: every solution clock hangs on the severity, and the words are the case."""
    taken = complaint(cast)
    clock.passes(minutes=1)
    for field, old in (("words", "等了一个小时"), ("severity", "general")):
        verdict = cast.wu.does("complaint.edited", taken["record"], field=field, old=old, new=new)
        assert (verdict.code, verdict.details["fields"]) == ("malformed", {"new": "required"})


def test_no_engine_act_carries_what_nobody_reads(cast: Cast, clock: Clock) -> None:
    """A8: unknown members are refused, so a record does not grow by them."""
    taken = complaint(cast)
    verdict = cast.lin.does(
        "complaint.undone", taken["record"], undoes=taken["_id"], more="x" * 900_000
    )
    assert not verdict.good
    assert verdict.details["fields"] == {"more": "not_asked"}


def most_bytes(field: dict[str, Any]) -> int:
    """Return the most bytes of JSON that a value of a field takes; a letter takes four, or six."""
    letters = (field["max"] or 2_000) if field["kind"] == "text" else 200
    sizes = {
        "text": letters * 6,
        "choices": 50 * 200,
        "blobs": (field["max"] or 20) * 70,
        "voice": (field["max"] or 20) * 70,
        "signature": 40_000 * 17 + 500 * 3,
        "names": 200 * 600,
        "days": 400 * 18,
    }
    return sizes.get(field["kind"], 200 * 6)


def test_no_act_that_fits_its_declaration_is_too_long() -> None:
    """A8: every member is bounded, and so is their sum: data, what it replaces, its text."""
    for name, act in DECLARED["acts"].items():
        if act["who"] == ["system"]:
            continue
        record = DECLARED["records"][name.partition(".")[0]]
        fields = {field["name"]: field for field in record["fields"]}
        data = sum(most_bytes(fields[asked]) + 80 for asked in (*act["asks"], *act["rests_on"]))
        assert data + 10_000 * 6 + 2_000 < MOST_BYTES, name


# Before its record exists (A2)


def stores(site: Site, *acts: dict[str, Any]) -> None:
    """Store acts as a version before this one took them in."""

    def take(intake: Any) -> list[Verdict]:
        for act in acts:
            intake.unit.add(act, site.now())
        return [Verdict(act["_id"], "ok") for act in acts]

    site.in_group_commit(take)


def test_a_rung_before_its_record_takes_no_effect(site: Site, cast: Cast, clock: Clock) -> None:
    """A2: what comes before a record waits in its history, and the clock's word is void."""
    record = cast.lin.new("waiting")
    reached = {"ladder": "waiting_water", "rung": 1, "due_at": clock(), "told": []}
    act = cast.lin.says("waiting.rung_reached", record, **reached)
    stores(site, {**act, "by": "system:clock"})
    early = database_rows.one(site, record)
    assert (early["state"], early["rungs"], early["unsettled"]) == ("unknown", {}, [])
    assert cast.lin.does("waiting.started", record, place="place:lobby-1", at=clock() - HOUR).good
    made = database_rows.one(site, record)
    assert made["state"] == "waiting"
    assert orjson.dumps(made["rungs"]) != b"{}", "folded in order, now that the record exists"


def test_a_notice_is_seen_by_whom_it_tells_alone(site: Site, cast: Cast, clock: Clock) -> None:
    """A2: who says seen of another's notice before it is told leaves it unseen."""
    notice = "notice:" + "0" * 25 + "A"
    cast.zhao.does("notice.seen", notice)
    told = {"to": "person:lin", "about": "waiting:A", "what": "waiting_water"}
    site.record_act("notice.told", notice, told, by="system:clock", at=clock() + 1)
    record = site.record(notice)
    assert record is not None
    assert "seen_at" not in record
