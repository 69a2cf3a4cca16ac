"""Reaction of the feature `refusal`: a refused act that the office admits is taken in after all."""

from __future__ import annotations

from server.acts.site import Site
from sync.act import Act


def admit(site: Site, act: Act, now: int) -> None:
    """Take the refused body in as its author's act, whatever rights they had."""
    if not act["by"].startswith("system:"):  # else it is in already, which is why it is settled
        site.admit(act["record"], act["by"], now)
