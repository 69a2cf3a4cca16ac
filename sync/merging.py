"""Merging: what was written down twice becomes one, and the other leads there.

A merged record has a state of its own, so that it is in no list and no clock runs on it. Twin:
service_worker/rules/merging.js.
"""

from __future__ import annotations

from typing import Any

from sync.act import Act
from sync.check_act import Declarations, Record
from sync.guards import held, put
from sync.selector import same

Outcome = dict[str, Any]  # of an act: {"reason"}, {"repeat"} or {"was"}


def merged(declarations: Declarations, record: Record, act: Act) -> Outcome:
    """Put a record aside for the one that it is: it leads there, and an undo brings it back.

    What a gate holds is not put aside.
    """
    into = act["data"]["into"]
    if same(record.get("merged_into"), into):
        return {"repeat": ["state", "merged_into"]}
    if not may_be_merged(declarations, record):
        return {"reason": "no_record" if record["state"] == "unknown" else "held"}
    if record["state"] == "merged" and record["setters"]["merged_into"][1] != act["by"]:
        return {"reason": "changed_meanwhile"}
    return {"was": merge(declarations, record, act)}


def may_be_merged(declarations: Declarations, record: Record) -> bool:
    """Say whether there is a record that no gate holds."""
    return record["state"] != "unknown" and not held(declarations, record)


def merge(declarations: Declarations, record: Record, act: Act) -> dict[str, Any]:
    """Put a record aside; return what was there before."""
    was = {name: record.get(name) for name in ("state", "merged_into")}
    put(declarations, record, "state", "merged", act["_id"], act["by"])
    put(declarations, record, "merged_into", act["data"]["into"], act["_id"], act["by"])
    return was
