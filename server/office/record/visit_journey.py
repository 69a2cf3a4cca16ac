"""The journey of a visit: the stages it reached, where it is now, and the next one."""

from __future__ import annotations

from typing import Any

from server.office.page_parts import table_parts
from server.office.page_parts.office_request import Desk, Record
from server.office.record.history import Act


def stops(desk: Desk, record: Record, acts: list[Act]) -> list[dict[str, Any]]:
    """Return {label, at, state: done | now | ahead} of every stage reached, and of the next."""
    made: list[tuple[str, int]] = [("arrived", record["opened_at"])]
    taken_back = {act["data"]["undoes"] for act in acts if act["act"].endswith(".undone")}
    for act in acts:
        stage = act["data"].get("stage")
        if act["act"] == "arrival.stage_reached" and act["_id"] not in taken_back:
            made.append((stage, act["at"]))
    gone = "sent_off_at" in record
    drawn: list[dict[str, Any]] = [
        {
            "label": table_parts.choice_label(desk, "arrival", "stage", stage),
            "at": at,
            "state": "now" if at == made[-1][1] and not gone else "done",
        }
        for stage, at in made
    ]
    if gone:
        label = desk.words.gettext("Sent off")
        drawn.append({"label": label, "at": record["sent_off_at"], "state": "done"})
    elif record.get("next_stage"):
        label = table_parts.choice_label(desk, "arrival", "stage", record["next_stage"])
        drawn.append({"label": label, "at": None, "state": "ahead"})
    return drawn
