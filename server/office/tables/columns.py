"""The columns of a kind's table, read from its declaration: what a cell says, masked or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.office.page_parts import running_deadlines, typed_values
from server.office.page_parts.office_request import Desk, Record
from server.office.page_parts.running_deadlines import Deadline
from server.office.page_parts.table_query import TableQuery
from server.office.record import labels
from sync.display_format import moment

USUAL = 4  # fields that a table shows at least, until somebody chooses others
LONG = 200  # characters; a longer text is for the record's page
# What a row of a table can show in a cell without being asked to.
SHORT = (
    *("text", "choice", "choices", "flag", "moment", "link", "number", "names", "people"),
    *("phone", "money", "day", "hour", "rating"),
)
ORDERED = ("text", "choice", "flag", "moment", "number", "money", "day", "hour", "rating")
# Bodies of refused acts, strokes, and the text that was read aloud with a name in it.
NEVER = ("body", "signature", "readback")
NAME, DUE, STATE, OWNER, SINCE = ":name", ":due", ":state", ":owner", ":since"


@dataclass(frozen=True)
class Column:
    """One column: a field, a stamp, or what every record has (its name begins with a colon)."""

    name: str
    label: str
    kind: str
    private: bool = False
    usual: bool = False
    sortable: bool = False


def columns_of(desk: Desk, kind: str) -> list[Column]:
    """Return every column that a table of the kind can have, in the order they are shown."""
    _ = desk.words.gettext
    declared = desk.declarations["records"][kind]
    fields = _fields(desk, declared)
    known = {column.name for column in fields}
    stamps = [
        Column(stamp, desk.word(act["label"]), "moment", sortable=True)
        for act in declared["acts"]
        for stamp in act["stamps"]
    ]
    rest = {stamp.name: stamp for stamp in reversed(stamps) if stamp.name not in known}
    due = [Column(DUE, _("Next deadline"), "due", usual=True)] if has_clock(desk, kind) else []
    owner = [] if "owner" in known else [Column(OWNER, _("Responsible"), "owner")]
    ends = [
        Column(STATE, _("State"), "state", usual=True, sortable=True),
        Column(SINCE, _("Opened"), "moment", usual=True, sortable=True),
    ]
    first = _name(desk, declared, fields)
    behind = [column for column in fields if column not in first]
    return [*first, *due, *behind, *list(rest.values())[::-1], *owner, *ends]


def _name(desk: Desk, declared: dict[str, Any], fields: list[Column]) -> list[Column]:
    """Return the column of what a record is called: a field, or its name masked as in rows."""
    called = (declared["called"] or declared["title"] or ("",))[0]
    own = [column for column in fields if column.name == called and not column.private]
    return own or [Column(NAME, desk.word(declared["label"]), "name", usual=True)]


def _fields(desk: Desk, declared: dict[str, Any]) -> list[Column]:
    """Return the columns of the fields: those first that rows and tasks of the kind show."""
    shown = ("called", "title", "line", "facts")
    said = (*(name for part in shown for name in declared[part]), declared["side"])
    told = dict.fromkeys(name for name in said if name != "owner")
    fields = {field["name"]: field for field in declared["fields"] if field["name"] not in NEVER}
    every = [fields[name] for name in told if name in fields]
    every += [field for field in fields.values() if field["name"] not in told]
    usual = {field["name"] for field in every if field["name"] in told and not field["private"]}
    for field in every:
        if len(usual) < USUAL and _is_short(field):
            usual.add(field["name"])
    made = [
        Column(
            field["name"],
            desk.word(field["label"]),
            field["kind"],
            private=field["private"],
            usual=field["name"] in usual,
            # To order by what is masked would tell it, one comparison after the other.
            sortable=_is_short(field) and field["kind"] in ORDERED,
        )
        for field in every
    ]
    return sorted(made, key=lambda column: not column.usual)


def _is_short(field: dict[str, Any]) -> bool:
    return field["kind"] in SHORT and not field["private"] and (field["max"] or 0) <= LONG


def has_clock(desk: Desk, kind: str) -> bool:
    """Say whether a ladder may run on records of a kind."""
    return any(one["record"] == kind for one in desk.declarations["ladders"].values())


def shown(desk: Desk, query: TableQuery) -> list[Column]:
    """Return the columns that a query asks for, in their order; else the usual ones."""
    every = columns_of(desk, query.kind)
    wanted = set(query.columns)
    chosen = [column for column in every if column.name in wanted]
    return chosen or [column for column in every if column.usual]


def words(desk: Desk, record: Record, column: Column, *, masked: bool = True) -> str:
    """Return what a cell says in the reader's language; a private value only if not `masked`."""
    if column.name == NAME:
        return desk.called(record)
    if column.name == STATE:
        return labels.state(desk, record)
    if column.name == OWNER:
        return desk.name(record.get("owner"))
    if column.name == SINCE:
        return moment(record["opened_at"])
    if column.name == DUE:
        due = due_of(desk, record)
        return due.words if due else ""
    if labels.field(desk, record["type"], column.name) is None:
        stamp = record.get(column.name)
        return moment(stamp) if isinstance(stamp, int) else ""
    content = record.get(column.name)
    return labels.value(desk, record["type"], column.name, content, masked=masked, record=record)


def due_of(desk: Desk, record: Record) -> Deadline | None:
    """Return a record's most urgent deadline; worked out once for each request."""
    known: dict[str, Deadline | None] = desk.__dict__.setdefault("_dues", {})
    if record["_id"] not in known:
        known[record["_id"]] = running_deadlines.most_urgent(desk, record)
    return known[record["_id"]]


def number(desk: Desk, record: Record, column: Column) -> tuple[str, int] | None:
    """Return ("number" | "moment", value) of what a spreadsheet can count with, else None.

    Days, hours and amounts are kept as numbers that say nothing to people: they go as words.
    """
    if column.name == DUE:
        due = due_of(desk, record)
        return ("moment", due.due_at) if due else None
    value = record["opened_at"] if column.name == SINCE else record.get(column.name)
    if column.private or isinstance(value, bool) or not isinstance(value, int):
        return None
    if column.kind in typed_values.UNITS or column.kind == "day":
        return None
    return ("moment" if column.kind == "moment" else "number", value)
