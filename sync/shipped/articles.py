"""The rules that are texts and nothing else, as articles of the handbook: `articles.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sync.shipped import Shipped

TEXTS = Path(__file__).with_suffix(".toml")
OURS = "site-"  # before a key, so that a person's own never meets one of ours


def articles(kind: str) -> tuple[Shipped, ...]:
    """Return what a site has from its first day on: each text, made and in force by one act."""
    read = tomllib.loads(TEXTS.read_text("utf-8"))
    return tuple(
        (f"{kind}:{OURS}{key}", (("shipped", _stripped(one)),), ()) for key, one in read.items()
    )


def _stripped(data: dict[str, Any]) -> dict[str, Any]:
    return {name: one.strip() if isinstance(one, str) else one for name, one in data.items()}
