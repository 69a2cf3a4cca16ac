"""Checks of an act against the declarations: which fields are wrong, by problem codes.

Knows the declarations as plain JSON (`sync.declarations`), and no feature by name; fold.py adds an
act to its record. Twin: service_worker/rules/check_act.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sync.act import ACT_ID, ENVELOPE, RECORD_ID, STATEMENT, Act, is_statement
from sync.memoize import memoize
from sync.selector import declared as fitting
from sync.text_folding import folded, is_blank

Declarations = dict[str, Any]
Record = dict[str, Any]
Problems = dict[str, str]

RECENT = 20  # newest acts in a record itself; the whole history is on the server
UNDOABLE = 5  # of these, those that keep the values they replaced
STARTS = 1_577_836_800_000  # ms, 2020-01-01: no act of ours is older
ENDS = 4_102_444_800_000  # ms, 2100-01-01
ENGINE = ("undone", "decided", "edited", "rung_reached", "rung_annulled")
CHOICES = {"decided": ("accept", "keep")}
TEXTS = ("_id", "act", "record", "by", "device", "site")
MEMBERS = {*ENVELOPE, "for", "_rev", "_revisions"}
ACT_NAME = re.compile(r"[a-z_]+\.[a-z_]+")
# NUL, which PostgreSQL refuses, and half a surrogate pair, which a cut through an emoji leaves.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
EMPTY: tuple[Any, ...] = (None, "", [])
LONGEST_PHONE = 60  # letters as they are stored, those that nobody sees included
MOST_TOLD = 500  # people and rungs that an act of the clock may name


@memoize
def fields_of(kind: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return {name: field} of a declared record."""
    return {field["name"]: field for field in kind["fields"]}


@memoize
def kept(kind: dict[str, Any]) -> frozenset[str]:
    """Return the fields that making a record requires, or sets: no act empties them."""
    needed = {name for act in kind["acts"] if act["creates"] for name in act["needs"]}
    return frozenset({*kind["starts_as"], *needed})


def is_empty(value: Any) -> bool:
    """Say whether a value says nothing: none, an empty one, or letters that show nothing."""
    if isinstance(value, str):
        return is_blank(value)
    return value in EMPTY or (isinstance(value, list) and all(map(is_empty, value)))


# Checking


def check(declarations: Declarations, act: Act) -> Problems:
    """Return {field: problem code} of an act as it was made; empty when it is well formed.

    Whether it fits its record, and whether its author may record it, is checked elsewhere.
    """
    problems = _envelope(act)
    if problems:
        return problems
    kind, _, verb = act["act"].partition(".")
    record = declarations["records"].get(kind)
    if record is None:
        return {"act": "unknown_act"}
    if not act["record"].startswith(kind + ":"):
        return {"record": "wrong_type"}
    over = act.get("over", {})
    if verb in ENGINE:
        return _engine_problems(record, verb, act["data"]) or dict.fromkeys(over, "not_asked")
    declared = declarations["acts"].get(act["act"])
    if declared is None:
        return {"act": "unknown_act"}
    problems = _data_problems(record, declared, act["data"])
    return problems or (_over_problems(record, declared, over) if over else {})


def _envelope(act: Act) -> Problems:
    problems = {
        name: "not_text" for name in TEXTS if not _is_text(act.get(name)) or len(act[name]) > 200
    }
    if problems:
        return problems
    for name, good, code in (
        ("_id", ACT_ID.match(act["_id"]), "not_an_id"),
        ("record", RECORD_ID.match(act["record"]), "not_an_id"),
        ("act", ACT_NAME.fullmatch(act["act"]), "unknown_act"),
        ("at", _moment({}, act.get("at")) is None, "not_a_moment"),
        ("seen", act.get("seen") is None or _is_id(act["seen"]), "not_an_id"),
        ("over", isinstance(act.get("over", {}), dict), "not_an_object"),
        ("data", isinstance(act.get("data"), dict), "not_an_object"),
        ("for", _is_said_as_it_should(act), "not_asked"),
        ("text", _text({"max": 10_000}, act.get("text", "")) is None, "too_long"),
    ):
        if not good:
            problems[name] = code
    problems.update(dict.fromkeys(act.keys() - MEMBERS, "not_asked"))
    return problems


