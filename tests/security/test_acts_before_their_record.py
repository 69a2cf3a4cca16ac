"""A2: what is said of a record before it is made, and what follows from acts without effect."""

from __future__ import annotations

import pytest

from server.acts import reached_rungs
from server.acts.access import Actor
from server.acts.delivery import in_app
from server.acts.site import Site
from tests.cast import WORDS, Cast
from tests.clock import DAY, MINUTE, Clock
from tests.server import database_rows
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)

KINDS = ("person", "place", "setting", "calendar", "doctor", "notice", "refusal", "letter")


def jobs(site: Site) -> list[str]:
    rows = database_rows.rows(site, "jobs")
    return [row["key"] for row in rows if '"complaint.referred"' in row["payload"]]


@pytest.mark.parametrize("kind", [*KINDS, "waiting", "arrival", "complaint"])
def test_somebody_without_a_post_makes_no_ghosts(site: Site, cast: Cast, kind: str) -> None:
    """A2: `person.undone` about `person:ghost` made the page of people fail for ever."""
    record = cast.zhao.new(kind)
    verdict = cast.zhao.does(f"{kind}.undone", record, undoes="act:" + "0" * 26)
    assert (verdict.state, verdict.code) == ("refused", "not_found")
    assert site.record(record) is None


@pytest.mark.parametrize("kind", KINDS)
def test_nor_does_a_guide_of_kinds_that_guides_do_not_make(
    site: Site, cast: Cast, kind: str
) -> None:
    """A2, A13: and whether there is such a record, she is not told."""
    there = {
        "person": "person:zhao",
        "refusal": "refusal:" + "1" * 26,
    }.get(kind, cast.lin.new(kind))
    verdict = cast.lin.does(f"{kind}.undone", there, undoes="act:" + "0" * 26)
    assert verdict.state == "refused" or kind == "person"
    assert cast.lin.does(f"{kind}.undone", f"{kind}:ghost", undoes="act:" + "0" * 26).code in (
        "not_found",
        "malformed",
    )


def test_a_notice_is_not_born_seen(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A2: whoever knew its id could say that it was seen before anybody was told."""
    waiting = cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1")
    due_at = clock() + 8 * MINUTE
    record = database_rows.one(site, waiting)
    rung = reached_rungs.reaching_id(site.secret, record, "waiting_water", 2, due_at)
    notice = in_app.notice_id(site.secret, due_at, waiting, "waiting_water", 2, "person:chen", rung)
    assert not cast.lin.does("notice.seen", notice).good
    clock.passes(minutes=9)
    clockwork.beats()
    assert "seen_at" not in database_rows.one(site, notice)


def test_what_came_before_its_record_is_judged_by_the_record(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """A2: Lin may make waits, but not this one; what she said of it is taken out, and shown."""
    mei = {"name": "梅", "posts": ["guide"], "places": ["place:area-2"]}
    site.record_act("person.added", "person:mei", mei, by="system:site", at=clock() - DAY)
    waiting = cast.chen.new("waiting")
    started = cast.chen.says("waiting.started", waiting, place="place:lobby-1", name="张三")
    early = cast.lin.says("waiting.water_given", waiting)
    theirs = {**early, "_id": early["_id"][:-1] + "Z", "by": "person:mei", "device": "device:mei"}
    assert site.accept([theirs], Actor(site.person("person:mei"), "device:mei"))[0].good
    assert cast.lin.hands_in(early)[0].good
    assert cast.chen.hands_in(started)[0].good
    record = database_rows.one(site, waiting)
    assert [entry["by"] for entry in record["acts"]["recent"]] == ["person:chen", "person:lin"]
    assert record["water_at"] == clock(), "Lin's own, who looks after the lobby, counts"
    refusal = database_rows.one(site, "refusal:" + theirs["_id"][4:])
    assert (refusal["code"], refusal["who"]) == ("not_found", "person:mei")
    assert theirs["_id"] not in {row["id"] for row in database_rows.rows(site, "acts")}


def test_a_person_nobody_made_is_nobody(site: Site, cast: Cast) -> None:
    """A2: the office may speak of one before; nobody is made of it, and no rights."""
    cast.wu.does("person.changed", "person:ghost", posts=["gm"], places=["place:site"])
    assert site.person("person:ghost") is None
    assert not site.rights("person:ghost").active
    assert [
        row for row in database_rows.rows(site, "grants") if row["person"] == "person:ghost"
    ] == []
    cast.wu.does("person.added", "person:ghost", name="新人")
    person = site.person("person:ghost")
    assert person is not None and person["posts"] == ["gm"]


def test_a_reaction_follows_from_what_took_effect_alone(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A2, ▲Effect: not from what did not fit or is repeated; from what a decision accepts, once."""
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS, unsigned="-")
    cast.wu.does("complaint.attended", complaint, attended_by="-")
    assert jobs(site) == []
    referred = {"to_site": "west", "reason": "-"}
    first = cast.wu.says("complaint.referred", complaint, **referred)
    cast.wu.hands_in(first)
    assert jobs(site) == [f"reaction|{first['_id']}"]
    clock.passes(minutes=1)
    late = cast.wu.says("complaint.referred", complaint, to_site="east", reason="+")
    cast.wu.hands_in(late)
    record = database_rows.one(site, complaint)
    assert [q["reason"] for q in record["unsettled"]] in (["not_now"], ["changed_meanwhile"])
    assert jobs(site) == [f"reaction|{first['_id']}"], "it did not fit"
    decision = {"about": late["_id"], "choice": "accept"}
    assert site.record_act("complaint.decided", complaint, decision, by="person:chen").good
    assert sorted(jobs(site)) == sorted(f"reaction|{act['_id']}" for act in (first, late))
    clockwork.beats()


def test_a_late_act_makes_an_earlier_one_effective_and_it_has_its_consequence(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A2, ▲Effect: said before its complaint was here, it refers once the complaint is."""
    complaint = cast.wu.new("complaint")
    taken = cast.wu.says(
        "complaint.taken", complaint, place="place:lobby-1", words=WORDS, unsigned="-"
    )
    clock.passes(minutes=1)
    referred = cast.wu.says("complaint.referred", complaint, to_site="west", reason="-")
    assert cast.wu.hands_in(referred)[0].good
    assert jobs(site) == []
    assert cast.wu.hands_in(taken)[0].good
    assert jobs(site) == [f"reaction|{referred['_id']}"]


def test_what_was_taken_back_in_the_same_push_has_no_consequence(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A2, ▲Effect."""
    key = "setting:complaint.first_response"
    changed = cast.wu.says("setting.changed", key, value=1, reason="-")
    clock.passes(seconds=1)
    undone = cast.wu.says("setting.undone", key, undoes=changed["_id"])
    cast.wu.hands_in(changed, undone)
    assert jobs(site) == []


def test_a_refusal_that_did_not_exist_cannot_be_decided_beforehand(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A2: a decision that took no effect leaves the body undecided."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    refusal = "refusal:" + act["_id"][4:]
    assert not cast.chen.does("refusal.dismissed", refusal, reason="-").good
    cast.lin.hands_in(act)
    rows = {row["act_id"]: row["decided_at"] for row in database_rows.rows(site, "quarantine")}
    assert rows[act["_id"]] is None
    clock.passes(hours=1)
    assert cast.chen.does("refusal.admitted", refusal, reason="-").good
    clockwork.beats()
    assert site.record(act["record"]) is not None
