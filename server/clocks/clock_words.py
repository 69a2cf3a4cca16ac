"""What the clock says of a record when a rung is reached: absent, lapsed, expired.

Such an act stands at the rung's own moment, under an id that is derived from the rung, and is taken
back with it. A late act that comes before it folds before it, so that it may turn out void.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from server.acts import reached_rungs
from server.acts.site import Site
from sync.act import Act, derived_id, make
from sync.check_act import Record
from sync.guards import SYSTEM


def said_by_rungs(
    site: Site, record: Record, ladder: dict[str, Any], due: list[tuple[int, int]]
) -> list[Act]:
    """Return what rungs that are reached say of their record, those that were skipped too.

    `due` are pairs of a rung and its moment in ms. What people did meanwhile, not knowing of it,
    stands: then the clock's word comes right after.
    """
    said: list[Act] = []
    for rung, due_at in due:
        verb = ladder["rungs"][rung - 1]["says"]
        if not verb:
            continue
        reaching = reached_rungs.reaching_id(site.secret, record, ladder["name"], rung, due_at)
        at = max([due_at, record["opened_at"], *_moments_of_people(record)])
        identifier = derived_id(site.secret, at, verb, reaching)
        said.append(act(site, record, verb, {}, at, identifier))
    return said


def taken_back(site: Site, record: Record, said: Iterable[str], at: int) -> Iterator[Act]:
    """Yield an undoing at `at` (ms) of each of these acts that has an effect in the record."""
    standing = {setter[0] for setter in record["setters"].values()}
    for one in said:
        if one in standing:
            identifier = derived_id(site.secret, at, "undone", one)
            yield act(site, record, "undone", {"undoes": one}, at, identifier)


def act(
    site: Site, record: Record, verb: str, data: dict[str, Any], at: int, identifier: str
) -> Act:
    """Return an act of the clock; a retry gives the same id, so nothing is said twice."""
    return make(
        f"{record['type']}.{verb}",
        record["_id"],
        data,
        at=at,
        by=reached_rungs.CLOCK,
        device="device:server",
        site=site.config.name,
        identifier=identifier,
    )


def _moments_of_people(record: Record) -> list[int]:
    """Return the moments (ms) of what people said of a record lately."""
    recent = record["acts"]["recent"]
    return [entry["at"] for entry in recent if not entry["by"].startswith(SYSTEM)]
