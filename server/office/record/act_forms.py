"""Forms by which the office records acts: which are offered, their fields, their submission."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

import sqlalchemy as sa
from starlette.datastructures import FormData

from server.acts import reference
from server.base import pinyin
from server.database.tables import acts
from server.http.forms import form_value, form_values
from server.office.page_parts import table_parts, typed_days, typed_maps, typed_values
from server.office.page_parts.form_errors import mistake, refusal
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from sync import guards, maps
from sync.act import ACT_ID, ulid
from sync.check_act import is_empty
from sync.display_format import read_amount
from sync.field_kinds import FACES, is_number
from sync.selector import matches
from sync.text_folding import folded

MOMENT, RANDOM = 10, 16  # characters of a ULID: the moment, and the random rest
ELSEWHERE = ("noted", "revealed")  # have their place on the page, whatever the kind
LONG = 200  # characters; a field that may be longer gets several lines

Form = dict[str, Any]


def actions(desk: Desk, record: Record) -> list[dict[str, str]]:
    """Return {verb, label, sign} of the acts that record and person allow now."""
    kind = record["type"]
    return [
        {
            "verb": verb,
            "label": label(desk, record, verb),
            "sign": desk.declarations["acts"][f"{kind}.{verb}"]["icon"],
        }
        for verb in offered(desk, kind)
        if is_allowed(desk, record, verb)
    ]


def label(desk: Desk, record: Record, verb: str) -> str:
    """Return the label of an act here: what is counted may have another name the next time."""
    name = f"{record['type']}.{verb}"
    declared = desk.declarations["acts"].get(name)
    if declared and declared["further"]:
        before = max((record.get(counter, 0) for counter in declared["adds"]), default=0)
        if before:
            return desk.word(declared["further"]) % {"n": before + 1}
    return table_parts.act_label(desk, name)


def offered(desk: Desk, kind: str) -> tuple[str, ...]:
    """Return the verbs that the page of such a record offers, the loudest first, to anybody."""
    acts = desk.declarations["records"][kind]["acts"]
    in_office = [act for act in acts if act["in_office"] and act["who"] != ["system"]]
    return tuple(
        act["name"]
        for act in in_office
        if not act["creates"] and act["name"] not in ELSEWHERE and can_say(desk, kind, act)
    )


def can_say(desk: Desk, kind: str, act: dict[str, Any]) -> bool:
    """Say whether a form of the office can hold all that an act must say."""
    needed = {*act["needs"], *act["needs_all"]}
    fields = desk.declarations["records"][kind]["fields"]
    return all(typed_values.is_typed(field) for field in fields if field["name"] in needed)


def is_allowed(desk: Desk, record: Record, verb: str) -> bool:
    """Say whether an act may be recorded now, by the person's posts and the record's state."""
    declared = desk.declarations["acts"].get(f"{record['type']}.{verb}")
    if declared is None or declared["creates"] or not desk.may(f"{record['type']}.{verb}"):
        return False
    if declared["when"] is not None and not matches(declared["when"], record):
        return False
    if not guards.may_say(declared, record, desk.person["_id"]):
        return False
    return not any(stamp in record for stamp in declared["stamps"]) or bool(declared["adds"])


def form(
    desk: Desk,
    record: Record,
    verb: str,
    form_values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    act_id: str = "",
) -> Form:
    """Return the form of an act for the template, with what was typed and what is wrong."""
    kind, name = record["type"], f"{record['type']}.{verb}"
    form_values, problems = form_values or {}, problems or {}
    needs = set(desk.declarations["acts"][name]["needs"])
    # What the act will copy, the items of a template for instance, is asked already.
    known = {**record, **desk.copies_of(name, record, {})}
    fields = []
    for field in asked_fields(desk, kind, verb):
        asked = field["name"]
        held = record.get(asked) if asked not in labels.OWN_WORDS else None
        start, problem = form_values.get(asked, held), problems.get(asked)
        fields.append(drawn_field(desk, field, start, problem, asked in needs, record=known))
    fields = [field for field in fields if field.get("lines") != []]
    drawn = {field["name"] for field in fields}
    return {
        "verb": verb,
        "title": label(desk, record, verb),
        "fields": fields,
        "act_id": act_id or new_act_id(desk),
        "seen": record["acts"]["last"] or "",
        "problem": next((say for one, say in problems.items() if one not in drawn), ""),
        "problems": [
            {"name": field["name"], "say": f"{field['label']}: {field['problem']}"}
            for field in fields
            if field["problem"]
        ],
    }


def asked_fields(desk: Desk, kind: str, verb: str) -> list[dict[str, Any]]:
    """Return the fields that a form of an act asks for: what can be typed, and is no copy."""
    asked = [
        labels.field(desk, kind, one) for one in desk.declarations["acts"][f"{kind}.{verb}"]["asks"]
    ]
    return [
        field for field in asked if field and typed_values.is_typed(field) and not field["takes"]
    ]


def new_act_id(desk: Desk) -> str:
    """Return the id of a future act: the same form sent twice is the same act."""
    return "act:" + ulid(desk.now, secrets.randbits(80))


def parse_form(
    desk: Desk, kind: str, verb: str, sent: FormData
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return an act's data from a form, and {field: sentence} of what is wrong."""
    name, problems = f"{kind}.{verb}", {}
    data: dict[str, Any] = {}
    for field in asked_fields(desk, kind, verb):
        value, code = parse(field, sent)
        if code:
            problems[field["name"]] = mistake(desk, code)
        if value not in (None, "", [], {}):
            data[field["name"]] = value
    for asked in desk.declarations["acts"][name]["needs"]:
        if asked not in problems and is_empty(data.get(asked)):
            problems[asked] = mistake(desk, "required")
    return data, problems


