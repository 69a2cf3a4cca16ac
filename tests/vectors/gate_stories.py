"""Vectors of the fold, written by hand: gates, and what rests on what."""

from __future__ import annotations

from collections.abc import Callable

from tests.vectors.story import CHEN, CLOCK, LIN, WU, Story

LOW = {"amount": 900, "band": "low"}
HIGH = {"amount": 6_000, "band": "high"}


def proposed(s: Story) -> None:
    s("proposed", amount=900)
    s("banded", CLOCK, amount=900, band="low")


def approved(s: Story) -> None:
    proposed(s)
    s("approved", CHEN, **LOW)


def paid(s: Story) -> str:
    approved(s)
    s("told", amount=900, proposed_by=LIN)
    return "a payout is told once it was approved"


def told_unapproved(s: Story) -> str:
    proposed(s)
    s("told", amount=900, proposed_by=LIN)
    s("decided", WU, about=3, choice="accept")
    return "a decision opens no gate: what was told without an approval waits"


def approval_arrives(s: Story) -> str:
    told_unapproved(s)
    s("approved", CHEN, **LOW)
    s("decided", WU, about=3, choice="accept")
    return "and is let through once the guard holds"


def decision_of_a_gate_undone(s: Story) -> str:
    approval_arrives(s)
    s("undone", WU, undoes=6)
    return "which no undo of the decision closes again"


def approved_by_the_proposer(s: Story) -> str:
    proposed(s)
    s("approved", **LOW)
    s("decided", WU, about=3, choice="accept")
    s("decided", WU, about=3, choice="keep")
    return "nobody approves what they proposed, whoever decides so"


def approved_again_by_the_proposer(s: Story) -> str:
    approved(s)
    s("approved", **LOW)
    return "nor repeats the approval"


def approved_unseen(s: Story) -> str:
    proposed(s)
    s("changed", amount=6_000)
    s("banded", CLOCK, amount=6_000, band="high")
    s("approved", CHEN, seen=2, **LOW)
    return "an approval of another amount is a question"


def approval_falls(s: Story) -> str:
    approved(s)
    s("changed", amount=6_000)
    s("told", amount=6_000, proposed_by=LIN)
    return "an approval and a band fall with the amount that they rest on"


def approval_of_the_same(s: Story) -> str:
    approved(s)
    s("changed", amount=900)
    return "and stay when it stays"


def approved_twice(s: Story) -> str:
    approved(s)
    s("approved", WU, **LOW)
    s("approved", WU, **HIGH)
    return "a second approval is a repeat if it rests on the same"


def director_needed(s: Story) -> str:
    s("proposed", amount=6_000)
    s("banded", CLOCK, **HIGH)
    s("approved", CHEN, **HIGH)
    s("told", amount=6_000, proposed_by=LIN)
    s("directed", CHEN, **HIGH)
    s("directed", WU, **HIGH)
    s("told", amount=6_000, proposed_by=LIN)
    return "a high one needs a director who is not the approver"


def undone_beneath(s: Story) -> str:
    s("proposed", amount=6_000)
    s("changed", amount=900)
    s("banded", CLOCK, **LOW)
    s("approved", CHEN, **LOW)
    s("undone", undoes=2)
    return "an approval falls with the undo of the change it rests on"


def undone_after_telling(s: Story) -> str:
    s("proposed", amount=6_000)
    s("changed", amount=900)
    s("banded", CLOCK, **LOW)
    s("approved", CHEN, **LOW)
    s("told", amount=900, proposed_by=LIN)
    s("undone", undoes=2)
    s("undone", CHEN, undoes=4)
    s("decided", WU, about=6, choice="accept")
    s("decided", WU, about=7, choice="accept")
    return "what was told holds what it rests on: no undo, and no decision about one"


def changed_after_telling(s: Story) -> str:
    paid(s)
    s("adjusted", amount=6_000)
    s("adjusted", note="x")
    s("edited", field="amount", old=900, new=6_000)
    s("decided", WU, about=5, choice="accept")
    s("decided", WU, about=7, choice="accept")
    s("returned", CHEN)
    s("decided", WU, about=10, choice="accept")
    return "no act, edit or decision changes what a gate holds"


def late_change_beneath(s: Story) -> str:
    paid(s)
    s("changed", at=2, seen=1, amount=6_000)
    return "a change that arrives late, beneath an approval, lets it fall"


def late_band_beneath(s: Story) -> str:
    s("proposed", amount=900)
    s("approved", CHEN, **LOW)
    s("banded", CLOCK, amount=900, band="low", at=1)
    return "an approval without a band is a question until the band arrives beneath it"


