"""Stories about what the clock says for rules: said anew, withdrawn, begun, asked, held."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sync.act import STATEMENT
from tests.vectors.story import CHEN, CLOCK, LIN, WU, Short, Story, identifier

Tale = Callable[[Story], str]


def statement(rule: str, key: str, n: int) -> str:
    """Return the id of a statement."""
    return f"{STATEMENT}{ord(rule[0]) % 10}{key}{str(n).rjust(14, '0')}"


def says(
    story: Story,
    n: int,
    data: dict[str, Any] | None,
    *,
    at: int = 50,
    verb: str = "due",
    of: tuple[str, str, str] = ("plan", "site:1", "A"),
) -> str:
    """Let the clock say something for a rule; None is that it is wanted no more."""
    rule, scope, key = of
    said = {"rule": rule, "scope": scope, "key": key, "n": n, "wanted": data is not None}
    name = statement(rule, key, n)
    envelope = [name, f"{story.kind}.{verb}", at, CLOCK, None, data or {}, None]
    story.acts.append([*envelope, {"for": {**said, "said_at": 100 + n, "depth": 1}}])
    return name


def does(
    story: Story, verb: str, by: str, saw: list[str], at: int | None = None, **data: Any
) -> str:
    """Let a person act on what they saw of it."""
    number = len(story.acts) + 1
    name = identifier(number)
    moment = number if at is None else at
    seen = saw[0] if saw else None
    envelope = [name, f"{story.kind}.{verb}", moment, by, seen, data, None]
    story.acts.append([*envelope, {"saw": saw}])
    return name


def the_newest_alone_counts(story: Story) -> str:
    says(story, 1, {"day": 1, "who": "lin"})
    says(story, 2, {"day": 1, "who": "chen"}, at=51)
    return "of two statements the newer counts"


def what_nobody_wants_is_withdrawn(story: Story) -> str:
    says(story, 1, {"day": 1})
    says(story, 2, None)
    return "a duty that nobody wants is withdrawn, and has what it had"


def wanted_again(story: Story) -> str:
    says(story, 1, {"day": 1})
    says(story, 2, None)
    says(story, 3, {"day": 1})
    return "a duty that is wanted again is no more withdrawn"


def done_before_its_moment(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "done", LIN, [said], at=3)
    return "a duty of next week is done today"


def read_and_then_withdrawn(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "read", LIN, [said])
    says(story, 2, None)
    return "what stands is asked of nobody when it is withdrawn"


def erased_afterwards(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "read", LIN, [said])
    story.acts[-1][-1]["erased"] = "erasure:A"
    return "a record says that what was told in it was erased"


def begun_and_then_withdrawn(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "noted", LIN, [said], note="n")
    says(story, 2, None)
    return "what somebody began is withdrawn by nobody: it is asked"


def begun_as_it_was_seen(story: Story) -> str:
    said = says(story, 1, {"day": 1, "who": "lin"})
    says(story, 2, {"day": 2, "who": "chen"}, at=55)
    does(story, "done", LIN, [said], at=60)
    return "what its author saw stands, and lets the act fit"


def begun_on_what_was_withdrawn(story: Story) -> str:
    says(story, 1, {"day": 1})
    does(story, "noted", LIN, [says(story, 2, None)], note="n")
    return "whoever begins what was withdrawn is not asked"


def a_look_begins_nothing(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "revealed", LIN, [said])
    says(story, 2, {"day": 2})
    return "a look at a duty begins nothing"


def what_did_not_fit_begins_nothing(story: Story) -> str:
    said = says(story, 1, {"day": 2})
    does(story, "done", LIN, [said])
    says(story, 2, {"day": 3})
    return "an act that does not fit begins nothing"


def taken_back(story: Story) -> str:
    said = says(story, 1, {"day": 1, "who": "lin"})
    begun = does(story, "noted", LIN, [said], note="n")
    says(story, 2, {"day": 2, "who": "chen"})
    does(story, "undone", LIN, [], undoes=begun)
    return "what was begun and taken back is as its rule wants it"


def taken_back_and_withdrawn(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    begun = does(story, "noted", LIN, [said], note="n")
    other = does(story, "given", LIN, [said], who="wu")
    does(story, "undone", LIN, [], undoes=other)
    says(story, 2, None)
    does(story, "undone", LIN, [], undoes=begun)
    return "the last to take back what they began lets it be withdrawn"


def answered(choice: str) -> Tale:
    def tell(story: Story) -> str:
        said = says(story, 1, {"day": 1, "who": "lin"})
        does(story, "noted", LIN, [said], note="n")
        newer = says(story, 2, {"day": 2})
        does(story, "decided", WU, [], about=newer, choice=choice)
        return f"a question about a duty: {choice}"

    return tell


def accepted_away(story: Story) -> str:
    said = says(story, 1, {"day": 1, "who": "lin"})
    does(story, "noted", LIN, [said], note="n")
    does(story, "decided", WU, [], about=says(story, 2, None), choice="accept")
    return "a question about a duty that nobody wants: accept"


def answered_for_one_statement(story: Story) -> str:
    said = says(story, 1, {"day": 1})
    does(story, "noted", LIN, [said], note="n")
    does(story, "decided", WU, [], about=says(story, 2, {"day": 2}), choice="keep")
    says(story, 3, {"day": 3})
    return "an answer is about one statement; the next one is asked again"


def let_in(story: Story) -> str:
    said = says(story, 1, {"day": 2})
    act = does(story, "done", LIN, [said])
    does(story, "decided", WU, [], about=act, choice="accept")
    says(story, 2, {"day": 3})
    return "what a decision lets in begins a duty as its author saw it"


def two_rules(story: Story) -> str:
    other = ("other", "site:1", "B")
    says(story, 1, {"day": 1})
    says(story, 1, {"day": 1}, of=other)
    says(story, 2, None)
    return "what two rules made is there while one of them wants it"


def judged(story: Story) -> str:
    says(story, 1, {"day": 1})
    says(story, 1, {"note": "low"}, verb="graded", of=("other", "duty:A", "C"))
    says(story, 2, {"note": "high"}, verb="graded", of=("other", "duty:A", "C"))
    return "a judge says another thing of a record that exists"


def judged_no_more(story: Story) -> str:
    says(story, 1, {"day": 1})
    says(story, 1, {"note": "low"}, verb="graded", of=("other", "duty:A", "C"))
    says(story, 2, None, verb="graded", of=("other", "duty:A", "C"))
    return "what a judge says no more is gone"


def edited(story: Story) -> str:
    said = says(story, 1, {"day": 1, "who": "lin"})
    does(story, "edited", CHEN, [said], field="who", old="lin", new="wu")
    says(story, 2, {"day": 2, "who": "chen"})
    return "a correction begins a duty"


def too_early(story: Story) -> str:
    says(story, 1, {}, verb="locked", of=("lock", "payout:1", "A"))
    return "a bill that nobody made is not held"


def held_by_two(story: Story) -> str:
    story("made", note="x")
    says(story, 1, {}, verb="locked", at=5, of=("lock", "payout:1", "A"))
    says(story, 1, {}, verb="locked", at=6, of=("lock", "payout:2", "B"))
    says(story, 1, {}, verb="freed", at=7, of=("lock", "payout:1", "C"))
    story("paid", CHEN, at=8)
    return "the first to let go leaves a bill held"


def let_go_by_both(story: Story) -> str:
    story("made", note="x")
    says(story, 1, {}, verb="locked", at=5, of=("lock", "payout:1", "A"))
    says(story, 1, {}, verb="locked", at=6, of=("lock", "payout:2", "B"))
    says(story, 1, {}, verb="freed", at=7, of=("lock", "payout:1", "C"))
    says(story, 1, {}, verb="freed", at=7, of=("lock", "payout:2", "D"))
    story("paid", CHEN, at=8)
    return "the last to let go frees a bill"


def held_by_two_rules(story: Story) -> str:
    story("made", note="x")
    says(story, 1, {}, verb="locked", at=5, of=("lock", "payout:1", "A"))
    says(story, 1, {}, verb="locked", at=7, of=("seize", "payout:1", "B"))
    says(story, 1, {}, verb="freed", at=7, of=("lock", "payout:1", "C"))
    return "another rule holds a bill because of the same, from its own moment on"


def held_no_more(story: Story) -> str:
    story("made", note="x")
    says(story, 1, {}, verb="locked", at=5, of=("lock", "payout:1", "A"))
    says(story, 2, None, verb="locked", at=5, of=("lock", "payout:1", "A"))
    story("paid", CHEN, at=8)
    return "a cause that never was holds nothing"


TOLD: dict[str, tuple[Tale, ...]] = {
    "duty": (
        *(the_newest_alone_counts, what_nobody_wants_is_withdrawn, wanted_again),
        *(done_before_its_moment, begun_and_then_withdrawn, begun_as_it_was_seen),
        *(begun_on_what_was_withdrawn, a_look_begins_nothing, what_did_not_fit_begins_nothing),
        *(taken_back, taken_back_and_withdrawn, answered("keep"), answered("accept")),
        *(accepted_away, answered_for_one_statement, let_in, two_rules, judged, judged_no_more),
        edited,
    ),
    "reading": (read_and_then_withdrawn, erased_afterwards),
    "bill": (too_early, held_by_two, let_go_by_both, held_by_two_rules, held_no_more),
}


def drawn(luck: Random, length: int) -> list[Short]:
    """Return a duty's acts by lot: said anew and withdrawn, begun, taken back, decided."""
    story = Story("duty")
    marks = [("plan", "site:1", "A"), ("other", "site:1", "B")]
    numbers = dict.fromkeys(marks, 0)
    said: list[str] = []
    while len(story.acts) < length:
        of = luck.choice(marks[: luck.choice((1, 1, 2))])
        if not said or luck.random() < 0.4:
            numbers[of] += 1
            wanted = numbers[of] == 1 or luck.random() < 0.7
            data = {"day": luck.choice((1, 2)), "who": luck.choice("ab")} if wanted else None
            said.append(says(story, numbers[of], data, at=luck.choice((2, 50)), of=of))
            continue
        people = [act[0] for act in story.acts if act[3] != CLOCK]
        verb, more = luck.choice(
            (
                *(("noted", {"note": luck.choice("xy")}), ("given", {"who": luck.choice("ab")})),
                *(("done", {}), ("revealed", {})),
                ("edited", {"field": "who", "old": luck.choice("ab"), "new": luck.choice("abc")}),
                *[("undone", {"undoes": luck.choice(people)}) for _ in range(2) if people],
                ("decided", {"about": luck.choice([*said, *people]), "choice": luck.choice(PICK)}),
            )
        )
        saw = luck.sample(said, luck.choice((0, 1, 1, min(2, len(said)))))
        does(story, verb, luck.choice((LIN, LIN, CHEN)), saw, luck.choice((None, 45)), **more)
    return story.acts


PICK = ("keep", "accept")
