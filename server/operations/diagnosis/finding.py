"""What a check returns (Finding) and what it checks (Inspected)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from server.acts.site import Site

Progress = Callable[[str, int, int], None]  # (what is checked, number done, number of all)

GOOD, NOTE, BAD, MENDED = "ok", "note", "BAD", "mended"


@dataclass(frozen=True)
class Finding:
    """One finding: a plain sentence, and what to do about it, if anything."""

    level: str
    check: str
    say: str
    do: str = ""


@dataclass(frozen=True)
class Inspected:
    """A site that is checked. `real_now` is the machine's clock in ms."""

    site: Site
    repair: bool
    real_now: int
    running: bool  # whether a server works on it meanwhile
    certificates: tuple[Path, ...] = ()
    progress: Progress = lambda what, done, of: None

    def wrong(self, check: str, say: str, do: str = "") -> Finding:
        """Return the finding of a fault, as repaired if this run repairs."""
        if self.repair:
            return Finding(MENDED, check, say)
        return Finding(BAD, check, say, do or "Run floorwalk doctor --repair.")


Check = Callable[[Inspected], Iterator[Finding]]


def few(names: list[str], most: int = 3) -> str:
    """Return the first `most` names and the number of the others, for a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
