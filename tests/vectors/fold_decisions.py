"""Vectors of the fold, written by hand: who may say what, repeats, decisions."""

from __future__ import annotations

from tests.vectors.story import CHEN, WU, Story


def nothing(s: Story) -> str:
    return "no acts, no record"


def begins(s: Story) -> str:
    s("started", place="place:a", name="林")
    return "somebody sits down"


def null_is_nothing(s: Story) -> str:
    s("started", place="place:a", name=None, note="𠮷")
    return "a name that is null is no name, and the note names the visit"


def titles(s: Story) -> str:
    s("started", place="place:a", name="林", note="x")
    s("edited", field="name", old="林", new=None)
    s("edited", field="note", old="x", new=None)
    return "a title does not outlive its name"


def too_early(s: Story) -> str:
    s("water_given", CHEN)
    return "water for somebody nobody has registered is unsettled"


def creation_first(s: Story) -> str:
    s("water_given", CHEN, at=5)
    s("started", place="place:a", at=9)
    return "what creates a record comes first, whatever the clocks said"


def twice_created(s: Story) -> str:
    s("started", place="place:a")
    s("started", CHEN, place="place:b")
    return "a record is made once"


def first_stamp(s: Story) -> str:
    s("started", place="place:a")
    s("water_given")
    s("water_given", CHEN)
    return "the first stamp stays"


def same_word(s: Story) -> str:
    s("started", place="place:a")
    s("ended", outcome="seen")
    s("ended", CHEN, outcome="seen")
    return "two who say the same agree"


def other_word(s: Story) -> str:
    s("started", place="place:a")
    s("ended", outcome="seen")
    s("ended", CHEN, outcome="left", why="tired")
    return "two ends of one waiting are unsettled"


def accepted(s: Story) -> str:
    other_word(s)
    s("decided", WU, about=3, choice="accept")
    return "the other end is accepted, with its moment and its name"


def kept(s: Story) -> str:
    other_word(s)
    s("decided", WU, about=3, choice="keep")
    return "the first end is kept"


def decided_twice(s: Story) -> str:
    accepted(s)
    s("decided", CHEN, about=3, choice="keep")
    return "the first decision stands"


def decision_taken_back(s: Story) -> str:
    accepted(s)
    s("undone", WU, undoes=4)
    return "a decision is taken back"


def keeping_taken_back(s: Story) -> str:
    kept(s)
    s("undone", WU, undoes=4)
    return "that nothing was changed cannot be taken back"


def decided_too_early(s: Story) -> str:
    s("started", place="place:a")
    s("decided", WU, about=9, choice="accept")
    return "a decision about nothing is a repeat"


def accept_unknown(s: Story) -> str:
    s("started", place="place:a")
    s("danced", CHEN)
    s("decided", WU, about=2, choice="accept")
    return "an act that nobody knows cannot be accepted, but is decided"


def accept_creation(s: Story) -> str:
    s("water_given", CHEN)
    s("decided", WU, about=1, choice="accept")
    return "to accept water for somebody nobody has registered makes no record"


def accept_before_creation(s: Story) -> str:
    s("water_given", CHEN, at=5)
    s("decided", WU, at=7, about=1, choice="accept")
    s("started", at=9, place="place:a")
    return "and when the registration comes, there is nothing to decide any more"


def keep_without_creation(s: Story) -> str:
    s("water_given", CHEN)
    s("decided", WU, about=1, choice="keep")
    return "but it may be left out"


def accept_when_made_again(s: Story) -> str:
    s.kind = "knob"
    s("edited", field="reason", new="x")
    s("changed", WU, value=7, reason="busy")
    s("decided", CHEN, about=1, choice="accept")
    return "a correction that came too early is accepted once there is a record"


def changed_by_another(s: Story) -> str:
    s("started", place="place:a")
    s("moved", CHEN, stage="paid")
    s("moved", seen=1, stage="examined")
    return "a stage that somebody else changed unseen is unsettled"


def changed_and_seen(s: Story) -> str:
    s("started", place="place:a")
    s("moved", CHEN, stage="paid")
    s("moved", seen=2, stage="examined")
    return "a stage that was seen may be changed"


def seen_nothing(s: Story) -> str:
    s("started", CHEN, place="place:a")
    s("moved", seen=0, stage="examined")
    return "who has seen nothing changes nothing of others"