def _is_said_as_it_should(act: Act) -> bool:
    """Say whether a statement is one, and nothing else claims to be."""
    if "for" in act:
        return is_statement(act)
    return not act["_id"].startswith(STATEMENT)


def _engine_problems(record: Record, verb: str, data: dict[str, Any]) -> Problems:
    problems: Problems = {}
    wanted, may_say = WANTED[verb], MAY_SAY[verb]
    for name in wanted:
        if name not in data:
            problems[name] = "required"
    for name, value in data.items():
        fits = wanted.get(name) or may_say.get(name)
        if fits is None:
            problems[name] = "not_asked"
        elif not fits(value):
            problems[name] = "not_understood"
    if problems:
        return problems
    if verb == "decided" and data["choice"] not in CHOICES["decided"]:
        return {"choice": "not_a_choice"}
    return _edit_problems(record, data) if verb == "edited" else {}


def _edit_problems(record: Record, data: dict[str, Any]) -> Problems:
    field = fields_of(record).get(data["field"])
    if field is None or not field["editable"]:
        return {"field": "not_editable"}
    new, old = data["new"], data.get("old")
    if is_empty(new) and (field["required"] or field["name"] in kept(record)):
        return {"new": "required"}
    if new is not None and (code := CHECKS[field["kind"]](field, new)):
        return {"new": code}
    if old is not None and (code := form_problem(field, old)):
        return {"old": code}
    return {}


def form_problem(field: dict[str, Any], value: Any) -> str | None:
    """Return what is wrong with a value that a record is said to hold.

    It has the right form and size; what may be chosen or entered may have changed since.
    """
    code = CHECKS[field["kind"]](field, value)
    if code in ("too_small", "too_big"):
        return None
    if code in ("not_a_choice", "not_a_phone", "not_an_id"):
        listed = value if field["kind"] == "choices" else [value]
        return None if all(map(_is_name, listed)) else code
    return code


def _data_problems(record: Record, declared: dict[str, Any], data: dict[str, Any]) -> Problems:
    problems: Problems = {}
    fields, asks = fields_of(record), declared["asks"]
    for name, value in data.items():
        if name not in asks and name not in declared["rests_on"]:
            problems[name] = "not_asked"
        elif value is not None and (code := CHECKS[fields[name]["kind"]](fields[name], value)):
            problems[name] = code
    for name in asks:
        value = data.get(name)
        if name in problems or not (value is False or is_empty(value)):
            continue
        needed = name in declared["needs"]
        if value is not False and not needed:
            required = fields[name]["required"]
            needed = fitting(required)(data) if isinstance(required, dict) else required
            needed = needed or (name in data and name in kept(record))
        if needed:
            problems[name] = "required"
    return problems


def _over_problems(record: Record, declared: dict[str, Any], over: dict[str, Any]) -> Problems:
    """Check the answers that an act replaces; only what it asks for can be replaced."""
    problems: Problems = {}
    fields = fields_of(record)
    for name, value in over.items():
        if name == "owner" and declared["gives_to"]:
            code = None if isinstance(value, str) and RECORD_ID.match(value) else "not_an_id"
        elif name in declared["asks"]:
            code = None if value is None else form_problem(fields[name], value)
        else:
            code = "not_asked"
        if code:
            problems[name] = code
    return problems


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ACT_ID.match(value) is not None


def _is_text(value: Any) -> bool:
    """Say whether a value is text that JSON and every database can carry."""
    return isinstance(value, str) and UNSTORABLE.search(value) is None


def _is_reason(value: Any) -> bool:
    return _is_text(value) and len(value) <= 2_000


def _is_name(value: Any) -> bool:
    return _is_text(value) and len(value) <= 200


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TOLD and all(map(_is_name, value))


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TOLD and all(map(_is_number, value))


def _is_anything(value: Any) -> bool:
    return True


Members = dict[str, dict[str, Callable[[Any], bool]]]
WANTED: Members = {
    "undone": {"undoes": _is_id},
    "decided": {"about": _is_id, "choice": _is_name},
    "edited": {"field": _is_name, "new": _is_anything},
    "rung_reached": {"ladder": _is_name, "rung": _is_number, "due_at": _is_number},
    "rung_annulled": {"ladder": _is_name, "rung": _is_number},
}
MAY_SAY: Members = {
    "undone": {"reason": _is_reason},
    "decided": {"reason": _is_reason},
    "edited": {"old": _is_anything, "reason": _is_reason},
    "rung_reached": {
        "late_by": _is_number,
        "told": _are_names,
        "skipped": _are_numbers,
        "unfilled": _are_names,
        "passed": lambda value: isinstance(value, bool),
    },
    "rung_annulled": {"act": _is_id},
}


