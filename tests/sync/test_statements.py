"""What the clock says for rules: the newest alone counts, and what somebody began stands."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sync import fold, statements
from sync.act import Act
from tests.vectors import imaginary_hospital, statement_stories
from tests.vectors.generate import whole
from tests.vectors.story import CLOCK, LIN, Story

DECLARED = imaginary_hospital.declarations()


def folded(tell: statement_stories.Tale, kind: str = "duty") -> dict[str, Any]:
    story = Story(kind)
    tell(story)
    record = fold.fold(DECLARED, map(whole, story.acts))
    assert record is not None
    return record


def reasons(record: dict[str, Any]) -> list[str]:
    return [question["reason"] for question in record["unsettled"]]


def test_of_two_statements_the_newer_counts_alone() -> None:
    record = folded(statement_stories.the_newest_alone_counts)
    assert (record["who"], record["acts"]["n"], record["told_at"]) == ("chen", 1, 51)


def test_what_no_rule_wants_is_withdrawn_until_one_wants_it_again() -> None:
    gone = folded(statement_stories.what_nobody_wants_is_withdrawn)
    assert statements.is_withdrawn(gone)
    assert (gone["state"], gone["day"]) == ("due", 1)
    assert not statements.is_withdrawn(folded(statement_stories.wanted_again))
    assert not statements.is_withdrawn(folded(statement_stories.two_rules))


def test_a_duty_may_be_done_before_its_moment() -> None:
    record = folded(statement_stories.done_before_its_moment)
    assert (record["state"], record["unsettled"]) == ("done", [])


def test_what_somebody_began_is_asked_and_not_taken_away() -> None:
    record = folded(statement_stories.begun_and_then_withdrawn)
    assert (record["state"], record["note"], record["stated"]["begun"]) == ("due", "n", 1)
    assert reasons(record) == [statements.OTHERWISE]
    assert not statements.is_withdrawn(record)


def test_what_its_author_saw_stands_and_decides_whether_the_act_fits() -> None:
    record = folded(statement_stories.begun_as_it_was_seen)
    assert (record["state"], record["day"], record["who"]) == ("done", 1, "lin")
    assert reasons(record) == [statements.OTHERWISE]


def test_whoever_saw_that_it_was_withdrawn_is_not_asked() -> None:
    record = folded(statement_stories.begun_on_what_was_withdrawn)
    assert (record["note"], record["unsettled"]) == ("n", [])


@pytest.mark.parametrize(
    "tell",
    [statement_stories.a_look_begins_nothing, statement_stories.what_did_not_fit_begins_nothing],
)
def test_what_has_no_effect_begins_nothing(tell: statement_stories.Tale) -> None:
    record = folded(tell)
    assert "begun" not in record["stated"]
    assert record["acts"]["last"].startswith("act:7ZZZ"), "who acts now names what they saw"


def test_what_was_begun_and_taken_back_is_as_its_rule_wants_it() -> None:
    record = folded(statement_stories.taken_back)
    assert (record["day"], record["who"], record["unsettled"]) == (2, "chen", [])
    assert "begun" not in record["stated"]
    assert statements.is_withdrawn(folded(statement_stories.taken_back_and_withdrawn))


def test_an_answer_names_the_statement_that_it_answers() -> None:
    kept = folded(statement_stories.answered("keep"))
    assert (kept["day"], kept["unsettled"]) == (1, [])
    accepted = folded(statement_stories.answered("accept"))
    assert (accepted["day"], accepted["note"], accepted["unsettled"]) == (2, "n", [])
    assert folded(statement_stories.accepted_away)["state"] == "undone"
    asked = folded(statement_stories.answered_for_one_statement)
    assert [question["data"] for question in asked["unsettled"]] == [{"day": 3}]


def test_a_pair_counts_who_holds() -> None:
    held = folded(statement_stories.held_by_two, "bill")
    assert (held["money"], held["stated"]["held"]) == ("open", {"money": ["lock payout:2"]})
    assert (held["state"], reasons(held), held["locked_at"]) == ("open", ["not_now"], 6)
    other = folded(statement_stories.held_by_two_rules, "bill")
    assert (other["money"], other["locked_at"]) == ("open", 7), "its own moment is the newest"
    assert "locked_at" not in folded(statement_stories.let_go_by_both, "bill")
    assert folded(statement_stories.let_go_by_both, "bill")["state"] == "paid"
    assert folded(statement_stories.held_no_more, "bill")["money"] == "none"


def test_what_no_judge_says_any_more_is_gone() -> None:
    assert folded(statement_stories.judged)["note"] == "high"
    assert "note" not in folded(statement_stories.judged_no_more)


def test_however_acts_arrive_the_server_has_the_same_record() -> None:
    """What may be added is added, all else is folded again: it comes to the same."""
    for seed in range(300):
        luck = Random(seed)
        acts = [whole(act) for act in statement_stories.drawn(luck, luck.choice((5, 9, 14)))]
        luck.shuffle(acts)
        record, known = None, list[Act]()
        for act in acts:
            known.append(act)
            is_last = all(fold.before(DECLARED, one, act) for one in known[:-1])
            if is_last and statements.is_simple(record, act):
                record = fold.apply(DECLARED, record, act)
            else:
                record = fold.fold(DECLARED, known)
            assert record == fold.fold(DECLARED, known), (seed, act)


def test_a_person_claims_no_word_of_the_clock() -> None:
    from sync.check_act import check

    story = Story("duty")
    statement_stories.says(story, 1, {"day": 1})
    act = whole(story.acts[0])
    act["at"] = 1_795_568_400_000
    act["for"] = {**act["for"], "said_at": act["at"]}
    assert check(DECLARED, act) == {}
    assert check(DECLARED, {**act, "by": LIN}) == {"for": "not_asked"}
    assert check(DECLARED, {**act, "_id": "act:" + "0" * 26}) == {"for": "not_asked"}
    assert check(DECLARED, {**act, "for": {**act["for"], "n": 0}}) == {"for": "not_asked"}
    plain = {name: value for name, value in act.items() if name != "for"}
    assert check(DECLARED, {**plain, "by": LIN}) == {"for": "not_asked"}
    assert check(DECLARED, {**plain, "by": CLOCK}) == {"for": "not_asked"}
