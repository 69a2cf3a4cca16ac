"""People of a hospital in which every post is held by somebody, and what stands there before."""

from __future__ import annotations

import secrets
from typing import Any

from server.acts.access import SYSTEM_ACTOR
from server.acts.site import Site
from sync.act import make
from sync.posts import POSTS


def one_of_each_post(site: Site, prefix: str = "") -> list[str]:
    """Add somebody for each post, who looks after the whole site, in one go; return their ids.

    They are called after their post: `person:guide-supervisor`.
    """
    people = {f"person:{prefix}{post.replace('_', '-')}": post for post, _label in POSTS}
    acts = [
        make(
            "person.added",
            person,
            {"name": "某", "posts": [post], "places": ["place:site"]},
            at=site.now(),
            by="system:site",
            device="device:office",
            site=site.config.name,
            random_bits=lambda: secrets.randbits(80),
        )
        for person, post in people.items()
    ]
    assert all(verdict.good for verdict in site.accept(acts, SYSTEM_ACTOR))
    return [*people]


def says(site: Site, act: str, record: str, /, **data: Any) -> None:
    """Have the site say an act: what stands before the story begins."""
    assert site.record_act(act, record, data, by="system:site").good


def now(site: Site, record: str) -> dict[str, Any]:
    """Return a record as it is now."""
    found = site.record(record)
    assert found is not None
    return found