def _text(field: dict[str, Any], value: Any) -> str | None:
    if not _is_text(value):
        return "not_text"
    if len(value) > (field["max"] or 2_000):
        return "too_long"
    return None


def _phone(field: dict[str, Any], value: Any) -> str | None:
    if not _is_text(value) or len(value) > LONGEST_PHONE:
        return "not_a_phone"
    return None if re.fullmatch(r"[0-9+ -]{3,20}", folded(value)) else "not_a_phone"


def _choice(field: dict[str, Any], value: Any) -> str | None:
    return None if isinstance(value, str) and value in values_of(field) else "not_a_choice"


@memoize
def values_of(field: dict[str, Any]) -> frozenset[str]:
    """Return the values that may be chosen for a declared field."""
    return frozenset(choice[0] for choice in field["choices"])


def _choices(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 50:
        return "not_a_list"
    return next((code for item in value if (code := _choice(field, item))), None)


def _number(field: dict[str, Any], value: Any) -> str | None:
    if not _is_number(value):
        return "not_a_number"
    if field["min"] is not None and value < field["min"]:
        return "too_small"
    if field["max"] is not None and value > field["max"]:
        return "too_big"
    return None


def _flag(field: dict[str, Any], value: Any) -> str | None:
    return None if isinstance(value, bool) else "not_a_flag"


def _moment(field: dict[str, Any], value: Any) -> str | None:
    return None if _is_number(value) and STARTS <= value < ENDS else "not_a_moment"


def _link(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, str) or not RECORD_ID.match(value):
        return "not_an_id"
    if (kinds := field.get("of")) and value.partition(":")[0] not in kinds:
        return "not_an_id"
    return None


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _blobs(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > (field["max"] or 20):
        return "too_many"
    return None if all(map(_is_hash, value)) else "not_a_photo"


def _signature(field: dict[str, Any], value: Any) -> str | None:
    """Check `{"strokes": [[x, y, x, y, …], …], "of": <sha256 of the signed text>}`, integers."""
    if not isinstance(value, dict) or not isinstance(value.get("strokes"), list):
        return "not_a_signature"
    if not _is_hash(value.get("of")):
        return "not_a_signature"
    strokes = value["strokes"]
    if len(strokes) > 500 or sum(len(s) for s in strokes if isinstance(s, list)) > 40_000:
        return "too_long"
    good = all(isinstance(s, list) and len(s) % 2 == 0 and all(map(_is_number, s)) for s in strokes)
    if not good or not strokes:
        return "not_a_signature"
    return None if is_written(strokes) else "too_little_ink"


# A dot is no signature. Of the pad's 600 × 160 units: the way of the pen, in all, and the longer
# side of what it covers. The shortest names and a small cross have more; a tap, a slip of the
# finger less.
INK, SPREAD = 120, 30


def is_written(strokes: list[list[int]]) -> bool:
    """Say whether strokes are more than a dot; the way is counted along both sides."""
    ink = sum(abs(s[n] - s[n - 2]) for s in strokes for n in range(2, len(s)))
    sides = [[x for s in strokes for x in s[first::2]] for first in (0, 1)]
    spread = max((max(side) - min(side) for side in sides if side), default=0)
    return ink >= INK and spread >= SPREAD


def _names(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 200:
        return "not_a_list"
    good = all(_is_text(item) and len(item) <= 100 and not is_blank(item) for item in value)
    return None if good else "not_text"


def _people(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > (field["max"] or 200):
        return "not_a_list"
    good = all(
        isinstance(one, str) and one.startswith("person:") and RECORD_ID.match(one) for one in value
    )
    return None if good else "not_an_id"


def _days(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 400:
        return "not_a_list"
    return None if all(map(_is_number, value)) else "not_a_number"


CHECKS: dict[str, Callable[[dict[str, Any], Any], str | None]] = {
    "text": _text,
    "phone": _phone,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "flag": _flag,
    "moment": _moment,
    "link": _link,
    "blobs": _blobs,
    "voice": _blobs,
    "signature": _signature,
    "names": _names,
    "people": _people,
    "days": _days,
}
