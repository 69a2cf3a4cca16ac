"""Vectors of guards asked by themselves, and of the checks of what they read in an act."""

from __future__ import annotations

from typing import Any

from sync.text_folding import is_blank
from tests.vectors import imaginary_hospital
from tests.vectors.generate import Case, case, items, text
from tests.vectors.story import CHEN, CLOCK, LIN, WU, identifier

MORNING = 1_795_568_400_000  # 2026-11-25 09:00 in China
ACTS = imaginary_hospital.declarations()["acts"]


def cases() -> dict[str, list[Case]]:
    """Return the cases by module; those of check_act go to check_cases.py."""
    return {"guards": [*_hands(), *_over()]}


def _hands() -> list[Case]:
    named = {"person": CHEN, "others": [WU, 5], "owner": LIN, "proposed_by": [CHEN, LIN]}
    found = []
    for name in ("task.agreed", "task.objected", "payout.told", "payout.approved", "visit.moved"):
        for by in (LIN, CHEN, WU, CLOCK):
            for known in (named, {}):
                title = f"may {by} say {name} of {'those named' if known else 'nobody'}?"
                found.append(case(title, "may_say", ACTS[name], known, by))
    return found


def _over() -> list[Case]:
    """A record with four acts: the third set `a`, the first `b`, and one that is forgotten `c`."""
    record = {
        "_id": "visit:A",
        "type": "visit",
        "state": "open",
        "a": "x",
        "b": 1,
        "c": [1],
        "d": 5,
        "setters": {
            "a": [identifier(3), CHEN],
            "b": [identifier(1), LIN],
            "c": [identifier(77_777_777), WU],
            "gone": [identifier(2), WU],
        },
        "acts": {"recent": [{"id": identifier(number)} for number in (1, 2, 3, 4)]},
    }
    data: dict[str, Any] = {"a": "y", "b": 2, "c": [2], "d": 6, "gone": 1, "new": 1}
    seen = {"all": 4, "the third": 3, "the second": 2, "the first": 1, "an older one": 0}
    found = [
        case(f"what somebody replaces who saw {name}", "over", record, data, identifier(number))
        for name, number in seen.items()
    ]
    found.append(case("what somebody replaces who saw nothing", "over", record, data, None))
    same = {"a": "x", "b": 1, "c": [1]}
    found.append(case("nobody replaces what they repeat", "over", record, same, identifier(4)))
    future = identifier(88_888_888)
    found.append(case("what an act yet to come has seen", "over", record, data, future))
    return found


# Of check_act


def checks() -> list[Case]:
    """Return cases of `check`."""
    acts = {**_replacing(), **_resting(), **_emptying(), **_engines()}
    blanks = [case(f"is {value!a} empty?", "is_empty", value) for value in _texts()]
    return blanks + [case(name, "check", "$declarations", act) for name, act in acts.items()]


def _texts() -> list[Any]:
    """Every edge of what is blank, and what lies beside it; lists of them."""
    edges: list[int] = []
    for letter in range(0x10_0000):
        if not 0xD800 <= letter < 0xE000:
            inside = is_blank(chr(letter))
            if inside != is_blank(chr(max(letter - 1, 0))):
                edges += [letter - 1, letter]
    beside = [chr(letter) for letter in edges if not 0xD800 <= letter < 0xE000]
    lists: list[Any] = [[], [""], [" ", "\u200b"], [" ", "a"], [[]], [None], [0], {}, 0, False]
    told = ["", " a ", "\u200b\u3000", "林", None, *beside, *lists]
    return [one for number, one in enumerate(told) if ascii(one) not in map(ascii, told[:number])]


def act(name: str, data: Any, **more: Any) -> dict[str, Any]:
    """Return a whole act of the kind that its name begins with."""
    made = {"_id": identifier(7), "act": name, "record": name.partition(".")[0] + ":A"}
    made |= {"at": MORNING, "by": LIN, "device": "device:1", "site": "demo", "v": 1, "seen": None}
    return {**made, "data": data, **more}


