"""Vectors of the fold, written by hand: undo, correction, rungs."""

from __future__ import annotations

from tests.vectors.fold_decisions import other_word
from tests.vectors.story import CHEN, CLOCK, LIN, PEOPLE, WU, Story, identifier


def undone(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    s("undone", undoes=2)
    return "water is taken back"


def undone_and_done(s: Story) -> str:
    undone(s)
    s("water_given", CHEN)
    return "water is taken back and given after all"


def undone_twice(s: Story) -> str:
    undone(s)
    s("undone", undoes=2)
    return "taking back twice is a repeat"


def undoing_undone(s: Story) -> str:
    undone(s)
    s("undone", undoes=3)
    return "taking back cannot be taken back"


def not_mine(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    s("undone", CHEN, undoes=2)
    return "nobody takes back what another did"


def not_mine_accepted(s: Story) -> str:
    not_mine(s)
    s("decided", WU, about=3, choice="accept")
    return "unless it is decided"


def nobody_did(s: Story) -> str:
    s("started", place="place:a")
    s("undone", undoes=9)
    return "what is not there cannot be taken back"


def nobody_did_accepted(s: Story) -> str:
    nobody_did(s)
    s("decided", WU, about=2, choice="accept")
    return "and a decision does not help"


def built_upon(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid")
    s("moved", CHEN, seen=2, stage="examined")
    s("undone", undoes=2)
    return "what somebody built upon stays"


def built_upon_accepted(s: Story) -> str:
    built_upon(s)
    s("decided", WU, about=4, choice="accept")
    return "until it is decided otherwise"


def withdrawn(s: Story) -> str:
    other_word(s)
    s("undone", CHEN, undoes=3)
    s("undone", CHEN, undoes=3)
    s("decided", WU, about=3, choice="accept")
    return "who asked may withdraw the question"


def not_withdrawn(s: Story) -> str:
    other_word(s)
    s("undone", LIN, undoes=3)
    return "nobody withdraws another's question"


def withdrawn_by_decision(s: Story) -> str:
    not_withdrawn(s)
    s("decided", WU, about=4, choice="accept")
    return "unless it is decided, again"


def said_by_two(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    s("water_given", CHEN)
    s("undone", undoes=2)
    return "water that a second person gave as well stays, by her word"


def said_by_two_undone(s: Story) -> str:
    said_by_two(s)
    s("undone", CHEN, undoes=3)
    return "until she takes it back, too"


def repeat_undone(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    s("water_given", CHEN)
    s("undone", CHEN, undoes=3)
    s("undone", undoes=2)
    return "a repeat that was taken back saves nothing"


def said_less(s: Story) -> str:
    s("started", place="place:a")
    s("asked", says="20 min")
    s("asked", CHEN)
    s("undone", undoes=2)
    return "what only the first one said goes"


def said_before(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid")
    s("moved", CHEN, stage="paid")
    s("moved", WU, seen=3, stage="examined")
    s("undone", WU, undoes=4)
    return "what was said before is no heir"


def said_by_three(s: Story) -> str:
    s("started", place="place:a")
    s("ended", outcome="seen")
    s("ended", CHEN, outcome="seen")
    s("ended", WU, outcome="seen")
    s("undone", CHEN, undoes=3)
    s("undone", undoes=2)
    return "the heir is who still means it"


def edited_by_two(s: Story) -> str:
    s("started", place="place:a", name="林")
    s("edited", field="name", old="林", new="林小美")
    s("edited", CHEN, field="name", old="林", new="林小美")
    s("edited", CHEN, field="note", old=None, new=None)
    s("undone", undoes=2)
    return "a correction that two made stays"


def said_in_other_words(s: Story) -> str:
    s("started", place="place:a", name="林")
    s("edited", field="note", old=None, new="x")
    s("filed", CHEN, note="x")
    s("edited", WU, field="note", old=None, new="x")
    s("undone", undoes=2)
    s("undone", CHEN, undoes=3)
    return "what was said in other words stays as well"


def said_in_parts(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid", beds=3)
    s("moved", CHEN, beds=3)
    s("moved", WU, stage="paid", beds=3)
    s("undone", undoes=2)
    s("undone", CHEN, undoes=3)
    return "each field has the heir who named it first"


def built_upon_what_two_said(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid")
    s("moved", CHEN, stage="paid")
    s("moved", WU, seen=3, stage="examined")
    s("undone", undoes=2)
    s("decided", WU, about=5, choice="accept")
    return "a decision to take back goes back all the way"


def asked_long_ago(s: Story) -> str:
    other_word(s)
    for _ in range(20):
        s("revealed", WU)
    s("undone", CHEN, undoes=3)
    return "a question is withdrawn although its act is forgotten"


def edit_accepted(s: Story) -> str:
    s("started", place="place:a", name="林")
    s("edited", CHEN, field="name", old="林", new="林小美")
    s("edited", field="name", old="林", new="林美")
    s("decided", WU, about=3, choice="accept")
    s("edited", field="name", old="林", new="林大美")
    return "an accepted correction is its author's"


def not_undoable(s: Story) -> str:
    s("started", place="place:a")
    s("revealed")
    s("undone", undoes=2)
    s("decided", WU, about=3, choice="accept")
    return "that one has looked cannot be taken back"


def too_old(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    for _ in range(5):
        s("revealed", CHEN)
    s("undone", undoes=2)
    return "five acts later it is too late"


def just_in_time(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    for _ in range(4):
        s("revealed", CHEN)
    s("undone", undoes=2)
    return "four acts later it is not"


def forgotten(s: Story) -> str:
    s("started", place="place:a")
    for n in range(22):
        s("revealed", PEOPLE[n % 3])
    return "a record remembers twenty acts"


def creation_undone(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid")
    s("undone", undoes=1)
    s("water_given", CHEN)
    return "a registration is taken back, and what comes later is unsettled"


def creation_in_use(s: Story) -> str:
    s("started", place="place:a")
    s("water_given", CHEN)
    s("undone", undoes=1)
    return "a registration that others worked with stays"


def creation_in_use_accepted(s: Story) -> str:
    creation_in_use(s)
    s("decided", WU, about=3, choice="accept")
    return "until that is decided"


def creation_looked_at(s: Story) -> str:
    s("started", place="place:a")
    s("revealed", CHEN)
    s("undone", undoes=1)
    return "a look is no work"


def creation_free_again(s: Story) -> str:
    s("started", place="place:a")
    s("water_given", CHEN)
    s("undone", CHEN, undoes=2)
    s("undone", undoes=1)
    return "nor is what was taken back"


def late_undo(s: Story) -> str:
    s("started", place="place:a")
    s("water_given", at=9)
    s("undone", at=5, undoes=2)
    return "a clock that went back: what is not done yet cannot be taken back"


def edits(s: Story) -> str:
    s("started", place="place:a", name="林")
    s("edited", CHEN, field="name", old="林", new="林小美")
    s("edited", CHEN, field="name", old="林", new="林美")
    s("undone", CHEN, undoes=3)
    return "one may correct oneself without having seen it"


def edits_collide(s: Story) -> str:
    s("started", place="place:a", name="林")
    s("edited", CHEN, field="name", old="林", new="林小美")
    s("edited", field="name", old="林", new="林美")
    return "two corrections of one name are unsettled"


def edits_decided(s: Story) -> str:
    edits_collide(s)
    s("decided", WU, about=3, choice="accept")
    s("undone", WU, undoes=4)
    return "the second correction is accepted, and that taken back"


def edit_of_nothing(s: Story) -> str:
    s("edited", field="name", new="林")
    return "nothing can be corrected where nothing is"


def edit_without_old(s: Story) -> str:
    s("started", place="place:a")
    s("edited", CHEN, field="note", new="x")
    s("edited", field="note", new="y")
    s("edited", field="beds", old=3, new=4)
    return "a correction says what it corrects"


def rungs(s: Story) -> str:
    s("started", place="place:a")
    s("rung_reached", CLOCK, ladder="visit_water", rung=1, due_at=300, told=["a"])
    s("rung_reached", CLOCK, ladder="visit_water", rung=1, due_at=300, late_by=1)
    s("rung_reached", CLOCK, ladder="visit_water", rung=2, due_at=480, skipped=[1])
    s("rung_reached", CLOCK, ladder="visit_water", rung=2, due_at=500)
    s("rung_reached", CLOCK, ladder="constructor", rung=1, due_at=1)
    return "rungs are reached once each"


def annulled(s: Story) -> str:
    rungs(s)
    s("rung_annulled", CLOCK, ladder="visit_water", rung=2, act=identifier(2))
    s("rung_annulled", CLOCK, ladder="visit_water", rung=2)
    s("rung_annulled", CLOCK, ladder="visit_water", rung=3)
    s("rung_annulled", CLOCK, ladder="nothing", rung=1)
    s("rung_annulled", CLOCK, ladder="visit_water", rung=1)
    s("rung_reached", CLOCK, ladder="visit_water", rung=1, due_at=300)
    s("rung_reached", CLOCK, ladder="visit_water", rung=1, due_at=300)
    return "rungs are annulled visibly, and once, and may be reached after all"


TOLD = (
    undone,
    undone_and_done,
    undone_twice,
    undoing_undone,
    not_mine,
    not_mine_accepted,
    nobody_did,
    nobody_did_accepted,
    built_upon,
    built_upon_accepted,
    withdrawn,
    not_withdrawn,
    withdrawn_by_decision,
    said_by_two,
    said_by_two_undone,
    repeat_undone,
    said_less,
    said_before,
    said_by_three,
    edited_by_two,
    said_in_other_words,
    said_in_parts,
    built_upon_what_two_said,
    asked_long_ago,
    edit_accepted,
    not_undoable,
    too_old,
    just_in_time,
    forgotten,
    creation_undone,
    creation_in_use,
    creation_in_use_accepted,
    creation_looked_at,
    creation_free_again,
    late_undo,
    edits,
    edits_collide,
    edits_decided,
    edit_of_nothing,
    edit_without_old,
    rungs,
    annulled,
)
