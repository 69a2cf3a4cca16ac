"""Origins of other websites, read as browsers write them: `https://ward.example:8443`."""

from __future__ import annotations

import re
from collections.abc import Iterable

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def parse_origins(names: Iterable[str]) -> tuple[str, ...]:
    """Return origins as browsers name them; raises ValueError for what is none, as `*` is."""
    found = tuple(name.strip().lower().rstrip("/") for name in names if name.strip())
    for name in found:
        if not ORIGIN.fullmatch(name):
            raise ValueError(f"{name} is no origin, such as https://example.org:8443")
    return found
