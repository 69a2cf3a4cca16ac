"""Told is who is here: active, on the place, and able to open the record; of every ladder and rung.

Else the next of the post, else who stands above it; and the rung says that it was unfilled.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

import sync
from server.acts import access, upgraded_kinds
from server.acts.recipients import Telling, find_recipients
from server.acts.site import Site
from server.clocks import escalation
from server.database.tables import meta, records
from sync.selector import states
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.feed import moved, sits_down
from tests.server.staff import one_of_each_post

DECLARED = sync.declarations()
RUNGS = [
    (name, number)
    for name, ladder in DECLARED["ladders"].items()
    for number in range(1, len(ladder["rungs"]) + 1)
]
BRANCHES = ("gm", "medical_affairs", "nursing_dept", "ops_dept", "deputy_director")


def added(site: Site, name: str, *posts: str, **more: Any) -> str:
    data = {"name": name, "posts": list(posts), "places": ["place:site"], **more}
    assert site.record_act("person.added", f"person:{name}", data, by="system:site").good
    return f"person:{name}"


def tells(ladder: str, number: int) -> list[str]:
    """Return whom a rung tells, as it is declared."""
    told: list[str] = DECLARED["ladders"][ladder]["rungs"][number - 1]["tell"]
    return told


def offered_in(site: Site, record: str) -> list[str]:
    """Return the channels of a stored record."""
    row = next(row for row in database_rows.rows(site, "records") if row["id"] == record)
    channels: list[str] = orjson.loads(row["channels"])
    return channels


def a_record(kind: str, **more: Any) -> dict[str, Any]:
    record = {"_id": f"{kind}:x", "type": kind, "state": "open", "rungs": {}, "unsettled": []}
    return {**record, "place": "place:lobby-1", "owner": "person:lin", **more}


def running(ladder: str) -> dict[str, str]:
    """Return the state of a record on which a ladder runs."""
    return {"state": (states(DECLARED["ladders"][ladder]["runs_while"]) or ["open"])[0]}


def told_of(site: Site, ladder: str, number: int, **more: Any) -> tuple[dict[str, str], list[str]]:
    declared = DECLARED["ladders"][ladder]
    hides = more.pop("hides", ())
    record = a_record(declared["record"], **{**running(ladder), **more})
    telling = Telling(site.declarations, site.reference(), record, hides, site.now())
    return find_recipients(telling, tells(ladder, number))


def named(site: Site, ladder: str, number: int) -> dict[str, Any]:
    """Return the fields by which a rung names somebody: a person each, and a unit with a head."""
    found: dict[str, Any] = {}
    for tell in tells(ladder, number):
        post, _, field = tell.partition("{")
        if not field:
            continue
        name = field.removesuffix("}")
        if post and post != "head@":  # who holds a post at the record's place: there is somebody
            found.setdefault(name, "place:lobby-1")
            holder = f"here-{post.removesuffix('@').replace('_', '-')}"
            added(site, holder, post.removesuffix("@"), places=["place:lobby-1"])
            continue
        person = added(site, f"named-{name.replace('_', '-')}", "guide")
        found[name] = person
        if post == "head@":
            unit = {"name": "u", "kind": "group", "head": person}
            assert site.record_act("unit.added", "unit:u", unit, by="system:site").good
            found[name] = "unit:u"
    return found


def fields_of(rung: tuple[str, int]) -> tuple[str, ...]:
    """Return which fields a rung asks for whom it tells."""
    return tuple(sorted(tell for tell in tells(*rung) if "{" in tell))


# Rungs that ask for the same fields see the same house: they share it, and each is looked at.
ALIKE = {
    " ".join(fields) or "posts": list(rungs)
    for fields, rungs in groupby(sorted(RUNGS, key=fields_of), key=fields_of)
}


@pytest.mark.parametrize("alike", ALIKE)
def test_with_everybody_there_each_rung_tells_whom_it_names(site: Site, alike: str) -> None:
    one_of_each_post(site, "one-")
    here = named(site, *ALIKE[alike][0])
    for rung in ALIKE[alike]:
        told, unfilled = told_of(site, *rung, **here)
        assert unfilled == [], rung
        assert set(told.values()) == set(tells(*rung)), rung


def test_whoever_left_or_is_hidden_is_told_of_no_rung(site: Site, cast: Cast, clock: Clock) -> None:
    """Whoever is left is told instead, and the rung says who was missing."""
    for person in one_of_each_post(site, "gone-"):
        moved(site, person, active=False)
    moved(site, "person:lin", active=False)
    clock.passes(minutes=1)
    hers = ("guide_supervisor", "guide_supervisor@{place}")
    for rung in RUNGS:
        told, unfilled = told_of(site, *rung, hides=["person:wu"])
        assert set(told) == ({"person:chen"} if tells(*rung) else set()), rung
        assert unfilled == [name for name in tells(*rung) if name not in hers], rung


def test_whoever_is_told_may_open_the_record(site: Site, cast: Cast, clock: Clock) -> None:
    """Row 4: a rung that tells the general manager gives them the record as well."""
    for post in BRANCHES:
        added(site, f"one-{post.replace('_', '-')}", post, places=[])
    for ladder, number in RUNGS:
        kind = DECLARED["ladders"][ladder]["record"]
        told, _ = told_of(site, ladder, number)
        steps = [{"rung": number, "due_at": 1, "at": 1, "told": list(told)}]
        record = a_record(kind, rungs={ladder: steps}, who="person:lin", **running(ladder))
        channels = escalation_channels(site, record)
        for person in told:
            assert channels & site.rights(person).channels, (ladder, number, person, channels)


def escalation_channels(site: Site, record: dict[str, Any]) -> set[str]:
    return set(access.channels_of(site.declarations, record, site.reference().ancestors))


def test_lin_leaves_and_yu_is_told_in_her_place(site: Site, cast: Cast, clock: Clock) -> None:
    """W-02: a wait's owner who left is replaced by another guide of the lobby, and it is marked."""
    added(site, "yu", "guide", places=["place:lobby-1"])
    added(site, "far", "guide", places=["place:area-2"])
    waiting = sits_down(cast.lin)
    moved(site, "person:lin", active=False)
    clock.passes(minutes=5)
    escalation.tick(site)
    step = database_rows.one(site, waiting)["rungs"]["waiting_water"][0]
    assert (step["told"], step["unfilled"]) == (["person:yu"], ["owner"])


