"""What the server does by itself, declared as data: `Plan`, `Follow`, `Judge`, and what they find.

Each is a pure function from a scope, a record, to what should exist because of it; the one loop in
server/rules keeps what exists like it. A feature lists its rules in `RULES`. Values in `gives` are
`Of Each Number Period Nth Moment Until Judged`; everything else is literal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sync.selector import Selector, matches

STEPS = ("day", "week", "month")  # of a plan by the calendar; else `every` is a setting
Plain = dict[str, Any]


class Value:
    """Something that a rule works out when it is asked; `as_json` says what."""

    word = ""

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {f"${self.word}": True}


@dataclass(frozen=True)
class Of(Value):
    """A field of the scope; "_id" is the scope itself."""

    name: str

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {"$of": self.name}


@dataclass(frozen=True)
class Each(Value):
    """A field of the record that was found."""

    name: str

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {"$each": self.name}


@dataclass(frozen=True)
class Number(Value):
    """A setting as it was in force at the moment of the cause."""

    key: str

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {"$number": self.key}


def _word(name: str, meaning: str) -> Value:
    return type(name, (Value,), {"word": name.lower(), "__doc__": meaning})()  # type: ignore[no-any-return]


Period = _word("Period", "The day (since 1970) with which the period of a plan begins.")
Nth = _word("Nth", "Which one it is, from 1.")
Moment = _word("Moment", "The moment (ms) of the cause, or of the duty.")
Until = _word("Until", "The moment (ms) by which a duty of a plan by the calendar is to be done.")
Judged = _word("Judged", "What a judge came to: a band, or whether it is so.")


@dataclass(frozen=True, init=False)
class Find:
    """Open or closed records of a kind by their `indexed` fields: equal, or (from, to) for one.

    `open=True` leaves those alone that are open. Asked on the server only.
    """

    of: str
    where: Plain
    only_open: bool

    def __init__(self, of: str, /, *, open: bool = False, **where: Any) -> None:
        object.__setattr__(self, "of", of)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "only_open", open)


@dataclass(frozen=True)
class Plan:
    """What comes into being, and when: for each record `of` a kind, or `for_each` that is found.

    By the calendar: `every` is day, week or month, a week's `weekday` a setting (from 1, Monday),
    `at` and `until` are settings (minutes of the day), `days="working"` leaves out days off. By an
    interval: `every` is a setting, counted from the field `since`, first put off by the setting
    `after`, at most `times` (a setting). `key` are those of `gives` that tell one from another,
    where day or number does not. Raises ValueError for a plan that cannot work.
    """

    name: str
    makes: str
    every: str
    rule: str
    of: str = ""
    for_each: Find | None = None
    when: Selector = field(default_factory=dict)
    weekday: str = ""
    at: str = ""
    until: str = ""
    days: str = ""
    since: str = ""
    after: str = ""
    times: str = ""
    key: tuple[str, ...] = ()
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out."""
        _refuse_numbers(self.name, self.when)
        if bool(self.of) == bool(self.for_each):
            raise ValueError(f"{self.name}: a plan is of a kind, or for each that is found")
        named = self.for_each.where.values() if self.for_each else ()
        if any(isinstance(one, Value) for one in named):
            raise ValueError(f"{self.name}: what it is for each of is found by words alone")
        if bool(self.at) != (self.every in STEPS) or bool(self.since) == bool(self.at):
            raise ValueError(f"{self.name}: days have a time `at`, an interval counts `since`")
        if self.weekday and self.every != "week":
            raise ValueError(f"{self.name}: only a week has a weekday")


