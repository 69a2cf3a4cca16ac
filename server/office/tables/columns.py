"""The columns of a kind's table, read from its declaration: what a cell says, masked or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.office.page_parts import running_deadlines
from server.office.page_parts.office_request import Desk, Record
from server.office.page_parts.running_deadlines import Deadline
from server.office.page_parts.table_query import TableQuery
from server.office.record import labels
from sync.display_format import moment

USUAL = 6  # fields that a table shows until somebody chooses others
LONG = 200  # characters; a longer text is for the record's page
# What a row of a table can show in a cell without being asked to.
SHORT = (
    *("text", "choice", "choices", "flag", "moment", "link", "number", "names", "people"),
    *("phone", "money", "day", "hour", "rating"),
)
ORDERED = ("text", "choice", "flag", "moment", "number", "money", "day", "hour", "rating")
# Bodies of refused acts, strokes, and the text that was read aloud with a name in it.
NEVER = ("body", "signature", "readback")
DUE, STATE, OWNER, SINCE = ":due", ":state", ":owner", ":since"


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
    stamps = [
        Column(stamp, desk.word(act["label"]), "moment", sortable=True)
        for act in declared["acts"]
        for stamp in act["stamps"]
    ]
    due = [Column(DUE, _("Next deadline"), "due", usual=True)] if has_clock(desk, kind) else []
    known = {column.name for column in fields}
    owner = [] if "owner" in known else [Column(OWNER, _("Responsible"), "owner")]
    ends = [
        Column(STATE, _("State"), "state", usual=True, sortable=True),
        Column(SINCE, _("Since"), "moment", usual=True, sortable=True),
    ]
    rest = [stamp for stamp in dict.fromkeys(stamps) if stamp.name not in known]
    return [*fields[:1], *due, *fields[1:], *rest, *owner, *ends]


def _fields(desk: Desk, declared: dict[str, Any]) -> list[Column]:
    made, usual = [], 0
    for field in declared["fields"]:
        if field["name"] in NEVER:
            continue
        short = field["kind"] in SHORT and not field["private"] and (field["max"] or 0) <= LONG
        shown = short and usual < USUAL
        usual += shown
        made.append(
            Column(
                field["name"],
                desk.word(field["label"]),
                field["kind"],
                private=field["private"],
                usual=shown,
                # To order by what is masked would tell it, one comparison after the other.
                sortable=short and field["kind"] in ORDERED,
            )
        )
    # What is shown anyway comes first, the record's name before all.
    return sorted(made, key=lambda column: not column.usual)


def has_clock(desk: Desk, kind: str) -> bool:
    """Say whether a ladder may run on records of a kind."""
    return any(one["record"] == kind for one in desk.declarations["ladders"].values())


def shown(desk: Desk, query: TableQuery) -> list[Column]:
    """Return the columns that a query asks for, in their order; else the usual ones."""
    every = columns_of(desk, query.kind)
    wanted = set(query.columns)
    chosen = [column for column in every if column.name in wanted]
    return chosen or [column for column in every if column.usual]


def words(
    desk: Desk, record: Record, column: Column, *, masked: bool = True, due: Deadline | None = None
) -> str:
    """Return what a cell says in the reader's language; a private value only if not `masked`."""
    if column.name == STATE:
        return labels.state(desk, record)
    if column.name == OWNER:
        return desk.name(record.get("owner"))
    if column.name == SINCE:
        return moment(record["opened_at"])
    if column.name == DUE:
        return due.words if due else ""
    if labels.field(desk, record["type"], column.name) is None:
        stamp = record.get(column.name)
        return moment(stamp) if isinstance(stamp, int) else ""
    return labels.value(desk, record["type"], column.name, record.get(column.name), masked=masked)


def number(desk: Desk, record: Record, column: Column) -> tuple[str, int] | None:
    """Return ("number" | "moment", value) of what a spreadsheet can count with, else None."""
    if column.name == DUE:
        due = running_deadlines.most_urgent(desk, record)
        return ("moment", due.due_at) if due else None
    value = record["opened_at"] if column.name == SINCE else record.get(column.name)
    if column.private or isinstance(value, bool) or not isinstance(value, int):
        return None
    return ("moment" if column.kind == "moment" else "number", value)
