"""The history of a record: every act, newest first, with who, where and how late it arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import access
from server.database.tables import acts
from server.office.page_parts import table_parts, time_words
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from sync.display_format import MINUTE, clock, date

Act = dict[str, Any]
Entry = dict[str, Any]

MOST = 300  # newest acts of a record
# What many kinds have, and looks alike in all of them.
COMMON_ICONS = {
    "undone": "undo-2",
    "decided": "scale",
    "edited": "pencil",
    "rung_reached": "ladder",
    "rung_annulled": "circle-x",
    "filled": "pencil",
    "merged": "arrow-left-right",
    "revealed": "eye",
    "noted": "message-square-text",
}


def acts_of(desk: Desk, record: str) -> list[Act]:
    """Return the newest acts of a record in their order, each with `received_at` (ms)."""
    wanted = sa.select(acts.c.body, acts.c.received_at).where(acts.c.record == record)
    wanted = wanted.order_by(acts.c.at.desc(), acts.c.id.desc()).limit(MOST)
    with desk.site.reading() as connection:
        rows = connection.execute(wanted).all()
    return [{**orjson.loads(row.body), "received_at": row.received_at} for row in reversed(rows)]


def history(desk: Desk, record: Record, listed: list[Act]) -> list[Entry]:
    """Return the entries of the page for these acts, the newest first."""
    undone = {act["data"]["undoes"]: act for act in listed if act["act"].endswith(".undone")}
    open_questions = {question["act"]: question for question in record["unsettled"]}
    by_id = {act["_id"]: act for act in listed}
    left: Counter[str] = Counter(act["act"] for act in listed)
    entries = []
    for act in reversed(listed):
        entry = _entry(desk, act, by_id)
        further = desk.declarations["acts"].get(act["act"], {}).get("further")
        if further and left[act["act"]] > 1:
            entry["title"] = desk.word(further) % {"n": left[act["act"]]}
        left[act["act"]] -= 1
        if act["_id"] in undone or _is_annulled(record, act):
            entry["undone"] = True
        question = open_questions.get(act["_id"])
        if question is not None:
            entry["open"] = labels.why_unsettled(desk, question["reason"])
            entry["open_href"] = f"/office/reconcile?about={act['_id']}"
        if _may_undo(desk, record, act, undone):
            entry["undo"] = act["_id"]
        entries.append(entry)
    return entries


def _is_annulled(record: Record, act: Act) -> bool:
    """Say whether an act reached a rung that was annulled later."""
    if not act["act"].endswith(".rung_reached"):
        return False
    data = act["data"]
    return any(
        step["rung"] == data["rung"] and step["due_at"] == data["due_at"] and "annulled_at" in step
        for step in record["rungs"].get(data["ladder"], [])
    )


def _entry(desk: Desk, act: Act, by_id: dict[str, Act]) -> Entry:
    kind, _, verb = act["act"].partition(".")
    return {
        "id": act["_id"],
        "at": act["at"],
        "day": time_words.day_name(desk.words, desk.now, act["at"]),
        "sign": _icon(desk, act["act"]),
        "title": table_parts.act_label(desk, act["act"]),
        "say": "",
        "quote": act.get("text", "") if verb == "noted" else "",
        "by": by(desk, act),
        "undone": False,
        "open": "",
        "undo": "",
        **_told(TELLERS.get(verb, _declared), desk, act, kind, by_id),
    }


def _told(
    teller: Callable[..., dict[str, str]], desk: Desk, act: Act, kind: str, by_id: dict[str, Act]
) -> dict[str, str]:
    """Return an entry's text; less of it for an act with members that nobody can show.

    Acts are stored for ever, and a version before may have checked less of them.
    """
    try:
        parts = teller(desk, act, kind, by_id)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError):
        return {}
    return {name: str(part) for name, part in parts.items()}


def _icon(desk: Desk, name: str) -> str:
    """Return what stands beside an act: as it is declared, else as for every kind."""
    own = desk.declarations["acts"].get(name, {}).get("icon")
    return own or COMMON_ICONS.get(name.partition(".")[2], "circle-check")


def by(desk: Desk, act: Act) -> list[str]:
    """Return who recorded an act, on which device, and how long it waited for a network."""
    _ = desk.words.gettext
    parts = [desk.name(act["by"])]
    if not act["by"].startswith("system:"):
        parts.append(device_name(desk, act["device"]))
    late = act["received_at"] - act["at"]
    if late >= MINUTE and not act["by"].startswith("system:"):
        values = {"length": time_words.length(desk.words, late), "at": clock(act["received_at"])}
        parts.append(_("no network for %(length)s, arrived %(at)s") % values)
    if "said_at" in act:
        off = {"at": f"{date(act['said_at'])} {clock(act['said_at'])}"}
        parts.append(_("the tablet's clock said %(at)s") % off)
    if act.get("late_authority"):
        parts.append(_("had the right then, not any more when it arrived"))
    return parts


def device_name(desk: Desk, device: str) -> str:
    """Return a device's name: the end of its id, until somebody names it."""
    if device == "device:office":
        return desk.words.gettext("office")
    if device in ("", "device:none"):
        return desk.words.gettext("an unknown device")
    return desk.words.gettext("tablet %(name)s") % {"name": device.partition(":")[2][-4:]}


