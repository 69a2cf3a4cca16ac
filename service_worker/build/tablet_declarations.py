"""Cuts the declarations down to what a tablet reads of them, so that worker.js stays small.

The server and the tests have all of them.
"""

from __future__ import annotations

from typing import Any

from sync.rules import reads_settings

Plain = dict[str, Any]

# What only the server or the office asks for.
OF_THE_OFFICE = {"features", "last_resort", "ranks", "rules"}
# The acts stand under their full names as well.
OF_A_RECORD = {
    "acts",
    "by_letter",
    "channels",
    "concerns",
    "deciders",
    "duty",
    "form",
    "indexed",
    "ordered",
    "pages_for",
    "section",
    "made_within",
}
WHERE_SAID = {
    *("called", "facts", "finds_when", "icon", "line", "many", "path", "side"),
    *("falls", "holds", "opened", "names_owner", "own_screens", "key", "tiles", "stands"),
    *("full_text", "holds_from", "reads", "unanswered"),
}
# The list that every kind has whose screens come by themselves: they are chips of its states.
BY_STATE = {"name": "by_state", "by": "opened_at", "where": {}, "parts": ["state"]}
OF_AN_ACT = {"further", "in_office", "name"}
# Left out where they say nothing; the twins take what lacks for none.
WHERE_SAID_OF_AN_ACT = (
    *("icon", "path", "gives_to", "gate", "needs_all", "rests_on", "only_by", "not_by"),
    "instead",
)
UNSAID: Plain = {"when": None, "asks": [], "sets": {}, "adds": {}}
WHERE_SAID_OF_A_FIELD = ("of", "among", "rows", "items", "takes", "explains")
OF_A_SETTING = {"choices", "meaning", "rule", "security"}
OF_A_LADDER = {"name", "rule"}
# Settings of rules that screens read as well: which round is walked now, of which week or shift.
OF_SCREENS = {"round.week_from", "clinic.morning_until", "clinic.afternoon_until"}


def for_tablet(declared: Plain) -> Plain:
    """Return what the worker reads of sync.declarations(), in the same form.

    What a field is called shows only of kinds that have a page on the tablet. What a choice is
    called shows elsewhere too, in search for one.
    """
    kept = without(declared, OF_THE_OFFICE)
    kept["records"] = {kind: of_record(one) for kind, one in declared["records"].items()}
    kept["acts"] = {name: of_act(act) for name, act in declared["acts"].items()}
    unread = of_rules(declared)
    kept["settings"] = each_without(without(declared["settings"], unread), OF_A_SETTING)
    ladders = each_without(declared["ladders"], OF_A_LADDER)
    kept["ladders"] = {name: one | {"rungs": of_rungs(one)} for name, one in ladders.items()}
    used = {one["book"] for one in kept["records"].values() if "book" in one}
    kept["books"] = [book for book in declared.get("books", []) if book[0] in used]
    return kept


def of_rules(declared: Plain) -> set[str]:
    """Return the keys of the settings that rules alone read: the server settles those."""
    rungs = [rung for ladder in declared["ladders"].values() for rung in ladder["rungs"]]
    climbed = {key for rung in rungs for key in (*rung["after"], rung["before"], rung["again"])}
    climbed |= {key for rung in rungs for key in rung["at_least"][1:]}
    rules = declared.get("rules", {}).values()
    return {key for rule in rules for key in reads_settings(rule)} - climbed - OF_SCREENS


def of_record(record: Plain) -> Plain:
    """Return what a tablet reads of one kind of record."""
    declared = has_declared_screens(record)
    unread = set() if record["path"] else {"label"}
    fields = [of_field(without(field, unread)) for field in record["fields"]]
    unsaid = {key for key in WHERE_SAID if not record[key]}
    if not declared:
        unsaid |= {"book"} | ({"states"} if record["side"] != "state" else set())
    more: Plain = {"fields": fields}
    if declared:
        more["lists"] = [*record["lists"], by_state(record)]
    if "{place}" in record["channels"]:
        more["placed"] = True
    return without(record, OF_A_RECORD | unsaid) | more


def by_state(record: Plain) -> Plain:
    """Return the list of a kind by its states: in the order of its first, where that says one."""
    first = record["lists"][0]["by"] if record["lists"] else ""
    return {**BY_STATE, "by": first} if isinstance(first, list) else BY_STATE


def has_declared_screens(record: Plain) -> bool:
    """Return whether a tablet shows this kind by its declaration alone."""
    return bool(record["path"]) and not record["own_screens"]


def of_field(field: Plain) -> Plain:
    """Return what a tablet reads of one field."""
    unsaid = {key for key in WHERE_SAID_OF_A_FIELD if not field.get(key)}
    return {key: value for key, value in without(field, unsaid).items() if says_something(value)}


def of_act(act: Plain) -> Plain:
    """Return what a tablet reads of one act; what only the server says it shows, and never says."""
    if list(act["who"]) == ["system"]:
        act = act | UNSAID
    return without(act, OF_AN_ACT | {key for key in WHERE_SAID_OF_AN_ACT if not act[key]})


def of_rungs(ladder: Plain) -> list[Plain]:
    """Return the rungs of a ladder; what the clock says there, the server alone asks."""
    said = [without(rung, {"says"}) for rung in ladder["rungs"]]
    return [{key: value for key, value in rung.items() if value} for rung in said]


def says_something(value: Any) -> bool:
    """Return whether a field's property has to be written: None and False are what lacks."""
    return value is not None and value is not False


def without(declared: Plain, keys: set[str]) -> Plain:
    """Return `declared` without some of its keys."""
    return {key: value for key, value in declared.items() if key not in keys}


def each_without(declared: Plain, keys: set[str]) -> Plain:
    """Return `declared` with each value without some of its keys."""
    return {name: without(one, keys) for name, one in declared.items()}
