"""Hospitals that share a cluster: all acts reach it, none is lost, and nobody is notified twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.acts import erasure
from server.cluster import letters
from server.cluster.incoming_acts import as_returned
from sync.cluster_client import agreed
from tests.cast import WORDS
from tests.clock import Clock
from tests.server import database_rows
from tests.server.link.conftest import Founds, Hospital
from tests.server.link.proxy import Proxy


def a_morning(hospital: Hospital, clock: Clock, people: int = 3) -> list[str]:
    """People come, get water; one of them complains. Return the complaints."""
    complaints = []
    for number in range(people):
        record = hospital.cast.lin.new("waiting")
        hospital.cast.lin.does("waiting.started", record, place="place:lobby-1")
        clock.passes(minutes=1)
        hospital.cast.lin.does("waiting.water_given", record)
        if number == 0:
            complaint = hospital.cast.lin.new("complaint")
            hospital.cast.lin.does(
                "complaint.taken", complaint, place="place:lobby-1", words=WORDS, name="王芳"
            )
            complaints.append(complaint)
    return complaints


def same_up_there(hospital: Hospital) -> None:
    """The cluster has each act once, and each record in the revision that it has here."""
    docs = {n: d for n, d in hospital.database.docs().items() if not n.startswith("post:")}
    acts = {name for name in docs if name.startswith("act:")}
    assert acts == hospital.acts()
    here = {name: row[0] for name, row in hospital.records().items()}
    there = {name: doc["_rev"] for name, doc in docs.items() if name not in acts}
    assert there == here


def test_what_a_hospital_has_goes_up_and_comes_down_to_nobody_else(
    founds: Founds, clock: Clock
) -> None:
    east, west = founds("east"), founds("west")
    a_morning(east, clock)
    assert east.looks().state == west.looks().state == "up_to_date"
    same_up_there(east)
    same_up_there(west)
    assert not east.acts() & west.acts() - {a for a in west.acts() if "place" in a}
    state = east.looks()  # its own acts come by in the feed, and nothing follows from it
    assert (state.acts_down, state.kept_apart) == (0, 0)
    clock.passes(minutes=5)
    a_morning(east, clock, people=1)
    sent = east.looks().acts_up - state.acts_up
    assert sent == 3
    same_up_there(east)
    assert east.status()["waiting_up"] == 0


def test_a_record_that_changes_often_has_one_line_of_revisions(
    founds: Founds, clock: Clock
) -> None:
    east = founds("east")
    (complaint,) = a_morning(east, clock, people=1)
    for number in range(4):
        clock.passes(minutes=1)
        east.cast.wu.does("complaint.noted", complaint, text=f"call {number}")
        east.looks()
    doc = east.database.call("GET", complaint, conflicts="true", revs="true")
    assert "_conflicts" not in doc
    assert doc["_revisions"]["start"] == int(doc["_rev"].partition("-")[0]) == 5
    same_up_there(east)


def test_a_complaint_passed_on_arrives_with_its_clocks_running(
    founds: Founds, clock: Clock
) -> None:
    east, west = founds("east"), founds("west")
    head = founds("head", carries=True)
    (complaint,) = a_morning(east, clock, people=1)
    clock.passes(minutes=30)
    here = east.cast.wu.does(
        "complaint.referred", complaint, to_site=west.site.config.name, reason="西院的病人"
    )
    assert here.good
    east.works()
    for hospital in (east, west, head, west):  # up, nothing yet, carried, down
        hospital.looks()
    clocked = {row["record"] for row in database_rows.rows(east.site, "timers")}
    assert complaint not in clocked  # whose complaint it was has no clock any more

    passed = [r for r in west.records() if r.startswith("complaint:")]
    assert len(passed) == 1
    record = west.site.record(passed[0])
    assert record is not None and record["words"] == WORDS and record["name"] == "王芳"
    assert record["taken_at"] == database_rows.one(east.site, complaint)["taken_at"]
    assert record["owner"] == f"person:{east.site.config.name}.lin"  # not our own Lin
    timers = database_rows.rows(west.site, "timers")
    assert {row["record"] for row in timers} == {passed[0]}
    letters = [r for r in west.records() if r.startswith("letter:")]
    letter = west.site.record(letters[0])
    assert letter is not None
    assert (letter["from_site"], letter["taken"], letter["kept_apart"]) == (
        east.site.config.name,
        1,
        0,
    )
    assert letter["about"] == passed[0] and letter["words"] == "西院的病人"
    before = west.records()
    for hospital in (east, head, west):
        hospital.looks()
    assert west.records() == before  # the same letter again is the same letter

    west.cast.wu.does("complaint.settled", passed[0], resolution="道歉", attended_by="吴")
    west.looks()
    same_up_there(west)


def letters_of(hospital: Hospital) -> list[dict[str, Any]]:
    bodies = [json.loads(row[2]) for row in hospital.records().values()]
    return [body for body in bodies if body["type"] == "letter" and body["state"] == "arrived"]


def test_the_head_office_writes_to_all_and_what_is_for_nobody_comes_back(
    founds: Founds, clock: Clock
) -> None:
    east, west, head = founds("east"), founds("west"), founds("head", carries=True)
    letters.write(head.site, "*", "notice", [], clock(), words="Masks from Monday on")
    (complaint,) = a_morning(east, clock, people=1)
    east.cast.wu.does("complaint.referred", complaint, to_site="the one at the lake", reason="x")
    east.works()
    for hospital in (east, west, head, head, east, west):
        assert hospital.looks().kept_apart == 0
    assert [letter["words"] for letter in letters_of(west)] == ["Masks from Monday on"]
    notice, back = sorted(letters_of(east), key=lambda letter: str(letter["what"]))
    assert notice["words"] == "Masks from Monday on"
    assert "the one at the lake" in back["words"] and back["about"] == complaint
    assert any("the one at the lake" in problem for problem in head.status()["undeliverable"])
    assert head.status()["letters_carried"] >= 2 and east.status()["letters_carried"] == 0

    east.works()  # and somebody is told
    told = [json.loads(row[2]) for name, row in east.records().items() if "notice:" in name]
    of_letters = [notice for notice in told if notice["what"] == "letter.arrived"]
    assert {notice["to"] for notice in of_letters} == {"person:wu"} and len(of_letters) == 2
    east.cast.wu.does("complaint.undone", complaint, undoes=last_act(east, complaint))
    assert database_rows.one(east.site, complaint)["state"] == "open"


def last_act(hospital: Hospital, record: str) -> str:
    found: str = database_rows.one(hospital.site, record)["acts"]["last"]
    return found


def test_a_forged_letter_is_kept_apart(founds: Founds, clock: Clock) -> None:
    """Whoever could write to our database still may not say what only we may say."""
    east = founds("east")
    (complaint,) = a_morning(east, clock, people=1)
    make = east.cast.wu.says
    forged = [
        make(
            "complaint.settled", complaint, resolution="nothing", attended_by="x"
        ),  # of a record of ours
        make("person.changed", "person:wu", name="x"),
        make("setting.changed", "setting:complaint.first_response", value=1),
        make("complaint.rung_reached", complaint, ladder="x", rung=1, due_at=clock()),
    ]
    letter = {"_id": "post:west.1", "from": "west", "to": east.site.config.name}
    acts = [{**act, "site": "west"} for act in forged]
    whole = {**letter, "sent_at": clock(), "acts": json.dumps(acts)}
    for doc in (whole, {**letter, "_id": "post:west.2"}, {"_id": "post:x"}):
        east.database.call("PUT", doc["_id"], doc)
    before = {n: r for n, r in east.records().items() if not n.startswith(("refusal:", "letter:"))}
    state = east.looks()
    assert (state.state, state.kept_apart) == ("up_to_date", 6)
    after = {n: r for n, r in east.records().items() if not n.startswith(("refusal:", "letter:"))}
    assert after == before


def test_the_cluster_is_away_for_an_hour_and_comes_back(
    founds: Founds, clock: Clock, proxy: Proxy
) -> None:
    east = founds("east", proxy.url)
    assert east.looks().state == "up_to_date"
    proxy.away = True
    pauses = []
    for _ in range(12):
        clock.passes(minutes=5)
        a_morning(east, clock, people=1)
        state = east.looks()
        assert state.state == "away" and state.next_at is not None
        pauses.append((state.next_at - (state.error_at or 0)) // 1_000)
    assert pauses[:4] == [5, 10, 20, 40] and pauses[-1] == 300  # the most that jitter may give
    assert east.status()["waiting_up"] == 24 and east.status()["lag"] > 0
    proxy.away = False
    proxy.answers = [(503, {"Retry-After": "77"}, {"error": "busy", "reason": "later"})]
    state = east.looks(chance=0.0)
    assert state.next_at is not None and state.next_at - (state.error_at or 0) >= 77_000
    state = east.looks()
    assert (state.state, state.error, state.failures) == ("up_to_date", None, 0)
    same_up_there(east)


def test_a_server_killed_between_batches_goes_on_where_it_was(
    founds: Founds, clock: Clock, proxy: Proxy
) -> None:
    east = founds("east", proxy.url, records_at_once=5)
    a_morning(east, clock, people=10)
    for cut in (1, 2, 3):  # the answer is lost: written, and nobody heard of it
        proxy.pushed, proxy.cut_after = [], cut
        assert east.looks().state == "away"
    proxy.pushed, proxy.cut_after = [], None
    assert east.looks().state == "up_to_date"
    assert sum(proxy.pushed) < 50  # what had arrived was not sent again
    same_up_there(east)
    proxy.pushed.clear()
    east.looks()
    assert proxy.pushed == []


def test_a_request_too_large_is_halved_and_one_document_too_large_is_left_behind(
    founds: Founds, clock: Clock, proxy: Proxy
) -> None:
    east = founds("east", proxy.url)
    complaints = a_morning(east, clock, people=20)
    east.cast.wu.does("complaint.noted", complaints[0], text="a long story " * 700)
    proxy.most_bytes = 6_000
    state = east.looks()
    assert state.state == "up_to_date" and list(state.behind) == complaints
    assert len(east.acts() - set(east.database.docs())) == 1
    proxy.most_bytes = None
    assert east.looks(thorough=True).behind == {}
    same_up_there(east)


def test_a_poisoned_document_in_the_cluster_does_not_block_the_rest(
    founds: Founds, clock: Clock
) -> None:
    east = founds("east")
    a_morning(east, clock)
    east.looks()
    mine = east.cast.lin.says(
        "waiting.started", east.cast.lin.new("waiting"), place="place:lobby-1"
    )
    poison = [
        {"_id": "act:nonsense"},
        {**mine, "_id": "act:" + "0" * 26, "data": "not an object"},
        {**mine, "_id": "act:" + "1" * 26, "act": "waiting.rung_reached", "data": {}},
        {**mine, "_id": "act:" + "2" * 26, "act": "dragon.seen", "record": "dragon:1"},
        {**mine, "_id": "act:" + "3" * 26, "site": "another"},
        {"_id": "act:" + "4" * 26, "_attachments": {"x": {"data": "eA==", "content_type": "a/b"}}},
    ]
    for doc in [*poison, mine]:
        east.database.call("PUT", doc["_id"], doc)
    state = east.looks()
    assert (state.state, state.acts_down, state.kept_apart) == ("up_to_date", 1, len(poison))
    assert mine["_id"] in east.acts()
    assert len(database_rows.rows(east.site, "quarantine")) == len(poison)
    again = east.looks()
    assert again.kept_apart == state.kept_apart


def test_a_second_server_for_the_same_hospital_stops(founds: Founds, clock: Clock) -> None:
    east = founds("east")
    a_morning(east, clock, people=1)
    east.looks()
    other = founds(east.site.config.name)
    state = other.looks()
    assert state.state == "taken_over" and state.acts_up == 0
    same_up_there(east)


def test_ten_thousand_acts_go_up_in_batches(founds: Founds, clock: Clock, proxy: Proxy) -> None:
    east = founds("east", proxy.url)
    lin = east.cast.lin
    for _ in range(1_000):
        complaint = lin.new("complaint")
        lin.says("complaint.taken", complaint, place="place:lobby-1", words=WORDS)
        for number in range(1, 10):
            lin.says("complaint.noted", complaint, at=clock() + number, text="called again")
    while lin.kept:
        some, lin.kept = lin.kept[:1_000], lin.kept[1_000:]
        lin.hands_in(*some)
    state = east.looks()
    assert state.state == "up_to_date" and state.acts_up >= 10_000
    assert max(proxy.pushed) <= 2_000 and len(proxy.pushed) < 50
    assert east.database.call("GET", "")["doc_count"] == state.acts_up + state.records_up


@pytest.mark.parametrize(
    ("one", "other", "since"),
    [
        ([("c", 3, 30), ("b", 9, 20)], [("c", 3, 30), ("b", 9, 20)], "30"),
        ([("c", 3, 30)], [("c", 4, 40)], "30"),  # killed between the two
        ([("c", 4, 40)], [("c", 3, 30)], "30"),  # put back from an older copy
        ([("c", 3, 30), ("b", 9, 20)], [("b", 8, 18)], "18"),
        ([("c", 3, 30)], [("d", 3, 30)], "0"),  # another database under the same name
        ([("c", 3, 30)], [], "0"),
    ],
)
def test_both_sides_agree_on_what_neither_could_have_missed(
    one: list[tuple[str, int, int]], other: list[tuple[str, int, int]], since: str
) -> None:
    def note(entries: list[tuple[str, int, int]]) -> dict[str, Any] | None:
        names = ("session_id", "saves", "recorded_seq")
        history = [dict(zip(names, entry, strict=True)) for entry in entries]
        return {"history": history} if history else None

    assert agreed(note(one), note(other)) == since


def test_an_erasure_reaches_the_cluster_and_a_restore_from_it(founds: Founds, clock: Clock) -> None:
    east = founds("east")
    (complaint,) = a_morning(east, clock, people=1)
    noted = east.cast.wu.does("complaint.noted", complaint, text="司徒青云 called")
    assert noted.good
    east.looks()
    assert "司徒青云" in str(east.database.docs())
    clock.passes(minutes=1)
    erasure.erase(east.site, complaint, by="system:site", reason="x")
    east.looks()
    docs = east.database.docs()
    assert "司徒青云" not in str(docs) and docs[noted.id]["erased"].startswith("erasure:")
    assert docs[noted.id]["_rev"].startswith("2-")
    east.looks()
    assert east.database.docs()[noted.id]["_rev"] == docs[noted.id]["_rev"], "sent once"
    kinds = set(east.site.declarations["records"])
    act, _ = as_returned(docs[noted.id], east.site.config.name, kinds)
    assert act["text"] == "" and "_rev" not in act
