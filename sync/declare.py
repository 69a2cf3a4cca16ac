"""The few dataclasses that features are declared with; all of it survives a trip through JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sync.field_kinds import MAPS
from sync.selector import Selector

KEYS = ("link", "choice", "number", "day", "hour")  # kinds that say the same on every device


@dataclass(frozen=True)
class Field:
    """One thing that a record knows. `kind` names a check in check_act.py."""

    name: str
    kind: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    max: int | None = None
    min: int | None = None
    required: bool | Selector = False  # asked of acts that ask for this field at all
    shown_when: Selector | None = None
    private: bool = False  # personal: masked in lists and exports, a reveal is an act
    of: tuple[str, ...] = ()  # kinds that a link may point to; none: any
    among: Selector | None = None  # which of these a form offers
    # Those that fit are offered by no form while another open record of the kind names them.
    alone: Selector | None = None
    editable: bool = False  # may be corrected by `<record>.edited`
    # Of a map: its keys (key, label); or the field that holds them, `names` or a map, once begun.
    rows: tuple[tuple[str, str], ...] = ()
    items: str = ""
    # (link, field of what it leads to): copied when the act is made, and kept as it was then.
    takes: tuple[str, ...] = ()
    # Of a map: (another map with the same keys, an answer): it says why each item is answered so,
    # and is needed of them where all items are.
    explains: tuple[str, ...] = ()
    # Words that Floorwalk ships are shown in the reader's language; what a hospital wrote stays.
    shipped: bool = False


@dataclass(frozen=True)
class Act:
    """Something that may happen to a record.

    `when` is the guard on the record; `needs` names the asked fields that must be given;
    `needs_all` names the maps of which every item must be answered, by the act or before it;
    `sets` are fixed values; `stamps` are moments set to the act's own (the first stamp stays);
    `signs` are fields set to the person; `adds` count upwards.

    `only_by` and `not_by` name fields that name who alone may say it, and who may not. `rests_on`
    names fields whose values the act carries as its author saw them: compared, and not set. When
    one of them changes the act's word falls, unless it is a gate that moves the state: that holds
    them. A `gate` opens something: a decision about it asks its guard again. Raises ValueError for
    a gate that could be undone, and for an act that could not fall whole.
    """

    name: str
    label: str
    who: tuple[str, ...]
    creates: bool = False
    again: bool = False  # may be said of a record that exists as well
    when: Selector | None = None
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    needs_all: tuple[str, ...] = ()
    sets: dict[str, Any] = field(default_factory=dict)
    # (selector, values): where the record fits as the act leaves it, these of `sets` stand instead.
    instead: tuple[Selector, dict[str, Any]] | tuple[()] = ()
    stamps: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    adds: dict[str, int] = field(default_factory=dict)
    takes_over: bool = False  # the person becomes the record's owner
    gives_to: str = ""  # the asked field that names the next owner
    undo: bool = True
    gate: bool = False
    rests_on: tuple[str, ...] = ()
    only_by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    icon: str = ""  # what stands beside it in histories and on buttons; a name of web/icons
    path: str = ""  # its form on the tablet: /floor/<path of the record>/<id>/<path>
    further: str = ""  # what it is called from the second time on; %(n)s says which time
    in_office: bool = True  # offered on the record's page in the office

    def __post_init__(self) -> None:
        """Refuse what would be no gate."""
        if self.gate and self.undo:
            raise ValueError(f"{self.name}: a gate is not undone")
        if self.gate and not self.stamps:
            raise ValueError(f"{self.name}: a gate stands by its stamp")
        if self.rests_on and (self.creates or ("state" in self.sets and not self.gate)):
            raise ValueError(f"{self.name}: this cannot fall whole when what it rests on changes")
        if self.instead and not set(self.instead[1]) <= set(self.sets):
            raise ValueError(f"{self.name}: what is set instead is set else, too")
        if not set(self.rests_on).isdisjoint(self.asks):
            raise ValueError(f"{self.name}: what it rests on is compared and not asked")


@dataclass(frozen=True)
class List:
    """An ordered list that devices keep: which records are in it, and by which moment."""

    name: str
    by: str | tuple[str, ...]  # the fields that order it, "-" before one that goes downwards
    where: Selector = field(default_factory=dict)
    parts: tuple[str, ...] = ()  # fields that split it, a place for instance


@dataclass(frozen=True)
class Duty:
    """What a record of a kind says, in some states, of whether somebody is on duty.

    `person` is the field that names them. A record with `since` and `until` (moments) says that
    they are on duty between these, and by this no time else: a turn of a roster. One without says
    it while it is in one of the `states`. All of these fields are `indexed`.
    """

    person: str
    states: tuple[str, ...]
    on: bool = True  # or that they are not: on leave, away from the post
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Record:
    """A kind of record. `channels` say who is offered it: fields, posts, or everybody.

    With a `key` its id is derived from these fields (`act.key_id`), whoever makes it.
    What others need to know of a kind stands here, so that nobody else names it: where its pages
    are, how a row of it reads. In rows, private fields are masked.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    acts: tuple[Act, ...]
    # "all", "post:<post>", "{field}" (places, people or units), "post@{field}" (who holds a post at
    # that place or in that unit), "head@{field}" (who heads that unit), "{told}" (whom its ladders
    # told), (channel, selector) only while the selector fits.
    channels: tuple[str | tuple[str, Selector], ...]
    key: tuple[str, ...] = ()  # fields that say which record it is: said by whoever makes it
    book: str = ""  # which of sync.books it belongs to
    icon: str = ""  # a name of web/icons
    many: str = ""  # the label of several: what lists and menus are headed with
    path: str = ""  # its page on the tablet is /floor/<path>/<id>; without one it has none
    own_screens: bool = False  # these pages are written by hand; all others come by themselves
    section: str = ""  # its pages in the office are /office/<section>/…, else records/<name>/…
    form: tuple[str, ...] = ()  # the paper forms that it replaces, as the regulations number them
    pages_for: tuple[str, ...] = ()  # posts that alone may open its pages; none: who sees it
    # Fields that say whom it is never offered to: people, or records that are hidden from some;
    # (field, selector) only while the selector fits.
    hides: tuple[str | tuple[str, Selector], ...] = ()
    starts_as: dict[str, Any] = field(default_factory=dict)
    states: tuple[tuple[str, str], ...] = ()  # (value, label)
    title: tuple[str, ...] = ()  # fields whose first value names the record
    called: tuple[str, ...] = ()  # the same for rows, where the title is too long for them
    line: tuple[str, ...] = ()  # fields that a row shows beside the name
    side: str = ""  # the field, stamp or "state" at the end of a row
    facts: tuple[str, ...] = ()  # fields, stamps or "owner" that a task of it shows
    finds: tuple[str, ...] = ()  # fields that search reads; none: search leaves it out
    full_text: tuple[str, ...] = ()  # long texts that search reads from end to end, hits marked
    finds_when: Selector = field(default_factory=dict)  # which of them search shows
    holds_from: tuple[str, ...] = ()  # (day from which, day until which) it holds
    reads: str = ""  # the link to the text that its page shows, of a kind with a full text
    # {"act": that makes a record, "field": of it, "with": values}: as what a question is asked that
    # no search answered.
    unanswered: dict[str, Any] = field(default_factory=dict)
    lists: tuple[List, ...] = ()
    ordered: tuple[str, ...] = ()  # fields that the office's table goes by; none: newest first
    open_when: Selector = field(default_factory=dict)
    reference: bool = False  # small, wanted by every device before anything else
    editors: tuple[str, ...] = ()  # posts that may correct editable fields
    deciders: tuple[str, ...] = ()  # posts that decide its questions; none: DECIDERS of posts.py
    by_letter: bool = False  # another hospital may speak of it
    indexed: tuple[str, ...] = ()  # fields that rules of the server find it by
    made_within: tuple[str, ...] = ()  # fields with units that whoever makes it must belong to
    stands: bool = False  # what somebody did of it is done, whatever rules want afterwards
    tiles: str = ""  # a link to beds: the tablet's list shows each one, free or taken
    duty: Duty | None = None  # what it says of whether somebody is on duty
    # Fields that name whom it is about: nobody is told of themselves as their own superior.
    concerns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a key that would not hold, and maps that something sets as a whole."""
        fields, key = {one.name: one for one in self.fields}, set(self.key)
        for name in self.key:
            if fields[name].kind not in KEYS or fields[name].editable or fields[name].private:
                raise ValueError(f"{self.name}: {name} is no part of a key")
        for act in self.acts if key else ():
            says = (
                key <= set(act.asks) & set(act.needs) if act.creates else key.isdisjoint(act.asks)
            )
            if act.creates != act.again or not says:
                raise ValueError(f"{self.name}.{act.name}: who makes it says its key, nobody else")
        whole = {*self.starts_as, *(name for act in self.acts for name in act.sets)}
        whole |= {name for act in self.acts if _falls(act) for name in act.asks}
        if any(one.kind in MAPS and one.name in whole for one in self.fields):
            raise ValueError(f"{self.name}: a map is answered key by key")


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: a moment, and who is told then.

    `after` adds up settings, from the start of the ladder or from the moment in the field `until`;
    `before` is a setting that goes back from there: a warning. `at_least` (a field that counts, a
    setting) has no moment of its own: once so many are counted, it is due. `again` is the setting
    after which whoever is told is told once more, as long as the ladder runs and no higher rung was
    told. `says` is the verb that the clock then says of the record, at the rung's moment; it is
    taken back when the rung is annulled.

    `tell` are posts, "owner", "{field}" for the people in a field, "head@{field}" for the head of
    the unit in one, "post@{field}" for who holds a post there, in a unit or at a place.
    """

    name: str
    label: str
    after: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    until: str = ""
    before: str = ""
    at_least: tuple[str, str] | tuple[()] = ()
    again: str = ""
    says: str = ""
    minutes: str = ""  # the field that says how many more: what was granted to this one


