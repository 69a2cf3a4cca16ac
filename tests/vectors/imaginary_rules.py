"""A duty that the clock makes, and a bill that a rule holds: what statements are tried on."""

from __future__ import annotations

from sync.declare import Act, Field, Record

DUE = {"state": "due"}

DUTY = Record(
    "duty",
    label="Duty",
    fields=(
        Field("day", "number", "Day"),
        Field("who", "text", "Who", editable=True),
        Field("note", "text", "Note"),
    ),
    starts_as=DUE,
    acts=(
        Act(
            "due",
            "Due",
            who=("system",),
            creates=True,
            asks=("day", "who"),
            stamps=("told_at",),
        ),
        Act("noted", "Noted", who=("guide",), when=DUE, asks=("note",)),
        Act("given", "Given", who=("guide",), when=DUE, asks=("who",)),
        Act("done", "Done", who=("guide",), when={**DUE, "day": 1}, sets={"state": "done"}),
        Act("revealed", "Revealed", who=("guide",), adds={"reveals": 1}, undo=False),
        Act("graded", "Graded", who=("system",), asks=("note",)),
    ),
    channels=("all",),
)
BILL = Record(
    "bill",
    label="Bill",
    fields=(Field("note", "text", "Note"),),
    starts_as={"state": "open", "money": "none"},
    acts=(
        Act("made", "Made", who=("guide",), creates=True, asks=("note",)),
        Act(
            "locked",
            "Locked",
            who=("system",),
            sets={"money": "open"},
            stamps=("locked_at",),
        ),
        Act("freed", "Freed", who=("system",), sets={"money": "cleared"}),
        Act(
            "paid",
            "Paid",
            who=("guide",),
            when={"money": {"$ne": "open"}},
            sets={"state": "paid"},
        ),
    ),
    channels=("all",),
)
# What somebody read is read, whatever the rule wants of it afterwards.
READING = Record(
    "reading",
    label="Reading",
    fields=(Field("day", "number", "Day"),),
    starts_as=DUE,
    acts=(
        Act("due", "Due", who=("system",), creates=True, asks=("day",)),
        Act("read", "Read", who=("guide",), when=DUE, sets={"state": "read"}),
    ),
    channels=("all",),
    stands=True,
)
KINDS = (DUTY, BILL, READING)
RULES = {
    "plan": {"says": "", "unsays": ""},
    "other": {},
    "lock": {"says": "bill.locked", "unsays": "bill.freed"},
    "seize": {"says": "bill.locked", "unsays": "bill.freed"},
}