def own_change(s: Story) -> str:
    s("started", place="place:a")
    s("moved", stage="paid")
    s("moved", seen=1, stage="examined")
    return "one's own change is no surprise"


def other_field(s: Story) -> str:
    s("started", place="place:a")
    s("moved", CHEN, stage="paid")
    s("moved", seen=1, beds=3)
    return "another field is no conflict"


def old_form(s: Story) -> str:
    s("started", place="place:a", number=10, at=10)
    s("moved", CHEN, stage="paid", number=20, at=20)
    s("moved", WU, stage="examined", number=15, at=30, seen=20)
    s("moved", seen=20, stage="paid", number=40, at=40)
    return "an act from a form that lay open is as late as its moment, not as its id"


def seen_from_old_form(s: Story) -> str:
    s("started", place="place:a", number=10, at=10)
    s("moved", CHEN, stage="paid", number=20, at=20)
    s("moved", WU, note="x", number=15, at=30, seen=20)
    s("moved", seen=15, stage="examined", number=40, at=40)
    return "who has seen the later act has seen the earlier one"


def seen_long_ago(s: Story) -> str:
    s("started", place="place:a")
    s("moved", CHEN, stage="paid", beds=1)
    for n in range(25):
        s("revealed", CHEN if n % 2 else WU)
    s("moved", seen=1, beds=2)
    s("moved", seen=3, beds=3)
    s("moved", seen=2, stage="examined")
    return "what was seen long ago is compared by its id"


def cleared(s: Story) -> str:
    s("started", place="place:a", first=True)
    s("filed", name="林小美", note=None)
    s("filed", CHEN, seen=2, name="林小美")
    return "what is set to null goes away, and saying so again is a repeat"


def counted(s: Story) -> str:
    s("started", place="place:a")
    s("climbed", note="a")
    s("climbed", CHEN, seen=2, note="a")
    s("revealed", WU)
    s("revealed", WU)
    return "what counts upwards is never a repeat"


def adopted(s: Story) -> str:
    s("started", place="place:a")
    s("adopted", CHEN)
    s("adopted", CHEN)
    s("adopted", WU)
    s("undone", WU, undoes=4)
    return "the owner changes with whoever takes over, and back"


def no_effect(s: Story) -> str:
    s("started", place="place:a")
    s("moved")
    s("moved", CHEN)
    s("undone", CHEN, undoes=3)
    return "an act that says nothing changes nothing"


def turned_again(s: Story) -> str:
    s.kind = "knob"
    s("changed", WU, value=7, reason="busy")
    s("changed", CHEN, seen=1, value=8, reason="busier")
    s("changed", WU, seen=1, value=9, reason="calm")
    return "a knob may be turned again, by who has seen how it stands"


def turned_back_and_again(s: Story) -> str:
    s.kind = "knob"
    s("changed", WU, value=7, reason="busy")
    s("undone", WU, undoes=1)
    s("changed", CHEN, seen=2, value=8, reason="busier")
    return "a knob that was turned back begins anew, in the order of the moments"


def turned_back(s: Story) -> str:
    s.kind = "knob"
    s("changed", WU, value=7, reason="busy")
    s("changed", CHEN, value=7, reason="busy")
    s("undone", WU, undoes=1)
    return "a knob that two turned alike stays"


def turned_wholly_back(s: Story) -> str:
    turned_back(s)
    s("undone", CHEN, undoes=2)
    return "until both turn it back"


TOLD = (
    nothing,
    begins,
    null_is_nothing,
    titles,
    too_early,
    creation_first,
    twice_created,
    first_stamp,
    same_word,
    other_word,
    accepted,
    kept,
    decided_twice,
    decision_taken_back,
    keeping_taken_back,
    decided_too_early,
    accept_unknown,
    accept_creation,
    accept_before_creation,
    keep_without_creation,
    accept_when_made_again,
    changed_by_another,
    changed_and_seen,
    seen_nothing,
    own_change,
    other_field,
    old_form,
    seen_from_old_form,
    seen_long_ago,
    cleared,
    counted,
    adopted,
    no_effect,
    turned_again,
    turned_back_and_again,
    turned_back,
    turned_wholly_back,
)
