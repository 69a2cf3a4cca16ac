"""How urgent a decision is: an emergency first, then whose deadline comes first (G-16, W-07)."""

from __future__ import annotations

import json
from typing import Any

from server.acts import open_questions
from server.office.page_parts.office_request import Desk, Record
from sync.choices import PRIORITIES

# The ordinary is first in the declaration, and last here.
ORDER = {value: rank for rank, (value, _label) in enumerate(reversed(PRIORITIES))}
LAST = len(ORDER) - 1
NEVER = 1 << 60  # ms: behind every deadline
Urgency = tuple[int, int, int]


def of_question(desk: Desk, record: Record, question: dict[str, Any]) -> Urgency:
    """Return by what a question about a record is sorted."""
    return (_rank(record), _due(desk, record), -question["at"])


def of_refusal(desk: Desk, refusal: Record) -> Urgency:
    """Return by what a refused act is sorted. No clock runs for what it would have begun."""
    act = body_of(refusal)
    raw = act.get("data")
    said: dict[str, Any] = raw if isinstance(raw, dict) else {}
    about = [_record(desk, refusal.get("about")), _record(desk, said.get("subject"))]
    known = [record for record in about if record is not None]
    rank = min([_rank(said), *(_rank(record) for record in known)])
    due = min([_due(desk, record) for record in known], default=NEVER)
    if about[0] is None and _begins_clocks(desk, str(act.get("act", ""))):
        due = min(due, refusal.get("made_at") or refusal["opened_at"])
    return (rank, due, -refusal["opened_at"])


def body_of(refusal: Record) -> dict[str, Any]:
    """Return the act that was refused, as far as it can be read."""
    try:
        body = json.loads(refusal.get("body", ""))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _rank(said: dict[str, Any]) -> int:
    """Return the place of a priority; what has none comes last."""
    value = said.get("priority")
    return ORDER.get(value, LAST) if isinstance(value, str) else LAST


def _due(desk: Desk, record: Record) -> int:
    return min(open_questions.running_deadlines(desk.site, record).values(), default=NEVER)


def _record(desk: Desk, identifier: Any) -> Record | None:
    return desk.site.record(identifier) if isinstance(identifier, str) and identifier else None


def _begins_clocks(desk: Desk, name: str) -> bool:
    declared = desk.declarations["acts"].get(name)
    kind = name.partition(".")[0]
    ladders = desk.declarations["ladders"].values()
    return bool(declared and declared["creates"]) and any(one["record"] == kind for one in ladders)
