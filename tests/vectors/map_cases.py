"""Vectors of maps asked by themselves, and of the checks of maps, keys and days in an act."""

from __future__ import annotations

from typing import Any

from sync.act import key_id
from tests.vectors import imaginary_hospital
from tests.vectors.generate import Case, case, text
from tests.vectors.guard_cases import act
from tests.vectors.imaginary_maps import SETTERS
from tests.vectors.map_histories import DAY, KEY, PLACE, RUN_ID
from tests.vectors.story import LIN, WU, identifier

DECLARED = imaginary_hospital.declarations()


def cases() -> dict[str, list[Case]]:
    """Return the cases by module; those of check_act go to check_cases.py."""
    return {"maps": [*_shapes(), *_setters(), *_missing()], "copies": _copies()}


def _shapes() -> list[Case]:
    paths = ("why", "ticks", "ticks.a", "ticks.z", "none", "none.a", "notes.constructor")
    found = [case(f"what stands at {path}", "read", "$answered", path) for path in paths]
    told: dict[str, Any] = {
        "nothing": {},
        "a field": {"why": "x"},
        "keys": {"ticks": {"a": "yes", "b.c": None}, "why": None},
        "no map": {"ticks": None, "counts": {}},
        "two maps": {"notes": {"a": "x"}, "counts": {"a": 1}},
    }
    for name, data in told.items():
        found.append(case(f"the answers of {name}", "answers", "$run", data))
    said = {"ticks.a": "yes", "why": "x", "ticks.b.c": None}
    return [*found, case("data again", "nested", said), case("no data", "nested", {})]


def _setters() -> list[Case]:
    found = []
    for path in ("ticks.a", "ticks.b", "ticks.c", "ticks.d", "ticks.e", "ticks.gone", "ticks.new"):
        for value in ("yes", "no", None):
            for by in (LIN, WU):
                said = {"_id": identifier(7), "by": by}
                name = f"{by} says {value} of {path}"
                found.append(case(name, "answered", "$answered", path, value, said, {"undo": True}))
        said = {"_id": identifier(7), "by": LIN}
        name = f"no of {path} for good"
        found.append(case(name, "answered", "$answered", path, "no", said, {"undo": False}))
    for number in (1, 2, 3, 4):
        found.append(
            case(f"what {number} answered", "answered_by", "$answered", identifier(number))
        )
        for path in SETTERS:
            if path != "why":
                name = f"{path} without {number}"
                asked = ("$answered", path, identifier(number))
                found.append(case(name, "taken_back", *asked))
                found.append(case(f"may it be {name}?", "may_be_taken_back", *asked))
    return found


def _missing() -> list[Case]:
    bad = {"state": "open", "mood": "bad", "why": "x", "day": DAY}
    laid: dict[str, dict[str, Any]] = {
        "a record in a good mood": {"state": "open", "day": DAY},
        "one in a bad mood": bad,
        "one where nothing is shown": {"state": "open", "mood": "bad"},
        "one with items": {**bad, "items": ["a", "b"], "ticks": {"a": "yes"}},
        "one with a map of items": {**bad, "items": {"a": "A", "b": "B"}},
        "one with no items": {**bad, "items": []},
        "one with a constructor": {**bad, "items": ["constructor"]},
    }
    told: dict[str, list[dict[str, Any]]] = {
        "told": [{}, {"words": "w"}, {"words": " ", "seal": "s"}, {"words": None}],
        "signed": [{}, {"ticks": {"b": "yes"}}, {"ticks": {"a": None, "b": "no"}}],
        "laid": [{}, {"beds": {"b1": "a"}}, {"beds": {"b1": "a", "b2": "b"}}, {"beds": None}],
        "ticked": [{"ticks": {"a": "yes"}}],
    }
    found = []
    for beneath, record in laid.items():
        for verb, some in told.items():
            for data in some:
                asked = ("$run", DECLARED["acts"][f"run.{verb}"], record, data)
                found.append(case(f"{beneath} is {verb} {data}", "missing", *asked))
    return found


