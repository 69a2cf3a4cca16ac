"""What a site has from the first day on, by its profile: lists, clauses, texts, said by the site.

A record of that id that is there already is left as it is: the site knows better.
"""

from __future__ import annotations

from server.acts.access import SYSTEM_ACTOR
from server.acts.site import Site
from server.database.store import Store
from sync import features
from sync.act import Act, derived_id, make


def ship(site: Site, now: int) -> int:
    """Say what the profile ships and the site lacks, at `now` (ms); return how many records."""
    ships = dict(features.ships(site.config.profile))
    with site.reading() as connection:
        there = Store(connection).records(ships)
    lacking = [(identifier, acts) for identifier, acts in ships.items() if identifier not in there]
    said: list[Act] = []
    for identifier, acts in lacking:
        kind = identifier.partition(":")[0]
        # Several servers may ship at one moment: the same act has the same id, and counts once.
        said += [
            make(
                f"{kind}.{verb}",
                identifier,
                data,
                at=now + step,
                by="system:site",
                device="device:server",
                site=site.config.name,
                identifier=derived_id(site.secret, now + step, "shipped", identifier, verb),
            )
            for step, (verb, data) in enumerate(acts)
        ]
    for verdict in site.accept(said, SYSTEM_ACTOR, received_at=now):
        if not verdict.good:
            raise ValueError(f"what is shipped does not fit: {verdict}")
    return len(lacking)
