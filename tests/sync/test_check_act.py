"""`check`: what is wrong with an act, before anybody asks whose it is."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sync
from sync.check_act import check
from tests.sync import histories
from tests.sync.telling import DECLARED, LIN, NINE, WU, Case

HASH = "0123456789abcdef" * 4


def problems(verb: str, /, kind: str = "complaint", **data: Any) -> dict[str, str]:
    act = Case(kind).says(LIN, verb, 0, **data)
    return check(DECLARED, act)


def test_a_complaint_needs_a_place_and_words() -> None:
    assert problems("taken") == {"place": "required", "words": "required"}
    assert problems("taken", place="place:lobby-1", words="等了一个小时") == {}


def test_empty_words_are_no_words() -> None:
    assert problems("taken", place="place:lobby-1", words="") == {"words": "required"}


def test_rare_characters_count_as_one() -> None:
    given = {"place": "place:lobby-1", "words": "x"}
    assert problems("taken", **given, name="𠮷" * 60) == {}
    assert problems("taken", **given, name="𠮷" * 61) == {"name": "too_long"}


def test_half_an_emoji_is_no_text() -> None:
    """A cut through one leaves it behind, and it could never be sent."""
    given = {"place": "place:lobby-1", "words": "x\ud83d"}
    assert problems("taken", **given) == {"words": "not_text"}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("phone", "call me", "not_a_phone"),
        ("phone", "13900000416\0", "not_a_phone"),
        ("place", "lobby 1", "not_an_id"),
        ("severity", "terrible", "not_a_choice"),
        ("reasons", ["waiting", "weather"], "not_a_choice"),
        ("reasons", "waiting", "not_a_list"),
        ("amount", -1, "too_small"),
        ("amount", 100_000_001, "too_big"),
        ("amount", True, "not_a_number"),
        ("amount", 12.5, "not_a_number"),
        ("photos", [HASH] * 7, "too_many"),
        ("photos", ["me.jpg"], "not_a_photo"),
        ("signature", {"strokes": [], "of": HASH}, "not_a_signature"),
        ("signature", {"strokes": [[1, 2, 3]], "of": HASH}, "not_a_signature"),
        ("signature", {"strokes": [[1, 2]]}, "not_a_signature"),
        ("signature", {"strokes": [[300, 80]], "of": HASH}, "too_little_ink"),
        ("signature", {"strokes": [[300, 80, 301, 80, 302, 81]], "of": HASH}, "too_little_ink"),
        ("mood", "bad", "not_asked"),
    ],
)
def test_what_no_complaint_can_say(field: str, value: Any, problem: str) -> None:
    given = {"place": "place:lobby-1", "words": "x", field: value}
    assert problems("taken", **given) == {field: problem}


def test_a_small_cross_is_a_signature() -> None:
    """Found, 1: one tap on the pad passed; the shortest name must not be refused for that."""
    cross = {"strokes": [[300, 80, 340, 120], [340, 80, 300, 120]], "of": HASH}
    assert problems("taken", place="place:lobby-1", words="x", signature=cross) == {}


def test_an_act_of_a_newer_tablet_is_unknown_and_said_so() -> None:
    assert problems("danced") == {"act": "unknown_act"}
    assert problems("started", kind="dance") == {"act": "unknown_act"}


def test_an_act_names_a_record_of_its_own_kind() -> None:
    act = Case("waiting").says(LIN, "water_given")
    assert check(DECLARED, {**act, "record": "complaint:A"}) == {"record": "wrong_type"}


@pytest.mark.parametrize(
    "at", [None, "now", 0, -1, 1_577_836_799_999, 4_102_444_800_000, True, float(NINE)]
)
def test_a_moment_is_whole_milliseconds_of_this_century(at: Any) -> None:
    act = Case("waiting").says(LIN, "water_given")
    assert check(DECLARED, {**act, "at": at}) == {"at": "not_a_moment"}


def test_an_act_has_no_other_parts() -> None:
    act = Case("waiting").says(LIN, "water_given")
    assert check(DECLARED, {**act, "state": "ended"}) == {"state": "not_asked"}
    assert check(DECLARED, {**act, "_rev": "1-a"}) == {}


def test_only_editable_fields_are_corrected() -> None:
    assert problems("edited", field="name", old=None, new="林") == {}
    assert problems("edited", field="number", new="T-1") == {"field": "not_editable"}
    assert problems("edited", field="state", new="settled") == {"field": "not_editable"}
    assert problems("edited", field="severity", new="terrible") == {"new": "not_a_choice"}


def test_a_decision_accepts_or_keeps() -> None:
    about = Case("waiting").says(WU, "started")["_id"]
    assert problems("decided", about=about, choice="accept", reason="She was there") == {}
    assert problems("decided", about=about, choice="maybe") == {"choice": "not_a_choice"}
    assert problems("decided", choice="accept") == {"about": "required"}
    assert problems("undone", undoes=["act"]) == {"undoes": "not_understood"}


# Whatever arrives

nothing = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    nothing, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=8
)
known = st.sampled_from(
    sorted(
        {
            *sync.declarations()["acts"],
            *(
                f"{kind}.{verb}"
                for kind in sync.declarations()["records"]
                for verb in ("undone", "decided", "edited", "rung_reached", "rung_annulled")
            ),
        }
    )
)
names = st.sampled_from(
    ("undoes", "about", "choice", "field", "new", "ladder", "rung", "due_at", "words", "place")
)


@given(st.dictionaries(st.text(), anything))
def test_whatever_an_act_is_the_check_answers(act: dict[str, Any]) -> None:
    assert check(DECLARED, act)


@given(known, st.dictionaries(names | st.text(), anything))
def test_whatever_an_act_says_the_check_answers(name: str, data: dict[str, Any]) -> None:
    kind, _, verb = name.partition(".")
    act = {**Case(kind).says(LIN, verb), "data": data}
    assert all(isinstance(code, str) for code in check(DECLARED, act).values())


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(DECLARED["records"])))
def test_what_is_drawn_by_lot_is_well_formed(luck: Random, kind: str) -> None:
    acts = histories.drawn(luck, kind)
    assert [check(DECLARED, act) for act in acts] == [{}] * len(acts)
    assert json.loads(json.dumps(acts)) == acts
