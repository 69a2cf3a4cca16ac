"""A refused act in plain words: who, when, why, and everything that was entered."""

from __future__ import annotations

import json
from typing import Any

from server.office.page_parts import table_parts, time_words
from server.office.page_parts.form_errors import mistake, refusal
from server.office.page_parts.office_request import Desk, Record
from server.office.reconciliation.urgency import body_of
from server.office.record import labels
from server.office.record.history import device_name
from sync.display_format import clock

LONGEST = 4_000  # characters shown of a body whose fields are unknown here


def refused(desk: Desk, record: Record) -> dict[str, Any]:
    """Return {title, why, facts, entered, raw, record, about, seen} of a refusal."""
    _ = desk.words.gettext
    act = body_of(record)
    kind = str(act.get("act", "")).partition(".")[0]
    made = record.get("made_at")
    facts = [
        (_("Who"), desk.name(record.get("who"))),
        (_("From"), device_name(desk, record.get("device", ""))),
        (
            _("Made"),
            f"{time_words.day_name(desk.words, desk.now, made)} {clock(made)}" if made else "",
        ),
        (_("Reached the server"), time_words.ago(desk.words, desk.now, record["opened_at"])),
        (_("Problems"), _problems(desk, record, kind)),
    ]
    title = {"act": table_parts.act_label(desk, record.get("act") or "")}
    return {
        "title": _("Not taken in: %(act)s") % title,
        "why": refusal(desk, record.get("code", "")),
        "facts": [{"term": term, "words": words} for term, words in facts],
        "about_href": desk.href(record["about"]) if _can_read(desk, record) else "",
        "entered": _entered(desk, kind, act),
        "raw": "" if _entered(desk, kind, act) else record.get("body", "")[:LONGEST],
        "record": record["_id"],
        "about": record["_id"],
        "seen": record["acts"]["last"] or "",
    }


def _can_read(desk: Desk, record: Record) -> bool:
    about = desk.site.record(record.get("about", ""))
    return about is not None and desk.sees(about)


def _entered(desk: Desk, kind: str, act: dict[str, Any]) -> list[dict[str, str]]:
    """Return the fields of a refused act, as far as this server knows their kind."""
    data = act.get("data")
    if kind not in desk.declarations["records"] or not isinstance(data, dict):
        return []
    return [
        {"term": labels.field_label(desk, kind, name), "words": _words(desk, kind, name, value)}
        for name, value in data.items()
    ]


def _words(desk: Desk, kind: str, name: str, value: Any) -> str:
    try:
        return labels.value(desk, kind, name, value) or str(value)
    except (TypeError, ValueError, AttributeError):
        return str(value)[:200]  # a refused value may be of any type


def _problems(desk: Desk, record: Record, kind: str) -> str:
    try:
        details = json.loads(record.get("details") or "{}")
    except ValueError:
        return ""
    fields = details.get("fields") if isinstance(details, dict) else None
    if not isinstance(fields, dict) or kind not in desk.declarations["records"]:
        return ""
    parts = [
        f"{labels.field_label(desk, kind, name)}: {mistake(desk, str(code))}"
        for name, code in fields.items()
    ]
    return desk.listed(parts)
