"""Acts become a record: who may say what, what is undone, what waits for a decision."""

from __future__ import annotations

import copy
import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.act import make
from sync.check_act import check
from sync.fold import apply, before, fold, order
from tests.sync import histories
from tests.sync.telling import CHEN, DECLARED, LIN, MINUTE, NINE, WU, Case, waiting


def test_the_first_stamp_stays() -> None:
    case = waiting()
    case.says(LIN, "water_given", 4)
    case.says(CHEN, "water_given", 6)
    assert case.record["water_at"] == NINE + 4 * MINUTE
    assert case.record["water_by"] == LIN
    assert case.questions == []


def test_the_earlier_stamp_holds_even_if_it_arrives_later() -> None:
    case = waiting()
    case.says(CHEN, "water_given", 6)
    case.says(LIN, "water_given", 4)
    assert case.record["water_by"] == LIN


def test_who_registers_owns() -> None:
    assert waiting().record["owner"] == LIN


def test_two_people_who_end_a_waiting_alike_agree() -> None:
    case = waiting()
    case.says(LIN, "ended", 20, outcome="seen")
    case.says(CHEN, "ended", 21, outcome="seen")
    assert case.questions == []
    assert case.record["ended_at"] == NINE + 20 * MINUTE


def ended_differently() -> Case:
    case = waiting()
    case.says(LIN, "ended", 20, outcome="seen")
    case.says(CHEN, "ended", 21, outcome="left", reason="tired")
    return case


def test_two_people_who_end_a_waiting_differently_are_asked() -> None:
    case = ended_differently()
    assert case.questions == [(CHEN, "not_now")]
    assert case.record["outcome"] == "seen"
    (question,) = case.record["unsettled"]
    assert question["data"] == {"outcome": "left", "reason": "tired"}
    assert question["at"] == NINE + 21 * MINUTE


def test_a_decision_accepts_one_of_them_with_moment_and_person() -> None:
    case = ended_differently()
    case.says(WU, "decided", 60, about=case.acts[-1]["_id"], choice="accept", reason="She saw it")
    assert case.questions == []
    assert case.record["outcome"] == "left"
    assert case.record["ended_at"] == NINE + 21 * MINUTE


def test_a_decision_keeps_what_was() -> None:
    case = ended_differently()
    case.says(WU, "decided", 60, about=case.acts[-1]["_id"], choice="keep")
    assert case.questions == []
    assert case.record["outcome"] == "seen"


def test_what_is_decided_stays_decided() -> None:
    case = ended_differently()
    about = case.acts[-1]["_id"]
    case.says(WU, "decided", 60, about=about, choice="keep")
    case.says(CHEN, "decided", 61, about=about, choice="accept")
    assert case.record["outcome"] == "seen"


def test_a_decision_makes_no_record_but_the_registration_that_was_on_its_way_does() -> None:
    case = Case("waiting")
    case.says(CHEN, "ended", 20, outcome="left")
    case.says(WU, "decided", 30, about=case.acts[0]["_id"], choice="accept")
    assert case.record["state"] == "unknown"
    assert case.questions == [(CHEN, "no_record")]
    case.says(LIN, "started", 0, place="place:lobby-1")
    assert (case.record["owner"], case.record["outcome"]) == (LIN, "left")
    assert case.questions == []


def test_an_accepted_settlement_is_signed_by_who_made_it() -> None:
    case = Case("complaint")
    case.says(LIN, "taken", place="place:lobby-1", words="等了一个小时")
    case.says(WU, "settled", 60, resolution="Apology")
    case.says(CHEN, "settled", 61, resolution="Refund")
    case.says(WU, "decided", 90, about=case.acts[-1]["_id"], choice="accept")
    assert (case.record["resolution"], case.record["settled_by"]) == ("Refund", CHEN)


def test_nothing_can_be_said_of_a_settled_complaint_but_it_is_kept() -> None:
    case = Case("complaint")
    case.says(LIN, "taken", place="place:lobby-1", words="等了一个小时")
    case.says(WU, "settled", 60, resolution="Apology")
    case.says(LIN, "responded", 61, response="We are sorry")
    assert case.questions == [(LIN, "not_now")]
    assert case.record["state"] == "settled"


