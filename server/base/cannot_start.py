"""The error of a command that cannot begin: its message is a sentence for whoever typed it."""

from __future__ import annotations


class CannotStart(RuntimeError):
    """Nothing was done; the message says why, and what to do."""
