"""Marks a sentence that people read, so that it is collected for translation."""


class Translatable(str):
    """A text that is translated when it is shown: it says so wherever it is handed on."""

    __slots__ = ()


def _(text: str) -> str:
    """Return the text, marked; the reader's language is applied when it is shown."""
    return Translatable(text)