def test_what_somebody_else_changed_unseen_is_not_overwritten() -> None:
    case = waiting()
    seen = case.acts[0]
    case.says(CHEN, "doctor_changed", 10, doctor="doctor:wang", reason="ill")
    case.says(LIN, "doctor_changed", 11, seen=seen, doctor="doctor:zhou", reason="free")
    assert case.questions == [(LIN, "changed_meanwhile")]
    assert case.record["doctor"] == "doctor:wang"
    case.says(LIN, "doctor_changed", 12, doctor="doctor:zhou", reason="free")
    assert case.record["doctor"] == "doctor:zhou"


def test_a_form_that_lay_open_does_not_hide_what_it_did() -> None:
    """The id of an act is as old as its form; what counts is when it was sent."""
    case = waiting()
    seen = case.says(WU, "assistant_told", 10)
    sent = case.says(CHEN, "doctor_changed", 20, doctor="doctor:wang", reason="ill")
    sent["_id"] = "act:" + "0" * 26  # her form was open before all this
    case.says(LIN, "doctor_changed", 30, seen=seen, doctor="doctor:zhou", reason="free")
    assert case.questions == [(LIN, "changed_meanwhile")]
    assert case.record["doctor"] == "doctor:wang"


def test_two_corrections_of_one_name_are_unsettled() -> None:
    case = waiting()
    case.says(CHEN, "edited", 1, field="name", old="林小美", new="林美")
    case.says(LIN, "edited", 2, field="name", old="林小美", new="林晓美")
    assert case.questions == [(LIN, "changed_meanwhile")]
    assert case.record["title"] == case.record["name"] == "林美"
    case.says(WU, "decided", 9, about=case.acts[-1]["_id"], choice="accept")
    assert case.record["title"] == case.record["name"] == "林晓美"


def test_a_title_does_not_outlive_its_name() -> None:
    case = waiting()
    case.says(LIN, "edited", 1, field="name", old="林小美", new=None)
    assert case.record["title"] == ""


# Undoing


def test_water_is_taken_back() -> None:
    case = waiting()
    given = case.says(LIN, "water_given", 4)
    case.says(LIN, "undone", 4.1, undoes=given["_id"])
    assert "water_at" not in case.record
    assert case.questions == []


def test_nobody_takes_back_what_another_did() -> None:
    case = waiting()
    given = case.says(LIN, "water_given", 4)
    case.says(CHEN, "undone", 5, undoes=given["_id"])
    assert case.record["water_by"] == LIN
    assert case.questions == [(CHEN, "not_yours")]


def test_nobody_withdraws_the_question_of_another() -> None:
    case = ended_differently()
    case.says(LIN, "undone", 22, undoes=case.acts[-1]["_id"])
    assert case.questions == [(CHEN, "not_now"), (LIN, "not_yours")]


def test_whose_question_it_is_withdraws_it() -> None:
    case = ended_differently()
    about = case.acts[-1]["_id"]
    case.says(CHEN, "undone", 22, undoes=about)
    case.says(CHEN, "undone", 23, undoes=about)
    assert case.questions == []


def test_water_that_two_people_gave_is_still_given_when_one_takes_it_back() -> None:
    case = waiting()
    first = case.says(LIN, "water_given", 4)
    second = case.says(CHEN, "water_given", 6)
    case.says(LIN, "undone", 7, undoes=first["_id"])
    assert (case.record["water_at"], case.record["water_by"]) == (NINE + 6 * MINUTE, CHEN)
    case.says(CHEN, "undone", 8, undoes=second["_id"])
    assert "water_at" not in case.record


def test_a_repeat_that_is_taken_back_changes_nothing() -> None:
    case = waiting()
    case.says(LIN, "water_given", 4)
    second = case.says(CHEN, "water_given", 6)
    case.says(CHEN, "undone", 7, undoes=second["_id"])
    assert case.record["water_by"] == LIN
    assert case.questions == []


