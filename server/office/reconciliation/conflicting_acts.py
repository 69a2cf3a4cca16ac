"""Two conflicting acts side by side: a table with a column for each, and a drawing of when."""

from __future__ import annotations

from typing import Any

from server.acts import open_questions
from server.acts.open_questions import Side
from server.office.page_parts import table_parts, time_words
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from server.office.record.history import acts_of, device_name
from server.office.record.related import title
from sync import maps
from sync.display_format import MINUTE, clock, countdown, date_parts

Act = dict[str, Any]

LEFT, RIGHT = 70, 880  # of the drawing's tracks, in its own units
NEARBY = 15 * MINUTE  # acts of others within it count as evidence


def versus(desk: Desk, record: Record, question: dict[str, Any]) -> dict[str, Any]:
    """Return the page's context: {title, why, tracks, columns, rows, choices, record, about}."""
    against = open_questions.stands_against(record, question)
    sides = open_questions.sides_by_id(desk.site, [question["act"], against or ""])
    other, standing = sides[question["act"]], sides.get(against or "")
    name, _beside = title(desk, record)
    values = {"name": name[:40], "act": _outcome(desk, record, other)}
    return {
        "title": desk.words.gettext("%(name)s: does “%(act)s” count?") % values,
        "why": labels.why_unsettled(desk, question["reason"]),
        "href": desk.href(record["_id"]),
        "record": record["_id"],
        "about": question["act"],
        "seen": record["acts"]["last"] or "",
        "columns": [_head(desk, standing), _head(desk, other)],
        "rows": _rows(desk, record, question, standing, other),
        "keep": _outcome(desk, record, standing),
        "accept": _outcome(desk, record, other),
        "tracks": _tracks(desk, record, standing, other),
    }


def _head(desk: Desk, side: Side | None) -> str:
    if side is None:
        return desk.words.gettext("The record as it is")
    return desk.words.gettext("%(name)s noted") % {"name": desk.name(side.act["by"])}


def _outcome(desk: Desk, record: Record, side: Side | None) -> str:
    """Return what a side comes to, for the button that chooses it.

    Both may be the same act with another choice: then the choice is what differs, and it is said.
    """
    if side is None:
        return labels.state(desk, record)
    name, kind = side.act["act"], record["type"]
    if name.endswith(".edited"):
        return _what(desk, record, side)
    declared = desk.declarations["acts"].get(name)
    for needed in declared["needs"] if declared else ():
        field = labels.field(desk, kind, needed)
        if field is not None and field["kind"] == "choice":
            return labels.value(desk, kind, needed, side.act["data"].get(needed)) or "–"
    return table_parts.act_label(desk, name)


def _rows(
    desk: Desk, record: Record, question: dict[str, Any], standing: Side | None, other: Side
) -> list[dict[str, Any]]:
    _ = desk.words.gettext
    acts = acts_of(desk, record["_id"])
    both = (standing, other)
    rows: list[tuple[str, list[str]]] = [
        (_("What it says"), [_what(desk, record, side) for side in both]),
        (_("Done at"), [_moment(desk, side) for side in both]),
        (_("Reached the server"), [_arrived(desk, side) for side in both]),
        (_("Had seen"), [_seen(desk, side) for side in both]),
        (_("From"), [device_name(desk, side.act["device"]) if side else "–" for side in both]),
        (_("Said by others"), [_evidence(desk, acts, side, both) for side in both]),
        (_("If chosen"), [_then(desk, record, question, choice) for choice in ("keep", "accept")]),
    ]
    return [
        {"label": label, "cells": cells, "differs": number == 0}
        for number, (label, cells) in enumerate(rows)
    ]


def _what(desk: Desk, record: Record, side: Side | None) -> str:
    if side is None:
        return labels.state(desk, record)
    act, kind = side.act, record["type"]
    if act["act"].endswith(".edited"):
        label, new = labels.at_path(desk, kind, act["data"]["field"], act["data"]["new"])
        return f"{label}: {new or '–'}"
    label = table_parts.act_label(desk, act["act"])
    quoted = [str(act["data"][name]) for name in labels.OWN_WORDS if act["data"].get(name)]
    line = labels.data_line(desk, kind, act)
    return desk.listed([label, *([line] if line else []), *quoted])


def _moment(desk: Desk, side: Side | None) -> str:
    return _exact(desk, side.act["at"]) if side else "–"


def _exact(desk: Desk, at: int) -> str:
    seconds = f"{clock(at)}:{at // 1_000 % 60:02d}"
    if time_words.days_apart(desk.now, at) == 0:
        return seconds
    return f"{time_words.day_name(desk.words, desk.now, at)} {seconds}"