def second_proposal(s: Story) -> str:
    approved(s)
    s("proposed", CHEN, amount=900)
    s("decided", WU, about=4, choice="accept")
    return "a second proposal that is accepted has another proposer: the approval falls"


def returned_undone(s: Story) -> str:
    approved(s)
    s("returned", WU)
    s("changed", amount=6_000)
    s("undone", WU, undoes=4)
    s("decided", CHEN, about=6, choice="accept")
    return "an approval that was taken off is said again, not put back"


def creation_approved(s: Story) -> str:
    approved(s)
    s("undone", undoes=1)
    s("decided", WU, about=4, choice="accept")
    return "an approval is work of others: what it approved is not taken back"


def creation_told(s: Story) -> str:
    paid(s)
    s("undone", undoes=1)
    return "nor what was told"


def edit_of_nothing_accepted(s: Story) -> str:
    s("edited", field="note", old=None, new="x")
    s("decided", WU, about=1, choice="accept")
    return "to accept a correction of nothing makes no record"


def made_by_the_clock_as_ever(s: Story) -> str:
    s("started", CLOCK, place="place:a")
    return "where the data may not name an owner, whoever makes a record owns it"


def approved_blindly(s: Story) -> str:
    proposed(s)
    s("approved", CHEN)
    return "an approval that says not what it rests on is a question"


def adjusted_to_the_same(s: Story) -> str:
    paid(s)
    s("adjusted", amount=900, note="x")
    s("undone", undoes=5)
    return "what a gate holds may be said again as it is, and that taken back"


def opened_twice_and_answered(s: Story) -> str:
    s("opened", answer="yes")
    s("opened", CHEN, answer="yes")
    s("answered", CHEN, why="x")
    s("undone", undoes=1)
    return "what two made may be taken back by one of them, whatever was done since"


def creation_sealed(s: Story) -> str:
    s("made", why="x")
    s("sealed", why="x")
    s("undone", undoes=1)
    s("decided", WU, about=3, choice="accept")
    return "what a gate holds is not taken back as a whole, by nobody"


def creation_fixed(s: Story) -> str:
    s("made", why="x")
    s("fixed", CHEN)
    s("undone", undoes=1)
    return "an act without undo is work of others"


def creation_fixed_decided(s: Story) -> str:
    creation_fixed(s)
    s("decided", WU, about=3, choice="accept")
    return "which a decision may end, where it is no gate"


def creation_fixed_by_oneself(s: Story) -> str:
    s("made", why="x")
    s("fixed")
    s("undone", undoes=1)
    return "one's own work is one's own to take back"


def fixed_decided(s: Story) -> str:
    s("fixed", CHEN, at=3)
    s("decided", WU, about=1, choice="accept", at=4)
    s("made", at=5, why="x")
    s("undone", WU, undoes=2)
    return "a decision about an act without undo has none"


def opened_twice(s: Story) -> str:
    s("opened", answer="yes")
    s("opened", CHEN, answer="yes")
    s("undone", undoes=1)
    return "what two made stays with the second"


def opened_and_answered(s: Story) -> str:
    s("opened", answer="yes")
    s("answered", CHEN, why="x")
    s("undone", undoes=1)
    return "what may be made again is not taken back from under others"


def signed_by_two(s: Story) -> str:
    s("opened", answer="yes")
    s("signed", answer="yes")
    s("closed", answer="yes")
    s("closed", CHEN, answer="no")
    s("closed", CHEN, answer="yes")
    s("answered", answer="no")
    return "a sheet is closed by a second person who saw the same answer"


def signature_falls(s: Story) -> str:
    s("opened", answer="yes")
    s("signed", answer="yes")
    s("answered", CHEN, answer="no", over={"answer": "yes"})
    s("closed", WU, answer="no")
    return "a signature falls with the answer under it"


TOLD: dict[str, tuple[Callable[[Story], str], ...]] = {
    "payout": (
        *(paid, told_unapproved, approval_arrives, decision_of_a_gate_undone),
        *(approved_by_the_proposer, approved_again_by_the_proposer, approved_unseen),
        *(approval_falls, approval_of_the_same, approved_twice, director_needed, undone_beneath),
        *(undone_after_telling, changed_after_telling, late_change_beneath, late_band_beneath),
        *(second_proposal, returned_undone, creation_approved, creation_told),
        *(approved_blindly, adjusted_to_the_same),
    ),
    "visit": (edit_of_nothing_accepted, made_by_the_clock_as_ever),
    "sheet": (
        *(opened_twice, opened_twice_and_answered, opened_and_answered, signed_by_two),
        signature_falls,
    ),
    "task": (
        *(creation_sealed, creation_fixed, creation_fixed_decided, creation_fixed_by_oneself),
        fixed_decided,
    ),
}
