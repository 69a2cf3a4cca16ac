"""Cuts the declarations down to what a tablet reads of them, so that worker.js stays small.

The server and the tests have all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

Plain = dict[str, Any]

# What only the server or the office asks for.
OF_THE_OFFICE = {"features", "office_posts"}
OF_A_RECORD = {"acts", "channels", "label"}  # the acts stand under their full names as well
OF_A_FIELD = {"shown_when"}
OF_A_SETTING = {"meaning", "rule"}
OF_A_LADDER = {"name", "rule"}


def for_tablet(declared: Plain, on_screen: Collection[str]) -> Plain:
    """Return what the worker reads of sync.declarations(), in the same form.

    `on_screen` names the kinds of records that the floor app has screens of: only there does it
    show what a field is called. What a choice is called shows elsewhere too, in search for one.
    """
    kept = without(declared, OF_THE_OFFICE)
    kept["records"] = {
        kind: of_record(record, kind in on_screen) for kind, record in declared["records"].items()
    }
    kept["acts"] = {name: without(act, {"name"}) for name, act in declared["acts"].items()}
    kept["settings"] = each_without(declared["settings"], OF_A_SETTING)
    kept["ladders"] = each_without(declared["ladders"], OF_A_LADDER)
    return kept


def of_record(record: Plain, is_on_screen: bool) -> Plain:
    """Return what a tablet reads of one kind of record."""
    unread = OF_A_FIELD if is_on_screen else OF_A_FIELD | {"label"}
    fields = [
        {key: value for key, value in without(field, unread).items() if says_something(value)}
        for field in record["fields"]
    ]
    return without(record, OF_A_RECORD) | {"fields": fields}


def says_something(value: Any) -> bool:
    """Return whether a field's property has to be written: None and False are what lacks."""
    return value is not None and value is not False


def without(declared: Plain, keys: set[str]) -> Plain:
    """Return `declared` without some of its keys."""
    return {key: value for key, value in declared.items() if key not in keys}


def each_without(declared: Plain, keys: set[str]) -> Plain:
    """Return `declared` with each value without some of its keys."""
    return {name: without(one, keys) for name, one in declared.items()}
