"""The languages that people may choose: the one place where they are listed, the first by default.

English is what the sources say. A further language is a line here and a folder of web/locales.
"""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """A language by our name for it, its tag in HTML, and what it calls itself."""

    name: str
    tag: str
    label: str


LANGUAGES: tuple[Language, ...] = (
    Language("zh_Hans", "zh-Hans", "中文"),
    Language("en", "en", "English"),
)
SOURCE = "en"  # has no catalogue: its sentences are the keys of all others
NAMES = tuple(language.name for language in LANGUAGES)
TAGS = {language.name: language.tag for language in LANGUAGES}


def spoken(tag: str) -> str | None:
    """Return our language for a browser's tag, whatever its region or script; None for no other."""
    wanted = tag.lower().partition("-")[0]
    return next((one.name for one in LANGUAGES if one.tag.partition("-")[0] == wanted), None)
