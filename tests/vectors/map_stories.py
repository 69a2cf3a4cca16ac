"""Vectors of the fold, written by hand: maps, keys of records, what a record requires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.vectors.map_histories import KEY
from tests.vectors.story import CHEN, CLOCK, LIN, WU, Story

YES = {"a": "yes", "b": "yes"}


def opened(s: Story, by: str = LIN, **more: Any) -> None:
    s("opened", by, **{**KEY, "items": ["a", "b"], **more})


# Maps


def one_key_differs(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes", "b": "yes", "c": "no"})
    s("ticked", CHEN, over={}, ticks={"a": "yes", "b": "no", "d": "yes"})
    return "a conflict in one key does not hold back the others"


def one_key_differs_accepted(s: Story) -> str:
    one_key_differs(s)
    s("decided", WU, about=3, choice="accept")
    s("undone", WU, undoes=4)
    return "a decision sets the questioned keys alone, and is undone alone"


def one_key_differs_kept(s: Story) -> str:
    one_key_differs(s)
    s("decided", WU, about=3, choice="keep")
    return "a question of one key is dropped, and the rest stays"


def in_part_stamps(s: Story) -> str:
    opened(s)
    s("begun", ticks={"a": "yes"})
    s("begun", CHEN, over={}, ticks={"a": "no", "b": "yes"})
    s("decided", WU, about=3, choice="accept")
    return "a decision about keys stamps nothing anew"


def in_part_undone(s: Story) -> str:
    one_key_differs(s)
    s("undone", CHEN, undoes=3)
    return "what stands in part is taken back with its question"


def replaced_knowingly(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", CHEN, over={"ticks.a": "yes"}, ticks={"a": "no"})
    s("undone", CHEN, undoes=3)
    s("undone", undoes=2)
    return "whoever replaces an answer says which; taken back it is there again"


def replaced_then_undone_beneath(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", CHEN, over={"ticks.a": "yes"}, ticks={"a": "no"})
    s("undone", undoes=2)
    s("undone", CHEN, undoes=3)
    return "an answer that was taken back does not come back"


def replaced_by_an_older_tablet(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", CHEN, seen=1, ticks={"a": "no"})
    s("ticked", CHEN, seen=2, ticks={"a": "na"})
    return "an act without over goes by what was seen"


def said_by_two(s: Story) -> str:
    opened(s)
    s("ticked", ticks=YES)
    s("ticked", CHEN, over={}, ticks=YES)
    s("ticked", WU, over={}, ticks={"a": "yes"})
    s("ticked", WU, over={}, ticks={"a": "yes"})
    s("undone", undoes=2)
    s("undone", CHEN, undoes=3)
    return "what two say stays with the second when the first takes it back"


def own_answer_that_another_shares(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", CHEN, over={}, ticks={"a": "yes"})
    s("ticked", over={}, ticks={"a": "no"})
    return "one's own answer that another gave as well is another's too"


def undone_after_many(s: Story) -> str:
    opened(s)
    s("ticked", ticks=YES)
    for number in range(24):
        s("ticked", (LIN, CHEN)[number % 2], over={}, counts={f"c{number}": 1})
    s("undone", CHEN, undoes=2)
    s("undone", undoes=2)
    s("undone", undoes=2)
    return "keys are taken back at any age, by whoever answered"


def older_than_its_field(s: Story) -> str:
    opened(s)
    s("noted", why="a", notes={"a": "x"})
    for number in range(6):
        s("ticked", over={}, counts={f"c{number}": 1})
    s("undone", undoes=2)
    return "an act that said a field too is too old as a whole"


def emptied(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", over={}, ticks={"a": None, "b": None})
    s("undone", undoes=3)
    s("undone", undoes=2)
    return "an emptied key, and a map without keys"


def for_good(s: Story) -> str:
    opened(s)
    s("marked", ticks=YES)
    s("undone", undoes=2)
    s("ticked", CHEN, over={}, ticks=YES)
    s("undone", CHEN, undoes=4)
    return "what may not be taken back stays, whoever says it as well"


def whole_or_nothing(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("looked", CHEN, over={}, ticks={"a": "no", "b": "yes"})
    s("marked", CHEN, over={}, ticks={"a": "no", "b": "yes"})
    s("begun", CHEN, over={}, ticks={"a": "no", "b": "yes"})
    return "an act that signs or stays for good is whole, one that stamps is not"


def field_and_key(s: Story) -> str:
    opened(s)
    s("noted", why="a", notes={"a": "x"})
    s("noted", CHEN, over={}, why="b", notes={"b": "y"})
    s("noted", CHEN, over={}, why="a", notes={"a": "z", "b": "y"})
    return "a field in conflict holds back all, a key itself alone"


def edited_key(s: Story) -> str:
    opened(s)
    s("ticked", ticks=YES)
    s("edited", CHEN, field="ticks.a", old="yes", new="no")
    s("edited", WU, field="ticks.a", old="yes", new="na")
    s("decided", LIN, about=4, choice="accept")
    s("undone", CHEN, undoes=3)
    s("edited", WU, field="ticks.b", old="yes", new="yes")
    s("edited", WU, field="ticks.b", old="yes", new=None)
    return "a key is corrected like a field"


def clock_in_part(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("ticked", CLOCK, over={}, ticks={"a": "no", "b": "yes"})
    return "what the clock says stands in part, and asks nobody"


def creation_undone(s: Story) -> str:
    opened(s)
    for number in range(8):
        s("ticked", CHEN, over={}, counts={f"c{number}": 1})
    s("undone", undoes=1)
    s("decided", WU, about=10, choice="accept")
    return "a creation is not undone from under others' keys"


# Gates over maps


def signed(s: Story) -> str:
    opened(s)
    s("ticked", ticks={"a": "yes"})
    s("signed", ticks={"a": "yes"})
    s("ticked", ticks=YES)
    s("signed", ticks={"a": "yes"})
    s("signed", ticks=YES)
    s("ticked", CHEN, over={"ticks.a": "yes"}, ticks={"a": "no"})
    return "all is answered before it is signed, and what was signed falls with an answer"


def closed(s: Story) -> str:
    opened(s)
    s("ticked", ticks=YES)
    s("signed", ticks=YES)
    s("closed", CHEN, ticks=YES)
    s("undone", undoes=2)
    s("edited", field="ticks.a", old="yes", new="no")
    s("decided", WU, about=5, choice="accept")
    s("decided", WU, about=6, choice="accept")
    s("noted", WU, notes={"a": "x"})
    return "a gate holds each key of what it rests on"


def all_of_nothing(s: Story) -> str:
    s("opened", **KEY)
    s("signed", ticks={})
    s("decided", CHEN, about=2, choice="accept")
    return "all of nothing is not all, whoever decides"


def all_rows(s: Story) -> str:
    opened(s)
    s("laid", beds={"b1": "a"})
    s("laid", beds={"b1": "a", "b2": "b"})
    s("decided", CHEN, about=2, choice="accept")
    return "declared rows are all answered by what was there and what is said"


# Keys of records


def made_by_three(s: Story) -> str:
    opened(s, unit="unit:x", at=5)
    opened(s, CHEN, unit="unit:y", items=["a"], at=4)
    opened(s, CLOCK, unit="unit:z", at=3)
    s("ticked", over={}, ticks=YES, at=9)
    return "who makes it second makes the same, and what was copied at first stays"


def first_maker_undoes(s: Story) -> str:
    opened(s)
    opened(s, CHEN)
    s("undone", undoes=1)
    s("undone", CHEN, undoes=2)
    return "a record stays with its second maker"


def two_moods(s: Story) -> str:
    s("sour", **KEY, words="w")
    s("well", CHEN, over={}, **KEY, ticks={"a": "yes"})
    s("well", CHEN, over={"mood": "bad"}, **KEY, ticks={"a": "yes"})
    return "what makes a record answers with what it sets"


def before_its_maker(s: Story) -> str:
    s("ticked", ticks=YES)
    opened(s)
    s("decided", CHEN, about=1, choice="accept")
    return "only what makes it makes it"


# What a record requires


def required_beneath(s: Story) -> str:
    s("sour", **KEY, words="w")
    s("told")
    s("edited", field="why", old=None, new="x")
    s("told")
    s("told", seal="s")
    return "a field is required by the record beneath, where it is shown"


def required_accepted(s: Story) -> str:
    s("sour", **KEY)
    s("told")
    s("decided", CHEN, about=2, choice="accept")
    return "the office may take what is incomplete"


# Copies, and what was written down twice


def filled(s: Story) -> str:
    s("filled", CLOCK, unit="unit:x")
    opened(s, unit="unit:y")
    s("filled", CLOCK, unit="unit:x", items=["c"])
    s("opened", CHEN, **KEY)
    return "what was copied at first stays, whoever fills it"


def filled_later(s: Story) -> str:
    s("opened", **KEY)
    s("filled", CLOCK, unit="unit:x", items=["a"])
    s("filled", CLOCK, unit="unit:z", items=["a"])
    opened(s, CHEN, unit="unit:y", items=["b"])
    return "the server fills what a maker could not know"


def copied_twice(s: Story) -> str:
    opened(s)
    s("filled_in", unit="unit:x", goods={"a": "A", "b": "B"}, ticks={"a": "yes"})
    s("filled_in", CHEN, over={}, unit="unit:y", goods={"b": "Z", "c": "C"}, ticks={"c": "no"})
    return "what was copied stays as it was first, and new keys come with what is said of them"


def explained(s: Story) -> str:
    opened(s)
    ticks = {"a": "yes", "b": "na"}
    s("filled_in", ticks=ticks)
    s("signed", ticks=ticks)
    s("filled_in", reasons={"b": "Closed today"})
    s("signed", ticks=ticks)
    return "where all is to be answered, an answer that asks for a reason has one"


def merged(s: Story) -> str:
    opened(s)
    s("merged", CHEN, into="run:B")
    s("merged", WU, into="run:B")
    s("merged", WU, into="run:C")
    s("ticked", ticks={"a": "yes"})
    s("decided", LIN, about=4, choice="accept")
    return "a merged record leads to another, and what is said of it later is asked"


def merged_undone(s: Story) -> str:
    opened(s)
    s("merged", CHEN, into="run:B")
    s("undone", CHEN, undoes=2)
    s("merged", CHEN, into="run:C")
    s("merged", CHEN, into="run:D")
    return "an undo brings a merged record back"


def merged_early(s: Story) -> str:
    s("merged", CHEN, into="run:B")
    opened(s)
    s("decided", LIN, about=1, choice="accept")
    return "nothing is merged before it is there"


def merged_beneath_a_gate(s: Story) -> str:
    opened(s)
    s("ticked", ticks=YES)
    s("signed", ticks=YES)
    s("closed", CHEN, ticks=YES)
    s("merged", CHEN, into="run:B")
    s("decided", LIN, about=5, choice="accept")
    return "what a gate holds is not put aside"


TOLD: dict[str, tuple[Callable[[Story], str], ...]] = {
    "run": (
        one_key_differs,
        one_key_differs_accepted,
        one_key_differs_kept,
        in_part_stamps,
        in_part_undone,
        replaced_knowingly,
        replaced_then_undone_beneath,
        replaced_by_an_older_tablet,
        said_by_two,
        own_answer_that_another_shares,
        undone_after_many,
        older_than_its_field,
        emptied,
        for_good,
        whole_or_nothing,
        field_and_key,
        edited_key,
        clock_in_part,
        creation_undone,
        signed,
        closed,
        all_of_nothing,
        all_rows,
        made_by_three,
        first_maker_undoes,
        two_moods,
        before_its_maker,
        required_beneath,
        required_accepted,
        filled,
        filled_later,
        copied_twice,
        explained,
        merged,
        merged_undone,
        merged_early,
        merged_beneath_a_gate,
    )
}