@pytest.mark.parametrize("change", [{"posts": []}, {"places": ["place:area-2"]}])
def test_an_owner_without_a_post_or_on_another_floor_is_replaced(
    site: Site, cast: Cast, clock: Clock, change: dict[str, Any]
) -> None:
    """W-02: with no other guide there, who stands above is told."""
    waiting = sits_down(cast.lin)
    moved(site, "person:lin", **change)
    clock.passes(minutes=5)
    escalation.tick(site)
    step = database_rows.one(site, waiting)["rungs"]["waiting_water"][0]
    assert (step["told"], step["unfilled"]) == (["person:chen"], ["owner"])


@pytest.mark.parametrize(
    ("rung", "there", "told"),
    [
        (3, ("deputy_director",), "deputy_director"),
        (3, (), "person:wu"),
        (2, ("gm",), "gm"),
        (2, (), "person:wu"),
    ],
)
def test_an_empty_head_is_never_replaced_by_a_guide_supervisor(
    site: Site, rung: int, there: tuple[str, ...], told: str
) -> None:
    """Row 4, C-27: an unfilled post climbs to who stands above it, not to whoever decides acts."""
    for post in there:
        added(site, f"one-{post.replace('_', '-')}", post)
    found, unfilled = told_of(site, "complaint_solve_general", rung)
    expected = told if ":" in told else f"person:one-{told.replace('_', '-')}"
    assert (list(found), bool(unfilled)) == ([expected], True)


