"""Vectors of the fold, written by hand: hands, the clock, answers of others."""

from __future__ import annotations

from collections.abc import Callable

from tests.vectors.map_histories import KEY
from tests.vectors.story import CHEN, CLOCK, LIN, WU, Story

# Hands


def another_agrees(s: Story) -> str:
    s("made", person=CHEN, others=[WU], why="x")
    s("agreed", agreed=True)
    s("agreed", CHEN, agreed=True)
    s("agreed", agreed=True)
    return "only those named agree, and nobody else repeats it"


def one_of_the_others_agrees(s: Story) -> str:
    s("made", person=CHEN, others=[WU], why="x")
    s("agreed", WU, agreed=True)
    s("decided", CHEN, about=2, choice="accept")
    return "a list may name them"


def another_agrees_accepted(s: Story) -> str:
    s("made", person=CHEN, why="x")
    s("agreed", WU, agreed=True)
    s("decided", LIN, about=2, choice="accept")
    return "who has no hand in it may be let in by a decision, where it is no gate"


def objected(s: Story) -> str:
    s("made", person=CHEN, why="x")
    s("objected", CHEN, why="y")
    s("objected", WU, why="y", over={"why": "x"})
    s("objected", CHEN, why="y")
    return "who may not say it may not repeat it either"


def clock_has_every_hand(s: Story) -> str:
    s("made", person=CHEN, why="x")
    s("agreed", CLOCK, agreed=True)
    s("objected", CLOCK, why="x")
    return "the clock passes"


def given_on(s: Story) -> str:
    s("made", why="x")
    s("given", to=CHEN)
    s("given", WU, to=CHEN)
    s("given", WU, to=LIN)
    s("given", WU, to=LIN, over={"to": CHEN, "owner": CHEN})
    s("taken", WU)
    return "an act gives a record to somebody; two who name the same agree"


def given_back(s: Story) -> str:
    s("made", why="x")
    s("given", to=CHEN)
    s("undone", undoes=2)
    return "what was given is taken back"


def owner_named(s: Story) -> str:
    s("made", owner=CHEN, why="x")
    return "an owner named in the data wins"


def owner_named_by_the_clock(s: Story) -> str:
    s("made", CLOCK, owner=CHEN, why="x")
    return "also over the clock"


def made_by_the_clock(s: Story) -> str:
    s("made", CLOCK, why="x")
    s("taken", WU)
    return "what the clock makes is nobody's until somebody takes it"


# The clock


def too_late_to_expire(s: Story) -> str:
    s("made", why="x")
    s("done")
    s("expired", CLOCK)
    s("decided", WU, about=3, choice="accept")
    s("undone", CHEN, undoes=3)
    s("undone", CLOCK, undoes=3)
    return "what the clock says in vain is void, and asked of nobody"


def void_undo(s: Story) -> str:
    s("made", why="x")
    s("undone", CLOCK, undoes=1)
    s("edited", CLOCK, field="why", old="y", new="z")
    s("expired", CLOCK, at=0)
    return "whatever the clock says in vain"


def rung_too_early(s: Story) -> str:
    s("rung_reached", CLOCK, ladder="x", rung=1, due_at=3)
    s("rung_annulled", CLOCK, ladder="x", rung=1)
    return "a record that nobody made climbs no ladder"


def rung_before_the_record(s: Story) -> str:
    rung_too_early(s)
    s("edited", field="why", old=None, new="z")
    s("undone", undoes=3)
    s("made", why="x", at=9)
    return "what came before a record is folded after what makes it"


# Answers of others


def another_said_it_earlier(s: Story) -> str:
    s("made", why="a")
    s("objected", CHEN, why="b", seen=1, over={"why": "a"})
    s("done", WU, seen=1)
    s("objected", WU, why="c", seen=3, over={"why": "a"})
    return "what somebody said earlier and sent later is not overwritten unseen"


def another_said_it_earlier_to_an_old_tablet(s: Story) -> str:
    s("made", why="a")
    s("objected", CHEN, why="b", seen=1)
    s("done", WU, seen=1)
    s("objected", WU, why="c", seen=3)
    return "an act that does not say what it replaces goes by the act that was seen"


def another_filled_it(s: Story) -> str:
    s("opened")
    s("answered", CHEN, answer="no", seen=1, over={})
    s("answered", WU, answer="yes", seen=1, over={})
    s("answered", WU, answer="yes", seen=2, over={"answer": "no"})
    return "an answer where nothing was is a question where something is"


def another_emptied_it(s: Story) -> str:
    s("opened", answer="yes")
    s("answered", CHEN, answer=None, seen=1, over={"answer": "yes"})
    s("answered", WU, answer="no", seen=1, over={"answer": "yes"})
    s("answered", WU, answer="no", seen=1, over={})
    return "what was emptied is not replaced as if it stood"


def ones_own_answer(s: Story) -> str:
    s("opened", answer="yes")
    s("answered", answer="no", over={"answer": "na"})
    return "one's own answer is replaced freely"


def an_id_of_the_future(s: Story) -> str:
    s("opened", answer="yes")
    s("answered", CHEN, number=99_999_999, at=2, answer="no", over={"answer": "yes"})
    for number in range(3, 24):
        s("answered", LIN, number=number, at=number + 100, why=f"{number}")
    s("answered", WU, number=25, at=200, seen=23, answer="na")
    return "an id that lies in the future locks no field"


def what_is_forgotten(s: Story) -> str:
    s("opened", answer="yes")
    s("answered", CHEN, number=60, answer="no", at=2, over={"answer": "yes"})
    for number in range(3, 24):
        s("answered", LIN, number=number, why=f"{number}")
    s("answered", WU, number=70, at=60, seen=2, answer="na")
    s("answered", WU, number=71, at=61, seen=65, answer="yes")
    return "of two acts that the history forgot, the ids say which came first"


def set_instead(s: Story) -> str:
    s("opened", **KEY)
    s("handed_in", mood="bad")
    s("handed_in", CHEN, mood="bad", over={"mood": "bad"})
    s("undone", undoes=2)
    s("handed_in", mood="good")
    return "what an act says itself decides what it sets"


def set_instead_by_what_stood(s: Story) -> str:
    s("sour", **KEY, words="x")
    s("handed_in", CHEN, ticks={"a": "yes"})
    return "what stood before decides what an act sets"


def counted_where_there_is_anything(s: Story) -> str:
    s("opened", **KEY)
    s("stocked", ticks={"a": "yes"})
    s("stocked", CHEN, goods={"x": "X", "y": "Y"}, stock={"x": 1})
    s("stocked", CHEN, goods={"x": "X", "y": "Y"}, stock={"x": 1, "y": 0})
    return "every item of what is shown is asked for, and nothing of what is not"


TOLD: dict[str, tuple[Callable[[Story], str], ...]] = {
    "sheet": (
        *(another_filled_it, another_emptied_it, ones_own_answer),
        *(an_id_of_the_future, what_is_forgotten),
    ),
    "run": (set_instead, set_instead_by_what_stood, counted_where_there_is_anything),
    "task": (
        *(another_agrees, one_of_the_others_agrees, another_agrees_accepted, objected),
        *(clock_has_every_hand, given_on, given_back, owner_named, owner_named_by_the_clock),
        *(made_by_the_clock, too_late_to_expire, void_undo, rung_too_early),
        *(rung_before_the_record, another_said_it_earlier),
        another_said_it_earlier_to_an_old_tablet,
    ),
}
