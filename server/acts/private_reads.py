"""Private values that people read other than by a reveal, which is an act: here it is said.

Whoever keeps a log of reads adds a listener; without one nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

# (person, way: "sync", "file" or "search", ids of records)
Listener = Callable[[str, str, list[str]], None]

LISTENERS: list[Listener] = []


def record_read(person: str, way: str, records: Iterable[str]) -> None:
    """Say that a person was given records whole, private values among them."""
    if LISTENERS and (listed := list(records)):
        for listener in LISTENERS:
            listener(person, way, listed)
