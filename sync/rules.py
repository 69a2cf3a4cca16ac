"""What the server does by itself, declared as data: `Plan`, `Follow`, `Judge`, and what they find.

Each is a pure function from a scope, a record, to what should exist because of it; the one loop in
server/rules keeps what exists like it. A feature lists its rules in `RULES`. Values in `gives` are
`Of Each InTurn Number Day Period Nth Moment Until Judged`; everything else is literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sync.rule_values import (
    Day,
    Each,
    InTurn,
    Judged,
    Moment,
    Nth,
    Number,
    Of,
    Period,
    Until,
    Value,
)
from sync.selector import Selector

__all__ = [
    "STEPS",
    "Day",
    "Each",
    "Find",
    "Follow",
    "InTurn",
    "Judge",
    "Judged",
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
    "finds_of",
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

    Or it `says` an act on the record `to` (a link, or what is found) from when `when` began to fit,
    and `unsays` another from when it ended. `dated` is a field with the day that the record is
    about; `unless` something is found. `for_each` makes one for each that is found, or that a list
    or a map of the record has: the `key` names which, `Each` of a map is what all its maps hold
    under that "key". With `answered` it makes one for each item of the map that is answered so, at
    the moment of that answer: two people who answer alike have one made, and no key need say which.
    Raises ValueError for a follow that cannot work.
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
    answered: str = ""
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
        if self.answered and not (self.makes and isinstance(self.for_each, str)):
            raise ValueError(f"{self.name}: of each item a follow makes a record")
        if len({act.partition(".")[0] for act in _names(self.on)}) != 1:
            raise ValueError(f"{self.name}: a follow listens to one kind")


@dataclass(frozen=True)
class Judge:
    """A number, two fields, or another record decides: the clock says so on the record itself.

    One form of: `bands`, two settings (low, middle or high); `less`, a setting or a second field;
    `same`, two fields alike (a map, as far as the second says); `within`, a setting, from one
    moment to another; `finds`. Said once one of `on` took effect, while `when` fits. With `clears`
    the one is said when it is so, the other when not. Raises ValueError for a judge that cannot
    work.
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
    is_item = isinstance(rule, Follow) and rule.answered
    many = rule.for_each and not is_item and (isinstance(rule, Follow) or rule.of)
    if many and not each & set(rule.key):
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
        keys |= {value[word] for value in rule["gives"].values() if is_word(value, word)}
    return {key for key in keys if isinstance(key, str) and key}


def is_word(value: Any, word: str) -> bool:
    """Say whether a value is worked out, as the word says."""
    return isinstance(value, dict) and word in value


def acts_of(rule: Plain) -> list[str]:
    """Return the acts that a rule may say."""
    return [rule[name] for name in ("makes", "says", "unsays", "clears") if rule.get(name)]
