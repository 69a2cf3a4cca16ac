"""The few dataclasses that features are declared with; all of it survives a trip through JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sync.selector import Selector


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
    editable: bool = False  # may be corrected by `<record>.edited`


@dataclass(frozen=True)
class Act:
    """Something that may happen to a record.

    `when` is the guard on the record; `needs` names the asked fields that must be given;
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
    sets: dict[str, Any] = field(default_factory=dict)
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
        if not set(self.rests_on).isdisjoint(self.asks):
            raise ValueError(f"{self.name}: what it rests on is compared and not asked")


@dataclass(frozen=True)
class List:
    """An ordered list that devices keep: which records are in it, and by which moment."""

    name: str
    by: str  # the field that orders it
    where: Selector = field(default_factory=dict)
    parts: tuple[str, ...] = ()  # fields that split it, a place for instance


@dataclass(frozen=True)
class Record:
    """A kind of record. `channels` say who is offered it: fields, posts, or everybody.

    What others need to know of a kind stands here, so that nobody else names it: where its pages
    are, how a row of it reads. In rows, private fields are masked.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    acts: tuple[Act, ...]
    # "all", "post:<post>", "{field}" (places, people or units), "{told}" (whom its ladders told),
    # (channel, selector) only while the selector fits.
    channels: tuple[str | tuple[str, Selector], ...]
    book: str = ""  # which of sync.books it belongs to
    icon: str = ""  # a name of web/icons
    many: str = ""  # the label of several: what lists and menus are headed with
    path: str = ""  # its page on the tablet is /floor/<path>/<id>; without one it has none
    own_screens: bool = False  # these pages are written by hand; all others come by themselves
    section: str = ""  # its pages in the office are /office/<section>/…, else records/<name>/…
    pages_for: tuple[str, ...] = ()  # posts that alone may open its pages; none: who sees it
    # Fields that say whom it is never offered to: people, or records that are hidden from some.
    hides: tuple[str, ...] = ()
    starts_as: dict[str, Any] = field(default_factory=dict)
    states: tuple[tuple[str, str], ...] = ()  # (value, label)
    title: tuple[str, ...] = ()  # fields whose first value names the record
    called: tuple[str, ...] = ()  # the same for rows, where the title is too long for them
    line: tuple[str, ...] = ()  # fields that a row shows beside the name
    side: str = ""  # the field, stamp or "state" at the end of a row
    facts: tuple[str, ...] = ()  # fields, stamps or "owner" that a task of it shows
    finds: tuple[str, ...] = ()  # fields that search reads; none: search leaves it out
    finds_when: Selector = field(default_factory=dict)  # which of them search shows
    lists: tuple[List, ...] = ()
    ordered: tuple[str, ...] = ()  # fields that the office's table goes by; none: newest first
    open_when: Selector = field(default_factory=dict)
    reference: bool = False  # small, wanted by every device before anything else
    editors: tuple[str, ...] = ()  # posts that may correct editable fields
    deciders: tuple[str, ...] = ()  # posts that decide its questions; none: DECIDERS of posts.py
    by_letter: bool = False  # another hospital may speak of it


@dataclass(frozen=True)
class Rung:
    """One step of a ladder. `after` adds up settings from the start; `tell` are posts or owner."""

    name: str
    label: str
    after: tuple[str, ...]
    tell: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """A clock on a record: it starts at the moment in a field and runs while a selector fits.

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
    for act in kind.acts:
        if _moves(act):
            continue
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


def _ground(act: Act) -> tuple[str, ...]:
    """Return what an act rests on; who may not say a gate is part of it: the proposer stays."""
    return (*act.rests_on, *(act.not_by if act.gate else ()))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