def _replacing() -> dict[str, dict[str, Any]]:
    moved = {"stage": "paid", "beds": 4}
    values: dict[str, Any] = {
        "nothing": {},
        "a stage": {"stage": "arrived"},
        "a stage that is none any more": {"stage": "sold"},
        "a stage of 201 letters": {"stage": "a" * 201},
        "a number for a stage": {"stage": 7},
        "beds": {"beds": 4},
        "more beds than there may be": {"beds": 501},
        "text for beds": {"beds": "4"},
        "no beds": {"beds": None},
        "what was not asked": {"note": "x"},
        "what no visit knows": {"colour": "x"},
        "a constructor": {"constructor": "x"},
        "a prototype": {"__proto__": "x"},
        "an owner": {"owner": LIN},
        "no object": [],
        "null": None,
        "text": "stage",
    }
    found = {f"over {name}": act("visit.moved", moved, over=over) for name, over in values.items()}
    for name, over in (("an owner", {"owner": CHEN}), ("a bad owner", {"owner": 5})):
        found[f"given over {name}"] = act("task.given", {"to": WU}, over=over)
    found["given over no owner"] = act("task.given", {"to": WU}, over={"owner": None})
    needs = (["child"], ["sold"], ["a" * 201], [1], "child", items("child", 51))
    for value in needs:
        name = f"filed over needs {str(value)[:30]}"
        found[name] = act("visit.filed", {"needs": []}, over={"needs": value})
    undone = {"undoes": identifier(3)}
    found["an undo over nothing"] = act("visit.undone", undone, over={})
    found["an undo over something"] = act("visit.undone", undone, over={"stage": "paid"})
    return found


def _resting() -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {
        "what it rests on": {"amount": 900, "band": "low"},
        "nothing that it rests on": {},
        "what it rests on, empty": {"amount": None, "band": None},
        "text for an amount": {"amount": "900"},
        "a note": {"note": "x"},
    }
    return {f"an approval of {name}": act("payout.approved", data) for name, data in values.items()}


def _emptying() -> dict[str, dict[str, Any]]:
    found = {}
    for value in (True, False, None):
        found[f"agreed that is {value}"] = act("task.agreed", {"agreed": value})
    for value in ("", " ", "\u200b\u3000", "x", None, "\u2800"):
        found[f"made because {value!a}"] = act("task.made", {"why": value})
        edit = {"field": "why", "old": "x", "new": value}
        found[f"why edited to {value!a}"] = act("task.edited", edit)
        edit = {"field": "says", "old": "x", "new": value}
        found[f"what was said edited to {value!a}"] = act("visit.edited", edit)
        found[f"said {value!a}"] = act("visit.asked", {"says": value})
    for value in (None, "", "paid"):
        data = {"place": "place:a", "stage": value}
        found[f"started at the stage {value!a}"] = act("visit.started", data)
        found[f"moved to the stage {value!a}"] = act("visit.moved", {"stage": value})
        edit = {"field": "stage", "old": "arrived", "new": value}
        found[f"the stage edited to {value!a}"] = act("visit.edited", edit)
    for value in (None, " ", "\u200b"):
        edit = {"field": "note", "old": "x", "new": value}
        found[f"a note edited to {value!a}"] = act("visit.edited", edit)
    for value in (None, "", "place:b"):
        found[f"moved to the place {value!a}"] = act("visit.moved", {"place": value})
    found["a receiver edited to none"] = act("task.edited", {"field": "to", "new": None})
    found["an amount edited to none"] = act("payout.edited", {"field": "amount", "new": None})
    found["an amount edited to nought"] = act("payout.edited", {"field": "amount", "new": 0})
    found["started without a first visit"] = act("visit.started", {"place": "p:a", "first": False})
    return found


def _engines() -> dict[str, dict[str, Any]]:
    """A8: every member of every engine act is checked, and its size bounded."""
    undone = {"undoes": identifier(3)}
    reached = {"ladder": "visit_water", "rung": 1, "due_at": MORNING}
    told = {"told": ["a"], "skipped": [1], "unfilled": ["guide"], "late_by": 5, "passed": True}
    found = {
        "an undo with a member of 900 KB": act("visit.undone", {**undone, "x": text("a", 900_000)}),
        "an undo with a long reason": act("visit.undone", {**undone, "reason": text("a", 2_001)}),
        "an undo with a reason": act("visit.undone", {**undone, "reason": text("a", 2_000)}),
        "a rung with all members": act("visit.rung_reached", {**reached, **told}),
        "500 were told": act("visit.rung_reached", {**reached, "told": items("a", 500)}),
        "501 were told": act("visit.rung_reached", {**reached, "told": items("a", 501)}),
        "201 letters were told": act("visit.rung_reached", {**reached, "told": ["a" * 201]}),
        "a ladder of 200 letters": act("visit.rung_reached", {**reached, "ladder": "a" * 200}),
        "a ladder of 201 letters": act("visit.rung_reached", {**reached, "ladder": "a" * 201}),
    }
    for name in told:
        for wrong in (None, "x", 1, True, [], [None], ["1"], [1], {}):
            said = {**reached, name: wrong}
            found[f"a rung with {name} {wrong!r}"] = act("visit.rung_reached", said)
    for old in (7, "x", None, [], True, "a" * 201, text("a", 2_001)):
        for field, new in (("note", "y"), ("stage", "paid"), ("beds", 4)):
            named = f"{field} edited from {str(old)[:12]} ({type(old).__name__})"
            found[named] = act("visit.edited", {"field": field, "old": old, "new": new})
    return found
