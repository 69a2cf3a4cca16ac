"""What is wrong with rules together: what they name that is not there, and circles among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync.rules import acts_of, finds_of, is_word, reads_settings
from sync.selector import matches

Plain = dict[str, Any]


def problems(declarations: Plain) -> Iterator[str]:
    """Yield what is wrong with the rules of some declarations: names, links, cycles."""
    for name, rule in declarations["rules"].items():
        for act in [*acts_of(rule), *rule.get("on", ())]:
            if act not in declarations["acts"]:
                yield f"{name}: there is no act {act}"
                return
        if rule["of"] not in declarations["records"]:
            yield f"{name}: there is no kind {rule['of']}"
            return
        yield from _problems_of(declarations, name, rule)
    circle = cycle(declarations)
    if circle:
        yield f"a cycle of rules: {' → '.join(circle)}"


def _problems_of(declarations: Plain, name: str, rule: Plain) -> Iterator[str]:
    said = acts_of(rule)
    for act in said:
        unasked = set(rule["gives"]) - set(declarations["acts"][act]["asks"])
        # Of a judge's two acts one may ask for what the other does not.
        if rule["form"] == "judge":
            unasked -= {one for other in said for one in declarations["acts"][other]["asks"]}
        if unasked and not (rule["form"] == "follow" and act == rule["unsays"]):
            yield f"{name}: {act} does not ask for {', '.join(sorted(unasked))}"
        if declarations["acts"][act]["creates"] != (act == rule.get("makes")):
            yield f"{name}: {act} makes a record, or the rule does"
    for key in sorted(reads_settings(rule) - set(declarations["settings"])):
        yield f"{name}: there is no setting {key}"
    for find in finds_of(rule):
        indexed = declarations["records"].get(find["of"], {}).get("indexed", ())
        here = declarations["records"][rule["of"]].get("indexed", ())
        for field_name, want in find["where"].items():
            if field_name not in indexed:
                yield f"{name}: {find['of']}.{field_name} is not indexed"
            if is_word(want, "$of") and want["$of"] not in (*here, "_id"):
                yield f"{name}: {rule['of']}.{want['$of']} is not indexed, so nothing finds back"


def cycle(declarations: Plain) -> list[str] | None:
    """Return the names of rules that feed themselves, guards of people's acts included, or None."""
    rules = declarations["rules"]
    feeds = {
        one: [other for other in rules if _feeds(declarations, rules[one], rules[other])]
        for one in rules
    }
    for start in feeds:
        ways, seen = [[start]], set[str]()
        while ways:
            way = ways.pop()
            for other in feeds[way[-1]]:
                if other == start:
                    return [*way, start]
                if other not in seen:
                    seen.add(other)
                    ways.append([*way, other])
    return None


def _feeds(declarations: Plain, one: Plain, other: Plain) -> bool:
    reads = {(other["of"], name) for name in _read_here(declarations, other)}
    kinds = {other["of"], *(find["of"] for find in finds_of(other))}
    for find in finds_of(other):
        # Without `open` it is the same whatever becomes of what is found.
        names = (*find["where"], "state") if find["open"] else find["where"]
        reads |= {(find["of"], name) for name in names}
    for act in acts_of(one):
        kind = act.partition(".")[0]
        if kind not in kinds:
            continue
        if act == one.get("makes"):
            literal = {k: v for k, v in one["gives"].items() if not isinstance(v, dict)}
            if kind != other["of"] or not _excludes(other.get("when") or {}, literal):
                return True
        elif any((kind, name) in reads for name in _written(declarations, kind, act)):
            return True
    return False


def _read_here(declarations: Plain, rule: Plain) -> set[str]:
    names = {*_fields(rule.get("when") or {}), *rule.get("reads", ())}
    names |= {rule.get("since", ""), rule.get("weekdays", "")}
    names |= {rule[name] for name in ("to", "for_each") if isinstance(rule.get(name), str)}
    # What it is for each of may be a map of this very record.
    words = ["$of", "$turn", *(["$each"] if isinstance(rule.get("for_each"), str) else [])]
    for word in words:
        names |= {value[word] for value in rule["gives"].values() if is_word(value, word)}
    for act in rule.get("on", ()):
        declared = declarations["acts"][act]
        names |= {*declared["sets"], *declared["stamps"], *_fields(declared["when"] or {})}
    return names - {"", "_id"}


def _fields(selector: Any) -> set[str]:
    found: set[str] = set()
    for name, want in selector.items():
        if name.startswith("$"):
            for part in want if isinstance(want, list | tuple) else [want]:
                found |= _fields(part)
        else:
            found.add(name.partition(".")[0])
    return found


def _written(declarations: Plain, kind: str, name: str) -> set[str]:
    """Return the fields that an act changes, and what guards then let people change."""
    act = declarations["acts"][name]
    fields = {*act["sets"], *act["stamps"], *act["asks"], *act["signs"], *act["adds"]}
    others = declarations["records"][kind]["acts"]
    while True:
        more = set(fields)
        for other in others:
            if fields & _fields(other["when"] or {}):
                more |= {*other["sets"], *other["stamps"]}
        if more == fields:
            return fields
        fields = more


def _excludes(selector: Plain, literal: Plain) -> bool:
    named = {key: want for key, want in selector.items() if key in literal}
    return bool(named) and not matches(named, literal)