def test_a_wait_that_was_refused_is_told_of_and_climbs(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Row 10, W-01: a wait outside of Lin's places is refused; Chen hears in a minute, then Wu."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    assert cast.lin.hands_in(act)[0].code == "not_your_place"
    refusal = "refusal:" + act["_id"].partition(":")[2]
    for told in (["person:chen"], ["person:wu"]):
        clock.passes(minutes=1 if told == ["person:chen"] else 5)
        escalation.tick(site)
        steps = database_rows.one(site, refusal)["rungs"]["refusal_urgent"]
        assert steps[-1]["told"] == told
    noted = cast.lin.says("arrival.revealed", cast.lin.new("arrival"), more=1)
    assert not cast.lin.hands_in(noted)[0].good
    other = database_rows.one(site, "refusal:" + noted["_id"].partition(":")[2])
    assert "urgent_at" not in other


def test_departments_have_it_from_their_own_rung_on(site: Site, cast: Cast, clock: Clock) -> None:
    """PR-03, X-19: operations see nothing at intake, and the complaint once they are told."""
    people = {"person:ops": ["ops_dept"], "person:med": ["medical_affairs"]}
    for person, posts in people.items():
        site.record_act("person.added", person, {"name": "某", "posts": posts}, by="system:site")
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS)

    def have_it() -> list[str]:
        channels = set(offered_in(site, complaint))
        return [who for who in people if channels & site.rights(who).channels]

    assert have_it() == []
    for _ in range(60):
        clock.passes(hours=12)
        escalation.tick(site)
        steps = database_rows.one(site, complaint)["rungs"].get("complaint_solve_general", [])
        told = {person for step in steps for person in step["told"]}
        assert [who for who in people if who in told] == have_it()
        if len(have_it()) == 2:
            return
    raise AssertionError("nobody was ever told")


def test_records_are_offered_anew_after_an_upgrade(site: Site, cast: Cast) -> None:
    """A database of the version before has no hidings and other channels: they are computed."""
    complaint = cast.chen.new("complaint")
    cast.chen.does(
        "complaint.taken", complaint, place="place:lobby-1", words=WORDS, about=["person:lin"]
    )
    right = offered_in(site, complaint)
    with site.writing() as connection:
        connection.exec_driver_sql(
            """update records set hides = '[]', channels = '["place:lobby-1","post:ops_dept"]'"""
            " where type = 'complaint'"
        )
    assert upgraded_kinds.look_over(site) > 0
    assert offered_in(site, complaint) == right
    assert upgraded_kinds.look_over(site) == 0


def test_records_are_folded_again_after_an_upgrade_that_folds_them_otherwise(
    site: Site, cast: Cast
) -> None:
    """The version before knew no such state: nobody has to fold again by hand."""
    upgraded_kinds.look_over(site)
    waiting = sits_down(cast.lin)
    right = database_rows.one(site, waiting)
    with site.writing() as connection:
        stored = sa.select(records.c.body).where(records.c.id == waiting)
        body = bytes(connection.execute(stored).scalar_one()).replace(
            b'"state":"waiting"', b'"state":"seated"'
        )
        changed = {"state": "seated", "body": body, "history": bytes(16)}
        connection.execute(records.update().where(records.c.id == waiting).values(changed))
        folded = sa.select(meta.c.value).where(meta.c.key == "folded")
        before = orjson.loads(str(connection.scalar(folded)))
        text = orjson.dumps({**before, "waiting": "otherwise"}).decode()
        connection.execute(meta.update().where(meta.c.key == "folded").values(value=text))
    assert upgraded_kinds.look_over(site) == 1
    assert database_rows.one(site, waiting)["state"] == right["state"] == "waiting"
    assert site.refold()[1] == 0


def test_other_words_fold_nothing_again(site: Site, cast: Cast) -> None:
    upgraded_kinds.look_over(site)
    sits_down(cast.lin)
    declared = site.declarations["records"]["waiting"]
    declared = {**declared, "label": "Seat", "acts": [{**a, "icon": "x"} for a in declared["acts"]]}
    site.declarations = {
        **site.declarations,
        "records": {**site.declarations["records"], "waiting": declared},
    }
    assert upgraded_kinds.look_over(site) == 0
