"""Records related to a record: the waits of a visit, its complaints, complaints about the place."""

from __future__ import annotations

from typing import Any

from server.office.page_parts import record_queries, table_parts, time_words
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from sync.display_format import DAY, MINUTE, clock, mask_name, minutes

GONE = ("undone", "merged")  # states of what does not count for itself
LOOKED_BACK = 30 * DAY  # for complaints about the same place
WIDE = 260  # of the drawing of a wait, in its own units


def related(desk: Desk, record: Record) -> list[dict[str, Any]]:
    """Return [{title, sign, waits, links}] for the page, under the facts."""
    kind = record["type"]
    if kind == "complaint":
        return _of_complaint(desk, record)
    if kind == "waiting":
        own = {"title": desk.words.gettext("This wait"), "sign": "clock", "links": []}
        return [{**own, "waits": [drawn(desk, record)]}]
    if kind == "arrival":
        return _of_visit(desk, record["_id"], record["opened_at"])
    return []


def _of_complaint(desk: Desk, record: Record) -> list[dict[str, Any]]:
    groups = []
    subject = record.get("subject")
    if subject:
        waits = waits_of(desk, subject, record["opened_at"])
        if waits:
            title = desk.words.gettext("The wait at that time")
            own = {"title": title, "sign": "clock", "links": []}
            groups.append({**own, "waits": [drawn(desk, wait) for wait in waits]})
    alike = _alike(desk, record)
    if alike:
        values = {"n": alike}
        say = desk.words.gettext("%(n)s more about this place in 30 days") % values
        link = {"href": f"/office/complaints?place={place(record)}", "label": say, "side": ""}
        title = desk.words.gettext("Alike")
        groups.append({"title": title, "sign": "file-text", "waits": [], "links": [link]})
    return groups


def _of_visit(desk: Desk, subject: str, opened_at: int) -> list[dict[str, Any]]:
    groups = []
    waits = waits_of(desk, subject, opened_at)
    if waits:
        title = desk.words.gettext("Waits of this visit")
        own = {"title": title, "sign": "clock", "links": []}
        groups.append({**own, "waits": [drawn(desk, wait) for wait in waits]})
    complaints = record_queries.related(desk, "complaint", subject, opened_at, desk.now)
    if complaints:
        links = [
            {
                "href": desk.href(one["_id"]),
                "label": one.get("number") or one.get("words", ""),
                "side": labels.state(desk, one),
            }
            for one in complaints
        ]
        title = desk.words.gettext("Complaints")
        groups.append({"title": title, "sign": "file-text", "waits": [], "links": links})
    return groups


def waits_of(desk: Desk, subject: str, around: int) -> list[Record]:
    """Return the waits of a visit, by their beginning; `around` is its moment (ms)."""
    return record_queries.related(desk, "waiting", subject, around - DAY, around + DAY)


def drawn(desk: Desk, wait: Record) -> dict[str, Any]:
    """Return a wait as a line: thresholds and what was done when, in units of the drawing."""
    _ = desk.words.gettext
    began = wait.get("started_at") or wait["opened_at"]
    whole = max((wait.get("ended_at") or desk.now) - began, MINUTE)
    limits = [int(desk.settings[key]["value"] or 0) * MINUTE for key in THRESHOLDS]
    done = [(name, label) for name, label in _stamps(desk) if wait.get(name)]
    widest = max(whole, max(limits) + 2 * MINUTE)
    at = {name: max(0, wait[name] - began) for name, _label in done}
    words = [f"{label} {minutes(at[name])}" for name, label in done]
    outcome = table_parts.choice_label(desk, "waiting", "outcome", wait.get("outcome"))
    return {
        "href": desk.href(wait["_id"]),
        "title": " ".join(
            part for part in (clock(began), desk.name(wait.get("place")), outcome) if part
        ),
        "end": _x(whole, widest),
        "minutes": minutes(whole),
        "limits": [{"x": _x(limit, widest), "label": minutes(limit)} for limit in limits],
        "dots": [{"x": _x(at[name], widest)} for name, _label in done],
        "say": desk.listed(words) or _("Nothing was noted during this wait"),
    }


THRESHOLDS = ("waiting.water_after", "waiting.enquire_after")


def _stamps(desk: Desk) -> list[tuple[str, str]]:
    _ = desk.words.gettext
    return [
        ("water_at", _("Water")),
        ("asked_at", _("Doctor asked")),
        ("told_at", _("Assistant told")),
        ("explained_at", _("Explained to the patient")),
    ]


def _x(length: int, whole: int) -> int:
    return max(0, min(WIDE, length * WIDE // whole))


def place(record: Record) -> str:
    """Return the place that a complaint is about."""
    return str(record.get("about_place") or record.get("place") or "")


def _alike(desk: Desk, record: Record) -> int:
    """Return how many other complaints are about the same place, of LOOKED_BACK before it (C-24).

    Where a complaint was taken is mostly the lobby, whatever it is about.
    """
    where = place(record)
    if not where:
        return 0
    begins = record["opened_at"] - LOOKED_BACK
    found = record_queries.naming(desk, "complaint", where, begins, desk.now)
    others = [one for one in found if one["_id"] != record["_id"] and one["state"] not in GONE]
    return sum(1 for one in others if place(one) == where)


def title(desk: Desk, record: Record) -> tuple[str, str]:
    """Return a record's title, and a few words beside it."""
    kind = record["type"]
    where = desk.name(place(record))
    if kind == "complaint":
        severity = table_parts.choice_label(desk, kind, "severity", record.get("severity"))
        words = f"{record.get('number', '')} {record.get('words', '')}".strip()
        return words, desk.listed(one for one in (severity, where) if one)
    if kind in ("waiting", "arrival"):
        name = mask_name(record.get("name")) or desk.words.gettext("No name")
        salutation = table_parts.choice_label(desk, kind, "salutation", record.get("salutation"))
        when = time_words.ago(desk.words, desk.now, record["opened_at"])
        return f"{name} {salutation}".strip(), desk.listed(
            one for one in (where, when, labels.state(desk, record)) if one
        )
    declared = desk.declarations["records"][kind]
    own_title = desk.called(record) or record["_id"].partition(":")[2]
    state = labels.state(desk, record) if len(declared["states"]) > 1 else ""
    return own_title, desk.listed(one for one in (desk.word(declared["label"]), state) if one)
