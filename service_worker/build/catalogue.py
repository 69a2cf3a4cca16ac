"""Reads the translations, gettext .po files, and merges those of a language into one catalogue.

English is the identity, so it has no files. A catalogue maps a msgid to its translation, or to the
list of its plural forms; a msgid with a context is written `context\x04msgid`, as gettext does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polib

Catalogue = dict[str, str | list[str]]

CONTEXT_MARK = "\x04"


class Contradiction(ValueError):
    """Raised when two files of one language translate the same msgid differently."""


def locales(folder: Path) -> list[str]:
    """Return the names of the languages below web/locales."""
    return sorted(entry.name for entry in folder.iterdir() if any(entry.glob("*.po")))


def read(folder: Path, locale: str) -> Catalogue:
    """Return one language's catalogue, without what is empty or fuzzy: English shows through."""
    merged: Catalogue = {}
    origin: dict[str, str] = {}
    for path in sorted((folder / locale).glob("*.po")):
        for key, value in entries(path):
            if merged.setdefault(key, value) != value:
                sentence = key.replace(CONTEXT_MARK, ": ")
                raise Contradiction(f"{origin[key]} and {path.name} differ on “{sentence}”.")
            origin.setdefault(key, path.name)
    return merged


def read_all(folder: Path) -> dict[str, Catalogue]:
    """Return the catalogue of every language by its name."""
    return {locale: read(folder, locale) for locale in locales(folder)}


def entries(path: Path) -> Iterator[tuple[str, str | list[str]]]:
    """Yield key and translation of every finished entry of a .po file."""
    for entry in polib.pofile(str(path)):
        if entry.obsolete or entry.fuzzy:
            continue
        key = f"{entry.msgctxt}{CONTEXT_MARK}{entry.msgid}" if entry.msgctxt else entry.msgid
        forms = [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]
        if forms and all(forms):
            yield key, forms
        elif entry.msgstr:
            yield key, entry.msgstr


class Translator:
    """gettext's four functions on a catalogue; what it lacks is returned in English."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def gettext(self, message: str) -> str:
        """Return the translation of a sentence."""
        return self._one(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form for a number. A language with one form uses it for every number."""
        return self._form(singular, singular, plural, number)

    def pgettext(self, context: str, message: str) -> str:
        """Return the translation of a word that means different things in different places."""
        return self._one(f"{context}{CONTEXT_MARK}{message}", message)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """Return the form for a number of an ambiguous word."""
        return self._form(f"{context}{CONTEXT_MARK}{singular}", singular, plural, number)

    def _one(self, key: str, message: str) -> str:
        translation = self.catalogue.get(key)
        return translation if isinstance(translation, str) else message

    def _form(self, key: str, singular: str, plural: str, number: int) -> str:
        forms = self.catalogue.get(key)
        if not isinstance(forms, list):
            forms = [singular, plural]
        return forms[0 if number == 1 else len(forms) - 1]
