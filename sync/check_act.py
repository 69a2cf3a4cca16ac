"""Checks of an act against the declarations: which fields are wrong, by problem codes.

Knows the declarations as plain JSON (`sync.declarations`), and no feature by name; fold.py adds an
act to its record. Twin: service_worker/rules/check_act.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sync.act import ACT_ID, ENVELOPE, RECORD_ID, STATEMENT, Act, is_statement, key_id
from sync.field_kinds import CHECKS, MAPS, is_key, is_moment, is_number, is_text
from sync.memoize import memoize
from sync.selector import declared as fitting
from sync.text_folding import is_blank

Declarations = dict[str, Any]
Record = dict[str, Any]
Problems = dict[str, str]

RECENT = 20  # newest acts in a record itself; the whole history is on the server
UNDOABLE = 5  # of these, those that keep the values they replaced
ENGINE = ("undone", "decided", "edited", "rung_reached", "rung_annulled", "filled", "merged")
CHOICES = {"decided": ("accept", "keep")}
TEXTS = ("_id", "act", "record", "by", "device", "site")
MEMBERS = {*ENVELOPE, "for", "_rev", "_revisions"}
ACT_NAME = re.compile(r"[a-z_]+\.[a-z_]+")
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
    if isinstance(value, dict):
        value = list(value.values())
    return value is None or (isinstance(value, list) and all(map(is_empty, value)))


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
        return _engine_problems(record, verb, act) or dict.fromkeys(over, "not_asked")
    declared = declarations["acts"].get(act["act"])
    if declared is None:
        return {"act": "unknown_act"}
    problems = _data_problems(record, declared, act["data"], act["record"])
    problems = problems or _own_problems(record, act)
    return problems or (_over_problems(record, declared, over, act["data"]) if over else {})


def _envelope(act: Act) -> Problems:
    problems: Problems = {}
    for name in TEXTS:
        value: Any = act.get(name)
        if not is_text(value) or len(value) > 200:
            problems[name] = "not_text"
    if problems:
        return problems
    for name, code, fits in AROUND:
        if not fits(act):
            problems[name] = code
    if not act.keys() <= MEMBERS:
        problems.update(dict.fromkeys(act.keys() - MEMBERS, "not_asked"))
    return problems


def _is_said_as_it_should(act: Act) -> bool:
    """Say whether a statement is one, and nothing else claims to be."""
    if "for" in act:
        return is_statement(act)
    return not act["_id"].startswith(STATEMENT)


# What stands around an act's data: member, code of its fault, whether it is as it should be.
AROUND: tuple[tuple[str, str, Callable[[Act], object]], ...] = (
    ("_id", "not_an_id", lambda act: ACT_ID.match(act["_id"])),
    ("record", "not_an_id", lambda act: RECORD_ID.match(act["record"])),
    ("act", "unknown_act", lambda act: ACT_NAME.fullmatch(act["act"])),
    ("at", "not_a_moment", lambda act: is_moment(act.get("at"))),
    ("seen", "not_an_id", lambda act: act.get("seen") is None or _is_id(act["seen"])),
    ("over", "not_an_object", lambda act: isinstance(act.get("over", {}), dict)),
    ("data", "not_an_object", lambda act: isinstance(act.get("data"), dict)),
    ("for", "not_asked", _is_said_as_it_should),
    (
        "text",
        "too_long",
        lambda act: "text" not in act or CHECKS["text"]({"max": 10_000}, act["text"]) is None,
    ),
)


def _engine_problems(record: Record, verb: str, act: Act) -> Problems:
    problems: Problems = {}
    data = act["data"]
    if verb == "filled":
        return _copy_problems(record, data)
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
    if verb == "merged":
        other = data["into"] != act["record"] and data["into"].startswith(record["name"] + ":")
        return {} if other else {"into": "wrong_type"}
    return _edit_problems(record, data) if verb == "edited" else {}


def _copy_problems(record: Record, data: dict[str, Any]) -> Problems:
    problems: Problems = {}
    for name, value in data.items():
        field = fields_of(record).get(name)
        code = CHECKS[field["kind"]](field, value) if field and field["takes"] else "not_asked"
        if code:
            problems[name] = code
    return problems


def _edit_problems(record: Record, data: dict[str, Any]) -> Problems:
    name, _, key = data["field"].partition(".")
    field = fields_of(record).get(name)
    new, old = data["new"], data.get("old")
    if field is None or not field["editable"] or (field["kind"] in MAPS) is not bool(key):
        return {"field": "not_editable"}
    if key:
        new, old = {key: new}, {key: old}
        code = CHECKS[field["kind"]](field, new) or form_problem(field, old)
        return {"new": code} if code else {}
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
        if field["kind"] in MAPS:
            listed = [item for item in value.values() if item is not None]
        return None if all(map(_is_name, listed)) else code
    return code


def _data_problems(
    record: Record, declared: dict[str, Any], data: dict[str, Any], identifier: str
) -> Problems:
    problems: Problems = {}
    fields, asks = fields_of(record), declared["asks"]
    for name, value in data.items():
        if name not in asks and name not in declared["rests_on"]:
            problems[name] = "not_asked"
        elif value is not None and (code := CHECKS[fields[name]["kind"]](fields[name], value)):
            problems[name] = code
    needs, never = declared["needs"], _never_empty(record)
    for name in asks:
        is_essential = (name in never or name in needs) and name not in problems
        if is_essential and _is_lacking(record, declared, data, name):
            problems[name] = "required"
    if declared["creates"] and record["key"] and not problems:
        values = [data[name] for name in record["key"]]
        return {} if identifier == key_id(record["name"], values) else {"record": "wrong_key"}
    return problems


@memoize
def _never_empty(record: Record) -> frozenset[str]:
    """Return the fields that are required, or that no act empties."""
    required = {name for name, field in fields_of(record).items() if field["required"]}
    return kept(record) | required


def _is_lacking(record: Record, declared: dict[str, Any], data: dict[str, Any], name: str) -> bool:
    """Say whether an act says nothing of a field of which it must say something."""
    value = data.get(name)
    if not (value is False or is_empty(value)):
        return False
    if name in declared["needs"]:
        return True
    if value is False:
        return False
    required = fields_of(record)[name]["required"]
    if isinstance(required, dict):  # of a record that exists the fold asks it
        required = declared["creates"] and fitting(required)(data)
    is_map = fields_of(record)[name]["kind"] in MAPS  # whose keys are emptied one by one
    return bool(required) or (name in data and name in kept(record) and not is_map)


def _own_problems(record: Record, act: Act) -> Problems:
    """Check that nothing names itself: no unit is inside itself, nobody their own superior."""
    own, data = act["record"], act["data"]
    if own not in data.values():
        return {}
    return {name: "inside_itself" for name in _links(record) if data.get(name) == own}


@memoize
def _links(record: Record) -> list[str]:
    return [field["name"] for field in record["fields"] if field["kind"] == "link"]


def _over_problems(
    record: Record, declared: dict[str, Any], over: dict[str, Any], data: dict[str, Any]
) -> Problems:
    """Check the answers that an act replaces: of fields it may answer, of keys that it says."""
    problems: Problems = {}
    fields = fields_of(record)
    for path, value in over.items():
        name, _, key = path.partition(".")
        code: str | None = "not_asked"
        if name == "owner" and declared["gives_to"]:
            code = None if isinstance(value, str) and RECORD_ID.match(value) else "not_an_id"
        elif key and name in declared["asks"] and fields[name]["kind"] in MAPS:
            said = is_key(key) and key in (data.get(name) or {})
            code = form_problem(fields[name], {key: value}) if said else "not_asked"
        elif not key and name in _answered(declared):
            field = fields.get(name)
            code = None if value is None or field is None else form_problem(field, value)
        if code:
            problems[path] = code
    return problems


@memoize
def _answered(declared: dict[str, Any]) -> frozenset[str]:
    """Return the fields that an act answers: what makes a record answers with what it sets."""
    return frozenset({*declared["asks"], *(declared["sets"] if declared["creates"] else ())})


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ACT_ID.match(value) is not None


def _is_record(value: Any) -> bool:
    return isinstance(value, str) and RECORD_ID.match(value) is not None


def _is_reason(value: Any) -> bool:
    return is_text(value) and len(value) <= 2_000


def _is_name(value: Any) -> bool:
    return is_text(value) and len(value) <= 200


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TOLD and all(map(_is_name, value))


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TOLD and all(map(is_number, value))


def _is_anything(value: Any) -> bool:
    return True


Members = dict[str, dict[str, Callable[[Any], bool]]]
WANTED: Members = {
    "undone": {"undoes": _is_id},
    "decided": {"about": _is_id, "choice": _is_name},
    "edited": {"field": _is_name, "new": _is_anything},
    "rung_reached": {"ladder": _is_name, "rung": is_number, "due_at": is_number},
    "rung_annulled": {"ladder": _is_name, "rung": is_number},
    "filled": {},
    "merged": {"into": _is_record},
}
MAY_SAY: Members = {
    "undone": {"reason": _is_reason},
    "decided": {"reason": _is_reason},
    "edited": {"old": _is_anything, "reason": _is_reason},
    "rung_reached": {
        "late_by": is_number,
        "since": is_number,
        "told": _are_names,
        "said": _are_names,
        "skipped": _are_numbers,
        "unfilled": _are_names,
        "passed": lambda value: isinstance(value, bool),
    },
    "rung_annulled": {"act": _is_id},
    "filled": {},
    "merged": {"reason": _is_reason},
}
