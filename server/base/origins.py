"""Parses web origins as browsers send them: `https://ward.example:8443`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def parse_origins(names: Iterable[str]) -> tuple[str, ...]:
    """Return normalised origins; raises ValueError for anything else, `*` included."""
    parsed = tuple(name.strip().lower().rstrip("/") for name in names if name.strip())
    for name in parsed:
        if not ORIGIN.fullmatch(name):
            raise ValueError(f"{name} is no origin, such as https://example.org:8443")
    return parsed


def is_of(origin: str, host: str) -> bool:
    """Say whether an Origin header names the host of a Host header, at the same port.

    The scheme is not compared: behind a proxy that ends TLS the two differ for our own pages.
    """
    parts = urlsplit(origin)
    port = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if port is None or not parts.netloc:
        return False
    return parts.netloc.lower().removesuffix(port) == host.lower().removesuffix(port)
