"""The field values of a record for its page, in declared order, private ones masked."""

from __future__ import annotations

from typing import Any

from server.acts import attachment_stubs
from server.office.page_parts import typed_maps, typed_values
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels

# Shown elsewhere on the page, or by nobody.
ELSEWHERE = {"words", "readback", "signature", "photos", "recordings", "noticed", "body"}


def facts(desk: Desk, record: Record, revealed: str = "") -> list[dict[str, Any]]:
    """Return {name, term, words, masked, revealed, editable, href} of every field with a value.

    `revealed` is the private field that was asked for, or `all`. What was copied from a link says
    nothing more where the link is called so.
    """
    kind = record["type"]
    editors = desk.declarations["records"][kind]["editors"]
    may_edit = desk.rights.hold(*editors)
    may_reveal = f"{kind}.revealed" in desk.declarations["acts"]
    rows = []
    for field in desk.declarations["records"][kind]["fields"]:
        name = field["name"]
        if name in ELSEWHERE:
            continue
        open_now = revealed in (name, "all")
        content = record.get(name)
        words = labels.value(desk, kind, name, content, masked=not open_now, record=record)
        editable = may_edit and field["editable"] and typed_values.is_typed(field)
        if not words:
            continue
        rows.append(
            {
                "name": name,
                "term": desk.word(field["label"]),
                "words": words,
                "masked": field["private"] and not open_now and may_reveal,
                "revealed": field["private"] and open_now,
                "editable": editable,
                "href": _href(desk, record.get(name)) if field["kind"] == "link" else "",
            }
        )
    copies = {
        field["name"] for field in desk.declarations["records"][kind]["fields"] if field["takes"]
    }
    linked = {row["words"] for row in rows if row["href"]}
    return [row for row in rows if row["name"] not in copies or row["words"] not in linked]


def placed(desk: Desk, record: Record, field: str) -> list[dict[str, str]]:
    """Return {href, say} of the photos or recordings in a field.

    One that has not arrived has no href, and `say` tells whose tablet it is still on.
    """
    here = {name.partition(".")[0] for name in attachment_stubs.stubs(record)}
    _, by = record["setters"].get(field) or (None, None)
    where = desk.words.gettext("still on the tablet of %(name)s") % {"name": desk.name(by)}
    address = f"/sync/{desk.site.config.name}/_blob/"
    return [
        {"href": address + name, "say": ""} if name in here else {"href": "", "say": where}
        for name in record.get(field) or ()
    ]


def missing(desk: Desk, record: Record) -> list[dict[str, str]]:
    """Return {name, term} of the editable fields that nobody filled in yet."""
    kind = record["type"]
    declared = desk.declarations["records"][kind]
    if not desk.rights.hold(*declared["editors"]):
        return []
    return [
        {"name": field["name"], "term": desk.word(field["label"])}
        for field in declared["fields"]
        if field["editable"]
        and typed_values.is_typed(field)
        and not record.get(field["name"])
        and not (typed_maps.is_map(field) and not typed_maps.keys_of(field, record))
    ]


def _href(desk: Desk, identifier: Any) -> str:
    """Return where a record has its page, if it is there for this person."""
    declared = desk.declarations["records"].get(str(identifier or "").partition(":")[0])
    posts = declared["pages_for"] if declared else ()
    identifier = desk.through(identifier) if identifier else ""
    return desk.href(identifier) if not posts or desk.rights.hold(*posts) else ""


def signature(desk: Desk, record: Record) -> dict[str, str] | None:
    """Return the strokes as one SVG path, and whether the signed text is the stored one."""
    signed = record.get("signature")
    if not signed:
        return None
    from sync.display_format import text_hash

    same = text_hash(record.get("readback", "")) == signed["of"]
    _ = desk.words.gettext
    return {
        "path": " ".join(_stroke(stroke) for stroke in signed["strokes"] if len(stroke) >= 4),
        "say": _("Signed for exactly the text read back") if same else _("Signed for another text"),
    }


def _stroke(numbers: list[int]) -> str:
    points = [f"{numbers[at]} {numbers[at + 1]}" for at in range(0, len(numbers) - 1, 2)]
    return "M" + "L".join(points)