def _arrived(desk: Desk, side: Side | None) -> str:
    if side is None:
        return "–"
    late = side.received_at - side.act["at"]
    if late < MINUTE:
        how = desk.words.gettext("online")
    else:
        values = {"length": time_words.length(desk.words, late)}
        how = desk.words.gettext("no network for %(length)s") % values
    return desk.listed((_exact(desk, side.received_at), how))


def _seen(desk: Desk, side: Side | None) -> str:
    if side is None:
        return "–"
    seen = open_questions.seen_then(desk.site, side.act)
    if seen is None:
        return desk.words.gettext("nothing of this record yet")
    return f"{clock(seen['at'])} {table_parts.act_label(desk, seen['act'])}"


def _evidence(
    desk: Desk, acts: list[Act], side: Side | None, both: tuple[Side | None, Side]
) -> str:
    """Return acts of other people near in time: two people who agree weigh more than one."""
    if side is None:
        return "–"
    compared = {one.act["_id"] for one in both if one}
    near = [
        act
        for act in acts
        if act["_id"] not in compared
        and act["by"] not in (side.act["by"], "system:clock", "system:site")
        and abs(act["at"] - side.act["at"]) <= NEARBY
    ]
    words = [
        f"{clock(act['at'])} {desk.name(act['by'])} {table_parts.act_label(desk, act['act'])}"
        for act in near[-2:]
    ]
    return desk.listed(words) or desk.words.gettext("none")


def _then(desk: Desk, record: Record, question: dict[str, Any], choice: str) -> str:
    """Return what a choice would change: fields, and deadlines that start, stop or move."""
    then = open_questions.after(desk.site, record, question["act"], choice)
    kind, parts = record["type"], []
    for path in open_questions.changes(record, then):
        name, _, key = path.partition(".")
        field = labels.field(desk, kind, name)
        if name.endswith("_at") and then.get(name):
            parts.append(f"{_stamped(desk, kind, name)} {clock(then[name])}")
        elif field is not None:
            new = labels.value(desk, kind, name, maps.read(then, path)) or "–"
            parts.append(f"{labels.field_label(desk, kind, name)} {key}".rstrip() + f": {new}")
    if record["state"] != then["state"]:
        parts.append(labels.state(desk, then))
    parts += _deadline_sentences(desk, record, then)
    if parts:
        return desk.listed(parts)
    return desk.words.gettext("everything stays as it is; both entries stay in the history")


def _stamped(desk: Desk, kind: str, name: str) -> str:
    """Return the label of the act that sets this moment."""
    for act in desk.declarations["records"][kind]["acts"]:
        if name in act["stamps"]:
            return desk.word(act["label"])
    return name


def _deadline_sentences(desk: Desk, record: Record, then: Record) -> list[str]:
    _ = desk.words.gettext
    before, after = (
        open_questions.running_deadlines(desk.site, record),
        open_questions.running_deadlines(desk.site, then),
    )
    sentences = []
    for name in sorted(before.keys() | after.keys()):
        label = desk.declarations["ladders"][name]["label"]
        values = {"clock": desk.word(label)}
        if name not in after:
            sentences.append(_("the clock “%(clock)s” stops") % values)
        elif name not in before:
            values["at"] = time_words.due(desk.words, desk.now, after[name])
            sentences.append(_("the clock “%(clock)s” runs again: %(at)s") % values)
        elif before[name] != after[name]:
            values["at"] = time_words.due(desk.words, desk.now, after[name])
            sentences.append(_("the clock “%(clock)s” moves to %(at)s") % values)
    return sentences


def _tracks(desk: Desk, record: Record, standing: Side | None, other: Side) -> dict[str, Any]:
    """Return both acts on a line of time each, with the stretch without a network."""
    sides = [side for side in (standing, other) if side]
    first = min([record["opened_at"], *(side.act["at"] for side in sides)])
    last = max(side.received_at for side in sides)
    whole = max(last - first, MINUTE)

    def x(at: int) -> int:
        return int(LEFT + 70 + max(0, min(at - first, whole)) * (RIGHT - LEFT - 220) // whole)

    lines = []
    for number, side in enumerate(sides):
        late = side.received_at - side.act["at"]
        lines.append(
            {
                "y": 32 + number * 52,
                "name": device_name(desk, side.act["device"]),
                "at": x(side.act["at"]),
                "say": f"{clock(side.act['at'])} {table_parts.act_label(desk, side.act['act'])}",
                "arrived": x(side.received_at) if late >= MINUTE else None,
                "arrived_say": clock(side.received_at),
                "gap": countdown(late) if late >= MINUTE else "",
            }
        )
    began = {"x": x(record["opened_at"]), "say": clock(record["opened_at"])}
    return {"lines": lines, "began": began, "year": date_parts(first)[0]}
