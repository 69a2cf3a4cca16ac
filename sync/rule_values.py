"""Values that rules give what they make: worked out when the rule is asked, all else is literal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class InTurn(Value):
    """One of the people in a field of the record, the next one for each day or week of a plan."""

    name: str

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {"$turn": self.name}


@dataclass(frozen=True)
class Day(Value):
    """The day, as the number in force says, on which something is due that begins with the cause.

    `key` is a setting of time, of working days for instance.
    """

    key: str

    def as_json(self) -> Plain:
        """Return the value as plain JSON."""
        return {"$day": self.key}


def _word(name: str, meaning: str) -> Value:
    return type(name, (Value,), {"word": name.lower(), "__doc__": meaning})()  # type: ignore[no-any-return]


Period = _word("Period", "The day (since 1970) with which the period of a plan begins.")
Nth = _word("Nth", "Which one it is, from 1.")
Moment = _word("Moment", "The moment (ms) of the cause, or of the duty.")
Until = _word("Until", "The moment (ms) by which a duty of a plan by the calendar is to be done.")
Judged = _word("Judged", "What a judge came to: a band, or whether it is so.")