def test_a_registration_is_taken_back_unless_others_worked_with_it() -> None:
    case = waiting()
    case.says(LIN, "undone", 1, undoes=case.acts[0]["_id"])
    assert case.record["state"] == "undone"
    case = waiting()
    case.says(CHEN, "water_given", 1)
    case.says(LIN, "undone", 2, undoes=case.acts[0]["_id"])
    assert case.record["state"] == "waiting"
    assert case.questions == [(LIN, "changed_meanwhile")]


def test_that_private_details_were_shown_is_never_taken_back() -> None:
    case = waiting()
    looked = case.says(LIN, "revealed", 1)
    case.says(LIN, "undone", 2, undoes=looked["_id"])
    case.says(WU, "decided", 3, about=case.acts[-1]["_id"], choice="accept")
    assert case.record["reveals"] == 1


def test_a_setting_that_was_taken_back_may_be_set_again() -> None:
    case = Case("setting")
    first = case.says(WU, "changed", 0, value=10, reason="busy")
    case.says(WU, "undone", 1, undoes=first["_id"])
    assert (case.record["state"], case.record.get("value")) == ("unknown", None)
    case.says(WU, "changed", 2, value=7, reason="calm")
    assert (case.record["state"], case.record["value"]) == ("active", 7)
    assert case.questions == []


def test_what_answers_an_act_comes_after_it_however_clocks_differ() -> None:
    """Wu's clock is a minute behind; she has seen Chen's act, so hers is later."""
    case = ended_differently()
    chens = case.acts[-1]
    decided = make(
        "waiting.decided",
        "waiting:A",
        {"about": chens["_id"], "choice": "accept"},
        at=chens["at"] - MINUTE,
        after=chens["at"],
        by=WU,
        device="device:wu",
        site="demo",
        seen=chens["_id"],
        random_bits=lambda: 99,
    )
    case.acts.append(decided)
    assert case.record["outcome"] == "left"


# Whatever arrives, in whatever order

kinds = st.sampled_from(sorted(DECLARED["records"]))
luck = st.randoms(use_true_random=False)


@given(luck, kinds)
def test_any_order_of_arrival_makes_the_same_record(luck: Random, kind: str) -> None:
    acts = histories.drawn(luck, kind)
    expected = json.dumps(fold(DECLARED, acts))
    luck.shuffle(acts)
    assert json.dumps(fold(DECLARED, acts)) == expected


@given(luck, kinds)
def test_what_arrives_twice_counts_once(luck: Random, kind: str) -> None:
    acts = histories.drawn(luck, kind)
    arrived = [*acts, *luck.sample(acts, 5)]
    luck.shuffle(arrived)
    once = {act["_id"]: act for act in arrived}.values()
    assert fold(DECLARED, once) == fold(DECLARED, acts)


@given(luck, kinds)
def test_one_by_one_is_the_same_as_all_at_once(luck: Random, kind: str) -> None:
    acts = sorted(histories.drawn(luck, kind), key=lambda act: order(DECLARED, act))
    record = None
    for number, act in enumerate(acts):
        kept, said = copy.deepcopy(record), copy.deepcopy(act)
        new = apply(DECLARED, record, act)
        assert (record, act) == (kept, said), "apply changes nothing that it was given"
        record = json.loads(json.dumps(new))  # as it comes back from a database
        assert record == fold(DECLARED, acts[: number + 1])


@given(luck, kinds)
def test_every_well_formed_act_is_remembered_whatever_it_says(luck: Random, kind: str) -> None:
    acts = histories.drawn(luck, kind, length=8)
    assert all(check(DECLARED, act) == {} for act in acts)
    record = fold(DECLARED, acts)
    assert record is not None
    assert record["acts"]["n"] == 8
    assert {entry["id"] for entry in record["acts"]["recent"]} == {act["_id"] for act in acts}
    open_questions = [question["act"] for question in record["unsettled"]]
    assert len(set(open_questions)) == len(open_questions)
    assert set(open_questions) <= {act["_id"] for act in acts}


@given(luck, kinds)
def test_of_two_acts_one_comes_first(luck: Random, kind: str) -> None:
    one, other = luck.sample(histories.drawn(luck, kind), 2)
    assert before(DECLARED, one, other) != before(DECLARED, other, one)
    assert not before(DECLARED, one, one)
