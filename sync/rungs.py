"""What the clock's two acts about rungs make of a record: reached, and annulled visibly.

Twin: service_worker/rules/rungs.js.
"""

from __future__ import annotations

from typing import Any

from sync.act import Act
from sync.check_act import Declarations, Record


def reached(declarations: Declarations, record: Record, act: Act) -> dict[str, Any]:
    """Write down that a rung was reached; return the outcome, as `fold.apply` has it."""
    if record["state"] == "unknown":
        return {"reason": "no_record"}
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    stands = (step for step in climbed if "annulled_at" not in step)
    if any(step["rung"] == data["rung"] and step["due_at"] == data["due_at"] for step in stands):
        return {"repeat": []}
    step = {"at": act["at"], **{key: data[key] for key in sorted(data) if key != "ladder"}}
    record["rungs"] = {**record["rungs"], data["ladder"]: [*climbed, step]}
    return {}


def annulled(declarations: Declarations, record: Record, act: Act) -> dict[str, Any]:
    """Take back that a rung was reached, visibly; return the outcome, as `fold.apply` has it."""
    if record["state"] == "unknown":
        return {"reason": "no_record"}
    data = act["data"]
    climbed = record["rungs"].get(data["ladder"], [])
    stands = [step["rung"] == data["rung"] and "annulled_at" not in step for step in climbed]
    if not any(stands):
        return {"repeat": []}
    proof = data.get("act")
    mended = [
        {**step, "annulled_at": act["at"], "annulled_by": proof} if standing else step
        for step, standing in zip(climbed, stands, strict=True)
    ]
    record["rungs"] = {**record["rungs"], data["ladder"]: mended}
    return {}
