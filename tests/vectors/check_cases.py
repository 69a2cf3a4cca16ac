"""Vectors of selectors, ids and the validation of acts."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.vectors import guard_cases, map_cases
from tests.vectors.generate import Case, case, items, text

# 𠮷 and 𡈽 are characters of names beyond the first 65,536; ！ sorts after them in UTF-16 only.
RARE = "𠮷"
TEXTS = (
    "",
    "林",
    "林小美",
    RARE,
    RARE * 6,
    RARE * 7,
    "！",
    "👩‍⚕️",
    "é",
    "e\u0301",
    "\ud83d",
    "a\0b",
    "林\0",
)
NUMBERS = (0, 1, -1, 5, 2**31, 2**53 - 1, 2**53, -(2**53) + 1, -(2**53), 10**30, 1.5, -0.5)
OTHERS: tuple[Any, ...] = (None, True, False, [], [1], ["1"], {}, {"a": 1}, {"strokes": []})
VALUES: tuple[Any, ...] = (*TEXTS, *NUMBERS, *OTHERS)

ID = "act:" + "7".rjust(26, "0")
MORNING = 1_795_568_400_000  # 2026-11-25 09:00 in China
HASH = "0123456789abcdef" * 4


def cases() -> dict[str, list[Case]]:
    """Return the cases by module."""
    checked = [*_check_act(), *guard_cases.checks(), *map_cases.checks()]
    return {"selector": _selector(), "act": [*_act(), *map_cases.ids()], "check_act": checked}


def _said(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) < 40 else f"{shown[:36]}… ({len(shown)})"


# Selectors


def _selector() -> list[Case]:
    random = Random(1)
    values = [value for value in VALUES if not (isinstance(value, int) and abs(value) >= 2**53)]
    found = [
        case(f"{_said(left)} and {_said(right)} are the same?", "same", left, right)
        for left in values
        for right in random.sample(values, 3)
    ]
    found += [case(f"{_said(value)} is itself", "same", value, value) for value in values]
    found += [
        case("lists are compared in their order", "same", [1, 2], [2, 1]),
        case("a shorter list is another", "same", [1, 2], [1]),
        case("a longer list is another", "same", [1], [1, 2]),
        case("a prototype is no value", "same", {"__proto__": {}}, {"a": {}}),
        case("objects are compared without an order", "same", {"a": 1, "b": 2}, {"b": 2, "a": 1}),
        case("an object with more is another", "same", {"a": 1}, {"a": 1, "b": None}),
        case("a missing key is not null", "same", {"a": None}, {"b": None}),
        case("true in a list is not 1", "same", [True], [1]),
        case("deep down, too", "same", {"a": [{"b": [1]}]}, {"a": [{"b": [True]}]}),
        case("deep and equal", "same", {"a": [{"b": [1, "x"]}]}, {"a": [{"b": [1, "x"]}]}),
    ]
    document = {
        "state": "waiting",
        "n": 5,
        "half": 2.5,
        "name": RARE,
        "mark": "！",
        "flag": True,
        "nothing": None,
        "list": [1, 2],
        "part": {"a": {"b": 1}, "flag": False},
    }
    tests = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
    names = (*document, "missing", "part.a.b", "part.a.x", "list.0", "nothing.a", "part.flag")
    wanted = (5, 4, 6, "waiting", "！", RARE, "", True, None, [1, 2], 5.5)
    for name in names:
        for test in tests:
            for want in random.sample(wanted, 3):
                named = f"{name} {test} {_said(want)}"
                found.append(case(named, "matches", {name: {test: want}}, document))
        for there in (True, False):
            named = f"{name} {'is' if there else 'is not'} there"
            found.append(case(named, "matches", {name: {"$exists": there}}, document))
        for test in ("$in", "$nin"):
            some = random.sample(wanted, 4)
            named = f"{name} {test} {_said(some)}"
            found.append(case(named, "matches", {name: {test: some}}, document))
        found.append(case(f"{name} is plainly 1", "matches", {name: 1}, document))
    found += _combined(document)
    return found


def _combined(document: dict[str, Any]) -> list[Case]:
    yes, no = {"state": "waiting"}, {"state": "ended"}
    selectors: dict[str, Any] = {
        "nothing asked": {},
        "both hold": {"$and": [yes, {"n": 5}]},
        "one of both fails": {"$and": [yes, no]},
        "one of two is enough": {"$or": [no, yes]},
        "none of two": {"$or": [no, {"n": 6}]},
        "not": {"$not": no},
        "not not": {"$not": {"$not": no}},
        "two keys both count": {"state": "waiting", "n": 6},
        "two tests of a key both count": {"n": {"$gt": 4, "$lt": 5}},
        "within": {"n": {"$gte": 5, "$lte": 5}},
        "an object without a test is a value": {"part.a": {"b": 1}},
        "halves have no order": {"half": {"$lt": 5.5}},
        "another object": {"part.a": {"b": 2}},
        "an empty object is a value": {"part.a": {}},
        "prototypes are not documents": {"constructor": {"$exists": True}},
        "a method is no field": {"list.length": {"$exists": True}},
        "an empty or holds nothing": {"$or": []},
        "an empty and holds": {"$and": []},
    }
    found = [case(name, "matches", selector, document) for name, selector in selectors.items()]
    both = {"$or": [yes, {"state": {"$in": ["ended", "waiting"]}}]}
    for one in (yes, {"state": {"$in": []}}, {}, {"n": 5}, both, {"$or": [no, {"n": 5}]}):
        found.append(case(f"states of {_said(one)}", "states", one))
    return found


# Ids


def _act() -> list[Case]:
    random = Random(2)
    found = []
    for at in (0, 1, 31, 32, MORNING, 2**48 - 1, 1_577_836_800_000, 4_102_444_799_999):
        for bits in (0, 1, 31, 32, 2**80 - 1, 2**80, 2**80 + 5, random.getrandbits(80)):
            found.append(case(f"at {at} with {bits}", "ulid", at, str(bits)))
    for identifier in ("act:01M7Q5CQG00000000000000001", "01M7Q5CQG0ZZZZZZZZZZZZZZZZ", ID):
        found.append(case(f"when {identifier} was made", "ulid_time", identifier))
    common = {"at": MORNING, "by": "person:lin", "device": "device:1", "site": "demo"}
    variants: dict[str, dict[str, Any]] = {
        "alone": {},
        "with words": {"text": "她说没有人来"},
        "with empty words": {"text": ""},
        "after what was seen": {"seen": ID, "after": MORNING - 60_000},
        "in the moment of what was seen": {"seen": ID, "after": MORNING},
        "before what was seen, by a slow clock": {"seen": ID, "after": MORNING + 60_000},
    }
    for name, more in variants.items():
        options = {**common, "identifier": ID, **more}
        arguments = ("visit.water_given", "visit:A", {"n": 1}, options)
        found.append(case(f"an act {name}", "make", *arguments))
    return found


# Checking


def _envelope(**changed: Any) -> dict[str, Any]:
    act = {"_id": ID, "act": "visit.water_given", "record": "visit:A", "at": MORNING}
    who = {"by": "person:lin", "device": "device:1", "site": "demo", "v": 1}
    return {**act, **who, "seen": None, "data": {}, **changed}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in _envelope().items() if key != name}


def _check_act() -> list[Case]:
    acts = {"a good act": _envelope()}
    for name in _envelope():
        acts[f"without {name}"] = _without(name)
        for value in VALUES:
            acts[f"{name} is {_said(value)}"] = _envelope(**{name: value})
    acts |= _odd_envelopes() | _engine_acts() | _fields() | _asked()
    return [case(name, "check", "$declarations", act) for name, act in acts.items()]


def _odd_envelopes() -> dict[str, dict[str, Any]]:
    odd = (ID + "\n", ID.lower(), ID[:-1], ID + "0", ID.replace("0", "U"), "act:8" + ID[5:])
    acts = {f"the id {said!r}": _envelope(_id=said) for said in odd}
    acts |= {f"seen {said!r}": _envelope(seen=said) for said in odd}
    records = ("visit:A\n", "visit:", "visit:" + "a" * 80, "visit:" + "a" * 81, "Visit:A", "knob:A")
    for said in (*records, "visit:林", "visit:a.b-c_D", "visit", "visit:A:B", "visits:A"):
        acts[f"the record {_said(said)} of {len(said)}"] = _envelope(record=said)
    names = ("visit.water_given\n", "visit.unknown", "unknown.started", "visit", ".started")
    more = ("visit.", "Visit.started", "visit.started.x", "visit.1", "knob.started")
    methods = ("constructor.name", "__proto__.x", "visit.constructor", "to_string.call")
    for said in (*names, *more, *methods):
        acts[f"the act {said!r}"] = _envelope(act=said)
    for at in (1_577_836_800_000, 4_102_444_800_000):
        acts |= {f"at {at + more}": _envelope(at=at + more) for more in (-1, 0, 1)}
    return acts | _long_envelopes()


def _long_envelopes() -> dict[str, dict[str, Any]]:
    acts = {"text is null": _envelope(text=None)}
    for letter in ("a", RARE):
        for length in (200, 201):
            acts[f"by {length} times {letter}"] = _envelope(by=letter * length)
        for length in (10_000, 10_001):
            acts[f"{length} times {letter} of text"] = _envelope(text=text(letter, length))
    names = ("_rev", "_revisions", "text", "_deleted", "owner", "__proto__", "constructor", "1")
    acts |= {f"with {name}": _envelope(**{name: "x"}) for name in names}
    acts["two things are wrong"] = _envelope(_id="x", at="x")
    acts["no text twice"] = _envelope(by=1, site=None, at="x")
    return acts


def _engine_acts() -> dict[str, dict[str, Any]]:
    good: dict[str, dict[str, Any]] = {
        "undone": {"undoes": ID},
        "decided": {"about": ID, "choice": "accept", "reason": "She was there"},
        "edited": {"field": "name", "old": None, "new": "林"},
        "rung_reached": {"ladder": "visit_water", "rung": 1, "due_at": MORNING, "told": ["a"]},
        "rung_annulled": {"ladder": "visit_water", "rung": 1, "act": ID},
    }
    acts = {}
    for verb, data in good.items():
        acts[f"{verb}, well"] = _envelope(act=f"visit.{verb}", data=data)
        acts[f"{verb} of a knob"] = _envelope(act=f"knob.{verb}", record="knob:A", data=data)
        for name in data:
            less = {key: value for key, value in data.items() if key != name}
            acts[f"{verb} without {name}"] = _envelope(act=f"visit.{verb}", data=less)
            for value in (*TEXTS[:4], *OTHERS, 1, 1.5, 2**53, ID, "keep", "stage", "constructor"):
                more = {**data, name: value}
                named = f"{verb} with {name} {_said(value)}"
                acts[named] = _envelope(act=f"visit.{verb}", data=more)
        for name in ("__proto__", "1", "Name", "_x", "x_y", "林"):
            more = {**data, name: 1}
            acts[f"{verb} and a {name}"] = _envelope(act=f"visit.{verb}", data=more)
    edits = {"stage": "paid", "beds": 501, "note": "x", "outcome": "seen", "state": "ended"}
    for field, new in edits.items():
        for value in (new, None, "sold", 7):
            data = {"field": field, "new": value}
            acts[f"{field} edited to {value}"] = _envelope(act="visit.edited", data=data)
    return acts


FIELDS: dict[str, tuple[Any, ...]] = {
    "name": ("林小美", "a" * 6, "a" * 7, "👩‍⚕️", "👩‍⚕️" * 2),
    "note": (text("a", 2_000), text("a", 2_001), text(RARE, 2_000)),
    "phone": (
        "139 0000 0416",
        "12",
        "123",
        "+86-139",
        "1" * 20,
        "1" * 21,
        "12a",
        "123\n",
        "12\n",
        "１２３",
        "１３８００１３８０００",
        "\u202d138 0013 8000\u202c",
        "\u200b\u200b",
        "123\0",
        "\ud800123",
        "1" + "\u200b" * 57 + "23",
        "1" + "\u200b" * 58 + "23",
        RARE * 3,
    ),
    "stage": ("paid", "sold", "Paid", "constructor", ["paid"]),
    "needs": (
        ["wheelchair"],
        ["child", "child"],
        ["child", 1],
        ["x"],
        items("child", 50),
        items("child", 51),
    ),
    "beds": (500, 501),
    "count": (-7,),
    "first": (1, "true"),
    "seen_at": (1_577_836_799_999, 1_577_836_800_000, 4_102_444_799_999, 4_102_444_800_000),
    "place": (
        "place:lobby-1",
        "room:1",
        "person:lin",
        "places:1",
        "place:",
        "place:lobby 1",
        "place:a\n",
        "lobby",
        "place:大厅",
    ),
    "recordings": ([HASH], [HASH] * 2, [HASH.upper()], HASH),
    "photos": ([HASH], [HASH] * 2, [HASH] * 3, [HASH[:-1]], [HASH.upper()], [HASH + "\n"], [1]),
    "signature": (
        {"strokes": [[1, 2]], "of": HASH},
        {"strokes": [[10, 10, 130, 10]], "of": HASH},
        {"strokes": [[10, 10, 129, 10]], "of": HASH},
        {"strokes": [[10, 10, 10, 40, 10, 10, 10, 40, 10, 10]], "of": HASH},
        {"strokes": [[10, 10, 10, 39, 10, 10, 10, 39, 10, 10, 10, 39]], "of": HASH},
        {"strokes": [[10, 10, 70, 70], []], "of": HASH},
        {"strokes": [[0, 0], [600, 160]], "of": HASH},
        {"strokes": [[], []], "of": HASH},
        {"strokes": [[1, 2], []], "of": HASH},
        {"strokes": [[1, 2, 3]], "of": HASH},
        {"strokes": [[1, 2.5]], "of": HASH},
        {"strokes": [[True, 1]], "of": HASH},
        {"strokes": [[1, 2], "ab"], "of": HASH},
        {"strokes": [], "of": HASH},
        {"strokes": [[1, 2]]},
        {"strokes": [[1, 2]], "of": [HASH]},
        {"strokes": [[1, 2]], "of": HASH + "0"},
        {"strokes": {"0": [1, 2]}, "of": HASH},
        {"strokes": items([], 500), "of": HASH},
        {"strokes": items([], 501), "of": HASH},
        {"strokes": [items(1, 40_000)], "of": HASH},
        {"strokes": [items(1, 40_000), [1, 2]], "of": HASH},
    ),
    "places": (
        ["a"],
        [""],
        ["\u3000"],
        ["\u200b"],
        ["大厅\u200b"],
        ["a" * 100],
        ["a" * 101],
        [RARE * 100],
        ["\ud800"],
        [1],
        items("a", 200),
        items("a", 201),
    ),
    "off": ([20_000], [-1], [1.5], [True], ["1"], items(1, 400), items(1, 401), [2**53]),
}


def _fields() -> dict[str, dict[str, Any]]:
    acts = {}
    for name, values in FIELDS.items():
        for value in (*values, *VALUES):
            data = {"place": "place:lobby-1", name: value}
            acts[f"a visit whose {name} is {_said(value)}"] = _started(data)
    return acts


def _started(data: dict[str, Any]) -> dict[str, Any]:
    return _envelope(act="visit.started", data=data)


def _asked() -> dict[str, dict[str, Any]]:
    ended, asked = "visit.ended", "visit.asked"
    given: dict[str, tuple[str, dict[str, Any]]] = {
        "nothing that is needed": (ended, {}),
        "the outcome": (ended, {"outcome": "seen"}),
        "that they left, but not why": (ended, {"outcome": "left"}),
        "that they left, and an empty why": (ended, {"outcome": "left", "why": ""}),
        "that they left, and why": (ended, {"outcome": "left", "why": "too long"}),
        "a wrong why": (ended, {"outcome": "left", "why": 5}),
        "no outcome but null": (ended, {"outcome": None}),
        "an outcome that is none": (ended, {"outcome": "sold"}),
        "what was not asked": (ended, {"outcome": "seen", "name": "林"}),
        "what no visit knows": (ended, {"outcome": "seen", "colour": "red"}),
        "a prototype": (ended, {"outcome": "seen", "__proto__": {"why": "x"}}),
        "a constructor": (ended, {"outcome": "seen", "constructor": "x"}),
        "a required field left out": (asked, {}),
        "a required field empty": (asked, {"says": ""}),
        "a required field": (asked, {"says": "20 min"}),
        "a required field of a blank": (asked, {"says": " "}),
        "a required field of an ideographic blank": (asked, {"says": "\u3000"}),
        "a required field of U+200B": (asked, {"says": "\u200b"}),
        "a required field of U+202D and U+202C": (asked, {"says": "\u202d\u202c"}),
        "that they left, and a why that nobody sees": (ended, {"outcome": "left", "why": "\ufeff"}),
        "a visit without a place": ("visit.started", {}),
        "a visit with null for everything": ("visit.started", {"place": None, "name": None}),
        "a visit with no needs": ("visit.started", {"place": "place:a", "needs": []}),
        "a place that is an empty list": ("visit.started", {"place": []}),
        "a licence for itself": ("licence.given", {"self": "licence:A"}),
        "a licence that ends on a day": ("licence.given", {"ends_on": 20_270}),
        "a licence that ends on no day": ("licence.given", {"ends_on": 47_482}),
        "a licence from before the calendar": ("licence.given", {"ends_on": -25_568}),
        "a licence that ends on a moment": ("licence.given", {"ends_on": 1_795_568_400_000}),
        "no help that is needed": ("visit.helped", {"needs": []}),
        "help that is needed": ("visit.helped", {"needs": ["child"]}),
    }
    acts = {
        f"given {name}": _envelope(act=act, record=f"{act.partition('.')[0]}:A", data=data)
        for name, (act, data) in given.items()
    }
    for value in (0, -1, 1_000_000, 1_000_001, None, True):
        data = {"value": value, "reason": "busy"}
        acts[f"a knob at {value}"] = _envelope(act="knob.changed", record="knob:A", data=data)
    acts["a knob without a reason"] = _envelope(
        act="knob.changed", record="knob:A", data={"value": 1}
    )
    return acts
