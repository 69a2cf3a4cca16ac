"""Labels of fields, values, acts, rungs and states in the reader's language; privates masked."""

from __future__ import annotations

from typing import Any

from server.office.page_parts import table_parts, typed_days, typed_values
from server.office.page_parts.office_request import Desk, Record
from sync.check_act import form_problem
from sync.display_format import mask_name, mask_phone, moment
from sync.field_kinds import FACES, MAPS

# Fields with somebody's own words, which are quoted on a line of their own.
OWN_WORDS = ("words", "response", "resolution", "explanation", "doctor_says", "opinion_words")
NOT_SAID = {*OWN_WORDS, "readback", "body", "signature", "photos", "recordings", "details"}
LONG_NAME = 60  # characters; a longer field is no name, and even its beginning tells too much
HIDDEN = "****"
SHOWN = 200  # characters of a value that is none of its field
# What may be wrong with a value that still can be read.
LEGIBLE = ("too_long", "too_many", "too_small", "too_big")


def field(desk: Desk, kind: str, name: str) -> dict[str, Any] | None:
    """Return the declaration of a field, or None."""
    fields = desk.declarations["records"][kind]["fields"]
    return next((one for one in fields if one["name"] == name), None)


def field_label(desk: Desk, kind: str, name: str) -> str:
    """Return the label of a field."""
    declared = field(desk, kind, name)
    return desk.word(declared["label"]) if declared else name


def at_path(desk: Desk, kind: str, path: str, content: Any) -> tuple[str, str]:
    """Return the label and the value in words of what stands at a path, a key of a map too."""
    name, dot, key = path.partition(".")
    shown = {key: content} if dot and content is not None else content
    return field_label(desk, kind, name), value(desk, kind, name, shown)


def value(
    desk: Desk,
    kind: str,
    name: str,
    content: Any,
    *,
    masked: bool = True,
    record: Record | None = None,
) -> str:
    """Return a value as text; "" for none. A private one is masked unless `masked` is false.

    The items of a map are called as its `record` has them.
    """
    declared = field(desk, kind, name)
    if content is None or content == "" or content == [] or declared is None:
        return ""
    if masked and declared["private"]:
        return mask(declared, content)
    if form_problem(declared, content) not in (None, *LEGIBLE):
        return str(content)[:SHOWN]  # kept by a version that checked less
    return str(_readers(desk, declared, kind, record).get(declared["kind"], str)(content))


def mask(declared: dict[str, Any], content: Any) -> str:
    """Return what may be shown of a private value before somebody asks for it."""
    if declared["kind"] == "phone":
        return mask_phone(str(content))
    is_name = declared["kind"] == "text" and (declared["max"] or LONG_NAME) <= LONG_NAME
    return mask_name(str(content)) if is_name else HIDDEN


def _readers(
    desk: Desk, declared: dict[str, Any], kind: str, record: Record | None
) -> dict[str, Any]:
    _, name = desk.words.gettext, declared["name"]
    items = (record or {}).get(declared["items"])
    named = {**declared, "rows": [*items.items()]} if isinstance(items, dict) else declared
    maps = dict.fromkeys(
        MAPS, lambda content: desk.all_of(typed_values.map_words(named, content, desk.word))
    )
    return {
        **maps,
        "text": lambda content: desk.word(content) if declared["shipped"] else str(content),
        "choice": lambda content: table_parts.choice_label(desk, kind, name, content),
        "choices": lambda content: desk.all_of(
            table_parts.choice_label(desk, kind, name, one) for one in content
        ),
        "flag": lambda content: _("yes") if content else _("no"),
        "moment": moment,
        "link": lambda content: desk.name(content),
        "people": lambda content: desk.all_of(desk.name(one) for one in content),
        "names": lambda content: desk.all_of(
            desk.name(one) if ":" in one else one for one in content
        ),
        "blobs": lambda content: _("%(n)s photos") % {"n": len(content)},
        "voice": lambda content: _("%(n)s recordings") % {"n": len(content)},
        "signature": lambda content: _("given"),
        "day": lambda content: typed_values.written("day", content),
        "hour": lambda content: typed_values.written("hour", content),
        "money": lambda content: (
            desk.words.pgettext("amount", "%(n)s yuan")
            % {"n": typed_values.written("money", content)}
        ),
        "rating": lambda content: _("%(n)s of %(most)s") % {"n": content, "most": FACES},
        "days": typed_days.written,
    }


def data_line(desk: Desk, kind: str, act: dict[str, Any]) -> str:
    """Return the data of an act in one line, without the words that are quoted."""
    declared = desk.declarations["acts"].get(act["act"])
    if declared is None or (declared["creates"] and not declared["again"]):
        signed = act["data"].get("signature")
        return desk.words.gettext("signed, receipt given") if signed else ""
    parts = []
    for name, content in act["data"].items():
        words = value(desk, kind, name, content)
        if words and name not in NOT_SAID:
            parts.append(f"{field_label(desk, kind, name)} {words}")
    return desk.listed(parts)


def rung(desk: Desk, ladder: str, number: int) -> str:
    """Return the label of a rung."""
    declared = desk.declarations["ladders"].get(ladder)
    if declared is None or not 1 <= number <= len(declared["rungs"]):
        return ladder
    return desk.word(declared["rungs"][number - 1]["label"])


def posts(desk: Desk, names: list[str] | tuple[str, ...]) -> str:
    """Return the labels of those whom a rung tells."""
    return desk.listed([words for name in names if (words := _told(desk, name))])


def _told(desk: Desk, name: str) -> str:
    """Return whom a rung tells in words; "" for nobody that is known."""
    if name.startswith("{"):
        return desk.words.gettext("whoever is named")
    post = name.partition("@")[0]
    if post == "head":
        return desk.words.gettext("the head of the unit")
    if post == "owner":
        return desk.words.gettext("whoever has it")
    declared = desk.declarations["posts"]
    return desk.word(declared[post]) if post in declared else ""


def why_unsettled(desk: Desk, reason: str) -> str:
    """Return the sentence for why an act conflicts with its record."""
    _ = desk.words.gettext
    return {
        "not_now": _("The record had moved on when this was done."),
        "changed_meanwhile": _("Somebody else had changed the same thing meanwhile."),
        "changed_in_part": _("Somebody else had answered some of it differently meanwhile."),
        "incomplete": _("Something was still missing that this record needs."),
        "no_record": _("The record that this is about has not arrived yet."),
        "already_exists": _("The record had been made already."),
        "cannot_undo": _("What this takes back is not there, or too long ago."),
        "meant_otherwise": _("By its rule this would be otherwise now, or would not be at all."),
        "held": _("Something that was approved or closed rests on this."),
        "not_named": _("The record names who may say this, or who may not."),
        "not_yours": _("This takes back what somebody else did."),
        "unknown_act": _("The server does not know this kind of entry yet."),
    }.get(reason, reason)


def state(desk: Desk, record: Record) -> str:
    """Return the label of a record's state."""
    declared = desk.declarations["records"].get(record["type"])
    states = dict(declared["states"]) if declared else {}
    if record["state"] in states:
        return desk.word(states[record["state"]])
    _ = desk.words.gettext
    engine = {
        "undone": _("taken back"),
        "unknown": _("not there yet"),
        "merged": _("merged with another"),
    }
    return engine.get(record["state"], str(record["state"]))
