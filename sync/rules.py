"""What the server does by itself, declared as data: `Plan`, `Follow`, `Judge`, and what they find.

Each is a pure function from a scope, a record, to what should exist because of it; the one loop in
server/rules keeps what exists like it. A feature lists its rules in `RULES`. Values in `gives` are
`Of Each Number Item Day Period Nth Moment Until Judged`; everything else is literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sync.rule_values import (
    Day,
    Each,
    Item,
    Judged,
    Key,
    Moment,
    Nth,
    Number,
    Of,
    Period,
    Until,
    Value,
)
from sync.selector import Selector, matches

__all__ = [
    "STEPS",
    "Day",
    "Each",
    "Find",
    "Follow",
    "Item",
    "Judge",
    "Judged",
    "Key",
    "Moment",
    "Nth",
    "Number",
    "Of",
    "Period",
    "Plan",
    "Rule",
    "Until",
    "Value",
    "acts_of",
    "as_json",
    "cycle",
    "finds_of",
    "problems",
    "reads_settings",
]

STEPS = ("day", "week", "month")  # of a plan by the calendar; else `every` is a setting
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as a field of a plan's scope says
Plain = dict[str, Any]


@dataclass(frozen=True, init=False)
class Find:
    """Open or closed records of a kind by their `indexed` fields: equal, or (from, to) for one.

    `open=True` leaves those alone that are open. A record never finds itself. Asked on the server
    only.
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
    With both, for each that is found of each: `Each` is what was found, and the `key` names it.

    By the calendar: `every` is day, week or month, `at` and `until` are settings (minutes of the
    day), `days="working"` leaves out days off, `weekdays` is a field of the scope that lists those
    of WEEKDAYS on which it falls. A week begins with its Monday, or with the day that the setting
    `weekday` says, 1 for a Monday. By an interval: `every` is a setting, counted from the field
    `since`, first put off by the setting `after`, at most `times` (a setting). `key` are those of
    `gives` that tell one from another, where day or number does not. Raises ValueError for a plan
    that cannot work.
    """

    name: str
    makes: str
    every: str
    rule: str
    of: str = ""
    for_each: Find | None = None
    when: Selector = field(default_factory=dict)
    at: str = ""
    until: str = ""
    weekday: str = ""
    days: str = ""
    weekdays: str = ""
    since: str = ""
    after: str = ""
    times: str = ""
    key: tuple[str, ...] = ()
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out."""
        _refuse_numbers(self.name, self.when)
        if not (self.of or self.for_each):
            raise ValueError(f"{self.name}: a plan is of a kind, or for each that is found")
        if self.for_each and not self.of and _values(self.for_each.where.values()):
            raise ValueError(f"{self.name}: what it is for each of is found by words alone")
        _refuse_one_for_many(self)
        if bool(self.at) != (self.every in STEPS) or bool(self.since) == bool(self.at):
            raise ValueError(f"{self.name}: days have a time `at`, an interval counts `since`")
        if self.weekdays and self.every != "day":
            raise ValueError(f"{self.name}: a plan of each day leaves out days of the week")
        if self.weekday and self.every != "week":
            raise ValueError(f"{self.name}: a week alone begins on a day of its own")


@dataclass(frozen=True)
class Follow:
    """What comes of what: `makes` a record for each act `on` that took effect, while `when` fits.

    With `each` (a map of the record, an answer) it makes one for each item that is answered so, at
    the moment of that answer: two people who answer alike have one made.

    Or it `says` an act on the record `to` (a link, or what is found) from when `when` began to fit,
    and `unsays` another from when it ended. `dated` is a field with the day that the record is
    about; `unless` something is found. `for_each` makes one for each that is found, or that a list
    or a map of the record has: the `key` names which, `Each` of a map is what all its maps hold
    under that "key". Raises ValueError for a follow that cannot work.
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
    each: tuple[str, str] | tuple[()] = ()
    key: tuple[str, ...] = ()
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out, or never be taken back."""
        _refuse_numbers(self.name, self.when)
        _refuse_one_for_many(self)
        if bool(self.makes) == bool(self.says):
            raise ValueError(f"{self.name}: a follow makes a record, or says something of one")
        if self.says and not (self.to and self.unsays):
            raise ValueError(f"{self.name}: what is said `to` a record has what `unsays` it")
        if self.each and not self.makes:
            raise ValueError(f"{self.name}: of each item a follow makes a record")
        if len({act.partition(".")[0] for act in _names(self.on)}) != 1:
            raise ValueError(f"{self.name}: a follow listens to one kind")


@dataclass(frozen=True)
class Judge:
    """A number, two fields, or another record decides: the clock says so on the record itself.

    One form of: `bands`, two settings (low, middle or high); `less`, a setting or a second field;
    `same`, two fields alike; `within`, a setting, from one moment to another; `finds`. Said once
    one of `on` took effect, while `when` fits. With `clears` the one is said when it is so, the
    other when not. Raises ValueError for a judge that cannot work.
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
    when: Selector = field(default_factory=dict)  # which of them it judges
    clears: str = ""
    gives: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could never be worked out."""
        _refuse_numbers(self.name, self.when)
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
    if isinstance(rule, Plan) and rule.for_each is not None and not rule.of:
        plain |= {"for_each": None, "of": rule.for_each.of}
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


def _refuse_one_for_many(rule: Plan | Follow) -> None:
    each = {name for name, value in rule.gives.items() if isinstance(value, Each)}
    if rule.for_each and (isinstance(rule, Follow) or rule.of) and not each & set(rule.key):
        raise ValueError(f"{rule.name}: its key does not say for which one it is")


def _values(items: Iterable[Any]) -> bool:
    return any(isinstance(item, Value) for item in items)


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
    names = ("to", "unless", "finds", "for_each")
    yield from (rule[name] for name in names if isinstance(rule.get(name), dict))


def reads_settings(rule: Plain) -> set[str]:
    """Return the keys of the settings that a rule reads."""
    keys = {rule.get(name) for name in ("at", "until", "weekday", "after", "times", "within")}
    keys |= {rule.get("less"), *rule.get("bands", ())}
    if rule["form"] == "plan" and rule["every"] not in STEPS:
        keys.add(rule["every"])
    for word in ("$number", "$day"):
        keys |= {value[word] for value in rule["gives"].values() if _is(value, word)}
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
    for word in ("$of", "$item"):
        names |= {value[word] for value in rule["gives"].values() if _is(value, word)}
    names |= {*rule.get("each", ())[:1]}
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
