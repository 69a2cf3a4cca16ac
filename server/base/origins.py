"""Parses web origins as browsers send them: `https://ward.example:8443`."""

from __future__ import annotations

import re
from collections.abc import Iterable

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def parse_origins(names: Iterable[str]) -> tuple[str, ...]:
    """Return normalised origins; raises ValueError for anything else, `*` included."""
    parsed = tuple(name.strip().lower().rstrip("/") for name in names if name.strip())
    for name in parsed:
        if not ORIGIN.fullmatch(name):
            raise ValueError(f"{name} is no origin, such as https://example.org:8443")
    return parsed
