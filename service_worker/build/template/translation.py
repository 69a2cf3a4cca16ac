"""Translates sentences from a catalogue, for Python, exactly as render.js does on the tablet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Words:
    """One language. A catalogue maps a msgid, or `context\\x04msgid`, to its translation.

    A sentence with a plural maps to the list of its forms: the first is for one, the last for all
    else, which is so in every language we speak. What is not in the catalogue shows in English.
    """

    def __init__(self, catalogue: Mapping[str, str | Sequence[str]] | None = None) -> None:
        self.catalogue = catalogue or {}

    def gettext(self, message: str) -> str:
        return self._known(message) or message

    def pgettext(self, context: str, message: str) -> str:
        return self._known(f"{context}\x04{message}") or message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._counted(singular, (singular, plural), number)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        return self._counted(f"{context}\x04{singular}", (singular, plural), number)

    def _known(self, key: str) -> str | None:
        entry = self.catalogue.get(key)
        return entry if isinstance(entry, str) else None

    def _counted(self, key: str, english: Sequence[str], number: int) -> str:
        entry = self.catalogue.get(key)
        forms = english if entry is None or isinstance(entry, str) else entry
        return forms[0 if number == 1 else -1]
