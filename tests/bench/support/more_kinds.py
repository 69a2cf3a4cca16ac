"""Lost property under other names, as often as FLOORWALK_MORE_KINDS says: kinds yet to come."""

from __future__ import annotations

import os
from dataclasses import replace

from sync.declare import Ladder, Record
from tests.lost_property import CLAIM, LOST


def more_kinds(number: int) -> dict[str, Record | Ladder]:
    """Return so many kinds, each with its ladder, by names that a module may have."""
    made: dict[str, Record | Ladder] = {}
    for n in range(1, number + 1):
        name = f"lost{n}"
        made[name] = replace(LOST, name=name, path=f"lost-{n}", section=f"lost-{n}")
        made[f"{name}_claim"] = replace(CLAIM, name=f"{name}_claim", record=name)
    return made


globals().update(more_kinds(int(os.environ.get("FLOORWALK_MORE_KINDS", "0"))))
