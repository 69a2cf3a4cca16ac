"""Records that a site begins with: the files of `sync/profiles/shipped`, one for each kind.

Each is made once, under its own key; what the site makes of it afterwards stays.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from sync.settings import PROFILES

if TYPE_CHECKING:
    from server.acts.site import Site

SHIPPED = PROFILES / "shipped"
MADE_BY = "shipped"  # the act that makes one, of every kind that has any
BEFORE = "site-"  # a key, so that a person's own never meets one of ours


def records() -> dict[str, dict[str, Any]]:
    """Return {id: data} of all that is shipped."""
    return {
        f"{path.stem}:{BEFORE}{key}": data
        for path in sorted(SHIPPED.glob("*.toml"))
        for key, data in tomllib.loads(path.read_text("utf-8")).items()
    }


def seed(site: Site, at: int | None = None) -> int:
    """Make what is missing, at a moment (ms); return how many records were made."""
    made = 0
    for identifier, data in records().items():
        if site.record(identifier) is None:
            act = f"{identifier.partition(':')[0]}.{MADE_BY}"
            words = {
                name: one.strip() if isinstance(one, str) else one for name, one in data.items()
            }
            made += site.record_act(act, identifier, words, by="system:site", at=at).good
    return made