@dataclass(frozen=True)
class Ladder:
    """A clock on a record: it starts at the moment in a field and runs while a selector fits.

    A field that is a day stands for its end, when the site closes.
    `answers` are the verbs that do what it asks for, in their order: a task offers the next one.
    """

    name: str
    label: str
    record: str
    rule: str
    starts: str
    runs_while: Selector
    rungs: tuple[Rung, ...]
    answers: tuple[str, ...] = ()


def as_json(declared: Record | Ladder) -> dict[str, Any]:
    """Return the declaration as plain JSON values; a record's with what `resting` finds in it."""
    plain: dict[str, Any] = _plain(asdict(declared))
    if isinstance(declared, Record):
        plain.update(resting(declared))
    return plain


def resting(kind: Record) -> dict[str, Any]:
    """Return what rests on what: `{"falls", "holds", "opened", "names_owner"}`.

    `falls` is {field: what vanishes when it changes}. `holds` is a list of [stamps, fields that are
    held while these stamps stand]: a gate that moves the state holds what it and the gates before
    it rest on, and their word. `opened` are the stamps and signs of gates, which no undo puts back;
    `names_owner` says whether the data may name the owner.
    """
    falls: dict[str, list[str]] = {}
    gates = [act for act in kind.acts if act.gate]
    for act in filter(_falls, kind.acts):
        ground, said = _ground(act), [*act.stamps, *act.signs, *act.sets, *act.asks]
        for name in ground:
            falls.setdefault(name, []).extend(one for one in said if one not in ground)
    opened = [name for gate in gates for name in (*gate.stamps, *gate.signs)]
    grounds = [name for gate in gates for name in _ground(gate)]
    holds = []
    for gate in filter(_moves, gates):
        others = (name for name in opened if name not in (*gate.stamps, *gate.signs))
        holds.append([list(gate.stamps), [*dict.fromkeys((*grounds, *others))]])
    names_owner = any(one.name == "owner" for one in kind.fields)
    return {"falls": falls, "holds": holds, "opened": opened, "names_owner": names_owner}


def _moves(act: Act) -> bool:
    return act.gate and "state" in act.sets


def _falls(act: Act) -> bool:
    """Say whether an act's word vanishes when what it rests on changes."""
    return bool(_ground(act)) and not _moves(act)


def _ground(act: Act) -> tuple[str, ...]:
    """Return what an act rests on; who may not say a gate is part of it: the proposer stays."""
    return (*act.rests_on, *(act.not_by if act.gate else ()))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