def _copies() -> list[Case]:
    records: dict[str, dict[str, Any]] = {
        "nothing": {},
        "a place": {"place": PLACE},
        "a copy": {"place": PLACE, "unit": "unit:x"},
    }
    told: tuple[dict[str, Any], ...] = (
        *({}, {"place": "place:b"}, {"place": None}, {"place": "place:b", "unit": None}),
        {"template": "checklist:1", "place": "place:b"},
    )
    return [
        case(f"{verb} {data} over {name}", "taken_from", "$run", act_, record, data)
        for verb in ("opened", "ticked")
        for act_ in (DECLARED["acts"][f"run.{verb}"],)
        for name, record in records.items()
        for data in told
    ]


# Of check_act


def checks() -> list[Case]:
    """Return cases of `check`."""
    acts = {**_values(), **_maps(), **_keys(), **_replacing(), **_engines()}
    return [case(name, "check", "$declarations", one) for name, one in acts.items()]


def ids() -> list[Case]:
    """Return cases of `key_id`."""
    keys: dict[str, list[Any]] = {
        "a place and a day": [PLACE, DAY],
        "the other way round": [DAY, PLACE],
        "nothing": [],
        "an ideograph": ["大厅", 0, -1],
        "a block of 64 bytes": ["a" * 60, 1],
        "two blocks": [text("林", 40)],
        "where the length just fits": ["a" * 51],
        "where it just does not": ["a" * 52],
        "many blocks": [text("x", 1_000), 2**53 - 1],
    }
    return [case(f"the id of {name}", "key_id", "run", values) for name, values in keys.items()]


def _values() -> dict[str, dict[str, Any]]:
    values: dict[str, tuple[Any, ...]] = {
        "born": (0, -25_567, -25_568, 47_481, 47_482, 1.5, "2020-01-01", True, None),
        "from": (0, 1_440, 1_441, -1, 480, "08:00", True),
        "paid": (0, 1, -1, 1_000_000, 1_000_001, 1.5, "1", True),
        "due": (-500, -501, 10_000_000_000, 10_000_000_001),
        "mood": (0, 1, 5, 6, 3, "3", True, 2.5),
    }
    return {
        f"{name} {value!r}": act("visit.started", {"place": "place:a", name: value})
        for name, some in values.items()
        for value in some
    }


def _maps() -> dict[str, dict[str, Any]]:
    longest = "a" * 60
    ticks: dict[str, Any] = {
        "one tick": {"a": "yes"},
        "no ticks": {},
        "an emptied tick": {"a": None},
        "a choice that is none": {"a": "maybe"},
        "a tick that is a flag": {"a": True},
        "a tick that is a list": {"a": ["yes"]},
        "a key of 60 letters": {longest: "yes"},
        "a key of 61 letters": {longest + "a": "yes"},
        "a key with all that it may have": {"a1.b_c-d": "yes"},
        "a key like a number": {"12": "yes"},
        "an empty key": {"": "yes"},
        "a key in capitals": {"A": "yes"},
        "a prototype": {"__proto__": "yes"},
        "a constructor": {"constructor": "yes"},
        "a key that ends in a line": {"a\n": "yes"},
        "200 ticks": {f"a{n}": "yes" for n in range(200)},
        "201 ticks": {f"a{n}": "yes" for n in range(201)},
        "a list": ["yes"],
        "a text": "yes",
        "null": None,
    }
    found = {f"ticks: {name}": act("run.ticked", {"ticks": said}) for name, said in ticks.items()}
    others: dict[str, dict[str, Any]] = {
        "counts": {"a": 0, "b": 99},
        "too many": {"a": 100},
        "less than none": {"a": -1},
        "half a thing": {"a": 0.5},
    }
    found |= {f"counts: {name}": act("run.ticked", {"counts": v}) for name, v in others.items()}
    for note in ("", "x", "x" * 20, "x" * 21, "\ud83d", 5):
        found[f"a note {note!a}"] = act("run.ticked", {"notes": {"a": note}})
    for key in ("b1", "b2", "b3"):
        found[f"bed {key}"] = act("run.ticked", {"beds": {key: "a"}})
    edits: dict[str, tuple[str, Any, Any]] = {
        "a key": ("ticks.a", "yes", "no"),
        "a key to none": ("ticks.a", "yes", None),
        "a key to what is none": ("ticks.a", "yes", "maybe"),
        "a key from what is none any more": ("ticks.a", "sold", "no"),
        "a key from a number": ("ticks.a", 5, "no"),
        "a bad key": ("ticks.A", "yes", "no"),
        "a map": ("ticks", {"a": "yes"}, {"a": "no"}),
        "a key of a text": ("why.a", "x", "y"),
        "a key of what nobody corrects": ("counts.a", 1, 2),
        "part of the key": ("day", DAY, DAY + 1),
    }
    for name, (field, old, new) in edits.items():
        found[f"edited: {name}"] = act("run.edited", {"field": field, "old": old, "new": new})
    return found