def _may_undo(desk: Desk, record: Record, act: Act, undone: dict[str, Act]) -> bool:
    """Say whether the person may undo an act: their own, and recent enough to be undone."""
    if act["by"] != desk.person["_id"] or act["_id"] in undone:
        return False
    declared = desk.declarations["acts"].get(act["act"])
    if declared is None or not declared["undo"] or declared["creates"]:
        return False
    limit = desk.reference.undo_limit()
    undo = {"act": act["act"], "at": desk.now}
    if access.too_late_to_undo(desk.declarations, undo, act, desk.rights, limit):
        return False
    return any(entry["id"] == act["_id"] and "was" in entry for entry in record["acts"]["recent"])


# The text of an entry, by the act's verb


def _declared(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    quote = next((act["data"][name] for name in labels.OWN_WORDS if act["data"].get(name)), "")
    return {"say": labels.data_line(desk, kind, act), "quote": act.get("note") or quote}


def _noted(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    return {"quote": act.get("text", "")}


def _undone(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    target = by_id.get(act["data"]["undoes"])
    return {"say": table_parts.act_label(desk, target["act"]) if target else ""}


def _decided(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    _ = desk.words.gettext
    target = by_id.get(act["data"]["about"])
    what = table_parts.act_label(desk, target["act"]) if target else ""
    sentences = {"accept": _("Accepted: %(what)s"), "keep": _("Left as it was, not: %(what)s")}
    title = sentences[act["data"]["choice"]] % {"what": what}
    return {"title": title, "say": act["data"].get("reason", "")}


def _edited(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    label, old = labels.at_path(desk, kind, act["data"]["field"], act["data"].get("old"))
    _label, new = labels.at_path(desk, kind, act["data"]["field"], act["data"].get("new"))
    values = {"field": label, "old": old or "–", "new": new or "–"}
    return {
        "title": desk.words.gettext("Corrected: %(field)s") % values,
        "say": desk.words.gettext("%(old)s → %(new)s") % values,
    }


def _merged(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    return {"say": desk.name(act["data"]["into"]), "quote": act["data"].get("reason", "")}


def _filled(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    return {"say": desk.listed(labels.field_label(desk, kind, name) for name in act["data"])}


def _rung_reached(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    _, data = desk.words.gettext, act["data"]
    parts = []
    if data.get("told"):
        names = dict.fromkeys(desk.name(person) for person in data["told"])
        parts.append(_("Told: %(names)s") % {"names": desk.all_of(names)})
    if data.get("late_by", 0) >= MINUTE:
        late = time_words.length(desk.words, data["late_by"])
        parts.append(_("the server was away, %(length)s late") % {"length": late})
    if data.get("skipped"):
        parts.append(_("%(n)s lower rungs skipped") % {"n": len(data["skipped"])})
    rung = labels.rung(desk, data["ladder"], data["rung"])
    return {"title": rung, "say": desk.listed(parts)}


def _rung_annulled(desk: Desk, act: Act, kind: str, by_id: dict[str, Act]) -> dict[str, str]:
    _, data = desk.words.gettext, act["data"]
    rung = labels.rung(desk, data["ladder"], data["rung"])
    proof = by_id.get(data.get("act", ""))
    say = ""
    if proof is not None:
        values = {"act": table_parts.act_label(desk, proof["act"]), "at": clock(proof["at"])}
        say = _("It was done in time: %(act)s at %(at)s, known later") % values
    return {"title": _("No longer counts: %(rung)s") % {"rung": rung}, "say": say}


TELLERS: dict[str, Callable[..., dict[str, str]]] = {
    "noted": _noted,
    "undone": _undone,
    "decided": _decided,
    "edited": _edited,
    "rung_reached": _rung_reached,
    "rung_annulled": _rung_annulled,
    "filled": _filled,
    "merged": _merged,
}
