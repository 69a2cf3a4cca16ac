"""Marks a sentence that people read, so that it is collected for translation."""


def _(text: str) -> str:
    """Return the text as it is; the reader's language is applied when it is shown."""
    return text