def _keys() -> dict[str, dict[str, Any]]:
    other = key_id("run", [PLACE, DAY + 1])
    return {
        "a key that fits": act("run.opened", KEY, record=RUN_ID),
        "a key of another day": act("run.opened", KEY, record=other),
        "an id that is no key's": act("run.opened", KEY, record="run:A"),
        "no key": act("run.opened", {}, record=RUN_ID),
        "half a key": act("run.opened", {"place": PLACE}, record=RUN_ID),
        "an empty key": act("run.opened", {"place": PLACE, "day": None}, record=RUN_ID),
        "a bad key": act("run.opened", {"place": PLACE, "day": "1"}, record=RUN_ID),
        "an id that no act could have made": act("run.ticked", {"ticks": {}}, record="run:A"),
        "sour without words": act("run.sour", KEY, record=RUN_ID),
        "told without words": act("run.told", {}, record=RUN_ID),
    }


def _replacing() -> dict[str, dict[str, Any]]:
    values: dict[str, Any] = {
        "a key that is said": {"ticks.a": "yes"},
        "a key that was empty": {"ticks.a": None},
        "a choice that is none any more": {"ticks.a": "sold"},
        "a key that is a number": {"ticks.a": 5},
        "a key that is not said": {"ticks.b": "yes"},
        "a whole map": {"ticks": {"a": "yes"}},
        "a key of a text": {"why.a": "x"},
        "a key of nothing": {"colour.a": "x"},
        "a key of a prototype": {"__proto__.a": "x"},
        "a bad key": {"ticks.A": "yes"},
        "a map's own end": {"ticks.": "yes"},
    }
    said = {"ticks": {"a": "no"}}
    found = {f"ticked over {name}": act("run.ticked", said, over=v) for name, v in values.items()}
    for name, over in (("its mood", {"mood": "bad"}), ("a bad mood", {"mood": 5})):
        found[f"well over {name}"] = act("run.well", KEY, record=RUN_ID, over=over)
    found["ticked over a mood"] = act("run.ticked", said, over={"mood": "bad"})
    return found


def _engines() -> dict[str, dict[str, Any]]:
    copies: dict[str, dict[str, Any]] = {
        "nothing": {},
        "a unit": {"unit": "unit:x"},
        "a bad unit": {"unit": 5},
        "items": {"items": ["a"]},
        "what is not copied": {"why": "x"},
        "what is not there": {"colour": "x"},
        "a prototype": {"__proto__": "x"},
    }
    found = {f"filled with {name}": act("run.filled", data) for name, data in copies.items()}
    for into in ("run:B", "run:A", "visit:A", "run:", 5, None, "runs:B"):
        found[f"merged into {into}"] = act("run.merged", {"into": into})
    found["merged for a reason"] = act("run.merged", {"into": "run:B", "reason": "twice"})
    found["merged with more"] = act("run.merged", {"into": "run:B", "x": 1})
    found["merged into nothing"] = act("run.merged", {})
    return found
