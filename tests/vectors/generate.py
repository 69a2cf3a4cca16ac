"""Writes the cases that both languages must answer alike: python -m tests.vectors.generate

A file has one case a line: `{"name", "call", "with": [arguments…], "gives": answer}`, or
`"fails": true` where the function refuses. The answers are Python's at the time of writing; the
change of a rule shows as a change of lines. Shorthand, undone by `read`:

- `"@7"` is the act id that ends in 7; `"$plain"` is what imaginary_hospital.py calls so;
- `{"$text": ["a", 500]}` and `{"$list": [1, 500]}` are five hundred of them;
- `fold`, `order` and `before` take acts as `[id, act, at, by, seen, data]`, after it `over` or
  null, and then what the server adds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import sync.act
import sync.check_act
import sync.copies
import sync.display_format
import sync.fold
import sync.guards
import sync.ladder
import sync.maps
import sync.search_words
import sync.selector
import sync.text_folding
import sync.worktime
from tests.vectors import imaginary_hospital

HERE = Path(__file__).resolve().parent
MODULES: dict[str, ModuleType] = {
    "selector": sync.selector,
    "text_folding": sync.text_folding,
    "search_words": sync.search_words,
    "act": sync.act,
    "check_act": sync.check_act,
    "maps": sync.maps,
    "guards": sync.guards,
    "copies": sync.copies,
    "fold": sync.fold,
    "ladder": sync.ladder,
    "worktime": sync.worktime,
    "display_format": sync.display_format,
}
# Twins that are asked through another.
INNER = {
    **dict.fromkeys(("undo", "statements", "merging", "rungs"), "fold"),
    "field_kinds": "check_act",
}
SHARED = imaginary_hospital.shared()

Case = dict[str, Any]


def case(name: str, call: str, *arguments: Any) -> Case:
    """Return a case without its answer."""
    return {"name": name, "call": call, "with": list(arguments)}


def text(letter: str, times: int) -> Any:
    """Return what stands for a long text in a case."""
    return {"$text": [letter, times]}


def items(item: Any, times: int) -> Any:
    """Return what stands for a long list in a case."""
    return {"$list": [item, times]}


def filled(value: Any) -> Any:
    """Return an argument as it is meant."""
    if isinstance(value, str) and value.startswith("$"):
        return SHARED[value[1:]]
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    for kind in ("$text", "$list"):
        if kind in value:
            item, times = value[kind]
            return item * times if kind == "$text" else [filled(item)] * times
    return {name: filled(item) for name, item in value.items()}


def whole(short: list[Any]) -> dict[str, Any]:
    """Return the act that a case writes as a list."""
    identifier, name, at, by, seen, data, *rest = short
    record = name.partition(".")[0] + ":A"
    envelope = {"_id": identifier, "act": name, "record": record, "at": at, "by": by}
    envelope |= {"device": "device:1", "site": "demo", "v": 1, "seen": seen, "data": data}
    over, *added = rest or [None]
    envelope |= {} if over is None else {"over": over}
    return {**envelope, **added[0]} if added else envelope


def with_readings(call: str) -> Any:
    """Return a function of sync.search_words that takes the table of readings as its text."""

    def asked(table: str, *arguments: Any) -> Any:
        return getattr(sync.search_words, call)(sync.search_words.readings_in(table), *arguments)

    return asked


# What a case cannot write as the function takes it.
ADAPTED: dict[tuple[str, str], Any] = {
    **{
        ("search_words", call): with_readings(call)
        for call in ("pinyin_keys", "sorting_key", "search_words", "marked")
    },
    ("act", "ulid"): lambda at, bits: sync.act.ulid(at, int(bits)),
    ("act", "make"): lambda name, record, data, options: sync.act.make(
        name, record, data, **options
    ),
    ("maps", "answered"): lambda record, path, value, act, options: sync.maps.answered(
        record, path, value, act, **options
    ),
    ("fold", "fold"): lambda declarations, acts: sync.fold.fold(
        declarations, [whole(act) for act in acts]
    ),
    ("fold", "order"): lambda declarations, act: sync.fold.order(declarations, whole(act)),
    ("fold", "before"): lambda declarations, one, other: sync.fold.before(
        declarations, whole(one), whole(other)
    ),
}


def answer(module: str, asked: Case) -> Case:
    """Return `{"gives": …}` or `{"fails": True}`, whatever Python answers now."""
    function = ADAPTED.get((module, asked["call"])) or getattr(MODULES[module], asked["call"])
    arguments = filled(asked["with"])
    # What is shared is looked at once for all cases (test_vectors.py): it is long.
    told = [
        one
        for one, written in zip(arguments, asked["with"], strict=True)
        if not (isinstance(written, str) and written.startswith("$"))
    ]
    before = as_text(told)
    try:
        gives = function(*arguments)
    except (ValueError, KeyError):
        return {"fails": True}
    assert as_text(told) == before, f"{asked['name']}: the arguments were changed"
    return {"gives": json.loads(json.dumps(gives))}


def text_of(module: str) -> str:
    """Return the text of a file as it stands."""
    return (HERE / f"{module}.json").read_text("utf-8")


def read(module: str) -> list[Case]:
    """Return the cases of a file as they are written."""
    return parse(text_of(module))


def as_text(value: Any) -> str:
    """Return a value as text, the order of its keys included: tablets compare texts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse(text: str) -> list[Case]:
    """Return the cases in a text, with whole act ids."""
    cases: list[Case] = json.loads(
        re.sub(r'"@(\d+)"', lambda found: f'"act:{found[1].rjust(26, "0")}"', text)
    )
    return cases


def written(cases: Iterable[Case]) -> str:
    """Return the text of a file."""
    text = "[\n" + ",\n".join(map(as_text, cases)) + "\n]\n"
    text = re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)
    return re.sub(r'"act:0{18}(\d{8})"', lambda found: f'"@{int(found[1])}"', text)


def generated() -> dict[str, str]:
    """Return {module: text} of all files as Python would write them now."""
    from tests.vectors import (
        check_cases,
        guard_cases,
        histories,
        map_cases,
        text_cases,
        times,
    )

    asked = {
        **check_cases.cases(),
        **guard_cases.cases(),
        **map_cases.cases(),
        **text_cases.cases(),
        **histories.cases(),
        **times.cases(),
    }
    texts = {
        module: written({**one, **answer(module, one)} for one in cases)
        for module, cases in asked.items()
    }
    return {**texts, "declared": as_text(SHARED) + "\n"}


def main() -> None:
    """Write the files, and say how many cases there are."""
    texts = generated()
    for name, text in texts.items():
        (HERE / f"{name}.json").write_text(text, "utf-8")
    total = sum(len(read(module)) for module in MODULES)
    print(f"{total} cases, {sum(len(text.encode()) for text in texts.values()) // 1024} KB")


if __name__ == "__main__":
    main()