def only_changes(desk: Desk, record: Record, verb: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the values that differ from the record, None for one that was emptied.

    What the form did not ask for is as it was.
    """
    fields = asked_fields(desk, record["type"], verb)
    asks = [field["name"] for field in fields if not typed_maps.is_map(field)]
    changed = {name: value for name, value in data.items() if value != record.get(name)}
    emptied = [name for name in asks if name not in data and record.get(name) not in (None, [])]
    return {**changed, **dict.fromkeys(emptied)}


def parse(field: dict[str, Any], sent: FormData) -> tuple[Any, str]:
    """Return the value of a field in a form, and a problem code or ""."""
    name, kind = field["name"], field["kind"]
    if typed_maps.is_map(field):
        return typed_maps.read(field, sent)
    if kind in ("choices", "names", "people"):
        chosen = form_values(sent, name)
        if kind == "names":  # each on a line
            chosen = [one.strip() for text in chosen for one in text.splitlines()]
        return [one for one in chosen if one], ""
    value = form_value(sent, name)
    if kind == "flag":
        return {"yes": True, "no": False}.get(value), ""
    if kind == "number" and value:
        value = folded(value)
        amount = read_amount(value.removeprefix("-"))
        if amount is None:
            return None, "not_a_number"
        # Nothing says here what would be kept instead, so nothing is rounded.
        if re.search(r"\.\d*[1-9]", value):
            return None, "not_whole"
        return (-amount if value.startswith("-") else amount), ""
    if kind in typed_values.MISTAKES:
        return typed_values.read(kind, value)
    if kind == "days":
        named = typed_days.read(value)
        return (value, "not_days") if named is None else (named, "")
    return value, ""


def submit(
    desk: Desk, record: Record, verb: str, data: dict[str, Any], sent: FormData, text: str = ""
) -> dict[str, str]:
    """Record the act; return {} when it is stored, else {field or "": what is wrong}."""
    act_id = fresh_act_id(desk, form_value(sent, "act_id"))
    if act_id is None:
        return {"": mistake(desk, "stale_form")}
    if was_sent_before(desk, act_id, record["_id"]):
        return {}
    grounds = desk.declarations["acts"].get(f"{record['type']}.{verb}", {}).get("rests_on", ())
    if grounds and form_value(sent, "seen") != record["acts"]["last"]:
        return {"": mistake(desk, "changed_meanwhile")}
    data = {**data, **{name: record.get(name) for name in grounds}}
    if lacking := missing(desk, record, verb, data):
        return dict.fromkeys(lacking, mistake(desk, "required"))
    verdict = desk.record_act(
        f"{record['type']}.{verb}",
        record["_id"],
        data,
        seen=form_value(sent, "seen"),
        text=text,
        identifier=act_id,
    )
    if verdict.good:
        return {}
    fields = verdict.details.get("fields", {})
    return {name: mistake(desk, code) for name, code in fields.items()} or {
        "": refusal(desk, verdict.code or "")
    }


def missing(desk: Desk, record: Record, verb: str, data: dict[str, Any]) -> list[str]:
    """Return the fields that the record requires of the act, and that it does not say."""
    declared = desk.declarations["acts"].get(f"{record['type']}.{verb}")
    if declared is None or record.get("state", "unknown") == "unknown":
        return []
    paths = maps.missing(desk.declarations["records"][record["type"]], declared, record, data)
    return [path.partition(".")[0] for path in paths]


def fresh_act_id(desk: Desk, form_id: str) -> str | None:
    """Return the id of the act that a form becomes now, None for a malformed form id.

    The moment in an id orders who saw what, so it is that of sending, not of opening the form; the
    random rest is the form's own, by which a form that is sent twice is recognised.
    """
    if not ACT_ID.match(form_id):
        return None
    return "act:" + ulid(desk.now, 0)[:MOMENT] + form_id[-RANDOM:]


def id_of_part(form_id: str, part: str) -> str:
    """Return the id of one of a form's acts, of a row or a key: sent twice it is the same act."""
    digest = hashlib.sha256(f"{form_id[-RANDOM:]} {part}".encode()).digest()
    return "act:" + ulid(0, int.from_bytes(digest[:10], "big"))


def was_sent_before(desk: Desk, act_id: str, record: str) -> bool:
    """Say whether this very form arrived already: a double click, a repeated request."""
    same = acts.c.id.endswith(act_id[-RANDOM:])
    same_form = sa.select(acts.c.id).where(acts.c.record == record, same)
    with desk.site.reading() as connection:
        return connection.execute(same_form.limit(1)).first() is not None


def drawn_field(
    desk: Desk,
    field: dict[str, Any],
    start: Any,
    problem: str | None = None,
    needed: bool = False,
    record: Record | None = None,
) -> dict[str, Any]:
    """Return a field for the template: label, kind, value, options, problem; a map has lines."""
    kind = field["kind"]
    drawn = {
        "name": field["name"],
        "label": desk.word(field["label"]),
        "kind": {"rating": "choice", "people": "choices"}.get(kind, kind),
        "long": kind in ("days", "names") or (kind == "text" and (field["max"] or 2_000) > LONG),
        "needed": needed,
        "problem": problem,
        "value": _text_of(kind, start),
        "options": _options_of(desk, field, start),
    }
    if typed_maps.is_map(field):
        typed = start if isinstance(start, dict) else None
        drawn.update(typed_maps.drawn(desk, field, record or {}, typed))
    return drawn


def _text_of(kind: str, start: Any) -> str | int:
    """Return what stands in an input."""
    if (kind in typed_values.UNITS or kind == "day") and is_number(start):
        return typed_values.written(kind, start)
    if isinstance(start, list) and kind == "names":
        return "\n".join(map(str, start))
    if isinstance(start, list) and kind == "days":
        return typed_days.written(start)
    return start if isinstance(start, str | int) and not isinstance(start, bool) else ""


def _options_of(desk: Desk, field: dict[str, Any], start: Any) -> list[dict[str, Any]]:
    """Return what is to choose from; none for what is typed."""
    kind, chosen = field["kind"], start if isinstance(start, list) else [start]
    if kind == "people":
        return people_options(desk, start)
    if kind == "link":
        return link_options(desk, field, start)
    offered: list[tuple[Any, str, str]] = []  # (as the record has it, as a form has it, label)
    if kind == "rating":
        offered = [(n, str(n), str(n)) for n in range(1, FACES + 1)]
    elif kind in ("choice", "choices"):
        offered = [(value, value, desk.word(word)) for value, word in field["choices"]]
    elif kind == "flag":
        _ = desk.words.gettext
        offered = [(True, "yes", _("yes")), (False, "no", _("no"))]
    return [
        {"value": value, "label": label, "chosen": held in chosen} for held, value, label in offered
    ]


def people_options(desk: Desk, start: Any) -> list[dict[str, Any]]:
    """Return the people of the house who may be named, those who are named already first."""
    chosen = set(start) if isinstance(start, list) else set()
    people = [
        person
        for person in desk.reference.people()
        if person["_id"] in chosen or (person.get("active") and person.get("posts"))
    ]
    people.sort(key=lambda person: (person["_id"] not in chosen, str(person.get("name", ""))))
    return [
        {"value": p["_id"], "label": p.get("name", ""), "chosen": p["_id"] in chosen}
        for p in people
    ]


def link_options(desk: Desk, field: dict[str, Any], start: Any) -> list[dict[str, Any]]:
    """Return what a link field may name: places, units, people, doctors, else what is open."""
    from server.office.page_parts import record_queries

    name, kinds = field["name"], field["of"] or (["place"] if "place" in field["name"] else [])
    known = [r for r in desk.reference.records.values() if r["type"] in kinds]
    linkable = [r for r in known if _is_offered(desk, r) or r["_id"] == start]
    if not linkable and ("doctor" in name or name == "changed_from"):
        linkable = record_queries.open_ones(desk, "doctor")
    for kind in kinds:
        if kind not in reference.KINDS:
            linkable += record_queries.listed(desk, kind)
    among = field["among"] or {}
    linkable = [*{one["_id"]: one for one in linkable if matches(among, one)}.values()]
    if start and all(one["_id"] != start for one in linkable):  # what stands there stays
        linkable.append({"_id": start, "title": desk.name(start)})
    linkable.sort(key=pinyin.by_name(lambda one: str(one.get("title", ""))))
    none = {"value": "", "label": desk.words.gettext("none"), "chosen": not start}
    return [none] + [
        {
            "value": one["_id"],
            "label": one.get("title") or desk.called(one),
            "chosen": one["_id"] == start,
        }
        for one in linkable
    ]


def _is_offered(desk: Desk, record: Record) -> bool:
    """Say whether a form may name a record of reference: not who left, nor what is retired."""
    holds = desk.declarations["records"][record["type"]]["finds_when"]
    return bool(record.get("active", True)) and matches(holds, record)
