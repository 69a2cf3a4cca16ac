"""What fields, acts and rungs say, in the reader's words; private values only as masks."""

from __future__ import annotations

from typing import Any

from server.office.page_parts import calendar_days, table_parts
from server.office.page_parts.desk import Desk, Record
from sync.format import mask_name, mask_phone, moment

# What somebody said or wrote down is quoted by itself.
OWN_WORDS = ("words", "response", "resolution", "explanation", "doctor_says", "opinion_words")
NOT_SAID = {*OWN_WORDS, "readback", "body", "signature", "photos", "recordings", "details"}
LONG_NAME = 60  # characters; what may be longer is no name, and its beginning would say too much
HIDDEN = "****"


def field(desk: Desk, kind: str, name: str) -> dict[str, Any] | None:
    """Return the declaration of a field."""
    fields = desk.declarations["records"][kind]["fields"]
    return next((one for one in fields if one["name"] == name), None)


def field_label(desk: Desk, kind: str, name: str) -> str:
    """Return the word of a field."""
    found = field(desk, kind, name)
    return desk.word(found["label"]) if found else name


def value(desk: Desk, kind: str, name: str, said: Any, *, masked: bool = True) -> str:
    """Return what a value reads like; empty for none."""
    found = field(desk, kind, name)
    if said is None or said == "" or said == [] or found is None:
        return ""
    if masked and found["private"]:
        return mask(found, said)
    return str(_readers(desk, kind, name).get(found["kind"], str)(said))


def mask(found: dict[str, Any], said: Any) -> str:
    """Return what may be shown of a private value before somebody asks for it."""
    if found["kind"] == "phone":
        return mask_phone(str(said))
    return mask_name(str(said)) if (found["max"] or LONG_NAME) <= LONG_NAME else HIDDEN


def _readers(desk: Desk, kind: str, name: str) -> dict[str, Any]:
    _ = desk.words.gettext
    return {
        "choice": lambda said: table_parts.choice_label(desk, kind, name, said),
        "choices": lambda said: desk.all_of(
            table_parts.choice_label(desk, kind, name, one) for one in said
        ),
        "flag": lambda said: _("yes") if said else _("no"),
        "moment": moment,
        "link": lambda said: desk.name(said),
        "names": lambda said: desk.all_of(desk.name(one) if ":" in one else one for one in said),
        "blobs": lambda said: _("%(n)s photos") % {"n": len(said)},
        "voice": lambda said: _("%(n)s recordings") % {"n": len(said)},
        "signature": lambda said: _("given"),
        "days": calendar_days.written,
    }


def data_line(desk: Desk, kind: str, act: dict[str, Any]) -> str:
    """Return in one line what an act said besides the words that are quoted."""
    declared = desk.declarations["acts"].get(act["act"])
    if declared is None or (declared["creates"] and not declared["again"]):
        signed = act["data"].get("signature")
        return desk.words.gettext("signed, receipt given") if signed else ""
    parts = []
    for name, said in act["data"].items():
        words = value(desk, kind, name, said)
        if words and name not in NOT_SAID:
            parts.append(f"{field_label(desk, kind, name)} {words}")
    return desk.listed(parts)


def rung(desk: Desk, ladder: str, number: int) -> str:
    """Return what a rung asks for."""
    declared = desk.declarations["ladders"].get(ladder)
    if declared is None or not 1 <= number <= len(declared["rungs"]):
        return ladder
    return desk.word(declared["rungs"][number - 1]["label"])


def posts(desk: Desk, names: list[str] | tuple[str, ...]) -> str:
    """Return the posts that a rung tells, `owner` among them."""
    known = desk.declarations["posts"]
    words = [
        desk.words.gettext("whoever has it") if name == "owner" else desk.word(known[name])
        for name in names
        if name == "owner" or name in known
    ]
    return desk.listed(words)


def why_unsettled(desk: Desk, reason: str) -> str:
    """Return why an act did not fit its record."""
    _ = desk.words.gettext
    return {
        "not_now": _("The record had moved on when this was done."),
        "changed_meanwhile": _("Somebody else had changed the same thing meanwhile."),
        "no_record": _("The record that this is about has not arrived yet."),
        "already_exists": _("The record had been made already."),
        "cannot_undo": _("What this takes back is not there, or too long ago."),
        "not_yours": _("This takes back what somebody else did."),
        "unknown_act": _("The server does not know this kind of entry yet."),
    }.get(reason, reason)


def state(desk: Desk, record: Record) -> str:
    """Return the word of a record's state."""
    declared = desk.declarations["records"].get(record["type"])
    known = dict(declared["states"]) if declared else {}
    if record["state"] in known:
        return desk.word(known[record["state"]])
    _ = desk.words.gettext
    engine = {"undone": _("taken back"), "unknown": _("not there yet")}
    return engine.get(record["state"], str(record["state"]))
