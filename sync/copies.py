"""Copies: a field may take its value from a link when the act is made, and keeps it as it was then.

Whoever makes the act copies what it knows; the server fills what a tablet could not know. Twin:
service_worker/rules/copies.js.
"""

from __future__ import annotations

from typing import Any

from sync import maps
from sync.act import Act
from sync.check_act import Declarations, Record
from sync.guards import answer_keys, put
from sync.memoize import memoize

Outcome = dict[str, Any]  # of an act: {"reason"}, {"repeat"} or {"was"}


def taken_from(
    kind: dict[str, Any], declared: dict[str, Any], record: Record, data: dict[str, Any]
) -> dict[str, tuple[str, str]]:
    """Return {field: (id, the field there)} of what an act should copy, and does not say itself.

    A link that the act names is copied from anew; one that the record has, where nothing was
    copied yet.
    """
    found = {}
    for name, (link, source) in takes(kind).items():
        if name not in declared["asks"] or name in data:
            continue
        identifier = data.get(link) or (None if name in record else record.get(link))
        if identifier:
            found[name] = (identifier, source)
    return found


@memoize
def takes(kind: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return {field: (link, the field there)} of those that are taken from links."""
    return {one["name"]: tuple(one["takes"]) for one in kind["fields"] if one["takes"]}


def filled(declarations: Declarations, record: Record, act: Act) -> Outcome:
    """Fill what the maker of an act could not know; what is there already stays."""
    if record["state"] == "unknown":
        return {"reason": "no_record"}
    lacking = {name: value for name, value in act["data"].items() if name not in record}
    if not lacking:
        return {"repeat": []}
    said = maps.answers(declarations["records"][record["type"]], lacking)
    plain = [path for path in said if "." not in path]
    for name in plain:
        put(declarations, record, name, said[name], act["_id"], act["by"])
    answer_keys(declarations, {"undo": True}, record, act, said)
    return {"was": dict.fromkeys(plain)}
