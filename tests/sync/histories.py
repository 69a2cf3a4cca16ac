"""Hypothesis strategies: random acts of the declared records, well formed, in any order."""

from __future__ import annotations

from random import Random
from typing import Any

import sync
from sync.act import Act, key_id, make
from sync.check_act import kept

START = 1_795_568_400_000  # 25 November 2026, 09:00 in China
HASH = "0123456789abcdef" * 4
PEOPLE = ("person:lin", "person:chen", "person:wu")
WORDS = ("等了一个小时", "𠮷田", "tired", "a")


def _key(luck: Random, field: dict[str, Any]) -> str:
    keys: list[str] = [row[0] for row in field["rows"]] or ["a", "b.c"]
    return luck.choice(keys)


VALUES: dict[str, Any] = {
    "text": lambda luck, field: luck.choice(WORDS)[: field["max"]],
    "phone": lambda luck, field: luck.choice(("139 0000 0416", "114")),
    "choice": lambda luck, field: luck.choice(field["choices"])[0],
    "choices": lambda luck, field: [luck.choice(field["choices"])[0]],
    "number": lambda luck, field: (field["min"] or 0) + luck.choice((0, 1, 2)),
    "flag": lambda luck, field: luck.random() < 0.5,
    "moment": lambda luck, field: START + luck.choice((0, 60_000)),
    "link": lambda luck, field: f"{(*field['of'], 'place')[0]}:{luck.choice('ab')}",
    "blobs": lambda luck, field: [HASH],
    "voice": lambda luck, field: [HASH],
    "signature": lambda luck, field: {"strokes": [[1, 2, 300, 4]], "of": HASH},
    "names": lambda luck, field: ["a", luck.choice(("b", "c"))],
    "people": lambda luck, field: ["person:a", luck.choice(("person:b", "person:c"))],
    "days": lambda luck, field: [luck.choice((20_000, 20_001))],
    "day": lambda luck, field: luck.choice((20_000, 20_001)),
    "hour": lambda luck, field: luck.choice((480, 1_440)),
    "money": lambda luck, field: luck.choice((field["min"] or 0, 5_000)),
    "rating": lambda luck, field: luck.choice((1, 5)),
    "ticks": lambda luck, field: {_key(luck, field): luck.choice(field["choices"])[0]},
    "grid": lambda luck, field: {_key(luck, field): luck.choice(field["choices"])[0]},
    "counts": lambda luck, field: {_key(luck, field): luck.choice((1, 2))},
    "entries": lambda luck, field: {_key(luck, field): luck.choice(WORDS)[: field["max"]]},
}


def drawn(luck: Random, kind: str, length: int = 12) -> list[Act]:
    """Return well-formed acts of one record, in the order in which they happen to arrive."""
    declared = sync.declarations()["records"][kind]
    fields = {field["name"]: field for field in declared["fields"]}
    key = {name: VALUES[fields[name]["kind"]](luck, fields[name]) for name in declared["key"]}
    record = key_id(kind, [*key.values()]) if key else f"{kind}:A"
    acts: list[Act] = []
    for number in range(length):
        verb, data = _said(luck, declared, [act["_id"] for act in acts])
        if any(act["name"] == verb and act["creates"] for act in declared["acts"]):
            data |= key
        at = START + number * 1_000 + luck.choice((0, 0, 0, -2_000, 3_000))
        acts.append(
            make(
                f"{kind}.{verb}",
                record,
                data,
                at=at,
                by=luck.choice(PEOPLE),
                device="device:1",
                site="demo",
                seen=luck.choice([None, *(act["_id"] for act in acts[-3:])]),
                # Chance may repeat itself, and two acts of one id would be one act.
                random_bits=lambda number=number: luck.getrandbits(64) << 16 | number,
            )
        )
    if luck.random() < 0.5:
        luck.shuffle(acts)
    return acts


def _said(luck: Random, declared: dict[str, Any], ids: list[str]) -> tuple[str, dict[str, Any]]:
    creating = [act for act in declared["acts"] if act["creates"]]
    if not ids and luck.random() < 0.9:
        act = luck.choice(creating)
        return act["name"], _data(luck, declared, act)
    if ids and luck.random() < 0.35:
        return _about(luck, declared, luck.choice(ids))
    act = luck.choice(declared["acts"])
    return act["name"], _data(luck, declared, act)


def _about(luck: Random, declared: dict[str, Any], target: str) -> tuple[str, dict[str, Any]]:
    editable = [field for field in declared["fields"] if field["editable"]]
    rung = {"ladder": "some_ladder", "rung": luck.choice((1, 2))}
    choices: list[tuple[str, dict[str, Any]]] = [
        ("undone", {"undoes": target}),
        ("undone", {"undoes": target}),
        ("decided", {"about": target, "choice": luck.choice(("accept", "keep")), "reason": "x"}),
        ("rung_reached", {**rung, "due_at": START, "told": ["person:wu"]}),
        ("rung_annulled", {**rung, "act": target}),
    ]
    if editable:
        field = luck.choice(editable)
        old, new = (VALUES[field["kind"]](luck, field) for _ in range(2))
        choices.append(("edited", {"field": field["name"], "old": old, "new": new}))
    return luck.choice(choices)


def _data(luck: Random, declared: dict[str, Any], act: dict[str, Any]) -> dict[str, Any]:
    fields = {field["name"]: field for field in declared["fields"]}
    data: dict[str, Any] = {}
    for name in act["asks"]:
        field = fields[name]
        needed = name in act["needs"] or field["required"]
        if needed or luck.random() < 0.4:
            data[name] = VALUES[field["kind"]](luck, field)
        elif luck.random() < 0.1 and name not in kept(declared):
            data[name] = None
    return data
