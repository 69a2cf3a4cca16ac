"""Sheets of a template: begun by a plan or by hand, filled by several, done when all is said."""

from __future__ import annotations

from typing import Any

from sync.declare import Act, Field, Ladder, Rung
from sync.posts import SYSTEM
from sync.words import _

# Copied when the sheet is begun: what its template loses or is given later changes nothing in it.
VERSION = Field("version", "number", _("Version of the checklist"), takes=("template", "version"))
ITEMS = Field("items", "entries", _("Items"), shipped=True, takes=("template", "items"))
FROM = Field("due_from", "moment", _("Begins at"))
UNTIL = Field("due_until", "moment", _("Until"))


def template(kind: str, purpose: str) -> Field:
    """Return the link to the template that a sheet is made by: one of its purpose, in force."""
    among = {"purpose": purpose, "state": "valid"}
    return Field("template", "link", _("Checklist"), of=(kind,), among=among)


def ticks(*more: tuple[str, str]) -> Field:
    """Return the answers, item by item."""
    choices = (("yes", _("in order")), ("no", _("not in order")), *more)
    return Field("ticks", "ticks", _("Results"), choices, items="items")


def notes(label: str) -> Field:
    """Return why items are not in order, asked of those that are not."""
    return Field("notes", "entries", label, max=200, items="items", explains=("ticks", "no"))


def due(key: tuple[str, ...], *said: str) -> Act:
    """Return the act by which the server plans a sheet."""
    said = (*said, FROM.name, UNTIL.name)
    return Act(
        "due",
        _("To be done"),
        who=SYSTEM,
        creates=True,
        again=True,
        asks=(*key, *said),
        needs=key,
    )


def begun(label: str, key: tuple[str, ...], who: tuple[str, ...]) -> Act:
    """Return the act by which somebody begins a sheet without a plan, or the planned one."""
    return Act("begun", label, who=who, creates=True, again=True, asks=key, needs=key, icon="plus")


def marked(asks: tuple[str, ...], who: tuple[str, ...], when: dict[str, Any]) -> Act:
    """Return the act that saves what was seen so far.

    Key by key, so that two tablets may fill one sheet; only what differs is a question.
    """
    return Act(
        "marked",
        _("Save what was seen so far"),
        who=who,
        when=when,
        asks=asks,
        stamps=("begun_at",),
        icon="save",
    )


def missed(name: str, label: str, first: Rung, above: Rung, **said: Any) -> Ladder:
    """Return the clock of a sheet that nobody completes: whoever walks it, then who is above."""
    return Ladder(name, label, starts=FROM.name, rungs=(first, above), **said)


def rung(name: str, label: str, after: tuple[str, ...], *tell: str) -> Rung:
    """Return a step of such a clock: it counts from the end of the time for the sheet."""
    return Rung(name, label, after, tell, until=UNTIL.name)