@dataclass(frozen=True)
class Follow:
    """What comes of what: `makes` a record for each act `on` that took effect, while `when` fits.

    With `for_each` one for each record that is found, or each in a list or a map of the scope, told
    apart by `key`; `Each` of a map is what its maps hold under "key". Or it `says` an act on the
    record `to` (a link, or what is found) from when `when` began to fit, and `unsays` another from
    when it ended. `dated` is a field with the day that the record is about; `unless` something is
    found. Raises ValueError for a follow that cannot work.
    """

    name: str
    on: tuple[str, ...] | str
    rule: str
    makes: str = ""
    to: str | Find = ""
    says: str = ""
    unsays: str = ""
    when: Selector = field(default_factory=dict)
    for_each: Find | str = ""
    unless: Find | None = None
    dated: str = ""
    key: tuple[str, ...] = ()
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out, or never be taken back."""
        _refuse_numbers(self.name, self.when)
        if bool(self.makes) == bool(self.says):
            raise ValueError(f"{self.name}: a follow makes a record, or says something of one")
        if self.says and not (self.to and self.unsays):
            raise ValueError(f"{self.name}: what is said `to` a record has what `unsays` it")
        if self.for_each and not (self.makes and self.key):
            raise ValueError(f"{self.name}: what is made `for_each` has a key")
        if len({act.partition(".")[0] for act in _names(self.on)}) != 1:
            raise ValueError(f"{self.name}: a follow listens to one kind")


@dataclass(frozen=True)
class Judge:
    """A number, two fields, or another record decides: the clock says so on the record itself.

    One form of: `bands`, two settings (low, middle or high); `less`, a setting or a second field;
    `same`, two fields alike; `within`, a setting, from one moment to another; `finds`. Said once
    one of `on` took effect. With `clears` the one is said when it is so, the other when not. Raises
    ValueError for a judge that cannot work.
    """

    name: str
    of: str
    on: tuple[str, ...]
    says: str
    rule: str
    reads: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    less: str | bool = False
    same: bool = False
    within: str = ""
    finds: Find | None = None
    clears: str = ""
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out."""
        forms = [form for form in FORMS if getattr(self, form)]
        if len(forms) != 1:
            raise ValueError(f"{self.name}: a judge has one form of {', '.join(FORMS)}")
        fields = {"bands": 1, "less": 1 if isinstance(self.less, str) else 2}
        wanted = 0 if self.finds else fields.get(forms[0], 2)
        if len(self.reads) != wanted or (self.bands and len(self.bands) != 2):
            raise ValueError(f"{self.name}: {forms[0]} reads {wanted} fields")


FORMS = ("bands", "less", "same", "within", "finds")
Rule = Plan | Follow | Judge


def as_json(rule: Rule) -> Plain:
    """Return a rule as plain JSON: `form` is plan, follow or judge, `of` the scope's kind."""
    plain: Plain = {"form": type(rule).__name__.lower(), **_plain(vars(rule))}
    if isinstance(rule, Plan) and rule.for_each is not None:
        plain["of"] = rule.for_each.of
        plain["when"] = {**rule.for_each.where, **rule.when}
    if isinstance(rule, Follow):
        plain["on"] = list(_names(rule.on))
        plain["of"] = plain["on"][0].partition(".")[0]
    if isinstance(rule, Judge):
        plain["on"] = [f"{rule.of}.{verb}" for verb in rule.on]
    return plain


def _names(on: tuple[str, ...] | str) -> tuple[str, ...]:
    return (on,) if isinstance(on, str) else on


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.as_json()
    if isinstance(value, Find):
        return {"of": value.of, "where": _plain(value.where), "open": value.only_open}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _refuse_numbers(name: str, selector: Any) -> None:
    """Raise ValueError for a selector with a number: that is a setting's, and a judge's to ask."""
    if isinstance(selector, dict | list | tuple):
        for item in selector.values() if isinstance(selector, dict) else selector:
            _refuse_numbers(name, item)
    elif isinstance(selector, Value) or (
        isinstance(selector, int | float) and not isinstance(selector, bool)
    ):
        raise ValueError(f"{name}: a number in a selector is a judge's to ask")


# Of all rules together, as plain JSON


def finds_of(rule: Plain) -> Iterator[Plain]:
    """Yield what a rule finds elsewhere."""
    for name in ("to", "unless", "finds", "for_each"):
        if isinstance(rule.get(name), dict) and (name != "for_each" or rule["form"] == "follow"):
            yield rule[name]


def reads_settings(rule: Plain) -> set[str]:
    """Return the keys of the settings that a rule reads."""
    keys = {
        rule.get(name) for name in ("at", "until", "after", "times", "within", "less", "weekday")
    }
    keys.update(rule.get("bands", ()))
    if rule["form"] == "plan" and rule["every"] not in STEPS:
        keys.add(rule["every"])
    keys |= {value["$number"] for value in rule["gives"].values() if _is(value, "$number")}
    return {key for key in keys if isinstance(key, str) and key}


def _is(value: Any, word: str) -> bool:
    return isinstance(value, dict) and word in value


def acts_of(rule: Plain) -> list[str]:
    """Return the acts that a rule may say."""
    return [rule[name] for name in ("makes", "says", "unsays", "clears") if rule.get(name)]


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
    for act in acts_of(rule):
        unasked = set(rule["gives"]) - set(declarations["acts"][act]["asks"])
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
            if _is(want, "$of") and want["$of"] not in (*here, "_id"):
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
        reads |= {(find["of"], name) for name in (*find["where"], "state")}
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
    names = {*_fields(rule.get("when") or {}), *rule.get("reads", ()), rule.get("since", "")}
    if isinstance(rule.get("to"), str):
        names.add(rule["to"])
    names |= {value["$of"] for value in rule["gives"].values() if _is(value, "$of")}
    if isinstance(rule.get("for_each"), str):
        names.add(rule["for_each"])
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
